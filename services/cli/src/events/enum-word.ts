/**
 * A number of one of the wire's enums as a word, "placed-sticker" for PLACED_STICKER; "unspecified" for numbers of a later
 * version. Keys and values of JSON output: the names of a published enum do not change.
 */
export function enumWord(names: Readonly<Record<string, number>>, value: number): string {
  const name = Object.keys(names).find((candidate) => names[candidate] === value);
  const isKnown = name !== undefined && name !== "UNRECOGNIZED";
  return isKnown ? name.toLowerCase().replaceAll("_", "-") : "unspecified";
}
