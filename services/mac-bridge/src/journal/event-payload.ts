import type {
  DecodedAttachment,
  DecodedCall,
  DecodedGroupChange,
  DecodedKeptAudio,
  DecodedLocationShare,
  DecodedMessage,
  DecodedPollUpdate,
  DecodedPollVote,
  DecodedReaction,
  PartEdit,
  Person,
  UnsupportedRow,
} from "@imesh/imessage-codec";
import type { ChatStyle, Direction, OutgoingState } from "@imesh/imessage-model";
import type { CommandRecord } from "./command-record.ts";

/**
 * What happened. What a row holds is carried as the codec decoded it, but for direction and sender, which are those of the event:
 * an echo that is not marked as ours yet is own all the same (I11).
 */
export type EventPayload =
  | MessageFacts
  | UnsupportedRow
  | UndecodableFacts
  | MessageStatusFacts
  | { readonly kind: "command"; readonly command: CommandRecord }
  | EditFacts
  | UnsendFacts
  | ReactionFacts
  | ReceiptFacts
  | DecodedGroupChange
  | DecodedLocationShare
  | DecodedKeptAudio
  | DecodedCall
  | DecodedPollVote
  | DecodedPollUpdate
  | ScheduledMessageFacts
  | DeletionFacts
  | MessageUpdateFacts
  | AttachmentUpdateFacts
  | ChatUpdateFacts;

/** A chat as events name it. `guid`, `identifier` and `conversationKey` hold handles: never logged. */
export interface ChatFacts {
  readonly guid: string;
  readonly style: ChatStyle;
  readonly identifier: string;
  readonly service: string;
  readonly displayName: string;
  /** The same for all chats that are one conversation to a person. */
  readonly conversationKey: string;
}

/** A message and what its row alone does not say. */
export interface MessageFacts extends DecodedMessage {
  /** The command that caused it; empty if none did. */
  readonly requestId: string;
  /** The chats that it is in besides the event's. */
  readonly otherChats: readonly ChatFacts[];
}

/** A row that cannot be read; empty strings stand for "none". */
export interface UndecodableFacts {
  readonly kind: "undecodable";
  readonly guid: string;
  /** A stable code. */
  readonly reason: string;
  readonly bodySha256: string;
  readonly bodyBytes: number;
  readonly plainText: string;
}

/** How far an own message is. */
export interface MessageStatusFacts {
  readonly kind: "message-status";
  readonly guid: string;
  readonly state: OutgoingState;
  readonly error: number;
  readonly requestId: string;
}

/** Its author changed what a message says. */
export interface EditFacts {
  readonly kind: "edit";
  readonly message: MessageFacts;
  readonly edits: readonly PartEdit[];
  readonly editedAtUnixNs: bigint | null;
  readonly failedParts: readonly number[];
}

/** Its author took a message, or a part of it, back. */
export interface UnsendFacts {
  readonly kind: "unsend";
  readonly guid: string;
  readonly direction: Direction;
  readonly sender: Person | null;
  /** Every part that is gone by now. */
  readonly parts: readonly number[];
  readonly isWhole: boolean;
  /** What is left; null when nothing is. */
  readonly message: MessageFacts | null;
  readonly failedParts: readonly number[];
}

/** A reaction, given or taken back. */
export interface ReactionFacts extends DecodedReaction {
  /** Guid of the one that it took the place of; null if of none that was told. */
  readonly replacedGuid: string | null;
}

/** An incoming message was read or played here, or an own one was played there. */
export interface ReceiptFacts {
  readonly kind: "receipt";
  readonly guid: string;
  readonly direction: Direction;
  readonly receipt: "read" | "played";
  readonly atUnixNs: bigint | null;
}

/** How far a message to be sent later is. */
export type ScheduleState = "scheduled" | "sent" | "cancelled";

/** What becomes of a message to be sent later. */
export interface ScheduledMessageFacts {
  readonly kind: "scheduled-message";
  readonly guid: string;
  /** Null when the row is gone, or holds no message any more. */
  readonly message: MessageFacts | null;
  readonly state: ScheduleState;
  readonly sendAtUnixNs: bigint | null;
}

/** What became of a deleted message. */
export interface DeletionFacts {
  readonly kind: "deletion";
  readonly guid: string;
  readonly state: "recently-deleted" | "recovered" | "deleted";
}

/** What changed about a message without its author. */
export type MessageUpdateReason = "content" | "corrected" | "chats" | "attachments" | "guid";

/** A message as it is after a change that its author did not make. */
export interface MessageUpdateFacts {
  readonly kind: "message-update";
  readonly message: MessageFacts;
  readonly reason: MessageUpdateReason;
  /** With reason guid, where Messages says it; else null. */
  readonly formerGuid: string | null;
}

/** An attachment as it is after a change. */
export interface AttachmentUpdateFacts {
  readonly kind: "attachment-update";
  /** Guid of the first message that it belongs to; empty if of none. */
  readonly messageGuid: string;
  /** Of its row; empty where that is none. */
  readonly guid: string;
  /** Null when its row is gone. */
  readonly attachment: DecodedAttachment | null;
  readonly reason: "progress" | "ready" | "failed" | "guid" | "info" | "deleted" | "other";
}

/** A chat as it is after a change; which chat is the event's. */
export interface ChatUpdateFacts {
  readonly kind: "chat-update";
  readonly reason: "name" | "members" | "guid" | "properties" | "state" | "deleted" | "other";
  /** Everyone else in it. */
  readonly participants: readonly Person[];
  readonly isMuted: boolean;
  readonly isArchived: boolean;
  readonly isJoined: boolean;
  readonly isFiltered: boolean;
  /** Guid of an attachment; null if it has no photo. */
  readonly photoGuid: string | null;
  /** Null if it has no background. */
  readonly backgroundId: string | null;
}
