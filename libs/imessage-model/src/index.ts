export { appleTimeToUnixNs, unixNsToAppleTime } from "./apple-time.ts";
export { type ArrivalClass, type ArrivalFacts, classifyArrival, LIVE_AGE_NS_MAX_DEFAULT } from "./arrival.ts";
export type { AttachmentRef } from "./attachment-ref.ts";
export {
  type ChatGuidParts,
  type ChatStyle,
  chatGuidParts,
  chatStyleColumn,
  chatStyleOf,
  chatStyleOfColumn,
  makeChatGuid,
} from "./chat-guid.ts";
export { type CommandState, canAdvance, isTerminal } from "./command-state.ts";
export type {
  BodyFault,
  BodyFaultCode,
  BodySource,
  DecodedMessage,
  DecodedRow,
  Direction,
  Mention,
  ReplyTarget,
  RowFacts,
  Sender,
  UndecodableMessage,
  UndecodableReason,
  UnsupportedKind,
  UnsupportedMessage,
} from "./decoded-row.ts";
export {
  type AttachmentGuid,
  type ChatGuid,
  type DatabaseUid,
  type HandleAddress,
  type IdFault,
  InvalidIdError,
  isAttachmentGuid,
  isHandleAddress,
  isMessageGuid,
  type MessageGuid,
  makeAttachmentGuid,
  parseAttachmentGuid,
  parseChatGuid,
  parseDatabaseUid,
  parseHandleAddress,
  parseMessageGuid,
  parseRequestId,
  type RequestId,
} from "./ids.ts";
export type { ChatRef, HandleRef, MessageRow } from "./message-row.ts";
export { type OutgoingColumns, type OutgoingState, outgoingStateOf } from "./outgoing-state.ts";
export { type SendErrorMeaning, sendErrorMeaning } from "./send-error.ts";
