/** The whole path: a contact writes, the agent answers, the answer's row proves the send; nobody answers an echo. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Command, CommandState } from "@imesh/contracts/bridge/v1/command";
import { Direction } from "@imesh/contracts/bridge/v1/event";
import { waitFor } from "@imesh/testing";
import { apartReceipts, Fleet } from "../fleet/fleet.ts";
import { messagesIn } from "../fleet/ground-truth.ts";
import { Recorder } from "../fleet/recorder.ts";

test("a message is answered once, the answer is delivered and proven, and the echo starts nothing", async () => {
  await using fleet = await Fleet.start({ flags: { "messages-simulator": apartReceipts } });
  await using recorder = new Recorder(fleet.socket("mac-bridge"));
  const simulator = fleet.simulator();
  const ownBefore = messagesIn(fleet.chatDbPath, true).length;
  const said = await simulator.call("say", {
    from: "+15550001001",
    text: "Is anybody there?",
    chatGuid: "",
    joinDelay: undefined,
    age: undefined,
  });
  const commands = (): Command[] =>
    recorder.events.flatMap(({ payload }) => (payload?.$case === "command" ? [payload.value] : []));
  await waitFor(() => commands().some(({ state }) => state === CommandState.DELIVERED), {
    deadlineMs: 20_000,
    what: "a delivered command",
  });

  const states = commands().map(({ state }) => state);
  assert.deepEqual(states, [
    CommandState.ACCEPTED,
    CommandState.DISPATCHED,
    CommandState.WRITTEN,
    CommandState.SENT,
    CommandState.DELIVERED,
  ]);
  const [echo, ...others] = recorder.messages(Direction.OWN);
  assert.deepEqual(others, []);
  assert.ok(echo !== undefined);
  assert.equal(echo.event.chat?.guid, said.message?.chatGuid);
  assert.equal(echo.message.requestId, commands()[0]?.requestId);
  assert.match(echo.message.text, /Is anybody there\?/);

  const own = messagesIn(fleet.chatDbPath, true);
  assert.equal(own.length, ownBefore + 1);
  assert.equal(own.at(-1)?.guid, echo.message.guid);
  assert.equal(commands().at(-1)?.messageGuid, echo.message.guid);

  const incoming = recorder.messages(Direction.INCOMING)[0];
  const hops = incoming?.event.hopTimes;
  const inOrder = [hops?.detectedTime, hops?.readTime, hops?.receivedTime, hops?.journaledTime].map(
    (time) => {
      assert.ok(time !== undefined);
      return time.seconds * 1_000_000_000n + BigInt(time.nanos);
    },
  );
  assert.deepEqual(
    inOrder,
    [...inOrder].sort((a, b) => Number(a - b)),
  );
  assert.match(incoming?.event.traceparent ?? "", /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
});

test("an old message that arrives now is recorded as BACKFILL and not answered", async () => {
  await using fleet = await Fleet.start();
  await using recorder = new Recorder(fleet.socket("mac-bridge"));
  const simulator = fleet.simulator();
  const say = async (text: string, ageSeconds: number) =>
    await simulator.call("say", {
      from: "+15550001001",
      text,
      chatGuid: "",
      joinDelay: undefined,
      age: { seconds: BigInt(ageSeconds), nanos: 0 },
    });
  await say("yesterday's news", 86_400);
  await say("today's news", 0);
  await waitFor(() => recorder.messages(Direction.OWN).length > 0, { deadlineMs: 20_000, what: "an answer" });
  const classes = recorder.messages(Direction.INCOMING).map(({ event }) => event.arrivalClass);
  assert.deepEqual(classes, [3, 1]);
  const answers = recorder.messages(Direction.OWN).map(({ message }) => message.text);
  assert.equal(answers.length, 1);
  assert.match(answers[0] ?? "", /today's news/);
});
