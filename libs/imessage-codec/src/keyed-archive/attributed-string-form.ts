import type { PropertyListValue } from "../property-list/property-list-value.ts";
import { FOUNDATION_KEY } from "./archive-keys.ts";
import { type ArchivedRun, type ArchivedValue, NO_ATTRIBUTES } from "./archived-value.ts";
import type { ArchivePort } from "./foundation-forms.ts";

/** A run is told with numbers of 7 bits a byte; 5 bytes are any length a document can have. */
const VARINT_BYTES_MAX = 5;

/**
 * NSAttributedString: its string; its attributes, one dictionary for all of it or a list of them; for a list,
 * which stretch has which. Null when these do not fit each other.
 */
export function readAttributedString(
  entries: ReadonlyMap<string, PropertyListValue>,
  port: ArchivePort,
): ArchivedValue | null {
  const value = (key: string): ArchivedValue | null => {
    const reference = entries.get(key);
    return reference === undefined ? null : port.read(reference);
  };
  const string = value(FOUNDATION_KEY.attributedString);
  if (string?.kind !== "string") {
    return null;
  }
  const text = string.value;
  const attributes = value(FOUNDATION_KEY.attributes);
  const info = value(FOUNDATION_KEY.attributeInfo);
  if (attributes?.kind === "array" && info?.kind === "data") {
    // Two bytes or more tell a run.
    port.spend(info.value.length >> 1);
    const runs = readRuns(info.value, attributes.items, text.length);
    return runs === null ? null : { kind: "attributed-string", text, runs };
  }
  if (attributes !== null && attributes.kind !== "null" && attributes.kind !== "dictionary") {
    return null;
  }
  const run = {
    length: text.length,
    attributes: attributes?.kind === "dictionary" ? attributes.entries : NO_ATTRIBUTES,
  };
  return { kind: "attributed-string", text, runs: text === "" ? [] : [run] };
}

function readRuns(
  info: Uint8Array,
  attributes: readonly ArchivedValue[],
  textLength: number,
): readonly ArchivedRun[] | null {
  const cursor = { offset: 0 };
  const runs: ArchivedRun[] = [];
  let lengthSum = 0;
  while (cursor.offset < info.length) {
    const length = readVarint(info, cursor);
    const index = readVarint(info, cursor);
    const dictionary = index === null ? undefined : attributes[index];
    if (length === null || dictionary?.kind !== "dictionary") {
      return null;
    }
    lengthSum += length;
    runs.push({ length, attributes: dictionary.entries });
  }
  return lengthSum === textLength ? runs : null;
}

// The lowest 7 bits first; the highest bit says that more follow.
function readVarint(bytes: Uint8Array, cursor: { offset: number }): number | null {
  let value = 0;
  for (let index = 0; index < VARINT_BYTES_MAX; index += 1) {
    const byte = bytes[cursor.offset];
    if (byte === undefined) {
      return null;
    }
    cursor.offset += 1;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) {
      return value;
    }
  }
  return null;
}

/**
 * The form in which readAttributedString() reads runs: for each its length and the index of its attributes.
 */
export function encodeRunInfo(
  runs: readonly { readonly length: number; readonly index: number }[],
): Uint8Array {
  const bytes: number[] = [];
  for (const { length, index } of runs) {
    for (const number of [length, index]) {
      let left = number;
      while (left > 0x7f) {
        bytes.push((left & 0x7f) | 0x80);
        left >>>= 7;
      }
      bytes.push(left);
    }
  }
  return Uint8Array.from(bytes);
}
