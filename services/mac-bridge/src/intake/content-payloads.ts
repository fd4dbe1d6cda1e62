import { type ContentChange, type DecodedRow, decodeContentChange } from "@imesh/imessage-codec";
import type { MessageRow } from "@imesh/imessage-model";
import type { EditFacts, EventPayload, UnsendFacts } from "../journal/event-payload.ts";
import { messageFacts, payloadOfRow, type RowOwnership, scheduledMessageFacts } from "./row-payload.ts";

/** What a change of a row's content was; either may be null, both where nobody sees it. */
export interface ContentPayloads {
  /** Under the change's own key. */
  readonly change: EventPayload | null;
  /** Beside it, when one change of the row was two of its author. */
  readonly unsend: UnsendFacts | null;
}

/**
 * What a row whose content changed says as events: an edit, an unsend, both, or an update that nobody wrote. Of rows that are no
 * messages: a poll's votes or options that came late and what cannot be read are told again; the words of a reaction or of a
 * line about the group are Messages' own, and their changes nobody's.
 */
export function contentPayloads(
  row: MessageRow,
  decoded: DecodedRow,
  ownership: RowOwnership,
): ContentPayloads {
  switch (decoded.kind) {
    case "message":
      if (decoded.schedule !== null) return one(scheduledMessageFacts(row, decoded, ownership));
      return ofMessage(row, decoded, ownership);
    case "unsent":
    case "poll-vote":
    case "poll-update":
    case "undecodable":
      return one(payloadOfRow(row, decoded, ownership));
    case "unsupported": {
      const change = decodeContentChange(row);
      return change.isUnsend ? one(unsendFacts(row, decoded, ownership, change)) : NOTHING;
    }
    default:
      return NOTHING;
  }
}

const NOTHING: ContentPayloads = { change: null, unsend: null };

function one(change: EventPayload): ContentPayloads {
  return { change, unsend: null };
}

function ofMessage(
  row: MessageRow,
  decoded: Extract<DecodedRow, { kind: "message" }>,
  ownership: RowOwnership,
): ContentPayloads {
  const change = decodeContentChange(row);
  const message = messageFacts(row, decoded, ownership);
  const unsend = change.isUnsend ? unsendFacts(row, decoded, ownership, change) : null;
  if (change.edits.length > 0) {
    const edit: EditFacts = {
      kind: "edit",
      message,
      edits: change.edits,
      editedAtUnixNs: change.editedAtUnixNs,
      failedParts: change.editFailedParts,
    };
    return { change: edit, unsend };
  }
  if (unsend !== null) return one(unsend);
  return one({ kind: "message-update", message, reason: "content", formerGuid: null });
}

function unsendFacts(
  row: MessageRow,
  decoded: Extract<DecodedRow, { kind: "message" | "unsupported" }>,
  ownership: RowOwnership,
  change: ContentChange,
): UnsendFacts {
  const isLeft = decoded.kind === "message" && !change.isWhole;
  return {
    kind: "unsend",
    guid: decoded.guid,
    direction: ownership.direction,
    sender: ownership.direction === "own" ? null : decoded.sender,
    parts: change.unsent.map(({ part }) => part),
    isWhole: change.isWhole,
    message: isLeft ? messageFacts(row, decoded, ownership) : null,
    failedParts: change.unsendFailedParts,
  };
}
