import type { Comparison } from "./syntax.ts";
import type { TokenReader } from "./token-reader.ts";

const SYMBOL_COMPARISONS: Readonly<Record<string, Comparison>> = {
  "=": "=",
  "≠": "≠",
  "/=": "≠",
  "<": "<",
  ">": ">",
  "≤": "≤",
  "<=": "≤",
  "≥": "≥",
  ">=": "≥",
};
/** Longest first: the reader takes the first that fits. */
const WORD_COMPARISONS: readonly (readonly [readonly string[], Comparison])[] = [
  [["is", "greater", "than", "or", "equal", "to"], "≥"],
  [["is", "less", "than", "or", "equal", "to"], "≤"],
  [["is", "not", "equal", "to"], "≠"],
  [["is", "greater", "than"], ">"],
  [["is", "less", "than"], "<"],
  [["is", "equal", "to"], "="],
  [["does", "not", "equal"], "≠"],
  [["is", "not"], "≠"],
  [["equals"], "="],
  [["is"], "="],
];
/** Takes a comparison, in signs or in words, if one comes next. */
export function takeComparison(reader: TokenReader): Comparison | undefined {
  if (reader.next.kind === "symbol") {
    const comparison = SYMBOL_COMPARISONS[reader.next.text];
    if (comparison !== undefined) reader.take();
    return comparison;
  }
  return WORD_COMPARISONS.find(([words]) => reader.takeWords(...words))?.[1];
}
