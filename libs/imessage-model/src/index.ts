export { appleTimeToUnixNs, unixNsToAppleTime } from "./apple-time.ts";
export { type ArrivalClass, type ArrivalFacts, classifyArrival } from "./arrival.ts";
export type { AttachmentRef } from "./attachment-ref.ts";
export {
  type ChatGuidParts,
  type ChatStyle,
  chatGuidParts,
  chatStyleOfColumn,
  makeChatGuid,
} from "./chat-guid.ts";
export { type CommandState, canAdvance, isTerminal } from "./command-state.ts";
export { conversationKeyOf } from "./conversation-key.ts";
export type { Direction } from "./direction.ts";
export {
  type AttachmentGuid,
  type ChatGuid,
  type HandleAddress,
  type IdFault,
  InvalidIdError,
  isAttachmentGuid,
  isHandleAddress,
  isMessageGuid,
  type MessageGuid,
  parseAttachmentGuid,
  parseChatGuid,
  parseHandleAddress,
  parseMessageGuid,
  parseRequestId,
  type RequestId,
} from "./ids.ts";
export type { ChatRef, HandleRef, MessageRow } from "./message-row.ts";
export { type OutgoingColumns, type OutgoingState, outgoingStateOf } from "./outgoing-state.ts";
export { personKeyOf } from "./person-key.ts";
export { type SendErrorMeaning, sendErrorMeaning } from "./send-error.ts";
