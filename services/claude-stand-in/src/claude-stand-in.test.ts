/** Over a real socket: with the real SDK as far as it goes, and by hand where the wire itself is looked at. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { StartupError } from "@imesh/lifecycle";
import { temporaryDirectory } from "@imesh/testing";
import { SystemClock } from "@imesh/time";
import { type ClaudeStandIn, startClaudeStandIn } from "./claude-stand-in.ts";
import type { Config } from "./config.ts";

const SAID = "[stand-in for Claude] You said: “hello there”";
const headers = { "x-api-key": "key", "anthropic-version": "2026-10-21" };
const messages = [{ role: "user" as const, content: "hello there" }];

function start(config: Partial<Config> = {}): Promise<ClaudeStandIn> {
  const quick = { host: "127.0.0.1", port: 0, statusFile: null, firstTokenMs: 0, tokenDelayMs: 0 };
  return startClaudeStandIn({ ...quick, ...config }, { clock: new SystemClock(), pid: process.pid });
}

function sdkOf(standIn: ClaudeStandIn, apiKey = "key"): Anthropic {
  return new Anthropic({ apiKey, baseURL: standIn.url, logLevel: "off" });
}

function post(
  standIn: ClaudeStandIn,
  body: unknown,
  given: Record<string, string> = headers,
): Promise<Response> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return fetch(`${standIn.url}/v1/messages`, { method: "POST", headers: given, body: text });
}

test("a stream has the API's events, in its order, labelled as the stand-in's", async () => {
  await using standIn = await start();
  const response = await post(standIn, { model: "m", max_tokens: 50, stream: true, messages });
  assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
  assert.deepEqual(
    [response.headers.get("server"), response.headers.get("request-id")],
    ["imesh-claude-stand-in", "req_stand_in_1"],
  );
  const events = (await response.text())
    .trim()
    .split("\n\n")
    .map((event) => /^event: (\w+)\ndata: (.*)$/.exec(event));
  const types = events.map((event) => event?.[1]);
  assert.deepEqual(
    [types.slice(0, 3), types.slice(-3)],
    [
      ["message_start", "ping", "content_block_start"],
      ["content_block_stop", "message_delta", "message_stop"],
    ],
  );
  assert.ok(events.every((event) => JSON.parse(event?.[2] ?? "").type === event?.[1]));
  const deltas = events
    .filter((event) => event?.[1] === "content_block_delta")
    .map((event) => JSON.parse(event?.[2] ?? "").delta.text);
  assert.equal(deltas.join(""), SAID);
});

test("the SDK reads streamed and whole answers, and they are the same", async () => {
  await using standIn = await start({ tokenDelayMs: 1 });
  const client = sdkOf(standIn);
  const streamed = await client.messages.stream({ model: "m", max_tokens: 50, messages }).finalMessage();
  const whole = await client.messages.create({ model: "m", max_tokens: 50, messages });
  const facts = ({ content, stop_reason, model, usage }: Anthropic.Message) => {
    const text = content.map((block) => (block.type === "text" ? block.text : "")).join("");
    return [text, stop_reason, model, usage.input_tokens, usage.output_tokens];
  };
  assert.deepEqual(facts(streamed), [SAID, "end_turn", "m", 3, 7]);
  assert.deepEqual(facts(whole), facts(streamed));
});

test("it answers to the last thing that the user said, in whatever form", async () => {
  await using standIn = await start();
  const conversation = [
    { role: "user" as const, content: "first" },
    { role: "assistant" as const, content: "yes" },
    {
      role: "user" as const,
      content: [
        { type: "text" as const, text: "one" },
        { type: "text" as const, text: "two" },
      ],
    },
  ];
  const message = await sdkOf(standIn).messages.create({
    model: "m",
    max_tokens: 50,
    messages: conversation,
  });
  assert.deepEqual(
    message.content[0]?.type === "text" && message.content[0].text,
    "[stand-in for Claude] You said: “one\ntwo”",
  );
});

test("max_tokens cuts the answer", async () => {
  await using standIn = await start();
  const message = await sdkOf(standIn).messages.create({ model: "m", max_tokens: 3, messages });
  assert.deepEqual([message.stop_reason, message.usage.output_tokens], ["max_tokens", 3]);
});

test("a client that is overloaded once, or limited once, gets its answer at the retry", async () => {
  await using standIn = await start();
  for (const model of ["stand-in/overloaded-once", "stand-in/rate-limited-once"]) {
    const message = await sdkOf(standIn).messages.stream({ model, max_tokens: 50, messages }).finalMessage();
    assert.equal(message.stop_reason, "end_turn");
  }
});

test("a refusal is a refusal", async () => {
  await using standIn = await start();
  const request = { model: "stand-in/refusal", max_tokens: 50, messages };
  const message = await sdkOf(standIn).messages.stream(request).finalMessage();
  assert.deepEqual([message.stop_reason, message.stop_details?.type], ["refusal", "refusal"]);
});

test("a client that goes away is let go", async () => {
  await using standIn = await start();
  const stream = sdkOf(standIn).messages.stream({ model: "stand-in/silent", max_tokens: 50, messages });
  stream.on("connect", () => stream.abort());
  await assert.rejects(stream.finalMessage(), Anthropic.APIUserAbortError);
});

test("it stops though an answer is under way", async () => {
  const standIn = await start();
  const response = await post(standIn, { model: "stand-in/silent", max_tokens: 5, stream: true, messages });
  await standIn[Symbol.asyncDispose]();
  await assert.rejects(response.text());
});

const refused: readonly [string, unknown, Record<string, string>, number, string][] = [
  ["no key", {}, { "anthropic-version": "1" }, 401, "authentication_error"],
  ["a wrong key", {}, { ...headers, "x-api-key": "wrong-key" }, 401, "authentication_error"],
  [
    "a wrong bearer key",
    {},
    { authorization: "Bearer wrong", "anthropic-version": "1" },
    401,
    "authentication_error",
  ],
  ["no version", {}, { "x-api-key": "key" }, 400, "invalid_request_error"],
  ["no JSON", "{", headers, 400, "invalid_request_error"],
  ["no object", "[]", headers, 400, "invalid_request_error"],
  ["no model", { max_tokens: 1, messages }, headers, 400, "invalid_request_error"],
  ["no max_tokens", { model: "m", messages }, headers, 400, "invalid_request_error"],
  ["no messages", { model: "m", max_tokens: 1, messages: [] }, headers, 400, "invalid_request_error"],
  [
    "an unknown role",
    { model: "m", max_tokens: 1, messages: [{ role: "bot", content: "x" }] },
    headers,
    400,
    "invalid_request_error",
  ],
  [
    "a blank text",
    { model: "m", max_tokens: 1, messages: [{ role: "user", content: " " }] },
    headers,
    400,
    "invalid_request_error",
  ],
  [
    "the assistant first",
    { model: "m", max_tokens: 1, messages: [{ role: "assistant", content: "x" }] },
    headers,
    400,
    "invalid_request_error",
  ],
  ["overload", { model: "stand-in/overloaded", max_tokens: 1, messages }, headers, 529, "overloaded_error"],
  [
    "an unknown model",
    { model: "stand-in/unknown", max_tokens: 1, messages },
    headers,
    404,
    "not_found_error",
  ],
];

for (const [what, body, given, status, type] of refused) {
  test(`${what} is refused in the API's form`, async () => {
    await using standIn = await start();
    const response = await post(standIn, body, given);
    const value = (await response.json()) as {
      type: string;
      error: { type: string; message: string };
      request_id: string;
    };
    assert.deepEqual(
      [response.status, value.type, value.error.type, value.request_id],
      [status, "error", type, "req_stand_in_1"],
    );
    assert.notEqual(value.error.message, "");
  });
}

test("there is a health page and nothing else", async () => {
  await using standIn = await start();
  const health = await fetch(`${standIn.url}/healthz`);
  assert.deepEqual([health.status, await health.text()], [200, "ok\n"]);
  assert.equal((await fetch(`${standIn.url}/v1/models`)).status, 404);
  assert.equal((await fetch(`${standIn.url}/v1/messages`)).status, 404);
});

test("the status file tells where it is", async () => {
  await using directory = await temporaryDirectory();
  await using standIn = await start({ statusFile: directory.file("status.json") });
  const { startedAt, ...status } = JSON.parse(await readFile(directory.file("status.json"), "utf8"));
  assert.match(startedAt, /^\d{4}-.*Z$/);
  assert.deepEqual(status, {
    service: "claude-stand-in",
    pid: process.pid,
    grpc: [],
    metrics: null,
    http: standIn.url,
  });
});

test("a taken port is a passing trouble (75)", async () => {
  await using standIn = await start();
  const port = Number(new URL(standIn.url).port);
  await assert.rejects(start({ port }), (error) => error instanceof StartupError && error.exitCode === 75);
});
