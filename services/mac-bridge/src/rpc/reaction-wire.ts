import {
  type Reaction,
  ReactionAction,
  type TextReaction as WireTextReaction,
} from "@imesh/contracts/bridge/v1/event";
import type { TextReaction } from "@imesh/imessage-codec";
import { REACTION_KINDS } from "../intake/wire-words.ts";
import type { ReactionFacts } from "../journal/event-payload.ts";
import { attachmentToWire } from "./attachment-wire.ts";
import type { EventRoom } from "./event-room.ts";
import { authorToWire } from "./person-wire.ts";
import { optionalPartIndexOf } from "./wire-number.ts";

/** Longest quotation in UTF-16 units; the rest is cut off. */
const QUOTED_UNITS_MAX = 4_096;

/** A reaction as the wire has it. */
export function reactionToWire(reaction: ReactionFacts, room: EventRoom): Reaction {
  const { sticker, target } = reaction;
  return {
    guid: room.id(reaction.guid),
    ...authorToWire(reaction, room),
    action: reaction.action === "added" ? ReactionAction.ADDED : ReactionAction.REMOVED,
    kind: REACTION_KINDS[reaction.reaction],
    emoji: room.id(reaction.emoji),
    sticker: sticker === null ? undefined : attachmentToWire(sticker, room),
    targetGuid: room.id(target.guid),
    targetPart: optionalPartIndexOf(target.part),
    quotedText: room.text(reaction.quotedText, QUOTED_UNITS_MAX),
    replacedGuid: room.id(reaction.replacedGuid),
  };
}

/** A message that reads like a reaction. */
export function textReactionToWire(reaction: TextReaction, room: EventRoom): WireTextReaction {
  return {
    kind: REACTION_KINDS[reaction.kind],
    emoji: room.id(reaction.emoji),
    isRemoval: reaction.isRemoval,
    quotedText: room.text(reaction.quotedText, QUOTED_UNITS_MAX),
  };
}
