import { isMessageGuid, type MessageRow } from "@imesh/imessage-model";
import type { DecodedRow } from "./decoded-row.ts";
import { decodeAssociatedRow } from "./row/associated-row.ts";
import { decodeOrdinaryRow } from "./row/message-row.ts";
import type { NamedRow } from "./row/named-row.ts";
import { undecodable } from "./row/outcomes.ts";
import { rowFactsOf } from "./row/row-facts.ts";
import { decodeSystemRow } from "./row/system-row.ts";

/**
 * Says what a row of `message` is. Total: never throws, whatever the row holds (I9), takes time linear in its
 * bytes, and depends on nothing but the row. The result is bounded as its types say, and shares the row's byte arrays.
 */
export function decodeMessageRow(row: MessageRow): DecodedRow {
  const facts = rowFactsOf(row);
  if (!isMessageGuid(row.guid)) {
    const fault = { reason: "invalid-guid", offset: null, raw: row.attributedBody } as const;
    return undecodable({ row, guid: null, facts }, fault);
  }
  const named = { row, guid: row.guid, facts };
  try {
    return decodeNamedRow(named);
  } catch {
    // Only a defect of ours ends here: bad bytes are typed errors and handled where they are read. A defect
    // would normally end the process, but the row would still be there after the restart, and a stranger could
    // then stop the stream for good by sending it. The reason makes it visible; the tests refuse it.
    return undecodable(named, { reason: "decoder-failed", offset: null, raw: row.attributedBody });
  }
}

// The order matters: a reaction has text, and a poll's vote has a balloon.
function decodeNamedRow(named: NamedRow): DecodedRow {
  const { itemType, associatedMessageType } = named.row;
  if (itemType !== 0) {
    return decodeSystemRow(named);
  }
  const association = associatedMessageType ?? 0;
  return association === 0 ? decodeOrdinaryRow(named) : decodeAssociatedRow(named, association);
}
