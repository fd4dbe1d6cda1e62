import assert from "node:assert/strict";
import { test } from "node:test";
import { TurnState } from "@imesh/contracts/agent/v1";
import { ArrivalClass, ChatStyle } from "@imesh/contracts/bridge/v1/event";
import { invalidArgument, RpcError, unavailable } from "@imesh/rpc";
import { ModelError } from "./model/model.ts";
import { AgentRig } from "./testing/agent-rig.ts";
import { JOURNAL } from "./testing/arrivals.ts";
import { replyOf, silence } from "./testing/scripted-model.ts";

const chat = "iMessage;-;+15550100";
const OTHER_JOURNAL = "22222222-2222-4222-8222-222222222222";

test("a live message is answered once, in its chat, under a key made of positions", async () => {
  await using rig = await AgentRig.start();
  rig.bridge.append({ chat, text: "hello" });
  await rig.bubbles(1);
  await rig.finished();
  assert.deepEqual(rig.bridge.accepted, [
    { requestId: `agent/${JOURNAL}/1/0`, chatGuid: chat, text: "You said: hello" },
  ]);
  const [turn] = await rig.turns();
  assert.ok(turn !== undefined);
  const { times, ...facts } = turn;
  assert.deepEqual(facts, {
    turnId: `${JOURNAL}/1`,
    chatGuid: chat,
    firstSequence: 1n,
    lastSequence: 1n,
    state: TurnState.REPLIED,
    model: "scripted-1",
    requestId: `agent/${JOURNAL}/1/0`,
    reason: "",
    usage: { inputTokens: 10n, outputTokens: 4n },
  });
  assert.ok(Object.values(times ?? {}).every((time) => time !== undefined));
  const { recorded } = rig.telemetry;
  assert.equal(recorded.value("agentTurns", { outcome: "replied" }), 1);
  assert.equal(recorded.value("agentReplyDuration"), 1);
});

test("the first start begins at the head: what was said before is not answered", async () => {
  await using rig = await AgentRig.start();
  await rig.stopAgent();
  assert.deepEqual(rig.bridge.subscriptions[0]?.start, { $case: "fromHead", value: true });
  rig.bridge.append({ chat, text: "while away" });
  await rig.startAgent();
  assert.deepEqual(await rig.bubbles(1), ["You said: while away"]);
  const second = rig.bridge.subscriptions.at(-1);
  assert.deepEqual(
    [second?.start, second?.journalId, second?.consumer],
    [{ $case: "afterSequence", value: 0n }, JOURNAL, "agent"],
  );
});

test("only live messages of others in direct chats are answered; what people write is context", async () => {
  await using rig = await AgentRig.start();
  rig.bridge.append({ chat, text: "older", arrivalClass: ArrivalClass.CATCH_UP });
  rig.bridge.append({ chat, text: "ancient", arrivalClass: ArrivalClass.BACKFILL });
  rig.bridge.append({ chat, text: "from my phone", direction: "own" });
  rig.bridge.append({ chat: "group", text: "to all", style: ChatStyle.GROUP });
  rig.bridge.append({ chat, text: "now" });
  await rig.bubbles(1);
  await rig.finished();
  assert.deepEqual(rig.model.prompts[0]?.messages, [
    { role: "user", text: "older" },
    { role: "assistant", text: "from my phone" },
    { role: "user", text: "now" },
  ]);
  assert.equal(rig.bridge.accepted.length, 1);
  const ignored = (reason: "own_message" | "not_live" | "policy") =>
    rig.telemetry.recorded.value("agentEventsIgnored", { reason });
  // The own message, and our own reply coming back.
  assert.deepEqual([ignored("own_message"), ignored("not_live"), ignored("policy")], [2, 2, 1]);
});

test("the conversation goes on: the model sees its own words once", async () => {
  await using rig = await AgentRig.start();
  rig.bridge.append({ chat, text: "one" });
  await rig.bubbles(1);
  await rig.finished();
  rig.bridge.append({ chat, text: "two" });
  await rig.bubbles(2);
  assert.deepEqual(rig.model.prompts[1]?.messages, [
    { role: "user", text: "one" },
    { role: "assistant", text: "You said: one" },
    { role: "user", text: "two" },
  ]);
});

test("what arrives while the model works is the next turn, as one", async () => {
  await using rig = await AgentRig.start();
  const first = Promise.withResolvers<ReturnType<typeof replyOf>>();
  rig.model.answer = () => first.promise;
  rig.bridge.append({ chat, text: "one" });
  await rig.until("the model to be asked", () => rig.model.prompts.length === 1);
  for (const text of ["two", "three"]) rig.bridge.append({ chat, text });
  await rig.until("all to have arrived", () => rig.telemetry.recorded.value("agentEventsReceived") === 3);
  rig.model.answer = (prompt) => replyOf(`to ${prompt.messages.at(-1)?.text.replace("\n", " and ")}`);
  first.resolve(replyOf("to one"));
  assert.deepEqual(await rig.bubbles(2), ["to one", "to two and three"]);
});

