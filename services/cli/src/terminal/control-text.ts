/**
 * Text of other people made safe to print: control characters (escape sequences that could repaint the
 * terminal or set its title), line breaks and bidirectional overrides become visible stand-ins. For terminals
 * only; JSON output escapes by itself.
 */
export function withoutControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, standIn);
}

function standIn(character: string): string {
  if (character === "\n" || character === "\u2028" || character === "\u2029") return "⏎";
  if (character === "\t") return " ";
  return "\ufffd";
}
