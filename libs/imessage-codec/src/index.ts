export { ATTACHMENT_SLOT, ATTRIBUTE_KEY } from "./attributed/attribute-keys.ts";
export type {
  AttributedBody,
  AttributeRun,
  Attributes,
  AttributeValue,
} from "./attributed/attributed-body.ts";
export { bodyDigest } from "./attributed/body-digest.ts";
export { decodeAttributedBody } from "./attributed/decode-attributed-body.ts";
export { type ComposedBody, encodeAttributedBody } from "./attributed/encode-attributed-body.ts";
export { extendRun, type MessageRunFacts, messageRun, type RunExtras } from "./attributed/message-run.ts";
export { decodeBody, messageBodyOf } from "./body/decode-body.ts";
export type {
  AttachmentPart,
  BodyAttachment,
  BodyEntity,
  BodyPart,
  BreadcrumbPart,
  DetectedEntity,
  EmptySlot,
  InlineAttachment,
  LinkEntity,
  MentionEntity,
  MessageBody,
  OneTimeCodeEntity,
  PluginPart,
  StyleEntity,
  TextEffectEntity,
  TextEffectName,
  TextPart,
  TextRange,
  WritingDirectionEntity,
} from "./body/message-body.ts";
export { TEXT_EFFECT_NUMBER } from "./body/text-effect.ts";
export type { BodyFault, BodyFaultCode } from "./body-fault.ts";
export type { ChatBackground, ChatProperties } from "./chat-properties/chat-properties.ts";
export { decodeChatProperties } from "./chat-properties/decode-chat-properties.ts";
export type { ContentChange } from "./content-change.ts";
export { decodeAttachment } from "./decode-attachment.ts";
export { decodeContentChange } from "./decode-content-change.ts";
export { decodeMessageRow } from "./decode-message-row.ts";
export {
  ATTACHMENTS_MAX,
  type AttachmentState,
  type BodySource,
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
  type DecodedUnsent,
  ENTITIES_MAX,
  type GroupChange,
  MENTIONS_MAX,
  type Mention,
  PARTS_MAX,
  type Person,
  type ReactionKind,
  type ReactionTarget,
  type ReplyTarget,
  type RowFacts,
  type Schedule,
  TEXT_UNITS_MAX,
  type TextReaction,
  type UndecodableReason,
  type UndecodableRow,
  type UnsupportedKind,
  type UnsupportedRow,
} from "./decoded-row.ts";
export type {
  ArchivedArray,
  ArchivedDictionary,
  ArchivedObject,
  ArchivedRun,
  ArchivedSet,
  ArchivedText,
  ArchivedValue,
} from "./keyed-archive/archived-value.ts";
export { encodeKeyedArchive } from "./keyed-archive/encode-keyed-archive.ts";
export { decodeKeyedArchive, KeyedArchive } from "./keyed-archive/keyed-archive.ts";
export { KeyedArchiveError, type KeyedArchiveErrorCode } from "./keyed-archive/keyed-archive-error.ts";
export type { AppMessage } from "./payload/app-message.ts";
export type {
  AppBalloon,
  Balloon,
  CheckInBalloon,
  CollaborationBalloon,
  EmptyBalloon,
  LinkBalloon,
  OpaqueBalloon,
  PollBalloon,
  PollVoteBalloon,
  UndecodableBalloon,
} from "./payload/balloon.ts";
export {
  type BalloonBundle,
  type BundleMeaning,
  meaningOfBundle,
  parseBalloonBundle,
} from "./payload/balloon-bundle.ts";
export type { CheckIn } from "./payload/check-in.ts";
export { decodePayload, type PayloadColumns } from "./payload/decode-payload.ts";
export type { Collaboration, LinkPreview } from "./payload/link-preview.ts";
export type { AddressParts, LinkSpecialization } from "./payload/link-specialization.ts";
export { PayloadError, type PayloadErrorCode } from "./payload/payload-error.ts";
export {
  decodePollUrl,
  type Poll,
  type PollContent,
  type PollOption,
  type PollVote,
} from "./payload/poll.ts";
export { personOf } from "./person.ts";
export {
  decodePropertyList,
  decodePropertyListDictionary,
  type PropertyListDocument,
  readPropertyList,
} from "./property-list/decode-property-list.ts";
export type { FieldFault, FieldFaultCode } from "./property-list/dictionary-fields.ts";
export { encodePropertyList } from "./property-list/encode-property-list.ts";
export { PropertyListError, type PropertyListErrorCode } from "./property-list/property-list-error.ts";
export { PROPERTY_LIST_LIMITS, type PropertyListLimits } from "./property-list/property-list-limits.ts";
export { type PropertyListLiteral, propertyListOf } from "./property-list/property-list-literal.ts";
export type {
  PropertyListArray,
  PropertyListContainer,
  PropertyListDictionary,
  PropertyListNull,
  PropertyListSet,
  PropertyListValue,
} from "./property-list/property-list-value.ts";
export { decodeSummaryInfo } from "./summary-info/decode-summary-info.ts";
export {
  type LatestChange,
  latestChange,
  type PartEdit,
  type UnsentPart,
  unsentPartsOf,
} from "./summary-info/latest-change.ts";
export { summaryDigest } from "./summary-info/summary-digest.ts";
export type {
  AssociationSummary,
  PartRange,
  PartVersion,
  RawKeys,
  ScheduleSummary,
  ServiceSummary,
  SummaryInfo,
  TranslationSummary,
} from "./summary-info/summary-info.ts";
export { textOfVersion } from "./summary-info/version-text.ts";
export { textReactionOf } from "./text-reaction.ts";
export { decodeTypedStream } from "./typedstream/decode-typed-stream.ts";
export { encodeTypedStream } from "./typedstream/encode-typed-stream.ts";
export { TypedStreamError, type TypedStreamErrorCode } from "./typedstream/typed-stream-error.ts";
export { TYPED_STREAM_LIMITS, type TypedStreamLimits } from "./typedstream/typed-stream-limits.ts";
export type {
  NumberType,
  OddForms,
  OddNumber,
  TypedAtom,
  TypedBytes,
  TypedClass,
  TypedGroup,
  TypedInteger,
  TypedList,
  TypedLong,
  TypedNil,
  TypedObject,
  TypedReal,
  TypedStream,
  TypedString,
  TypedValue,
} from "./typedstream/typed-value.ts";
