import assert from "node:assert/strict";
import { test } from "node:test";
import { TurnState } from "@imesh/contracts/agent/v1";
import { CommandState } from "@imesh/contracts/bridge/v1/command";
import { SeededRandom } from "@imesh/testing";
import {
  answerEvent,
  arrivalEvent,
  commandEvent,
  repliedTurn,
  saidMessage,
} from "../testing/wire-fixtures.ts";
import { type Exchange, outcomeOf } from "./exchange.ts";
import { ExchangeBook } from "./exchange-book.ts";
import { hopsOf } from "./hops.ts";

/** Everything that is reported of one exchange; what a stream reports stays in its order. */
function reports(book: ExchangeBook): (() => void)[][] {
  return [
    [() => void book.open(saidMessage())],
    [() => book.addTurn(repliedTurn())],
    [
      () => book.addEvent(arrivalEvent()),
      () => book.addEvent(commandEvent(CommandState.ACCEPTED)),
      () => book.addEvent(commandEvent(CommandState.DISPATCHED)),
      () => book.addEvent(answerEvent()),
      () => book.addEvent(commandEvent(CommandState.DELIVERED)),
    ],
  ];
}

test("whatever stream reports first, the exchange ends the same", () => {
  const random = SeededRandom.fromEnvironment("exchange-book");
  for (let round = 0; round < 200; round += 1) {
    let last: Exchange | undefined;
    const book = new ExchangeBook((exchange) => {
      last = exchange;
    });
    const streams = reports(book);
    while (streams.some((stream) => stream.length > 0)) {
      random.pick(streams.filter((stream) => stream.length > 0)).shift()?.();
    }
    assert.ok(last !== undefined);
    assert.equal(outcomeOf(last).kind, "delivered");
    assert.equal(hopsOf(last).length, 16);
    assert.equal(last.answer?.text, "You said: hello");
    assert.equal(book.openCount, 0);
  }
});

test("a failed turn ends the exchange with the agent's reason", () => {
  const book = new ExchangeBook(() => {});
  book.addEvent(arrivalEvent());
  book.addTurn(repliedTurn(TurnState.FAILED));
  assert.deepEqual(outcomeOf(book.open(saidMessage())), {
    kind: "failed",
    reason: "the agent gave no answer (MODEL_UNAVAILABLE)",
  });
});

test("a refused reply ends the exchange with the bridge's reason", () => {
  const book = new ExchangeBook(() => {});
  book.addEvent(arrivalEvent());
  book.addTurn(repliedTurn());
  book.addEvent(commandEvent(CommandState.REFUSED));
  assert.deepEqual(outcomeOf(book.open(saidMessage())), {
    kind: "failed",
    reason: "the reply is refused (CHAT_NOT_FOUND -1728: Messages knows no such chat)",
  });
});

test("a turn of another chat or another journal is not this exchange's", () => {
  const book = new ExchangeBook(() => {});
  book.addEvent(arrivalEvent());
  book.addTurn({ ...repliedTurn(), chatGuid: "any;-;+15550000000" });
  book.addTurn({ ...repliedTurn(), turnId: "another-journal/6" });
  assert.equal(book.open(saidMessage()).turn, undefined);
});

test("close() gives the last state once", () => {
  const book = new ExchangeBook(() => {});
  book.open(saidMessage());
  book.addEvent(arrivalEvent());
  assert.equal(book.close("IN-1")?.arrival?.sequence, 7n);
  assert.equal(book.close("IN-1"), undefined);
});
