import type { ArrivalClass } from "@imesh/imessage-model";
import type { ChatFacts, EventPayload } from "./event-payload.ts";

/** A place in chat.db. A rowid means something only together with the database and the file it was read from. */
export interface RowSource {
  /** `_UniqueIdentifier` of the database. */
  readonly databaseUid: string;
  /** Device, inode and replacement count of the file, as lock-broker says it. */
  readonly generation: string;
  /** ROWID in `message`; 0 when the news is of no message. */
  readonly rowid: bigint;
}

/**
 * What makes an event of chat.db unique: reading the same row again for the same reason with the same fingerprint is the same
 * news, and the journal drops it (I14). `rowid` is that of a message, or of a chat or an attachment where the reason says so.
 */
export interface SourceKey extends RowSource {
  /**
   * new, unjoined, joined; status, whatever reason brought it; corrected, for a message shown as own by mistake; lock-broker's
   * reason for every other change, and content-unsent where a change of the content was two; chat-… and attachment-… with their
   * reasons.
   */
  readonly reason: string;
  /**
   * What distinguishes several events of one row and reason: empty where there is only one; else the place in lock-broker's change log,
   * after the state and the error of a status, and after the edits and a digest of a content. Journals from before there was such a place
   * have the state and the error alone, and those from before there were digests the place alone.
   */
  readonly fingerprint: string;
}

/** When the news passed each hop: nanoseconds since 1970, by the clock of the process that passed it; null: not passed. */
export interface HopTimes {
  readonly sentUnixNs: bigint | null;
  readonly committedUnixNs: bigint | null;
  readonly detectedUnixNs: bigint | null;
  readonly readUnixNs: bigint | null;
  readonly receivedUnixNs: bigint | null;
}

/** The hop times of events that did not come from chat.db. */
export const NO_HOP_TIMES: HopTimes = {
  sentUnixNs: null,
  committedUnixNs: null,
  detectedUnixNs: null,
  readUnixNs: null,
  receivedUnixNs: null,
};

/** An event before the journal gave it its sequence and its time. */
export interface EventDraft {
  readonly arrivalClass: ArrivalClass;
  /** Null for events that the bridge made itself. */
  readonly source: RowSource | null;
  /** Null when nothing else can bring the same news: then the event is always appended. */
  readonly sourceKey: SourceKey | null;
  readonly hopTimes: HopTimes;
  /** W3C trace context of the span that created it; empty without tracing. */
  readonly traceparent: string;
  readonly chat: ChatFacts | null;
  readonly payload: EventPayload;
}

/** What the journal adds to a draft. */
export interface EventStamp {
  readonly sequence: bigint;
  readonly journalId: string;
  /** When the transaction that makes it durable began. */
  readonly journaledUnixNs: bigint;
}

/**
 * Turns a stamped draft into the bytes that are stored and streamed. Called inside the journal's transaction, once for
 * each event; pure, must not throw.
 */
export type EventEncoder = (draft: EventDraft, stamp: EventStamp) => Uint8Array;

/** An event as the journal holds it. The bytes are shared by every subscriber: nobody writes to them. */
export interface StoredEvent {
  readonly sequence: bigint;
  readonly payload: Uint8Array;
}

/** An event that has just become durable, with what it was made of. */
export interface AppendedEvent {
  readonly stored: StoredEvent;
  readonly draft: EventDraft;
}
