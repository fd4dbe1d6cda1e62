import type { Behavior } from "./behavior.ts";
import type { MessagesRequest } from "./request.ts";

/** Put in front of every answer, so that nobody who sees one takes it for the model's. */
export const ANSWER_LABEL = "[stand-in for Claude]";

/** Why the API stopped, as far as the stand-in ever says. */
export type StopReason =
  | "end_turn"
  | "max_tokens"
  | "refusal"
  | "pause_turn"
  | "model_context_window_exceeded";

/** What is said, decided before the first byte goes out. The same request gives the same answer. */
export interface Answer {
  readonly model: string;
  /** The text in the pieces that are streamed, one word each; empty when nothing is said. */
  readonly pieces: readonly string[];
  readonly stopReason: StopReason;
  /** A token for every four bytes of text, at least 1. */
  readonly inputTokens: number;
  /** A token for every piece. */
  readonly outputTokens: number;
}

/** Longest part of the user's text that is said back, in UTF-16 units; a test with long texts needs no long answers. */
const ECHO_LENGTH_MAX = 500;

const BYTES_PER_TOKEN = 4;

/** The answer to `request`. `behavior` matters where it says that something else than the whole text is sent. */
export function answerTo(request: MessagesRequest, behavior: Behavior): Answer {
  const whole = piecesOf(`${ANSWER_LABEL} You said: “${shortened(request.lastUserText)}”`);
  const { pieces, stopReason } = shapeOf(whole, request, behavior);
  const isCut = pieces.length > request.maxTokens;
  const said = isCut ? pieces.slice(0, request.maxTokens) : pieces;
  return {
    model: request.model,
    pieces: said,
    stopReason: isCut ? "max_tokens" : stopReason,
    inputTokens: Math.max(1, Math.ceil(request.inputBytes / BYTES_PER_TOKEN)),
    outputTokens: said.length,
  };
}

function shapeOf(
  whole: readonly string[],
  request: MessagesRequest,
  behavior: Behavior,
): Pick<Answer, "pieces" | "stopReason"> {
  const middle = Math.ceil(whole.length / 2);
  switch (behavior.kind) {
    case "refusal":
      return { pieces: whole.slice(0, 2), stopReason: "refusal" };
    case "pause":
      return request.isContinuation
        ? { pieces: whole.slice(middle), stopReason: "end_turn" }
        : { pieces: whole.slice(0, middle), stopReason: "pause_turn" };
    case "context-exceeded":
      return { pieces: [], stopReason: "model_context_window_exceeded" };
    case "empty":
      return { pieces: [], stopReason: "end_turn" };
    default:
      return { pieces: whole, stopReason: "end_turn" };
  }
}

/** Words, each with the white space before it, so that joined they are the text again. */
function piecesOf(text: string): string[] {
  return text.match(/\s*\S+/g) ?? [];
}

/** Cut at a whole code point, so that no half of a surrogate pair goes out. */
function shortened(text: string): string {
  if (text.length <= ECHO_LENGTH_MAX) return text;
  const end = /[\uD800-\uDBFF]/.test(text.charAt(ECHO_LENGTH_MAX - 1))
    ? ECHO_LENGTH_MAX - 1
    : ECHO_LENGTH_MAX;
  return `${text.slice(0, end)}…`;
}
