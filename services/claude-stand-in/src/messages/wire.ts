import type { Answer } from "./answer.ts";

/** One server-sent event, ready to be written. */
export type ServerSentEvent = string;

/** The answer as the JSON body of a request without `stream`. */
export function messageBody(answer: Answer, messageId: string): string {
  const text = answer.pieces.join("");
  return JSON.stringify({
    ...messageShell(answer, messageId),
    content: text === "" ? [] : [{ type: "text", text, citations: null }],
    stop_reason: answer.stopReason,
    stop_details: stopDetails(answer),
    usage: usageOf(answer, answer.outputTokens),
  });
}

/** What goes out before the first word: the message without content, and a ping, which clients must skip. */
export function openingEvents(answer: Answer, messageId: string): ServerSentEvent[] {
  const message = {
    ...messageShell(answer, messageId),
    content: [],
    stop_reason: null,
    stop_details: null,
    usage: usageOf(answer, 0),
  };
  return [event("message_start", { message }), event("ping", {})];
}

/** The words: a text block that opens, grows piece by piece and closes. None when nothing is said. */
export function contentEvents(answer: Answer): ServerSentEvent[] {
  if (answer.pieces.length === 0) return [];
  const block = { type: "text", text: "", citations: null };
  return [
    event("content_block_start", { index: 0, content_block: block }),
    ...answer.pieces.map((text) =>
      event("content_block_delta", { index: 0, delta: { type: "text_delta", text } }),
    ),
    event("content_block_stop", { index: 0 }),
  ];
}

/** What ends the stream: why it stopped, what it cost. */
export function closingEvents(answer: Answer): ServerSentEvent[] {
  const delta = {
    container: null,
    stop_reason: answer.stopReason,
    stop_details: stopDetails(answer),
    stop_sequence: null,
  };
  const usage = tokensOf(answer, answer.outputTokens);
  return [event("message_delta", { delta, usage }), event("message_stop", {})];
}

/** An `error` event with the body that an error status would have had. */
export function errorEvent(body: string): ServerSentEvent {
  return `event: error\ndata: ${body}\n\n`;
}

function event(type: string, fields: Record<string, unknown>): ServerSentEvent {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

function messageShell(answer: Answer, messageId: string) {
  return {
    id: messageId,
    type: "message",
    role: "assistant",
    model: answer.model,
    container: null,
    diagnostics: null,
    stop_sequence: null,
  };
}

function stopDetails(answer: Answer) {
  return answer.stopReason === "refusal" ? { type: "refusal", category: null, explanation: null } : null;
}

/** `usage` of a whole message. */
function usageOf(answer: Answer, outputTokens: number) {
  return {
    ...tokensOf(answer, outputTokens),
    cache_creation: null,
    inference_geo: null,
    service_tier: "standard",
    speed: "standard",
  };
}

/** `usage` of a `message_delta`, which has the counts alone. */
function tokensOf(answer: Answer, outputTokens: number) {
  return {
    input_tokens: answer.inputTokens,
    output_tokens: outputTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens_details: null,
    server_tool_use: null,
  };
}
