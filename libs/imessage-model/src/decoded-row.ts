import type { AttachmentGuid, HandleAddress, MessageGuid } from "./ids.ts";

/** What a row of `message` turned out to be. Every row becomes exactly one of these, whatever it holds (I9). */
export type DecodedRow = DecodedMessage | UnsupportedMessage | UndecodableMessage;

/** "own": written by this account on any of its devices; such a row never starts a turn (I11). */
export type Direction = "incoming" | "own";

/** What is known of every row, whether or not its content could be read. */
export interface RowFacts {
  readonly direction: Direction;
  /** The other person who wrote it; null for own rows and where the database names nobody. */
  readonly sender: Sender | null;
  /** iMessage, SMS, RCS, …; an open set, null in old and system rows. */
  readonly service: string | null;
  /** When the sender sent it, nanoseconds since 1970; null when the row has no usable date. */
  readonly sentAtUnixNs: bigint | null;
}

/** Who wrote a message. Personal data: never logged. */
export interface Sender {
  readonly address: HandleAddress;
  /** The service of the address, not necessarily that of the message. Open set. */
  readonly service: string;
  /** Lower-case ISO country or null. */
  readonly country: string | null;
}

/** A message a person wrote: text, attachments or both. */
export interface DecodedMessage extends RowFacts {
  readonly kind: "message";
  readonly guid: MessageGuid;
  /**
   * The text as composed. An attachment among words keeps its place as U+FFFC; a text of nothing but such
   * places and white space is "". Ranges elsewhere in this message count in UTF-16 units of this string.
   */
  readonly text: string;
  readonly subject: string | null;
  /** The message this one is an inline reply to. */
  readonly reply: ReplyTarget | null;
  /** Bubble or screen effect, Apple's id verbatim. */
  readonly effectId: string | null;
  /** The attachments the body names, in reading order, each once. Rows without a body name none. */
  readonly attachmentGuids: readonly AttachmentGuid[];
  readonly mentions: readonly Mention[];
  /** The content was changed after sending: an edit or the unsending of a part. */
  readonly isEdited: boolean;
  readonly bodySource: BodySource;
  /** Why attributedBody could not be read although present (then bodySource is "text"), else null. */
  readonly bodyFault: BodyFault | null;
}

/** A person named in the text: `[start, start + length)` in UTF-16 units is the visible name. */
export interface Mention {
  readonly start: number;
  readonly length: number;
  readonly handle: HandleAddress;
}

/** The root of an inline thread; `part` counts bubbles from 0, null when the column is missing or malformed. */
export interface ReplyTarget {
  readonly originatorGuid: MessageGuid;
  readonly part: number | null;
}

/** Which of the two columns the text came from. Where both hold text and differ, attributedBody is taken. */
export type BodySource = "attributedBody" | "text" | "both-agree" | "both-differ";

/** A row of a known kind whose content is not modelled. The facts are the row's columns verbatim. */
export interface UnsupportedMessage extends RowFacts {
  readonly kind: "unsupported";
  readonly guid: MessageGuid;
  readonly what: UnsupportedKind;
  readonly associatedMessageGuid: string | null;
  readonly associatedMessageType: number | null;
  readonly itemType: number;
  readonly balloonBundleId: string | null;
}

/**
 * - reaction: a tapback given or taken back; sticker: a sticker placed on a bubble
 * - poll, poll-vote, app: balloons and what belongs to them
 * - group-change, location-share, message-action, call, system: rows that nobody typed
 * - scheduled: Send Later, not sent yet; unsent: every part was taken back
 * - audio: a voice message; attachment-only: attachments that the row itself does not name
 * - empty: nothing at all, and no sign of an unsend; other: tied to a message in a way not known yet
 */
export type UnsupportedKind =
  | "reaction"
  | "sticker"
  | "poll"
  | "poll-vote"
  | "app"
  | "group-change"
  | "location-share"
  | "message-action"
  | "call"
  | "system"
  | "scheduled"
  | "unsent"
  | "audio"
  | "attachment-only"
  | "empty"
  | "other";

/** A row that breaks the format, with what is needed to look into it later. */
export interface UndecodableMessage extends RowFacts {
  readonly kind: "undecodable";
  /** Null when the guid itself is what broke. */
  readonly guid: MessageGuid | null;
  readonly reason: UndecodableReason;
  /** Byte offset in `raw` for faults of the stream's form, else null. */
  readonly offset: number | null;
  /** attributedBody as stored, the row's own bytes; the consumer hashes it, it is never logged. */
  readonly raw: Uint8Array | null;
  /** `text` as stored, when it holds any. */
  readonly plainText: string | null;
}

/** `decoder-failed` is a defect of the decoder itself: the stream goes on, the event makes it visible. */
export type UndecodableReason = "invalid-guid" | "decoder-failed" | BodyFaultCode;

/** Where a typedstream breaks its format. */
export interface BodyFault {
  readonly code: BodyFaultCode;
  /** Byte offset in the blob; null when the stream is well formed but does not make a message body. */
  readonly offset: number | null;
}

/**
 * What is wrong with a typedstream. Stable words, fit for the wire and for labels.
 * - of its bytes: too-large, bad-header, unexpected-end, trailing-bytes, reserved-tag, unexpected-tag,
 *   integer-out-of-range, reference-out-of-range, reference-kind, encoding-invalid
 * - of its size: too-deep, table-full, value-budget
 * - of the body they make: not-an-attributed-string, invalid-utf8, run-index, run-length
 */
export type BodyFaultCode =
  | "too-large"
  | "bad-header"
  | "unexpected-end"
  | "trailing-bytes"
  | "reserved-tag"
  | "unexpected-tag"
  | "integer-out-of-range"
  | "reference-out-of-range"
  | "reference-kind"
  | "encoding-invalid"
  | "too-deep"
  | "table-full"
  | "value-budget"
  | "not-an-attributed-string"
  | "invalid-utf8"
  | "run-index"
  | "run-length";
