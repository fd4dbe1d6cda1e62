/** The real SDK against the stand-in, each test with a model name that chooses what it does. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type TemporaryDirectory, temporaryDirectory } from "@imesh/testing";
import { deadlineSignal, SystemClock } from "@imesh/time";
import { ServiceProcess } from "../testing/processes.ts";
import { AnthropicModel, type AnthropicModelOptions } from "./anthropic-model.ts";
import { ModelError, type ModelReply, type Prompt } from "./model.ts";

const SAID = "[stand-in for Claude] You said: “hello there”";
const prompt: Prompt = { system: "be kind", messages: [{ role: "user", text: "hello there" }] };
let directory: TemporaryDirectory;
let standIn: ServiceProcess;
let endpoint: string;

before(async () => {
  directory = await temporaryDirectory();
  standIn = new ServiceProcess("claude-stand-in", [], directory.file("stand-in.json"));
  endpoint = (await standIn.ready()).http ?? "";
});

after(async () => {
  await standIn[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

async function ask(
  model: string,
  options: Partial<AnthropicModelOptions> & { deadlineMs?: number } = {},
): Promise<{ reply: ModelReply; firstTokens: number }> {
  const { deadlineMs = 20_000, ...given } = options;
  const claude = new AnthropicModel({ model, apiKey: "key", endpoint, maxTokens: 100, ...given });
  using deadline = deadlineSignal(new SystemClock(), deadlineMs);
  let firstTokens = 0;
  const onFirstToken = () => {
    firstTokens += 1;
  };
  const reply = await claude.reply(prompt, { signal: deadline.signal, onFirstToken });
  return { reply, firstTokens };
}

async function fault(model: string, options: Parameters<typeof ask>[1] = {}): Promise<unknown> {
  try {
    await ask(model, options);
  } catch (error) {
    assert.ok(error instanceof ModelError, String(error));
    return { fault: error.fault, status: error.status, apiType: error.apiType };
  }
  throw new assert.AssertionError({ message: "it answered" });
}

test("reply() streams an answer with its tokens, and tells of the first one once", async () => {
  assert.deepEqual(await ask("any-model"), {
    reply: {
      text: SAID,
      stopReason: "end_turn",
      usage: { inputTokens: 5, outputTokens: 7, cacheReadTokens: 0, cacheWriteTokens: 0 },
      model: "any-model",
    },
    firstTokens: 1,
  });
});

for (const model of ["stand-in/overloaded-once", "stand-in/rate-limited-once"]) {
  test(`reply() tries again where the API asks for it: ${model}`, async () => {
    assert.equal((await ask(model)).reply.text, SAID);
  });
}

test("reply() says why the model stopped", async () => {
  const stopped = async (model: string, options = {}) => {
    const { reply } = await ask(model, options);
    return [reply.stopReason, reply.text];
  };
  assert.deepEqual(await stopped("stand-in/refusal"), ["refusal", "[stand-in for"]);
  assert.deepEqual(await stopped("stand-in/context-exceeded"), ["model_context_window_exceeded", ""]);
  assert.deepEqual(await stopped("stand-in/empty"), ["end_turn", ""]);
  assert.deepEqual(await stopped("any-model", { maxTokens: 3 }), ["max_tokens", "[stand-in for Claude]"]);
});

test("reply() asks an answer that was paused to go on, and gives it whole", async () => {
  const { reply, firstTokens } = await ask("stand-in/pause");
  assert.deepEqual(
    [reply.text, reply.stopReason, reply.usage.outputTokens, firstTokens],
    [SAID, "end_turn", 7, 1],
  );
});

test("reply() tells the world's failures apart", async () => {
  const wrongKey = { fault: "authentication-failed", status: 401, apiType: "authentication_error" };
  assert.deepEqual(await fault("any-model", { apiKey: "wrong-key" }), wrongKey);
  const unknown = { fault: "request-refused", status: 404, apiType: "not_found_error" };
  assert.deepEqual(await fault("stand-in/unknown"), unknown);
  const midway = { fault: "overloaded", status: null, apiType: "overloaded_error" };
  assert.deepEqual(await fault("stand-in/overloaded-midway"), midway);
  const cut = { fault: "unreachable", status: null, apiType: null };
  assert.deepEqual(await fault("stand-in/cut-midway"), cut);
});

test("reply() gives up on trouble that does not pass", async () => {
  const [overloaded, broken, down] = await Promise.all([
    fault("stand-in/overloaded"),
    fault("stand-in/internal-error"),
    fault("any-model", { endpoint: "http://127.0.0.1:1" }),
  ]);
  assert.deepEqual(overloaded, { fault: "overloaded", status: 529, apiType: "overloaded_error" });
  assert.deepEqual(broken, { fault: "api-failed", status: 500, apiType: "api_error" });
  assert.deepEqual(down, { fault: "unreachable", status: null, apiType: null });
});

for (const model of ["stand-in/silent", "stand-in/slow-5000ms", "stand-in/overloaded"]) {
  test(`reply() ends with the caller's reason when it is aborted: ${model}`, async () => {
    await assert.rejects(ask(model, { deadlineMs: 100 }), { name: "DeadlineError" });
  });
}
