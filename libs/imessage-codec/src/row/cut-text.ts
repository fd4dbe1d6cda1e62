/** At most the first `unitsMax` UTF-16 units, without half a character at the end. */
export function cutText(text: string, unitsMax: number): string {
  if (text.length <= unitsMax) {
    return text;
  }
  const isHalf = unitsMax > 0 && (text.charCodeAt(unitsMax - 1) & 0xfc00) === 0xd800;
  return text.slice(0, isHalf ? unitsMax - 1 : unitsMax);
}

/** As cutText(), of a column in which '' means none. */
export function cutColumn(text: string | null, unitsMax: number): string | null {
  return text === null || text === "" ? null : cutText(text, unitsMax);
}
