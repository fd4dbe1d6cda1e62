import type { AttachmentPrint, ChatPrint, MessagePrint } from "../rows/prints.ts";
import type { ChatSummary, StoredMessage } from "../rows/rows.ts";
import type { ReadTerms } from "../scheduling/read-scheduler.ts";

/** Who waits for a read, and until when. */
export type ReadCall = Pick<ReadTerms, "client" | "deadlineMs" | "signal">;

/**
 * Where a page ended: the pair that its list is ordered by, and the database it was read from. What comes after it does not
 * depend on rows that arrive or vanish meanwhile, so pages neither repeat rows nor lose any.
 */
export interface PagePosition {
  /** {@link databaseMark} of the database. */
  readonly database: number;
  /** Apple time as stored: of a message its date, of a chat that of its newest message. */
  readonly date: bigint;
  readonly rowid: bigint;
}

/** Which chats. */
export interface ChatListRequest {
  /** At least 1. */
  readonly chatsMax: number;
  /** Undefined: from the first. */
  readonly after: PagePosition | undefined;
}

/** Chats by falling time of their newest message. */
export interface ChatPage {
  readonly chats: readonly ChatSummary[];
  /** Undefined: these were the last. */
  readonly next: PagePosition | undefined;
}

/** By date, then by ROWID. */
export type DateOrder = "newest-first" | "oldest-first";

/** Messages of a chat or of all, within a time. */
export interface MessageRange {
  /** Undefined: all chats, and messages in none. */
  readonly chatGuid: string | undefined;
  /** Only those dated at or after it: Apple time in nanoseconds, within 64 bits. Undefined: no bound. */
  readonly fromDate: bigint | undefined;
  /** Only those dated before it, likewise. */
  readonly untilDate: bigint | undefined;
}

/** Which messages. */
export interface MessageListRequest extends MessageRange {
  readonly order: DateOrder;
  /** At least 1. */
  readonly messagesMax: number;
  readonly after: PagePosition | undefined;
}

/** Messages in the order asked for; fewer than asked for when they are large. */
export interface MessagePage {
  readonly messages: readonly StoredMessage[];
  /** Undefined: these were the last. */
  readonly next: PagePosition | undefined;
}

/** What to look for, newest first. */
export interface SearchRequest extends MessageRange {
  /** As {@link searchWords} gives them. */
  readonly words: readonly string[];
  /** At least 1. */
  readonly messagesMax: number;
  readonly after: PagePosition | undefined;
}

/** What was found, as far as this call looked. */
export interface SearchPage extends MessagePage {
  /** Messages looked through. */
  readonly searched: number;
  /** Date of the last message looked through, as stored; undefined when there was none. */
  readonly searchedThroughDate: bigint | undefined;
}

/** By what a message is named. Where several rows have a guid, the newest is meant. */
export type MessageName =
  | { readonly kind: "guid"; readonly guid: string }
  | { readonly kind: "rowid"; readonly rowid: bigint };

/** Which prints; `limit` 1 to 1,000. */
export interface PrintRequest {
  /** Rows beyond this ROWID, rising after it or falling before it. */
  readonly rowid: bigint;
  readonly limit: number;
  /** Work out {@link MessagePrint.content}, which decodes each body. */
  readonly content: boolean;
}

/** Prints in the order of the request; fewer than asked for when time was up. */
export interface PrintPage<Print> {
  readonly prints: readonly Print[];
  /** No row lies beyond these. */
  readonly isEnd: boolean;
  /** Whose rows they are; a scan that meets another database starts anew. */
  readonly databaseUid: string;
  /** Largest ROWID of `message` in the same snapshot. */
  readonly headRowid: bigint;
}

/**
 * Pages for scans (port): each call is one page in bulk, behind everybody who waits for an answer. Rejects with ChatDbError,
 * QueueFullError, ReaderThreadError (all worth another try after a while), DeadlineError when the turn has not come within a
 * minute, and the signal's reason.
 */
export interface PrintReads {
  messagePrintsAfter(request: PrintRequest, signal: AbortSignal): Promise<PrintPage<MessagePrint>>;
  messagePrintsBefore(request: PrintRequest, signal: AbortSignal): Promise<PrintPage<MessagePrint>>;
  chatPrintsAfter(request: PrintRequest, signal: AbortSignal): Promise<PrintPage<ChatPrint>>;
  attachmentPrintsAfter(request: PrintRequest, signal: AbortSignal): Promise<PrintPage<AttachmentPrint>>;
}

/**
 * A read that cannot be answered as asked.
 * - chat-not-found: no chat has the guid
 * - position-stale: the position is one of another database, which was here before
 */
export type ReadRefusalCode = "chat-not-found" | "position-stale";

/** See {@link ReadRefusalCode}. */
export class ReadRefusal extends Error {
  override readonly name = "ReadRefusal";
  readonly code: ReadRefusalCode;

  constructor(code: ReadRefusalCode) {
    super(`Cannot answer the read: ${code}`);
    this.code = code;
  }
}
