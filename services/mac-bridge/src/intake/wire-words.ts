import { AttachmentState as WireAttachmentState } from "@imesh/contracts/bridge/v1/content";
import { ReactionKind as WireReactionKind, ChatStyle as WireStyle } from "@imesh/contracts/bridge/v1/event";
import type { AttachmentState, ReactionKind } from "@imesh/imessage-codec";
import type { ChatStyle } from "@imesh/imessage-model";

// What rpc/ writes and the journal is later asked for: one table for both ways, so that a word which is added on one
// side is known on the other.

export const CHAT_STYLES: Readonly<Record<ChatStyle, WireStyle>> = {
  direct: WireStyle.DIRECT,
  group: WireStyle.GROUP,
  unknown: WireStyle.UNSPECIFIED,
};

export const REACTION_KINDS: Readonly<Record<ReactionKind, WireReactionKind>> = {
  love: WireReactionKind.LOVE,
  like: WireReactionKind.LIKE,
  dislike: WireReactionKind.DISLIKE,
  laugh: WireReactionKind.LAUGH,
  emphasize: WireReactionKind.EMPHASIZE,
  question: WireReactionKind.QUESTION,
  emoji: WireReactionKind.EMOJI,
  sticker: WireReactionKind.STICKER,
  "placed-sticker": WireReactionKind.PLACED_STICKER,
  other: WireReactionKind.UNSPECIFIED,
};

export const ATTACHMENT_STATES: Readonly<Record<AttachmentState, WireAttachmentState>> = {
  waiting: WireAttachmentState.WAITING,
  transferring: WireAttachmentState.TRANSFERRING,
  ready: WireAttachmentState.READY,
  failed: WireAttachmentState.FAILED,
  archived: WireAttachmentState.ARCHIVED,
  unknown: WireAttachmentState.UNSPECIFIED,
};

/** The way back. Each word of a table has a number of its own. */
export function wordsByNumber<Word extends string>(
  table: Readonly<Record<Word, number>>,
): ReadonlyMap<number, Word> {
  return new Map((Object.entries(table) as [Word, number][]).map(([word, number]) => [number, word]));
}
