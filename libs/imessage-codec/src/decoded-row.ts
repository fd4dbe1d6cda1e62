import type { AttachmentGuid, Direction, HandleAddress, MessageGuid } from "@imesh/imessage-model";
import type { BodyEntity, BodyPart } from "./body/message-body.ts";
import type { BodyFault, BodyFaultCode } from "./body-fault.ts";
import type { Balloon } from "./payload/balloon.ts";
import type { Poll, PollVote } from "./payload/poll.ts";

/**
 * What a row of `message` turned out to be. Every row becomes exactly one of these, whatever it holds (I9). Plain data, all of it
 * bounded; texts and addresses are personal data and never logged.
 */
export type DecodedRow =
  | DecodedMessage
  | DecodedUnsent
  | DecodedReaction
  | DecodedGroupChange
  | DecodedLocationShare
  | DecodedKeptAudio
  | DecodedCall
  | DecodedPollVote
  | DecodedPollUpdate
  | UnsupportedRow
  | UndecodableRow;

/** What is known of every row, whether or not its content could be read. */
export interface RowFacts {
  readonly direction: Direction;
  /** The other person who wrote it; null for own rows and where the database names nobody. */
  readonly sender: Person | null;
  /** iMessage, SMS, RCS, …; an open set, null in old and system rows. */
  readonly service: string | null;
  /** When the sender sent it, nanoseconds since 1970; null when the row has no usable date. */
  readonly sentAtUnixNs: bigint | null;
  /** Own address that it came to or went from (`destination_caller_id`); null where unknown. */
  readonly ownAddress: HandleAddress | null;
}

/** A person by one of their addresses. */
export interface Person {
  readonly address: HandleAddress;
  /** The service of the address, not necessarily that of the message. Open set. */
  readonly service: string;
  /** personKeyOf(address): the same for the address on every service. */
  readonly key: string;
  /** `handle.person_centric_id`: the same for all addresses of a contact; null where Messages does not say. */
  readonly contactId: string | null;
  /** Lower-case ISO country or null. */
  readonly country: string | null;
}

/** A message a person wrote: words, attachments, a balloon, a voice; sent, received or (schedule) to be sent. */
export interface DecodedMessage extends RowFacts {
  readonly kind: "message";
  readonly guid: MessageGuid;
  /**
   * The text as composed. An attachment among words keeps its place as U+FFFC; a text of nothing but such places and white space
   * is "". Ranges elsewhere in this message count in UTF-16 units of this string.
   */
  readonly text: string;
  /** Cut at TEXT_UNITS_MAX. */
  readonly subject: string | null;
  /** The message this one is an inline reply to. */
  readonly reply: ReplyTarget | null;
  /**
   * The message that this one belongs to without being a reply in its thread (`associated_message_guid`): of the next step of an app's
   * balloon (a move in a game) the balloon before it, of an answer from a watch or to a workout what it answers. Null for nearly every
   * message, and where the column is malformed.
   */
  readonly associatedGuid: MessageGuid | null;
  /** Bubble or screen effect, Apple's id verbatim, up to 256 units. */
  readonly effectId: string | null;
  /** In order; where `text` is "", ranges are those of the stored text and mean nothing. At most PARTS_MAX. */
  readonly parts: readonly BodyPart[];
  /** Those of all parts together, by start; empty where `text` is "". At most ENTITIES_MAX. */
  readonly entities: readonly BodyEntity[];
  /** The attachments the body names, in reading order, each once, then those that only a row names. At most ATTACHMENTS_MAX. */
  readonly attachments: readonly DecodedAttachment[];
  /** Of those, the ones that the body names. */
  readonly attachmentGuids: readonly AttachmentGuid[];
  /** The mentions among the entities, at most MENTIONS_MAX. */
  readonly mentions: readonly Mention[];
  readonly balloon: Balloon | null;
  readonly isAudio: boolean;
  readonly isDowngraded: boolean;
  readonly isAutoReply: boolean;
  readonly isSpam: boolean;
  readonly textReaction: TextReaction | null;
  /** Its content was changed after sending: an edit or the unsending of a part. */
  readonly isEdited: boolean;
  /** Parts that were taken back, by index. */
  readonly unsentParts: readonly number[];
  /** Set while it is to be sent later. */
  readonly schedule: Schedule | null;
  readonly bodySource: BodySource;
  /**
   * Why attributedBody could not be read although present (then bodySource is "text"), else null. "too-large" without an offset where
   * the broker left the bodies out.
   */
  readonly bodyFault: BodyFault | null;
}

