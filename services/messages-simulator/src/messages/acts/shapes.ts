import type { TextEffectName } from "@imesh/imessage-codec";
import type { AppKind } from "../payloads/app-payload.ts";
import type { DetectedKind } from "../payloads/detected-data.ts";

/** Formatting of words. */
export type StyleName = "bold" | "italic" | "underline" | "strikethrough";

/**
 * Which columns hold what was said: both; attributedBody alone, as most rows of current systems; `text` alone, as rows of old
 * systems; an attributedBody that ends too early, which nobody can read. "drawn": the first or the second.
 */
export type BodyForm = "drawn" | "both" | "body" | "text" | "broken";

/** Words with one set of attributes. */
export interface TextPiece {
  readonly kind: "text";
  readonly text: string;
  /** Address of the person whom the words name; empty for nobody. */
  readonly mention: string;
  /** Where the words lead; empty for nowhere. */
  readonly link: string;
  readonly styles: readonly StyleName[];
  readonly effect: TextEffectName | undefined;
  readonly detected: DetectedKind | undefined;
  /** A code for logging in that the words are; empty for none. */
  readonly oneTimeCode: string;
}

/** A file: in a bubble of its own or, a Genmoji, among the words. */
export interface FilePiece {
  readonly kind: "file";
  readonly sizeBytes: bigint;
  /** 0, 3 or 5, as in AttachmentAct; a Genmoji is 5. */
  readonly transferState: number;
  /** What a Genmoji shows; empty for another file. */
  readonly genmoji: string;
}

/** One piece of what is said. Neighbouring words and Genmoji are one bubble. */
export type Piece = TextPiece | FilePiece;

/** Who says something where. */
export interface PlaceOrder {
  /** The contact (E.164 or mail; over SMS and RCS also a short code); empty for this account. */
  readonly from: string;
  /** Guid of the chat; empty for the direct chat with the contact. */
  readonly chatGuid: string;
  /** Empty for iMessage. A direct chat of another service is a chat of its own, with the same identifier. */
  readonly service: string;
}

/** A message of any shape. */
export interface ComposeAct extends PlaceOrder {
  readonly kind: "compose";
  readonly pieces: readonly Piece[];
  /** Empty for none, as effectId. */
  readonly subject: string;
  /** Apple's name of a bubble or screen effect. */
  readonly effectId: string;
  /** Undefined: no inline reply. */
  readonly reply: { readonly rowid: bigint; readonly part: number } | undefined;
  readonly isAutoReply: boolean;
  readonly form: BodyForm;
}

/** A balloon of an app. `replacedRowid` names the message of the app that it is the next step of; 0n for none. */
export interface AppAct extends PlaceOrder {
  readonly kind: "say-app";
  readonly app: AppKind;
  readonly caption: string;
  readonly replacedRowid: bigint;
}

/** A poll is made. */
export interface PollAct extends PlaceOrder {
  readonly kind: "poll-create";
  readonly title: string;
  readonly options: readonly string[];
}

/** Somebody adds an option to the poll in a row. */
export interface PollOptionAct {
  readonly kind: "poll-add-option";
  readonly rowid: bigint;
  /** Empty for this account. */
  readonly from: string;
  readonly text: string;
}

/** Somebody's votes in the poll in a row, all of them; none to take them back. */
export interface PollVoteAct {
  readonly kind: "poll-vote";
  readonly rowid: bigint;
  /** As {@link PollOptionAct}. */
  readonly from: string;
  /** Options by place, from 0. */
  readonly options: readonly number[];
}

/** A picture behind a chat comes or goes. `from` is empty for this account, as in all of these. */
export interface BackgroundAct {
  readonly kind: "change-background";
  readonly chatGuid: string;
  readonly isRemoved: boolean;
  readonly from: string;
}

/** A member of a group has another address from now on. */
export interface NumberAct {
  readonly kind: "change-number";
  readonly chatGuid: string;
  readonly address: string;
  readonly newAddress: string;
}

/** This account leaves a group, or is in it again. */
export interface OwnMembershipAct {
  readonly kind: "change-own-membership";
  readonly chatGuid: string;
  readonly isMember: boolean;
}

/** A location is shared from now on, or no longer. */
export interface LocationAct {
  readonly kind: "share-location";
  readonly chatGuid: string;
  readonly from: string;
  readonly isStopped: boolean;
}

/** A FaceTime call or SharePlay leaves its line. */
export interface CallAct {
  readonly kind: "call";
  readonly chatGuid: string;
  readonly from: string;
}

/** Somebody keeps the voice message in a row. */
export interface KeepAudioAct {
  readonly kind: "keep-audio";
  readonly rowid: bigint;
  readonly from: string;
}

/** A message is in another chat as well. */
export interface AddToChatAct {
  readonly kind: "add-to-chat";
  readonly rowid: bigint;
  readonly chatGuid: string;
}

/** A message that waits to be sent gets another text (empty: the same) and time (0: the same; counted from now). */
export interface ScheduleEditAct {
  readonly kind: "schedule-edit";
  readonly rowid: bigint;
  readonly text: string;
  readonly delayNs: bigint;
}

/** All of the above. */
export type ShapeAct =
  | ComposeAct
  | AppAct
  | PollAct
  | PollOptionAct
  | PollVoteAct
  | BackgroundAct
  | NumberAct
  | OwnMembershipAct
  | LocationAct
  | CallAct
  | KeepAudioAct
  | AddToChatAct
  | ScheduleEditAct;
