import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandState } from "@imesh/contracts/bridge/v1/command";
import { Event } from "@imesh/contracts/bridge/v1/event";
import { WrittenMessage } from "@imesh/contracts/simulator/v1";
import { openExchange, withEvent, withTurn } from "../exchange/exchange.ts";
import { PLAIN } from "../terminal/style.ts";
import {
  answerEvent,
  arrivalEvent,
  at,
  commandEvent,
  repliedTurn,
  saidMessage,
} from "../testing/wire-fixtures.ts";
import { BurstMeter } from "./burst-meter.ts";
import { parseInput } from "./conversation-input.ts";
import { answerLines, bubbleLines, exchangeRecord, failureOf } from "./exchange-view.ts";

test("parseInput() tells texts from commands", () => {
  assert.deepEqual(
    ["", "  ", " hello ", "//tmp is full", "/burst", "/burst 7", "/status", "/help", "/quit", "/q"].map(
      parseInput,
    ),
    [
      { kind: "nothing" },
      { kind: "nothing" },
      { kind: "text", text: "hello" },
      { kind: "text", text: "/tmp is full" },
      { kind: "burst", messages: 20 },
      { kind: "burst", messages: 7 },
      { kind: "status" },
      { kind: "help" },
      { kind: "quit" },
      { kind: "quit" },
    ],
  );
  assert.deepEqual(
    ["/nope", "/burst 0", "/burst x", "/burst 1 2", "/burst 10001"].map((line) => parseInput(line).kind),
    Array(5).fill("unknown"),
  );
});

test("BurstMeter matches what was written with what is durable, whichever is told first", () => {
  const meter = new BurstMeter();
  const written = (index: number) => WrittenMessage.fromPartial({ guid: `m${index}`, joinedTime: at(index) });
  const journaled = (index: number, ms: number) =>
    Event.fromPartial({
      hopTimes: { journaledTime: at(index + ms) },
      payload: { $case: "message", value: { guid: `m${index}` } },
    });
  for (let index = 1; index <= 50; index += 1) {
    meter.addWritten(written(index));
    meter.addEvent(journaled(index, index));
  }
  for (let index = 51; index <= 100; index += 1) {
    meter.addEvent(journaled(index, index));
    meter.addWritten(written(index));
  }
  meter.addWritten(written(101));
  meter.addEvent(commandEvent(CommandState.SENT));
  assert.equal(meter.isDone(100), true);
  assert.equal(meter.isDone(101), false);
  assert.deepEqual(meter.summary, { written: 101, journaled: 100, p50Ms: 50, p99Ms: 99, maxMs: 100 });
});

test("BurstMeter has nothing to say before the first message", () => {
  assert.deepEqual(new BurstMeter().summary, { written: 0, journaled: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 });
});

test("a bubble keeps its line breaks and loses its escape sequences", () => {
  assert.deepEqual(bubbleLines("you", "good", "one\ntwo\u001b[2J", PLAIN), [
    "you       one",
    "          two\ufffd[2J",
  ]);
});

test("an answer is labelled with who gave it", () => {
  const asked = withTurn(withEvent(openExchange(saidMessage()), arrivalEvent()), repliedTurn());
  const answered = withEvent(asked, answerEvent());
  assert.deepEqual(answerLines(answered, "stand-in", PLAIN), ["stand-in  You said: hello"]);
  assert.deepEqual(answerLines(answered, "claude", PLAIN), ["claude    You said: hello"]);
});

test("failureOf() says what was missing and where it stopped", () => {
  const arrived = withEvent(openExchange(saidMessage()), arrivalEvent());
  const answered = withEvent(
    withEvent(withTurn(arrived, repliedTurn()), answerEvent()),
    commandEvent(CommandState.SENT),
  );
  assert.equal(
    failureOf({ exchange: arrived, outcome: { kind: "timed-out" } }, 30_000),
    "no answer within 30 s: stopped at mac-bridge → agent",
  );
  assert.equal(
    failureOf({ exchange: answered, outcome: { kind: "timed-out" } }, 30_000),
    "answered, but not delivered within 30 s: stopped in messages between sent and delivered",
  );
  assert.equal(
    failureOf({ exchange: arrived, outcome: { kind: "failed", reason: "the agent gave no answer (X)" } }, 1),
    "the agent gave no answer (X): stopped at mac-bridge → agent",
  );
});

test("exchangeRecord() has the same keys however the exchange ended", () => {
  const said = openExchange(saidMessage());
  const asked = withTurn(withEvent(said, arrivalEvent()), repliedTurn());
  const whole = withEvent(withEvent(asked, answerEvent()), commandEvent(CommandState.DELIVERED));
  const good = exchangeRecord({ exchange: whole, outcome: { kind: "delivered" } }, "claude", 1_000);
  const bad = exchangeRecord({ exchange: said, outcome: { kind: "timed-out" } }, "claude", 1_000);
  assert.deepEqual(Object.keys(bad), Object.keys(good));
  assert.deepEqual([good.outcome, good.reason, good.totalMs, good.sequence], ["delivered", null, 40, 7n]);
  assert.deepEqual([bad.outcome, bad.answer, bad.sequence], ["timed-out", null, null]);
});