/** A message of which every part was taken back. */
export interface DecodedUnsent extends RowFacts {
  readonly kind: "unsent";
  readonly guid: MessageGuid;
  readonly parts: readonly number[];
}

/** A tapback, an emoji or a sticker on a message, or its end. */
export interface DecodedReaction extends RowFacts {
  readonly kind: "reaction";
  readonly guid: MessageGuid;
  readonly action: "added" | "removed";
  readonly reaction: ReactionKind;
  /** Of an emoji reaction; null where the row does not say. At most 64 units. */
  readonly emoji: string | null;
  /** Of a sticker; null where no row names it yet. */
  readonly sticker: DecodedAttachment | null;
  readonly target: ReactionTarget;
  /** `ams`: the words reacted to, as the sender's device quotes them. At most 4,096 units. */
  readonly quotedText: string | null;
}

/** "other": a number that was not known when this was written. "placed-sticker": put anywhere on a bubble, any number of them. */
export type ReactionKind =
  | "love"
  | "like"
  | "dislike"
  | "laugh"
  | "emphasize"
  | "question"
  | "emoji"
  | "sticker"
  | "placed-sticker"
  | "other";

/** What was reacted to (`associated_message_guid`). */
export interface ReactionTarget {
  readonly guid: MessageGuid;
  /** Null for a balloon (`bp:`), a bare guid and `p:-1/`. */
  readonly part: number | null;
}

/** A line in a group that says how it changed. */
export interface DecodedGroupChange extends RowFacts {
  readonly kind: "group-change";
  readonly guid: MessageGuid;
  readonly change: GroupChange;
}

/** What changed; the actor is the row's sender. */
export type GroupChange =
  | { readonly kind: "participant-added" | "participant-removed"; readonly participant: Person | null }
  /** The name is cut at 1,024 units. */
  | { readonly kind: "renamed"; readonly name: string }
  | {
      readonly kind:
        | "participant-left"
        /** Messages tells it as somebody who added themself. */
        | "address-changed"
        | "name-removed"
        | "photo-changed"
        | "photo-removed"
        | "background-changed"
        | "background-removed"
        /** A number that was not known when this was written. */
        | "other";
    };

/** Somebody began or ended sharing a location. */
export interface DecodedLocationShare extends RowFacts {
  readonly kind: "location-share";
  readonly guid: MessageGuid;
  readonly isStarted: boolean;
}

/** Somebody kept a voice message. */
export interface DecodedKeptAudio extends RowFacts {
  readonly kind: "kept-audio";
  readonly guid: MessageGuid;
  readonly targetGuid: MessageGuid | null;
}

/** A FaceTime call or SharePlay. */
export interface DecodedCall extends RowFacts {
  readonly kind: "call";
  readonly guid: MessageGuid;
}

/** All votes of one person; they replace that person's former ones. */
export interface DecodedPollVote extends RowFacts {
  readonly kind: "poll-vote";
  readonly guid: MessageGuid;
  readonly pollGuid: MessageGuid;
  readonly votes: readonly PollVote[];
}

/** A poll with an option more. */
export interface DecodedPollUpdate extends RowFacts {
  readonly kind: "poll-update";
  readonly guid: MessageGuid;
  readonly pollGuid: MessageGuid;
  readonly poll: Poll;
}