test("a lost stream, a drained and a restarted bridge cost nothing", async () => {
  await using rig = await AgentRig.start();
  rig.bridge.cutStreams();
  rig.bridge.append({ chat, text: "one" });
  await rig.bubbles(1);
  await rig.bridge.stop();
  rig.bridge.append({ chat, text: "two" });
  await rig.startBridge();
  assert.deepEqual(await rig.bubbles(2), ["You said: one", "You said: two"]);
  await rig.finished();
  assert.ok((rig.telemetry.recorded.value("agentReconnects") ?? 0) >= 2);
});

test("another journal is followed from its head, and the change is kept", async () => {
  await using rig = await AgentRig.start();
  rig.bridge.append({ chat, text: "one" });
  await rig.bubbles(1);
  rig.bridge.replaceJournal(OTHER_JOURNAL);
  await rig.until("the new journal", async () => (await rig.status()).journalId === OTHER_JOURNAL);
  rig.bridge.append({ chat, text: "two" });
  await rig.bubbles(2);
  assert.equal(rig.bridge.accepted[1]?.requestId, `agent/${OTHER_JOURNAL}/1/0`);
  await rig.finished();
});

test("a journal shorter than the cursor is nothing to go on from: the agent waits for a person", async () => {
  await using rig = await AgentRig.start();
  rig.bridge.append({ chat, text: "one" });
  await rig.finished();
  await rig.stopAgent();
  rig.bridge.replaceJournal(JOURNAL);
  const before = rig.bridge.subscriptions.length;
  await rig.startAgent();
  await rig.until("two attempts", () => rig.bridge.subscriptions.length >= before + 2);
  const { connected, finishedSequence } = await rig.status();
  assert.deepEqual([connected, finishedSequence > 0n], [false, true]);
});

test("a reply that mac-bridge cannot take now is offered until it can, under the same key", async () => {
  await using rig = await AgentRig.start();
  const { bridge } = rig;
  const later = unavailable({ reason: "NOT_NOW", message: "Cannot send: not now" });
  bridge.beforeSend = () => (bridge.attempts.length < 3 ? later : undefined);
  bridge.afterSend = () => (bridge.attempts.length < 5 ? later : undefined);
  bridge.append({ chat, text: "hello" });
  await rig.until("the turn to end", async () => (await rig.turns())[0]?.state === TurnState.REPLIED);
  assert.equal(bridge.accepted.length, 1);
  assert.equal(new Set(bridge.attempts.map((attempt) => JSON.stringify(attempt))).size, 1);
  assert.equal(bridge.attempts.length, 5);
});

test("a reply that mac-bridge refuses ends the turn with its reason, and the model does not see it again", async () => {
  await using rig = await AgentRig.start();
  rig.bridge.beforeSend = () => invalidArgument([{ field: "chat_guid", description: "must exist" }]);
  rig.bridge.append({ chat, text: "one" });
  await rig.until("the turn to end", async () => (await rig.turns())[0]?.state === TurnState.FAILED);
  assert.equal((await rig.turns())[0]?.reason, "INVALID_ARGUMENT");
  rig.bridge.beforeSend = () => undefined;
  rig.bridge.append({ chat, text: "two" });
  await rig.bubbles(1);
  assert.deepEqual(rig.model.prompts[1]?.messages, [{ role: "user", text: "one\ntwo" }]);
});

test("a model that fails ends the turn without a bubble; the next message is answered with all before it", async () => {
  await using rig = await AgentRig.start();
  rig.model.answer = () => {
    throw new ModelError("unreachable");
  };
  rig.bridge.append({ chat, text: "one" });
  await rig.until("the turn to end", async () => (await rig.turns())[0]?.reason === "MODEL_UNREACHABLE");
  rig.model.answer = (prompt) => replyOf(`to ${prompt.messages.at(-1)?.text}`);
  rig.bridge.append({ chat, text: "two" });
  assert.deepEqual(await rig.bubbles(1), ["to one\ntwo"]);
  assert.equal(rig.telemetry.recorded.value("agentTurns", { outcome: "failed" }), 1);
});

test("a model that does not answer in time is given up", async () => {
  await using rig = await AgentRig.start({ modelDeadlineMs: 50 });
  rig.model.answer = silence;
  rig.bridge.append({ chat, text: "one" });
  await rig.until("the turn to end", async () => (await rig.turns())[0]?.reason === "MODEL_TIMED_OUT");
  assert.deepEqual(rig.bridge.accepted, []);
});

