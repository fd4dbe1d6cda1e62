import type { DecodedRow } from "../decoded-row.ts";
import { POLL_BUNDLE_ID } from "../payload/balloon-bundle.ts";
import { decodePayload } from "../payload/decode-payload.ts";
import { associatedTargetOf } from "./associated-guid.ts";
import type { NamedRow } from "./named-row.ts";
import { undecodable } from "./outcomes.ts";

/**
 * What a row about a poll is: votes, or the poll with an option more. Which of the two its payload says; without one it is nothing (yet).
 */
export function decodePollRow(named: NamedRow): DecodedRow {
  const { row, guid, facts } = named;
  const target = associatedTargetOf(row.associatedMessageGuid);
  if (target === null) {
    return undecodable(named, { reason: "invalid-guid", offset: null, raw: row.attributedBody });
  }
  if (row.isOversized) {
    return undecodable(named, { reason: "oversized", offset: null, raw: null });
  }
  // A vote is one by its type, whatever its bundle.
  const balloon = decodePayload({
    balloonBundleId: POLL_BUNDLE_ID,
    payloadData: row.payloadData,
    associatedMessageType: 2,
  });
  switch (balloon?.kind) {
    case "poll-vote":
      return { kind: "poll-vote", ...facts, guid, pollGuid: target.guid, votes: balloon.votes };
    case "poll":
    case "poll-update":
      return { kind: "poll-update", ...facts, guid, pollGuid: target.guid, poll: balloon.poll };
    default: {
      const offset = balloon?.kind === "undecodable" ? balloon.offset : null;
      return undecodable(named, { reason: "invalid-payload", offset, raw: row.payloadData });
    }
  }
}
