import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import { EXIT_CODES, StartupError } from "@imesh/lifecycle";
import { temporaryDirectory } from "@imesh/testing";
import Database from "better-sqlite3";
import { arrivalOf, JOURNAL } from "../testing/arrivals.ts";
import type { Turn } from "../turn/turn.ts";
import { AgentStore } from "./store.ts";
import type { ThinkingFacts } from "./turn-table.ts";

const OTHER_JOURNAL = "22222222-2222-4222-8222-222222222222";
const facts: ThinkingFacts = { model: "m", inputTokens: 7, outputTokens: 5, firstTokenUnixNs: 30n };
const decision = { parts: ["hello", "there"], requestId: "agent/j/3/0" };
const messages = [arrivalOf({ sequence: 3n }), arrivalOf({ sequence: 4n, author: "own", isAnswered: false })];
const turn: Turn = {
  chatGuid: "chat-a",
  journalId: JOURNAL,
  firstSequence: 3n,
  lastSequence: 3n,
  sequences: [3n, 4n],
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  isLive: true,
  receivedUnixNs: 1_003n,
};

async function withStore(work: (store: AgentStore, path: string) => void | Promise<void>): Promise<void> {
  await using directory = await temporaryDirectory();
  const path = directory.file("agent.db");
  using store = AgentStore.open(path);
  await work(store, path);
}

function failsWith(exitCode: number, message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof StartupError);
    assert.equal(error.exitCode, exitCode);
    assert.match(error.message, message);
    return true;
  };
}

test("a turn passes its steps, each seen from outside", () =>
  withStore((store) => {
    const opened = store.openTurn(turn, messages, 20n);
    const thinking = {
      turnNumber: 1n,
      journalId: JOURNAL,
      firstSequence: 3n,
      lastSequence: 3n,
      chatGuid: "chat-a",
      state: "thinking",
      model: "",
      requestId: "",
      reason: "",
      receivedUnixNs: 1_003n,
      startedUnixNs: 20n,
      firstTokenUnixNs: null,
      decidedUnixNs: null,
      endedUnixNs: null,
      inputTokens: 0n,
      outputTokens: 0n,
    };
    assert.deepEqual(opened, thinking);
    const replying = {
      ...thinking,
      state: "replying",
      model: "m",
      requestId: "agent/j/3/0",
      firstTokenUnixNs: 30n,
      decidedUnixNs: 40n,
      inputTokens: 7n,
      outputTokens: 5n,
    };
    assert.deepEqual(store.decideTurn(turn, decision, facts, 40n), replying);
    const replied = { ...replying, state: "replied", endedUnixNs: 50n };
    assert.deepEqual(store.closeTurn(turn, { kind: "replied" }, null, null, 50n), replied);
    assert.deepEqual(store.listTurns(null, 10), [replied]);
    assert.deepEqual(store.openTurns(), []);
  }));

test("recoverTurns() gives back what a stop left open, decided or not", async () => {
  await using directory = await temporaryDirectory();
  const path = directory.file("agent.db");
  const other = {
    ...turn,
    chatGuid: "chat-b",
    firstSequence: 5n,
    lastSequence: 5n,
    sequences: [5n],
    isLive: false,
  };
  {
    using store = AgentStore.open(path);
    store.openTurn(turn, messages, 20n);
    store.openTurn(other, [arrivalOf({ sequence: 5n, chatGuid: "chat-b" })], 21n);
    store.decideTurn(turn, decision, facts, 40n);
  }
  using store = AgentStore.open(path);
  assert.deepEqual(store.recoverTurns(), [
    { turn, decision: { parts: ["hello", "there"] } },
    { turn: other, decision: null },
  ]);
});

test("a decision never changes, whoever tries (I10)", () =>
  withStore((store, path) => {
    store.openTurn(turn, messages, 20n);
    store.decideTurn(turn, decision, facts, 40n);
    assert.throws(
      () => store.decideTurn(turn, { ...decision, parts: ["other"] }, facts, 41n),
      /decided once/,
    );
    store[Symbol.dispose]();
    const database = new Database(path);
    const change = database.prepare("UPDATE turns SET reply_parts = '[\"other\"]'");
    assert.throws(() => change.run(), /a decision does not change/);
    database.close();
  }));

test("an event stands in one conversation once", () =>
  withStore((store) => {
    store.recordArrivals([arrivalOf({ sequence: 1n })], null, 10n);
    assert.throws(() => store.recordArrivals([arrivalOf({ sequence: 1n })], null, 11n), /UNIQUE/);
  }));

test("openTurn() leaves nothing behind when a part of it fails", () =>
  withStore((store) => {
    store.recordArrivals([arrivalOf({ sequence: 4n })], null, 10n);
    assert.throws(() => store.openTurn(turn, messages, 20n), /UNIQUE/);
    assert.deepEqual([store.openTurns(), store.conversation("chat-a", 9).length], [[], 1]);
  }));

