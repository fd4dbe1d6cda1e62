/** Longest text that mac-bridge sends in one bubble, in UTF-16 units. */
export const PART_LENGTH_MAX = 20_000;

/**
 * The model's text as bubbles: NUL left out, white space at both ends left out, cut where it is longer than one bubble
 * may be; at the last line break, else the last blank, else between two characters, never inside a surrogate pair.
 * Empty when nothing is left to say.
 */
export function replyParts(text: string, lengthMax: number = PART_LENGTH_MAX): string[] {
  const parts: string[] = [];
  let rest = text.replaceAll("\0", "").trim();
  while (rest.length > lengthMax) {
    const end = cutPosition(rest, lengthMax);
    parts.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  if (rest !== "") parts.push(rest);
  return parts;
}

/** Where to cut: in 1..lengthMax. A break in the first half is not worth a short bubble. */
function cutPosition(text: string, lengthMax: number): number {
  const halfway = Math.floor(lengthMax / 2);
  for (const separator of ["\n", " "]) {
    const position = text.lastIndexOf(separator, lengthMax - 1);
    if (position > halfway) return position;
  }
  const isInsidePair = /[\uD800-\uDBFF]/.test(text.charAt(lengthMax - 1)) && lengthMax > 1;
  return isInsidePair ? lengthMax - 1 : lengthMax;
}
