import type { ArrivalClass } from "@imesh/imessage-model";

/** Longest text that is kept of a message, in UTF-16 units: more than a person types, and one item always fits a mailbox. */
export const TEXT_LENGTH_MAX = 100_000;

/** One entry of mac-bridge's journal, as far as the agent looks at it. */
export interface JournalEvent {
  /** UUID of the journal that `sequence` belongs to. */
  readonly journalId: string;
  /** 1, 2, 3 … without gaps; below 2^63. */
  readonly sequence: bigint;
  /** Null: this version does not know the class. */
  readonly arrivalClass: ArrivalClass | null;
  /** W3C trace context of the span that made the event; null without a usable one. */
  readonly traceparent: string | null;
  /** When mac-bridge made it durable, by its clock; null when it does not say. */
  readonly journaledUnixNs: bigint | null;
  /** When it reached the agent, wall time. */
  readonly receivedUnixNs: bigint;
  readonly payload: EventPayload;
}

/** What happened. */
export type EventPayload =
  | { readonly kind: "message"; readonly message: JournalMessage }
  | { readonly kind: "amendment"; readonly amendment: Amendment }
  /** Everything else, by the name of its case: "message-status", "command", "undecodable" … */
  | { readonly kind: "other"; readonly what: string };

/** One bubble. */
export interface JournalMessage {
  /** Opaque address of the chat; null when the message is joined to none. Holds a handle: never logged. */
  readonly chatGuid: string | null;
  readonly chatStyle: "direct" | "group" | "unknown";
  readonly messageGuid: string;
  readonly direction: "incoming" | "own" | "unknown";
  /** Whether Messages names somebody it came from. */
  readonly hasSender: boolean;
  /**
   * What it says, cut at {@link TEXT_LENGTH_MAX}; U+FFFC stands where an attachment sits. Of a voice message what was said in it, as
   * far as Messages has written that down. Empty for other messages without words.
   */
  readonly text: string;
  /** Key of the command that caused it; empty if none did. */
  readonly requestId: string;
  /** Why no person expects an answer to it, as far as Messages says so; null for ordinary messages. */
  readonly oddity: MessageOddity | null;
}

/** What a message is that looks like one a person wrote to be answered, and is not. */
export type MessageOddity =
  /** Messages takes it for spam. */
  | "spam"
  /** A Focus wrote it, not a person: an answer could be answered by one again, without end. */
  | "auto-reply"
  /** A reaction that came as words, as phones send them over SMS. */
  | "text-reaction";

/** What its author made of a message that was told before: other words, or none. */
export interface Amendment {
  /** As in a {@link JournalMessage}. */
  readonly chatGuid: string | null;
  readonly messageGuid: string;
  /** What the message says now, as in a {@link JournalMessage}; empty when no words are left of it. */
  readonly text: string;
}

/** A message on its way into a conversation: what the transcript keeps of it, and whether it is to be answered. */
export interface Arrival {
  readonly journalId: string;
  readonly sequence: bigint;
  readonly chatGuid: string;
  readonly messageGuid: string;
  /** Who wrote it: the contact, or this account on another device or by another program. */
  readonly author: "contact" | "own";
  /** As the model will read it: "[attachment]" stands where an attachment sits. Never blank. */
  readonly text: string;
  /** Whether it starts a turn; never true of an own message (I11). */
  readonly isAnswered: boolean;
  readonly isLive: boolean;
  readonly traceparent: string | null;
  readonly receivedUnixNs: bigint;
}
