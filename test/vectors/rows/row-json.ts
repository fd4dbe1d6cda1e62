/** Rows, and what they are decoded to, as JSON: 64-bit numbers as `"123n"`, bytes as `"hex:…"`. */
import { type DecodedRow, decodeMessageRow } from "@imesh/imessage-codec";
import type { MessageRow } from "@imesh/imessage-model";

/** The text of row.json. */
export function rowText(row: MessageRow): string {
  return textOf(row);
}

/** The text of expected.json. */
export function expectedText(row: MessageRow): string {
  const decoded: DecodedRow = decodeMessageRow(row);
  return textOf(decoded);
}

/** The row of a row.json. */
export function rowOfText(text: string): MessageRow {
  return JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== "string") return value;
    if (/^-?[0-9]+n$/.test(value)) return BigInt(value.slice(0, -1));
    return value.startsWith("hex:") ? new Uint8Array(Buffer.from(value.slice(4), "hex")) : value;
  }) as MessageRow;
}

function textOf(value: unknown): string {
  const json = JSON.stringify(
    value,
    (_key, each: unknown) => {
      if (typeof each === "bigint") return `${each}n`;
      return each instanceof Uint8Array ? `hex:${Buffer.from(each).toString("hex")}` : each;
    },
    2,
  );
  return `${json}\n`;
}
