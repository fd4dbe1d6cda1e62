import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "@imesh/time";
import { type Answer, answerTo } from "../messages/answer.ts";
import { type Behavior, behaviorOf } from "../messages/behavior.ts";
import {
  type ApiFault,
  authenticationFault,
  faultBody,
  invalidRequest,
  requestTooLarge,
} from "../messages/fault.ts";
import { type MessagesRequest, parseMessagesRequest } from "../messages/request.ts";
import { closingEvents, contentEvents, errorEvent, messageBody, openingEvents } from "../messages/wire.ts";

/** How long the stand-in pretends to think. */
export interface Pace {
  /** Milliseconds before the first word. */
  readonly firstTokenMs: number;
  /** Milliseconds before each later word. */
  readonly tokenDelayMs: number;
}

/** Bytes of a request body; the API's own bound. A longer one is answered with 413. */
const BODY_BYTES_MAX = 32 * 1024 * 1024;

const TOO_LARGE = requestTooLarge(BODY_BYTES_MAX);

/**
 * One `POST /v1/messages`: checks the headers, reads the body, answers. Resolves when the answer is written; rejects when
 * `signal` aborts (the client went away, or the stand-in stops), which leaves nothing to answer.
 */
export class MessagesHandler {
  readonly #clock: Clock;
  readonly #pace: Pace;
  #messages = 0;

  constructor(clock: Clock, pace: Pace) {
    this.#clock = clock;
    this.#pace = pace;
  }

  async handle(
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
    signal: AbortSignal,
  ): Promise<void> {
    const body = await readBody(request);
    const parsed = headerFault(request) ?? (body.isWhole ? parseMessagesRequest(body.text) : TOO_LARGE);
    if ("status" in parsed) return sendFault(response, parsed, requestId);
    const behavior = behaviorOf(parsed.model, retryCountOf(request));
    if (behavior.kind === "fault") return sendFault(response, behavior.fault, requestId);
    this.#messages += 1;
    const messageId = `msg_stand_in_${this.#messages}`;
    if (!parsed.isStream) return this.#sendWhole(response, { parsed, behavior, messageId }, signal);
    return this.#stream(response, { parsed, behavior, messageId, requestId }, signal);
  }

  async #sendWhole(response: ServerResponse, call: Call, signal: AbortSignal): Promise<void> {
    const answer = answerTo(call.parsed, call.behavior);
    const words = Math.max(0, answer.pieces.length - 1);
    await this.#think(call.behavior, this.#pace.firstTokenMs + words * this.#pace.tokenDelayMs, signal);
    response.writeHead(200, { "content-type": "application/json" }).end(messageBody(answer, call.messageId));
  }

  async #stream(
    response: ServerResponse,
    call: Call & { requestId: string },
    signal: AbortSignal,
  ): Promise<void> {
    const { behavior, messageId } = call;
    const answer: Answer = answerTo(call.parsed, behavior);
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
    });
    await write(response, openingEvents(answer, messageId).join(""), signal);
    await this.#think(behavior, this.#pace.firstTokenMs, signal);
    const events = contentEvents(answer);
    const isBroken = behavior.kind === "fault-midway" || behavior.kind === "cut-midway";
    const said = isBroken ? events.slice(0, Math.ceil(events.length / 2)) : events;
    for (const [index, event] of said.entries()) {
      // The block's opening and its first word come together; the first word's wait has just been waited.
      if (index > 1 && this.#pace.tokenDelayMs > 0) await this.#clock.sleep(this.#pace.tokenDelayMs, signal);
      await write(response, event, signal);
    }
    if (behavior.kind === "cut-midway") return void response.destroy();
    if (behavior.kind === "fault-midway")
      return void response.end(errorEvent(faultBody(behavior.fault, call.requestId)));
    response.end(closingEvents(answer).join(""));
  }

  async #think(behavior: Behavior, paceMs: number, signal: AbortSignal): Promise<void> {
    if (behavior.kind === "silent") await forever(signal);
    const waitMs = paceMs + (behavior.kind === "slow" ? behavior.extraMs : 0);
    if (waitMs > 0) await this.#clock.sleep(waitMs, signal);
  }
}

interface Call {
  readonly parsed: MessagesRequest;
  readonly behavior: Behavior;
  readonly messageId: string;
}

/** Answers with the fault's status and body. */
export function sendFault(response: ServerResponse, fault: ApiFault, requestId: string): void {
  response.writeHead(fault.status, { "content-type": "application/json" }).end(faultBody(fault, requestId));
}

/** A key is there and not obviously wrong: `wrong…` stands for every key that the API would refuse. */
function headerFault(request: IncomingMessage): ApiFault | undefined {
  const bearer = /^Bearer (?<key>\S+)$/.exec(request.headers.authorization ?? "")?.groups?.key;
  const key = bearer ?? request.headers["x-api-key"];
  if (key === undefined || key === "")
    return authenticationFault("x-api-key or Authorization header is required");
  if (key.toString().startsWith("wrong")) return authenticationFault("invalid x-api-key");
  if (request.headers["anthropic-version"] === undefined)
    return invalidRequest("anthropic-version: header is required");
  return undefined;
}

/** Attempts before this one, as the SDK tells them; 0 from other clients. */
function retryCountOf(request: IncomingMessage): number {
  const count = Number(request.headers["x-stainless-retry-count"] ?? "0");
  return Number.isInteger(count) ? count : 0;
}

/** The body as text; not whole when it is longer than allowed (the rest is read and thrown away). */
async function readBody(
  request: IncomingMessage,
): Promise<{ readonly isWhole: boolean; readonly text: string }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= BODY_BYTES_MAX) chunks.push(chunk);
  }
  return { isWhole: bytes <= BODY_BYTES_MAX, text: Buffer.concat(chunks).toString("utf8") };
}

/** Writes and, when the client reads slowly, waits until it has. */
async function write(response: ServerResponse, text: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (!response.write(text)) await once(response, "drain", { signal });
}

/** Never resolves; rejects with the signal's reason. */
function forever(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
