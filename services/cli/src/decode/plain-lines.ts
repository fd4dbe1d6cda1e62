import { withoutControls } from "../terminal/control-text.ts";
import type { Style } from "../terminal/style.ts";
import { bytesText, isList, isRecord, type PlainRecord, type PlainValue } from "./plain-value.ts";

/** What fits on a line beside its key is not spread over several. */
const INLINE_LENGTH_MAX = 88;

const INDENT = "  ";

/** A record in indented lines for a person, one entry a line where it fits; control characters are made visible. */
export function plainLines(record: PlainRecord, style: Style): string[] {
  return recordLines(record, style);
}

function recordLines(record: PlainRecord, style: Style): string[] {
  return [...record].flatMap(([key, value]) => {
    const name = style("accent", `${withoutControls(key)}:`);
    const line = inline(value);
    return line === null ? [name, ...nested(value, style).map((each) => INDENT + each)] : [`${name} ${line}`];
  });
}

function nested(value: PlainValue, style: Style): string[] {
  if (isRecord(value)) return recordLines(value, style);
  if (isList(value)) return value.flatMap((item) => itemLines(item, style));
  return [scalar(value)];
}

function itemLines(item: PlainValue, style: Style): string[] {
  const line = inline(item);
  if (line !== null) return [`- ${line}`];
  return nested(item, style).map((each, index) => (index === 0 ? `- ${each}` : INDENT + each));
}

/** The value on one line; null when it is too long for one, which a value without parts never is. */
function inline(value: PlainValue): string | null {
  if (!isRecord(value) && !isList(value)) return scalar(value);
  const isOfRecord = isRecord(value);
  const parts: string[] = [];
  let length = 0;
  for (const [key, item] of isOfRecord ? value : value.entries()) {
    const text = inline(item);
    if (text === null) return null;
    parts.push(isOfRecord ? `${withoutControls(String(key))}: ${text}` : text);
    length += parts.at(-1)?.length ?? 0;
    if (length > INLINE_LENGTH_MAX) return null;
  }
  if (parts.length === 0) return isOfRecord ? "{}" : "[]";
  return isOfRecord ? `{ ${parts.join(", ")} }` : `[${parts.join(", ")}]`;
}

function scalar(value: Exclude<PlainValue, PlainRecord | readonly PlainValue[]>): string {
  if (typeof value === "string") return `"${withoutControls(value)}"`;
  return value instanceof Uint8Array ? `<${bytesText(value)}>` : String(value);
}
