import type { MessageRow } from "@imesh/imessage-model";
import type { DecodedRow } from "../decoded-row.ts";
import { meaningOfBundle, parseBalloonBundle } from "../payload/balloon-bundle.ts";
import { decodeAppRow } from "./app-row.ts";
import type { NamedRow } from "./named-row.ts";
import { unsupported } from "./outcomes.ts";
import { decodePollRow } from "./poll-row.ts";
import { decodeReactionRow, isReactionType } from "./reaction-row.ts";

const BALLOON_UPDATE = 2;
const BALLOON_TRACE = 3;
const POLL_VOTE = 4_000;

/** What a row is that is about another message: `associated_message_type` other than 0. */
export function decodeAssociatedRow(named: NamedRow, type: number): DecodedRow {
  if (isReactionType(type)) {
    return decodeReactionRow(named, type);
  }
  switch (type) {
    case POLL_VOTE:
      return decodePollRow(named);
    case BALLOON_UPDATE:
      return isOfPoll(named.row) ? decodePollRow(named) : decodeAppRow(named);
    case BALLOON_TRACE:
      return decodeAppRow(named);
    default:
      return unsupported(named, "other");
  }
}

/** Whether a row is of a kind that can be a message: not a system's, and about no other message, or so that it may have words of its own. */
export function canBeMessage(row: MessageRow): boolean {
  const association = row.associatedMessageType ?? 0;
  const isOfApp = association === BALLOON_TRACE || (association === BALLOON_UPDATE && !isOfPoll(row));
  return row.itemType === 0 && (association === 0 || isOfApp);
}

function isOfPoll(row: MessageRow): boolean {
  return meaningOfBundle(parseBalloonBundle(row.balloonBundleId ?? "")) === "poll";
}
