import type { MessageRow, UnsupportedKind } from "@imesh/imessage-model";
import { ATTACHMENT_SLOT } from "./attributed/attribute-keys.ts";

// Link previews are messages whose text is the link.
const LINK_BALLOON = "com.apple.messages.URLBalloonProvider";
const POLL_BALLOON_SUFFIX = "com.apple.messages.Polls";

/**
 * What a row is when its columns alone, before its text is looked at, say that it is no message a person typed;
 * null when it may be one. The order matters: a reaction has text, and a poll's vote has a balloon.
 */
export function unsupportedKindOf(row: MessageRow): UnsupportedKind | null {
  if (row.itemType !== 0) {
    return kindOfItem(row.itemType);
  }
  // The row of a message to be sent later exists now, with a future date.
  if ((row.scheduleType ?? 0) !== 0 && row.isFromMe && !row.isSent) {
    return "scheduled";
  }
  const association = row.associatedMessageType ?? 0;
  if (association !== 0) {
    return kindOfAssociation(association, row.balloonBundleId);
  }
  if (row.balloonBundleId !== null && row.balloonBundleId !== "" && row.balloonBundleId !== LINK_BALLOON) {
    return isPoll(row.balloonBundleId) ? "poll" : "app";
  }
  return row.isAudioMessage ? "audio" : null;
}

/** What a row is that has no text, no subject and no attachment that it names. */
export function kindOfEmptyRow(row: MessageRow): UnsupportedKind {
  if (row.isEmpty) {
    return hasDate(row.dateEdited) ? "unsent" : "empty";
  }
  return row.cacheHasAttachments || hasSlot(row) ? "attachment-only" : "empty";
}

function kindOfItem(itemType: number): UnsupportedKind {
  switch (itemType) {
    case 1: // somebody joined or was removed
    case 2: // renamed
    case 3: // left, photo, background
      return "group-change";
    case 4:
      return "location-share";
    case 5: // a voice message was kept
      return "message-action";
    case 6: // FaceTime, SharePlay
      return "call";
    default:
      return "system";
  }
}

function kindOfAssociation(type: number, balloonBundleId: string | null): UnsupportedKind {
  // 2xxx gives, 3xxx takes back.
  if ((type >= 2000 && type <= 2007) || (type >= 3000 && type <= 3007)) {
    return "reaction";
  }
  switch (type) {
    case 2: // an update of a balloon
    case 3: // a heading or trace of one
      return balloonBundleId !== null && isPoll(balloonBundleId) ? "poll" : "app";
    case 1000:
      return "sticker";
    case 4000:
      return "poll-vote";
    default:
      return "other";
  }
}

function isPoll(balloonBundleId: string): boolean {
  return balloonBundleId.endsWith(POLL_BALLOON_SUFFIX);
}

function hasDate(value: bigint | null): boolean {
  return value !== null && value !== 0n;
}

function hasSlot(row: MessageRow): boolean {
  return row.text?.includes(ATTACHMENT_SLOT) ?? false;
}
