import type { DecodedRow } from "../decoded-row.ts";
import { meaningOfBundle, parseBalloonBundle } from "../payload/balloon-bundle.ts";
import type { NamedRow } from "./named-row.ts";
import { unsupported } from "./outcomes.ts";
import { decodePollRow } from "./poll-row.ts";
import { decodeReactionRow, isReactionType } from "./reaction-row.ts";

const BALLOON_UPDATE = 2;
const BALLOON_TRACE = 3;
const POLL_VOTE = 4_000;

/** What a row is that is about another message: `associated_message_type` other than 0. Its text is not looked at. */
export function decodeAssociatedRow(named: NamedRow, type: number): DecodedRow {
  if (isReactionType(type)) {
    return decodeReactionRow(named, type);
  }
  switch (type) {
    case POLL_VOTE:
      return decodePollRow(named);
    case BALLOON_UPDATE:
      return isOfPoll(named) ? decodePollRow(named) : unsupported(named, "app");
    case BALLOON_TRACE:
      return unsupported(named, "app");
    default:
      return unsupported(named, "other");
  }
}

function isOfPoll({ row }: NamedRow): boolean {
  return meaningOfBundle(parseBalloonBundle(row.balloonBundleId ?? "")) === "poll";
}