test("the cursor moves with what finished its events, and never falls (I6)", () =>
  withStore((store) => {
    assert.equal(store.cursor(), null);
    store.beginJournal({ journalId: JOURNAL, finishedSequence: 2n }, 10n);
    store.openTurn(turn, messages, 20n);
    const cursor = { journalId: JOURNAL, finishedSequence: 4n };
    store.closeTurn(turn, { kind: "failed", reason: "MODEL_UNREACHABLE" }, facts, cursor, 50n);
    assert.deepEqual(store.cursor(), cursor);
    assert.throws(() => store.moveCursor({ journalId: JOURNAL, finishedSequence: 3n }, 60n), /does not fall/);
  }));

test("beginJournal() goes on in another journal; what finishes in the one before moves nothing", () =>
  withStore((store) => {
    store.beginJournal({ journalId: JOURNAL, finishedSequence: 2n }, 10n);
    store.beginJournal({ journalId: OTHER_JOURNAL, finishedSequence: 1n }, 20n);
    store.moveCursor({ journalId: JOURNAL, finishedSequence: 9n }, 30n);
    assert.deepEqual(store.cursor(), { journalId: OTHER_JOURNAL, finishedSequence: 1n });
  }));

test("writtenAfter() tells which events come again and how far their turns are", () =>
  withStore((store) => {
    store.recordArrivals([arrivalOf({ sequence: 1n }), arrivalOf({ sequence: 6n })], null, 10n);
    store.openTurn(turn, messages, 20n);
    assert.deepEqual(store.writtenAfter({ journalId: JOURNAL, finishedSequence: 1n }), [
      { sequence: 3n, turnState: "thinking" },
      { sequence: 4n, turnState: "thinking" },
      { sequence: 6n, turnState: null },
    ]);
    assert.deepEqual(store.writtenAfter({ journalId: OTHER_JOURNAL, finishedSequence: 0n }), []);
  }));

test("conversation() has what was said in the order in which it was taken up, newest kept", () =>
  withStore((store) => {
    store.openTurn(turn, messages, 20n);
    store.decideTurn(turn, decision, facts, 40n);
    store.recordArrivals(
      [arrivalOf({ sequence: 9n }), arrivalOf({ sequence: 10n, chatGuid: "chat-b" })],
      null,
      50n,
    );
    assert.deepEqual(store.conversation("chat-a", 3), [
      { author: "own", text: "text 4" },
      { author: "agent", text: "hello\nthere" },
      { author: "contact", text: "text 9" },
    ]);
  }));

test("closeTurn() keeps from the model what the contact never got", () =>
  withStore((store) => {
    store.openTurn(turn, messages, 20n);
    store.decideTurn(turn, decision, facts, 40n);
    store.closeTurn(turn, { kind: "failed", reason: "INVALID_ARGUMENT" }, null, null, 50n);
    assert.deepEqual(
      store.conversation("chat-a", 9).map((line) => line.author),
      ["contact", "own"],
    );
  }));

test("closeTurn() keeps a turn that the model refused from it altogether", () =>
  withStore((store) => {
    store.openTurn(turn, messages, 20n);
    store.closeTurn(turn, { kind: "failed", reason: "MODEL_REFUSED" }, facts, null, 50n);
    assert.deepEqual(store.conversation("chat-a", 9), []);
  }));

test("listTurns() pages from the newest", () =>
  withStore((store) => {
    for (const sequence of [1n, 2n, 3n]) {
      const one = { ...turn, firstSequence: sequence, lastSequence: sequence, sequences: [sequence] };
      store.openTurn(one, [arrivalOf({ sequence })], 20n);
    }
    const numbers = (before: bigint | null) => store.listTurns(before, 2).map((record) => record.turnNumber);
    assert.deepEqual([numbers(null), numbers(2n), numbers(1n)], [[3n, 2n], [1n], []]);
  }));

test("hasMessage() knows a message by its guid", () =>
  withStore((store) => {
    store.recordArrivals([arrivalOf({ sequence: 1n, messageGuid: "known" })], null, 10n);
    assert.deepEqual([store.hasMessage("known"), store.hasMessage("other")], [true, false]);
  }));

test("open() refuses a store that another agent has (75)", () =>
  withStore((_store, path) => {
    assert.throws(() => AgentStore.open(path), failsWith(EXIT_CODES.temporary, /\(in use\)/));
  }));

test("open() refuses files that are not its own (78) and paths that cannot be (73)", async () => {
  await using directory = await temporaryDirectory();
  const foreign = new Database(directory.file("foreign.db"));
  foreign.exec("CREATE TABLE t (a)");
  foreign.close();
  await writeFile(directory.file("text.db"), "no database, but long enough to have a header".repeat(9));
  const later = directory.file("later.db");
  AgentStore.open(later)[Symbol.dispose]();
  const database = new Database(later);
  database.pragma("user_version = 99");
  database.close();
  const { configuration, cannotCreate } = EXIT_CODES;
  assert.throws(
    () => AgentStore.open(directory.file("foreign.db")),
    failsWith(configuration, /another program's/),
  );
  assert.throws(
    () => AgentStore.open(directory.file("text.db")),
    failsWith(configuration, /no SQLite database/),
  );
  assert.throws(() => AgentStore.open(later), failsWith(configuration, /schema version 99/));
  assert.throws(
    () => AgentStore.open(directory.file("no/such/dir.db")),
    failsWith(cannotCreate, /cannot be made/),
  );
});
