import type { PromptMessage } from "../model/model.ts";

/** One line of a conversation, as the transcript keeps it. */
export interface TranscriptLine {
  /** The contact; a person writing as this account; the agent itself. */
  readonly author: "contact" | "own" | "agent";
  readonly text: string;
}

/** How much of a conversation the model gets to see. */
export interface ContextBounds {
  /** Newest lines taken. */
  readonly linesMax: number;
  /** UTF-8 bytes of their text together; the newest line counts even when it is larger by itself, cut to fit. */
  readonly bytesMax: number;
}

/** 40 lines are more than a person scrolls back; 100 kB are about 25 000 tokens, an eighth of any model's window. */
export const CONTEXT_BOUNDS: ContextBounds = { linesMax: 40, bytesMax: 100_000 };

/**
 * The end of a conversation in the form the API takes: roles alternate, the first and the last are the user's. `lines` are
 * oldest first. Lines of one side in a row become one message, a line each. What this side said before the contact's first
 * line that fits is left out. What this side said after the contact's last is put before it: the model is asked for
 * an answer to the contact, and a conversation that ends with our own words would be one to go on with.
 */
export function contextWindow(
  lines: readonly TranscriptLine[],
  bounds: ContextBounds = CONTEXT_BOUNDS,
): PromptMessage[] {
  const messages: PromptMessage[] = [];
  for (const line of contactLast(newestWithin(lines, bounds))) {
    const role = line.author === "contact" ? "user" : "assistant";
    const last = messages.at(-1);
    if (last?.role === role) messages[messages.length - 1] = { role, text: `${last.text}\n${line.text}` };
    else if (last !== undefined || role === "user") messages.push({ role, text: line.text });
  }
  return messages;
}

function newestWithin(lines: readonly TranscriptLine[], bounds: ContextBounds): TranscriptLine[] {
  const taken: TranscriptLine[] = [];
  let bytes = 0;
  for (const line of lines.slice(-bounds.linesMax).reverse()) {
    bytes += Buffer.byteLength(line.text);
    if (bytes > bounds.bytesMax) {
      if (taken.length === 0)
        taken.push({ author: line.author, text: cutToBytes(line.text, bounds.bytesMax) });
      break;
    }
    taken.push(line);
  }
  return taken.reverse();
}

/** Moves what this side said last to before the contact's last run of lines. */
function contactLast(lines: readonly TranscriptLine[]): TranscriptLine[] {
  const end = lines.findLastIndex((line) => line.author === "contact") + 1;
  const start = lines.findLastIndex((line, index) => index < end && line.author !== "contact") + 1;
  return [...lines.slice(0, start), ...lines.slice(end), ...lines.slice(start, end)];
}

/** At most that many bytes of UTF-8, whole code points only. */
function cutToBytes(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text).subarray(0, bytesMax);
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes, { stream: true });
}
