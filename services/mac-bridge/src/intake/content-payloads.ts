import {
  type ContentChange,
  type DecodedRow,
  decodeContentChange,
  type EditState,
} from "@imesh/imessage-codec";
import type { MessageRow } from "@imesh/imessage-model";
import type { EditFacts, EventPayload, UnsendFacts } from "../journal/event-payload.ts";
import { CONTENT_REASON } from "./intake-contents.ts";
import type { KeyedPayload } from "./message-change-payloads.ts";
import { messageFacts, payloadOfRow, type RowOwnership, scheduledMessageFacts } from "./row-payload.ts";

/** What a change of a row's content says as events. */
export interface ContentPayloads {
  /** One, two where a message was edited and partly taken back since it was told last, or none where nobody sees it. */
  readonly payloads: readonly KeyedPayload[];
  /** What subscribers know when these are told; null where the row does not say. */
  readonly state: EditState | null;
}

/** The reason in the key of an unsend that came with an edit, in one change of the row. */
const UNSENT_BESIDE_EDIT = "content-unsent";

/**
 * What a row whose content changed says as events: what its author edited or took back since `known`, or an update that nobody wrote.
 * Without a known state the newest edit or unsend of the row is taken for the change. Of rows that are no messages: a poll's votes or
 * options that came late and what cannot be read are told again; the words of a reaction or of a line about the group are Messages' own,
 * and their changes nobody's. Total (I9).
 */
export function contentPayloads(
  row: MessageRow,
  decoded: DecodedRow,
  ownership: RowOwnership,
  known: EditState | null,
): ContentPayloads {
  const change = decodeContentChange(row, known);
  // It was there before all of it was taken back, and is not there again.
  if (known?.isWhole === true && change.isOutdated) return { payloads: [], state: change.state };
  return { payloads: payloadsOf(row, decoded, ownership, change), state: change.state };
}

function payloadsOf(
  row: MessageRow,
  decoded: DecodedRow,
  ownership: RowOwnership,
  change: ContentChange,
): readonly KeyedPayload[] {
  switch (decoded.kind) {
    case "message":
      if (decoded.schedule !== null) return one(scheduledMessageFacts(row, decoded, ownership));
      return ofMessage(row, decoded, ownership, change);
    case "unsent":
      return change.isUnsend ? one(payloadOfRow(row, decoded, ownership)) : [];
    case "poll-vote":
    case "poll-update":
    case "undecodable":
      return one(payloadOfRow(row, decoded, ownership));
    case "unsupported":
      return change.isUnsend ? one(unsendFacts(row, decoded, ownership, change)) : [];
    default:
      return [];
  }
}

function one(payload: EventPayload): readonly KeyedPayload[] {
  return [{ reason: CONTENT_REASON, payload }];
}

function ofMessage(
  row: MessageRow,
  decoded: Extract<DecodedRow, { kind: "message" }>,
  ownership: RowOwnership,
  change: ContentChange,
): readonly KeyedPayload[] {
  const unsend = change.isUnsend ? unsendFacts(row, decoded, ownership, change) : null;
  const message = messageFacts(row, decoded, ownership);
  if (change.edits.length > 0) {
    const edit: EditFacts = {
      kind: "edit",
      message,
      edits: change.edits,
      editedAtUnixNs: change.editedAtUnixNs,
      failedParts: change.editFailedParts,
    };
    return [...one(edit), ...(unsend === null ? [] : [{ reason: UNSENT_BESIDE_EDIT, payload: unsend }])];
  }
  return one(unsend ?? { kind: "message-update", message, reason: "content", formerGuid: null });
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
