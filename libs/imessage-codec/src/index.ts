export { ATTACHMENT_SLOT, ATTRIBUTE_KEY } from "./attributed/attribute-keys.ts";
export type { AttributedBody, AttributeRun, AttributeValue } from "./attributed/attributed-body.ts";
export { bodyDigest } from "./attributed/body-digest.ts";
export { decodeAttributedBody } from "./attributed/decode-attributed-body.ts";
export { type ComposedBody, encodeAttributedBody } from "./attributed/encode-attributed-body.ts";
export { extendRun, type MessageRunFacts, messageRun, type RunExtras } from "./attributed/message-run.ts";
export { decodeBody, messageBodyOf } from "./body/decode-body.ts";
export type { BodyEntity, BodyPart, MessageBody, TextEffectName } from "./body/message-body.ts";
export { TEXT_EFFECT_NUMBER } from "./body/text-effect.ts";
export type { ChatProperties } from "./chat-properties/chat-properties.ts";
export { decodeChatProperties } from "./chat-properties/decode-chat-properties.ts";
export type { ContentChange } from "./content-change.ts";
export { decodeAttachment } from "./decode-attachment.ts";
export { decodeContentChange } from "./decode-content-change.ts";
export { decodeMessageRow } from "./decode-message-row.ts";
export {
  ATTACHMENTS_MAX,
  type AttachmentState,
  type DecodedAttachment,
  type DecodedCall,
  type DecodedGroupChange,
  type DecodedKeptAudio,
  type DecodedLocationShare,
  type DecodedMessage,
  type DecodedPollUpdate,
  type DecodedPollVote,
  type DecodedReaction,
  type DecodedRow,
  ENTITIES_MAX,
  MENTIONS_MAX,
  type Mention,
  PARTS_MAX,
  type Person,
  type ReactionKind,
  TEXT_UNITS_MAX,
  type TextReaction,
  type UndecodableRow,
  type UnsupportedRow,
} from "./decoded-row.ts";
export type { ArchivedObject, ArchivedRun, ArchivedValue } from "./keyed-archive/archived-value.ts";
export { encodeKeyedArchive } from "./keyed-archive/encode-keyed-archive.ts";
export { decodeKeyedArchive, type KeyedArchive } from "./keyed-archive/keyed-archive.ts";
export { KeyedArchiveError } from "./keyed-archive/keyed-archive-error.ts";
export type { AppMessage } from "./payload/app-message.ts";
export type { Balloon, CheckInBalloon } from "./payload/balloon.ts";
export {
  type BalloonBundle,
  type BundleMeaning,
  meaningOfBundle,
  parseBalloonBundle,
} from "./payload/balloon-bundle.ts";
export { decodePayload, type PayloadColumns } from "./payload/decode-payload.ts";
export type { LinkPreview } from "./payload/link-preview.ts";
export { PayloadError } from "./payload/payload-error.ts";
export { decodePollUrl, type Poll, type PollContent } from "./payload/poll.ts";
export { personOf } from "./person.ts";
export { decodePropertyList, decodePropertyListDictionary } from "./property-list/decode-property-list.ts";
export { encodePropertyList } from "./property-list/encode-property-list.ts";
export { PropertyListError } from "./property-list/property-list-error.ts";
export { type PropertyListLiteral, propertyListOf } from "./property-list/property-list-literal.ts";
export type { PropertyListValue } from "./property-list/property-list-value.ts";
export { decodeSummaryInfo } from "./summary-info/decode-summary-info.ts";
export { type EditState, UNCHANGED } from "./summary-info/edit-state.ts";
export {
  type LatestChange,
  latestChange,
  type PartEdit,
  unsentPartsOf,
} from "./summary-info/latest-change.ts";
export { summaryDigest } from "./summary-info/summary-digest.ts";
export type { PartVersion, SummaryInfo } from "./summary-info/summary-info.ts";
export { textOfVersion } from "./summary-info/version-text.ts";
export { decodeTypedStream } from "./typedstream/decode-typed-stream.ts";
export { encodeTypedStream } from "./typedstream/encode-typed-stream.ts";
export { TypedStreamError } from "./typedstream/typed-stream-error.ts";
export type {
  TypedClass,
  TypedGroup,
  TypedObject,
  TypedStream,
  TypedValue,
} from "./typedstream/typed-value.ts";
