import type { ArrivalClass, ChatStyle, Direction, OutgoingState } from "@imesh/imessage-model";
import type { CommandRecord } from "./command-record.ts";

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
   * reason for every other change; chat-… and attachment-… with their reasons.
   */
  readonly reason: string;
  /**
   * What distinguishes several events of one row and reason: empty where there is only one; the state, the error and the place in
   * lock-broker's change log of a status (the place is missing in journals from before there was one); else that place.
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

/** A chat as events name it. `guid` and `identifier` hold handles: never logged. */
export interface ChatFacts {
  readonly guid: string;
  readonly style: ChatStyle;
  readonly identifier: string;
  readonly service: string;
  readonly displayName: string;
}

/** Who wrote it; personal data, never logged. */
export interface SenderFacts {
  readonly address: string;
  readonly service: string;
}

/** A mentioned person; `[start, start + length)` in UTF-16 units of the text. */
export interface MentionFacts {
  readonly start: number;
  readonly length: number;
  readonly address: string;
}

/** One bubble; empty strings stand for "none". */
export interface MessagePayload {
  readonly kind: "message";
  readonly guid: string;
  readonly direction: Direction;
  readonly sender: SenderFacts | null;
  readonly text: string;
  readonly subject: string;
  readonly service: string;
  readonly replyToGuid: string;
  readonly effectId: string;
  readonly attachmentGuids: readonly string[];
  readonly mentions: readonly MentionFacts[];
  /** The command that caused it; empty if none did. */
  readonly requestId: string;
  readonly isEdited: boolean;
}

/** What happened. The order of members is that of the wire's oneof. */
export type EventPayload =
  | MessagePayload
  | {
      readonly kind: "unsupported";
      readonly guid: string;
      readonly what: string;
      /** Null when nobody wrote it, or nobody knows who. */
      readonly direction: Direction | null;
    }
  | {
      readonly kind: "undecodable";
      readonly guid: string;
      readonly reason: string;
      readonly bodySha256: string;
      readonly bodyBytes: number;
      readonly plainText: string;
    }
  | {
      readonly kind: "message-status";
      readonly guid: string;
      readonly state: OutgoingState;
      readonly error: number;
      readonly requestId: string;
    }
  | { readonly kind: "command"; readonly command: CommandRecord };

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
