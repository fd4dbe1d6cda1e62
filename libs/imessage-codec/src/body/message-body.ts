import type { AttachmentGuid, HandleAddress } from "@imesh/imessage-model";

/** What a person sees in a message, out of `message.attributedBody`. Plain data, all of it bounded (see decodeBody()). */
export interface MessageBody {
  /** The whole text as stored, all parts together; U+FFFC stands where an attachment or balloon sits. */
  readonly text: string;
  /** In order, without gaps or overlaps: their ranges cover the text. None for an empty text. */
  readonly parts: readonly BodyPart[];
  /**
   * Names of attributes that say something which is not in this model: unknown names, and known ones whose value has another
   * form than Apple's. Each once, in order of appearance, at most 32, each cut at 128 units.
   */
  readonly unreadAttributes: readonly string[];
}

/** A stretch of MessageBody.text in UTF-16 units, not empty. */
export interface TextRange {
  readonly start: number;
  readonly length: number;
}

/** One bubble, or one of the things in it when it holds nothing but attachments. */
export type BodyPart = TextPart | AttachmentPart | PluginPart | BreadcrumbPart;

/** What every part has. */
export interface PartPlace {
  /**
   * Apple's number of the bubble, which tapbacks, replies, edits and unsends refer to. Numbers stay what they are when an
   * earlier part is unsent, so there can be gaps. Bodies that number nothing are counted from 0, a new part at each slot.
   */
  readonly index: number;
  readonly range: TextRange;
}

/** Words. */
export interface TextPart extends PartPlace {
  readonly kind: "text";
  /** MessageBody.text within the range. */
  readonly text: string;
  /** By start; of those that start together the order is that of BodyEntity. */
  readonly entities: readonly BodyEntity[];
}

/** A picture, voice message or other file that fills its bubble. */
export interface AttachmentPart extends PartPlace {
  readonly kind: "attachment";
  readonly attachment: BodyAttachment;
}

/** The place of an app's balloon: what is in it is in the row's payload_data. */
export interface PluginPart extends PartPlace {
  readonly kind: "plugin";
}

/** A line that an app left in the transcript and nobody typed. */
export interface BreadcrumbPart extends PartPlace {
  readonly kind: "breadcrumb";
  readonly text: string;
}

/** What a body says about a file; the rest is in `attachment`, by the guid. */
export interface BodyAttachment {
  /** attachment.guid; temporary, until the transfer is done, in bodies of own messages. */
  readonly transferGuid: AttachmentGuid;
  readonly fileName: string | null;
  /** Size of the preview in points. */
  readonly inlineWidth: number | null;
  readonly inlineHeight: number | null;
  /** A Genmoji or sticker that is shown like an emoji. */
  readonly isEmojiImage: boolean;
  /** What was said in a voice message; may come later, by an update of the row. */
  readonly transcript: string | null;
}

/** Something about a stretch of words. Runs that were cut by other attributes are joined, within a part. */
export type BodyEntity =
  | InlineAttachment
  | EmptySlot
  | MentionEntity
  | LinkEntity
  | DetectedEntity
  | OneTimeCodeEntity
  | StyleEntity
  | TextEffectEntity
  | WritingDirectionEntity;

/** A picture among words, or a file whose name stands in words. */
export interface InlineAttachment {
  readonly kind: "attachment";
  readonly range: TextRange;
  readonly attachment: BodyAttachment;
}

/** A U+FFFC among words without a file: what it stood for is not in the body. */
export interface EmptySlot {
  readonly kind: "slot";
  readonly range: TextRange;
}

/** The visible name of a person. */
export interface MentionEntity {
  readonly kind: "mention";
  readonly range: TextRange;
  readonly handle: HandleAddress;
}

/** Leads somewhere. */
export interface LinkEntity {
  readonly kind: "link";
  readonly range: TextRange;
  /** Absolute, of any scheme, as a stranger wrote it: not checked, at most 8,192 units. */
  readonly url: string;
  /** It has a preview. */
  readonly isRichLink: boolean;
}

/** Data detection found something. "data": of a kind that has no attribute of its own (flights, parcels, …). */
export interface DetectedEntity {
  readonly kind: "detected";
  readonly range: TextRange;
  readonly what: "phone-number" | "address" | "calendar-event" | "data";
  /** A keyed archive of Apple's DDScannerResult, 500 to 1,200 bytes when it is honest; a view into the decoded bytes. */
  readonly archive: Uint8Array;
}

/** A code for logging in. Secret: never logged. */
export interface OneTimeCodeEntity {
  readonly kind: "one-time-code";
  readonly range: TextRange;
  /** At most 256 units, as displayCode. */
  readonly code: string;
  readonly displayCode: string | null;
}

/** Formatting. */
export interface StyleEntity {
  readonly kind: "style";
  readonly range: TextRange;
  readonly style: "bold" | "italic" | "underline" | "strikethrough";
}

/** Moving letters. */
export interface TextEffectEntity {
  readonly kind: "effect";
  readonly range: TextRange;
  /** Null for a number that has no name here. */
  readonly effect: TextEffectName | null;
  /** Apple's number. */
  readonly number: bigint;
}

/** Names of Messages' text effects. */
export type TextEffectName = "big" | "small" | "shake" | "nod" | "explode" | "ripple" | "bloom" | "jitter";

/** Text with a direction of its own. The natural one, which every run of an iPhone has, is not listed. */
export interface WritingDirectionEntity {
  readonly kind: "writing-direction";
  readonly range: TextRange;
  readonly direction: "left-to-right" | "right-to-left";
}