/** One attachment as a person sees it, from its row and from what the body says of it. */
export interface DecodedAttachment {
  /** The one that its row has now; `rowid:<n>` where the row has none that can be one. */
  readonly guid: AttachmentGuid;
  /** No row of it was there (yet): all that the row says is null, 0, "unknown" or false. */
  readonly isRowMissing: boolean;
  /** `transfer_name`, else the name in the body, without any directory; at most 1,024 units. */
  readonly name: string | null;
  readonly mimeType: string | null;
  readonly uti: string | null;
  /** 0 where unknown; never negative. */
  readonly totalBytes: bigint;
  readonly state: AttachmentState;
  readonly isSticker: boolean;
  readonly isHidden: boolean;
  /** What was said in a voice message, from the body or from `user_info`; at most 65,536 units. */
  readonly transcript: string | null;
  /** What a Genmoji shows. At most 1,024 units. */
  readonly description: string | null;
  /** Points, as the body says. */
  readonly width: number | null;
  readonly height: number | null;
}

/**
 * From `transfer_state`: waiting 0; transferring 1 to 4; ready 5; failed 6, 7; archived -1 (in iCloud only); unknown for all
 * others.
 */
export type AttachmentState = "waiting" | "transferring" | "ready" | "failed" | "archived" | "unknown";

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

/** Send Later. */
export interface Schedule {
  /** When it is to be sent, nanoseconds since 1970; null when the row has no usable date. */
  readonly sendAtUnixNs: bigint | null;
}

/** A text that reads like a reaction: a guess by its words. */
export interface TextReaction {
  readonly kind: Exclude<ReactionKind, "placed-sticker">;
  /** Of an emoji reaction. */
  readonly emoji: string | null;
  readonly isRemoval: boolean;
  /** Null for an attachment. */
  readonly quotedText: string | null;
}

/** Which of the two columns the text came from. Where both hold text and differ, attributedBody is taken. */
export type BodySource = "attributedBody" | "text" | "both-agree" | "both-differ";

/** A row that is nothing that this version describes. The facts are the row's columns verbatim. */
export interface UnsupportedRow extends RowFacts {
  readonly kind: "unsupported";
  readonly guid: MessageGuid;
  readonly what: UnsupportedKind;
  readonly associatedMessageType: number | null;
  readonly itemType: number;
}

/**
 * - system: an item type that is not known
 * - app: belongs to an app's balloon and shows nothing of its own: a line of the app's about it, or a step without (or before) its data
 * - empty: nothing at all, and no sign of an unsend
 * - other: tied to a message in a way not known yet
 */
export type UnsupportedKind = "system" | "app" | "empty" | "other";

/** A row that breaks the format, with what is needed to look into it later. */
export interface UndecodableRow extends RowFacts {
  readonly kind: "undecodable";
  /** Null when the guid itself is what broke. */
  readonly guid: MessageGuid | null;
  readonly reason: UndecodableReason;
  /** Byte offset in `raw` for faults of the stream's form, else null. */
  readonly offset: number | null;
  /** The bytes that broke, the row's own; the consumer hashes them, they are never logged. */
  readonly raw: Uint8Array | null;
  /**
   * `text` as stored, when it holds any; else the text of a body that breaks behind it (attributes, trailing bytes), null where that is
   * not whole or not UTF-8. Cut at TEXT_UNITS_MAX.
   */
  readonly plainText: string | null;
}

/**
 * - invalid-guid: the row's own guid, or that of the message it is about
 * - oversized: the broker left the bodies out
 * - text-too-long: more than TEXT_UNITS_MAX
 * - invalid-payload: of a poll's votes or update, which are nothing without it
 * - decoder-failed: a defect of the decoder itself; the stream goes on, the event makes it visible
 */
export type UndecodableReason =
  | "invalid-guid"
  | "oversized"
  | "text-too-long"
  | "invalid-payload"
  | "decoder-failed"
  | BodyFaultCode;

/**
 * Longest text of a message in UTF-16 units. Messages itself ends far below; what is longer was made to hurt, and an event that
 * is larger than a frame of a stream would block it for ever.
 */
export const TEXT_UNITS_MAX = 262_144;

/** No message has so many; a body names its runs by reference, so that a small row could ask for an event of any size. */
export const PARTS_MAX = 1_024;
export const ENTITIES_MAX = 2_048;
export const MENTIONS_MAX = 256;
export const ATTACHMENTS_MAX = 256;
