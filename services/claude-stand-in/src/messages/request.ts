import { type ApiFault, invalidRequest } from "./fault.ts";

/** What of a `POST /v1/messages` matters to an answer that only repeats: everything else is accepted and ignored. */
export interface MessagesRequest {
  /** `model` as given; names starting with `stand-in/` choose a behaviour (see behavior.ts). */
  readonly model: string;
  /** Most words of the answer: the stand-in counts one word as one token. */
  readonly maxTokens: number;
  /** Whether server-sent events were asked for. */
  readonly isStream: boolean;
  /** Text of the last message with role `user`, its blocks joined by newlines. */
  readonly lastUserText: string;
  /** Whether the last message is the assistant's own: the model is asked to go on where it stopped. */
  readonly isContinuation: boolean;
  /** UTF-8 bytes of all text in `system` and `messages`; the input tokens are made of them. */
  readonly inputBytes: number;
}

interface Turn {
  readonly role: "user" | "assistant";
  readonly text: string;
}

/**
 * Reads the JSON of a request as strictly as the API does where a client could be wrong without noticing: roles, empty
 * text, a first message that is not the user's. Returns the fault to answer with instead of throwing: a bad request is an
 * ordinary event here.
 */
export function parseMessagesRequest(body: string): MessagesRequest | ApiFault {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return invalidRequest("The request body is not valid JSON");
  }
  if (!isRecord(value)) return invalidRequest("The request body must be an object");
  const { model, max_tokens: maxTokens, messages, system, stream } = value;
  if (typeof model !== "string" || model === "") return invalidRequest("model: Field required");
  if (typeof maxTokens !== "number" || !Number.isInteger(maxTokens) || maxTokens < 0) {
    return invalidRequest("max_tokens: Input should be a non-negative integer");
  }
  if (!Array.isArray(messages) || messages.length === 0) {
    return invalidRequest("messages: at least one message is required");
  }
  const turns: Turn[] = [];
  for (const [index, message] of messages.entries()) {
    const turn = parseTurn(message, `messages.${index}`);
    if ("status" in turn) return turn;
    turns.push(turn);
  }
  if (turns[0]?.role !== "user") return invalidRequest("messages: first message must use the user role");
  return {
    model,
    maxTokens,
    isStream: stream === true,
    lastUserText: turns.findLast((turn) => turn.role === "user")?.text ?? "",
    isContinuation: turns.at(-1)?.role === "assistant",
    inputBytes: Buffer.byteLength(textOf(system) + turns.map((turn) => turn.text).join("")),
  };
}

function parseTurn(message: unknown, where: string): Turn | ApiFault {
  if (!isRecord(message)) return invalidRequest(`${where}: Input should be an object`);
  const { role, content } = message;
  if (role !== "user" && role !== "assistant") {
    return invalidRequest(`${where}.role: Input should be 'user' or 'assistant'`);
  }
  if (typeof content !== "string" && !Array.isArray(content)) {
    return invalidRequest(`${where}.content: Input should be a string or a list of blocks`);
  }
  const text = textOf(content);
  if (text.trim() === "") return invalidRequest(`${where}: text content blocks must be non-empty`);
  return { role, text };
}

/** Text of a content value: the string itself, or the text blocks of a list; other blocks say nothing here. */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .flatMap((block: unknown) => (isRecord(block) && typeof block.text === "string" ? [block.text] : []))
    .join("\n");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
