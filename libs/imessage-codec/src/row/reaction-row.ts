import type { MessageRow } from "@imesh/imessage-model";
import { decodeAttachment } from "../decode-attachment.ts";
import type { DecodedAttachment, DecodedRow, ReactionKind } from "../decoded-row.ts";
import { associatedTargetOf } from "./associated-guid.ts";
import { cutText } from "./cut-text.ts";
import type { NamedRow } from "./named-row.ts";
import { undecodable } from "./outcomes.ts";
import { summaryOfRow } from "./summary-of-row.ts";

/** By the last digit of 2000..2007, given, and of 3000..3007, taken back. */
const KINDS: readonly ReactionKind[] = [
  "love",
  "like",
  "dislike",
  "laugh",
  "emphasize",
  "question",
  "emoji",
  "sticker",
];

const PLACED_STICKER = 1_000;

const EMOJI_UNITS_MAX = 64;
const QUOTED_UNITS_MAX = 4_096;

/** Whether an `associated_message_type` is that of a reaction, one that is not known yet among them. */
export function isReactionType(type: number): boolean {
  return type === PLACED_STICKER || (type >= 2_000 && type < 4_000);
}

/** What a row is whose type isReactionType(). */
export function decodeReactionRow(named: NamedRow, type: number): DecodedRow {
  const { row, guid, facts } = named;
  const target = associatedTargetOf(row.associatedMessageGuid);
  if (target === null) {
    return undecodable(named, { reason: "invalid-guid", offset: null, raw: row.attributedBody });
  }
  const reaction = type === PLACED_STICKER ? "placed-sticker" : (KINDS[type % 1_000] ?? "other");
  const isSticker = reaction === "sticker" || reaction === "placed-sticker";
  return {
    kind: "reaction",
    ...facts,
    guid,
    action: type < 3_000 ? "added" : "removed",
    reaction,
    emoji: reaction === "emoji" ? emojiOf(row) : null,
    sticker: isSticker ? stickerOf(row) : null,
    target,
    quotedText: quotedTextOf(row),
  };
}

// What is longer is no emoji, and half of one is another.
function emojiOf({ associatedMessageEmoji: emoji }: MessageRow): string | null {
  return emoji === "" || (emoji?.length ?? 0) > EMOJI_UNITS_MAX ? null : emoji;
}

function stickerOf({ attachments }: MessageRow): DecodedAttachment | null {
  const ref = attachments.find(({ isSticker }) => isSticker) ?? attachments[0];
  return ref === undefined ? null : decodeAttachment(ref);
}

function quotedTextOf(row: MessageRow): string | null {
  const quoted = summaryOfRow(row)?.association.summary ?? "";
  return quoted === "" ? null : cutText(quoted, QUOTED_UNITS_MAX).toWellFormed();
}
