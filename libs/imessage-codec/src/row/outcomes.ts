import {
  TEXT_UNITS_MAX,
  type UndecodableReason,
  type UndecodableRow,
  type UnsupportedKind,
  type UnsupportedRow,
} from "../decoded-row.ts";
import { cutColumn } from "./cut-text.ts";
import type { NamedRow } from "./named-row.ts";

/** What broke, and where. */
export interface RowFault {
  readonly reason: UndecodableReason;
  readonly offset: number | null;
  readonly raw: Uint8Array | null;
  /** What could be read of the words before the fault, where `text` may hold none. */
  readonly words?: string | null;
}

/** A row that breaks the format; its guid is null where that is what broke. */
export function undecodable(
  { row, guid, facts }: Omit<NamedRow, "guid"> & { readonly guid: NamedRow["guid"] | null },
  { reason, offset, raw, words = null }: RowFault,
): UndecodableRow {
  return {
    kind: "undecodable",
    ...facts,
    guid,
    reason,
    offset,
    raw,
    plainText: cutColumn(row.text, TEXT_UNITS_MAX) ?? cutColumn(words, TEXT_UNITS_MAX),
  };
}

/** A row that is nothing which is known. */
export function unsupported({ row, guid, facts }: NamedRow, what: UnsupportedKind): UnsupportedRow {
  const { associatedMessageType, itemType } = row;
  return { kind: "unsupported", ...facts, guid, what, associatedMessageType, itemType };
}
