import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandState } from "@imesh/contracts/bridge/v1/command";
import { PLAIN } from "../terminal/style.ts";
import {
  answerEvent,
  arrivalEvent,
  commandEvent,
  repliedTurn,
  saidMessage,
} from "../testing/wire-fixtures.ts";
import { type Exchange, openExchange, withEvent, withTurn } from "./exchange.ts";
import { hopTableLines } from "./hop-table.ts";
import { HOPS, hopsOf, stopPointOf, totalMs } from "./hops.ts";

function wholeExchange(): Exchange {
  const asked = withTurn(withEvent(openExchange(saidMessage()), arrivalEvent()), repliedTurn());
  return withEvent(withEvent(asked, answerEvent()), commandEvent(CommandState.DELIVERED));
}

test("hopsOf() gives every hop with its delta, and the deltas add up to the total", () => {
  const hops = hopsOf(wholeExchange());
  assert.deepEqual(
    hops.map((hop) => [hop.name, hop.deltaMs]),
    [
      ["said", 0],
      ["joined", 0.5],
      ["detected", 0.5],
      ["read", 0.5],
      ["received", 0.5],
      ["journaled", 0.25],
      ["agent-received", 0.75],
      ["model-asked", 1],
      ["first-token", 8],
      ["decided", 6],
      ["accepted", 2],
      ["dispatched", 1],
      ["written", 3],
      ["returned", 1],
      ["sent", 5],
      ["delivered", 10],
    ],
  );
  assert.equal(totalMs(hops), 40);
  assert.equal(
    hops.reduce((sum, hop) => sum + hop.deltaMs, 0),
    40,
  );
});

test("hopsOf() puts hops that ran side by side into the order in which they happened", () => {
  const order = hopsOf(wholeExchange()).map((hop) => hop.name);
  assert.ok(order.indexOf("written") < order.indexOf("returned"));
  const causal = HOPS.map((hop) => hop.name as string);
  assert.ok(causal.indexOf("returned") < causal.indexOf("written"));
});

test("hopsOf() leaves out what was not passed", () => {
  const exchange = withEvent(openExchange(saidMessage()), arrivalEvent());
  assert.deepEqual(
    hopsOf(exchange).map((hop) => hop.name),
    ["said", "joined", "detected", "read", "received", "journaled"],
  );
});

test("stopPointOf() names the processes between which an exchange stands still", () => {
  const said = openExchange(saidMessage());
  const arrived = withEvent(said, arrivalEvent());
  const asked = withTurn(arrived, repliedTurn());
  const accepted = withEvent(asked, commandEvent(CommandState.ACCEPTED));
  const written = withEvent(asked, commandEvent(CommandState.WRITTEN));
  assert.deepEqual(
    [said, arrived, asked, accepted, written, wholeExchange()].map((each) => stopPointOf(each)?.description),
    [
      "stopped at messages → lock-broker",
      "stopped at mac-bridge → agent",
      "stopped at agent → mac-bridge",
      "stopped in mac-bridge between accepted and dispatched",
      "stopped in messages between row written and sent",
      undefined,
    ],
  );
});

test("hopTableLines() shows one line for each stretch within a process", () => {
  assert.deepEqual(hopTableLines(hopsOf(wholeExchange()), PLAIN), [
    "  messages     said · joined +0.5 ms",
    "  lock-broker  detected +0.5 ms · read +0.5 ms",
    "  mac-bridge   received +0.5 ms · journaled +0.3 ms",
    "  agent        received +0.8 ms · model asked +1.0 ms",
    "  model        first token +8.0 ms",
    "  agent        decided +6.0 ms",
    "  mac-bridge   accepted +2.0 ms · dispatched +1.0 ms",
    "  messages     row written +3.0 ms",
    "  mac-bridge   osascript returned +1.0 ms",
    "  messages     sent +5.0 ms · delivered +10.0 ms",
    "  total        40.0 ms",
  ]);
});

test("hopTableLines() of nothing is nothing", () => {
  assert.deepEqual(hopTableLines([], PLAIN), []);
});
