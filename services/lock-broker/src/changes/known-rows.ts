import type { AttachmentPrint, ChatPrint, MessagePrint } from "../rows/prints.ts";

/**
 * How far a message has been told.
 * - waiting: not yet; its chat (or, incoming, its end) has not come, and the settling deadline has not passed
 * - hidden: never; it was in Recently Deleted before it could be told
 * - unjoined: told without a chat (or known from before, and without a chat then)
 * - told: told with its chat (or known from before)
 */
export type MessageStage = "waiting" | "hidden" | "unjoined" | "told";

/** What the ledger keeps of a message. */
export interface KnownMessage {
  /** `content` is undefined when nobody has worked it out yet. */
  readonly print: MessagePrint;
  readonly stage: MessageStage;
  /** While waiting: since when, Unix milliseconds; else 0. */
  readonly sinceUnixMs: number;
}

/** What the ledger keeps of a chat. */
export interface KnownChat {
  readonly print: ChatPrint;
}

/** What the ledger keeps of an attachment. */
export interface KnownAttachment {
  readonly print: AttachmentPrint;
  /** A message that it belongs to was told, so that its own changes are. Never taken back. */
  readonly isTold: boolean;
}