test("a long reply goes out in parts, in order, each with its own key", async () => {
  await using rig = await AgentRig.start();
  rig.model.answer = () => replyOf(`${"a".repeat(15_000)}\n${"b".repeat(15_000)}`);
  rig.bridge.append({ chat, text: "tell me" });
  const texts = await rig.bubbles(2);
  assert.deepEqual(
    texts.map((text) => text.slice(0, 1) + text.length),
    ["a15000", "b15000"],
  );
  assert.deepEqual(
    rig.bridge.accepted.map(({ requestId }) => requestId),
    [`agent/${JOURNAL}/1/0`, `agent/${JOURNAL}/1/1`],
  );
});

test("a stop while the model works leaves the turn open, and the next start asks again", async () => {
  await using rig = await AgentRig.start();
  rig.model.answer = silence;
  rig.bridge.append({ chat, text: "one" });
  await rig.until("the model to be asked", () => rig.model.prompts.length === 1);
  await rig.stopAgent();
  assert.deepEqual(rig.bridge.accepted, []);
  rig.model.answer = () => replyOf("here I am");
  await rig.startAgent();
  assert.deepEqual(await rig.bubbles(1), ["here I am"]);
  await rig.finished();
  assert.deepEqual((await rig.turns()).length, 1);
});

test("a stop between decision and acceptance sends what was decided, and never asks again (I10)", async () => {
  await using rig = await AgentRig.start();
  rig.bridge.beforeSend = () => unavailable({ reason: "NOT_NOW", message: "Cannot send: not now" });
  rig.bridge.append({ chat, text: "one" });
  await rig.until("an attempt", () => rig.bridge.attempts.length > 0);
  await rig.stopAgent();
  rig.bridge.beforeSend = () => undefined;
  rig.model.answer = () => replyOf("another thought");
  await rig.startAgent();
  assert.deepEqual(await rig.bubbles(1), ["You said: one"]);
  await rig.finished();
  assert.equal(rig.model.prompts.length, 1);
  const [turn] = await rig.turns();
  assert.deepEqual(
    [turn?.state, turn?.model, turn?.usage?.inputTokens],
    [TurnState.REPLIED, "scripted-1", 10n],
  );
});

test("WatchTurns shows the turns under way, then every change", async () => {
  await using rig = await AgentRig.start();
  const answer = Promise.withResolvers<ReturnType<typeof replyOf>>();
  rig.model.answer = () => answer.promise;
  rig.bridge.append({ chat, text: "one" });
  await rig.until("the model to be asked", () => rig.model.prompts.length === 1);
  const states: TurnState[] = [];
  for await (const { frame } of rig.client.stream("watchTurns", {})) {
    if (frame?.$case === "turn") states.push(frame.value.state);
    if (states.length === 1) answer.resolve(replyOf("hi"));
    if (states.length === 3) break;
  }
  assert.deepEqual(states, [TurnState.THINKING, TurnState.REPLYING, TurnState.REPLIED]);
});

test("ListTurns pages, and refuses tokens that are none", async () => {
  await using rig = await AgentRig.start();
  for (const [index, text] of ["one", "two", "three"].entries()) {
    rig.bridge.append({ chat, text });
    await rig.bubbles(index + 1);
    await rig.finished();
  }
  const first = await rig.client.call("listTurns", { pageSize: 2, pageToken: "" });
  const second = await rig.client.call("listTurns", { pageSize: 2, pageToken: first.nextPageToken });
  const ids = [first, second].map(({ turns }) => turns.map(({ turnId }) => turnId.slice(JOURNAL.length)));
  assert.deepEqual([ids, second.nextPageToken], [[["/5", "/3"], ["/1"]], ""]);
  for (const pageToken of ["!", "MA", Buffer.from("9".repeat(30)).toString("base64url")]) {
    await assert.rejects(rig.client.call("listTurns", { pageSize: 2, pageToken }), (error) => {
      assert.ok(error instanceof RpcError);
      return error.code === "INVALID_ARGUMENT" && error.reason === "PAGE_TOKEN_INVALID";
    });
  }
});

test("GetStatus tells where the agent is and what it thinks with", async () => {
  await using rig = await AgentRig.start();
  rig.bridge.append({ chat, text: "one" });
  await rig.bubbles(1);
  await rig.finished();
  assert.deepEqual(await rig.status(), {
    journalId: JOURNAL,
    finishedSequence: 2n,
    openTurns: 0,
    connected: true,
    model: "scripted",
    modelEndpoint: "127.0.0.1:1",
  });
});
