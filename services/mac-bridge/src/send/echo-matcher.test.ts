import assert from "node:assert/strict";
import { test } from "node:test";
import type { CommandRecord } from "../journal/command-record.ts";
import { dispatchedCommand, NOW_UNIX_NS, uncertainCommand } from "../testing/commands.ts";
import { CHAT_GUID } from "../testing/rows.ts";
import { type EchoKind, type EchoRow, matchEcho, normaliseBody } from "./echo-matcher.ts";

const MINUTE_NS = 60_000_000_000n;

function row(facts: Partial<EchoRow> = {}): EchoRow {
  return {
    databaseUid: "UID-1",
    generation: "1:1:0",
    rowid: 11n,
    chatGuids: [CHAT_GUID],
    body: "hello",
    sentUnixNs: NOW_UNIX_NS,
    ...facts,
  };
}

const inFlight = dispatchedCommand(5n, 10n, { text: "hello" });
const inDoubt = uncertainCommand(2n, 4n, { text: "hello" });
const olderInDoubt = uncertainCommand(1n, 3n, { text: "hello" });

const table: readonly {
  readonly name: string;
  readonly row: EchoRow;
  readonly kind?: EchoKind;
  readonly commands: readonly CommandRecord[];
  readonly matches: CommandRecord | null;
}[] = [
  { name: "its own row", row: row(), commands: [inFlight], matches: inFlight },
  { name: "a row at the floor", row: row({ rowid: 10n }), commands: [inFlight], matches: null },
  {
    name: "a row of another chat",
    row: row({ chatGuids: ["any;-;+1999"] }),
    commands: [inFlight],
    matches: null,
  },
  {
    name: "a row joined to two chats",
    row: row({ chatGuids: ["any;-;+1999", CHAT_GUID] }),
    commands: [inFlight],
    matches: inFlight,
  },
  { name: "other words", row: row({ body: "hello!" }), commands: [inFlight], matches: null },
  { name: "a prefix of the words", row: row({ body: "hell" }), commands: [inFlight], matches: null },
  { name: "trimmed words", row: row({ body: " hello\n" }), commands: [inFlight], matches: inFlight },
  { name: "another database", row: row({ databaseUid: "UID-2" }), commands: [inFlight], matches: null },
  { name: "a replaced file", row: row({ generation: "1:2:1" }), commands: [inFlight], matches: null },
  {
    name: "in flight before in doubt",
    row: row(),
    commands: [olderInDoubt, inDoubt, inFlight],
    matches: inFlight,
  },
  {
    name: "in doubt, the oldest first",
    row: row(),
    commands: [inDoubt, olderInDoubt],
    matches: olderInDoubt,
  },
  {
    name: "in doubt when what is in flight says something else",
    row: row(),
    commands: [dispatchedCommand(6n, 10n, { text: "other" }), inDoubt],
    matches: inDoubt,
  },
  { name: "a row without a date", row: row({ sentUnixNs: null }), commands: [inDoubt], matches: inDoubt },
  {
    name: "an old own message that iCloud brings during the flight",
    row: row({ sentUnixNs: NOW_UNIX_NS - 6n * MINUTE_NS }),
    commands: [inFlight],
    matches: null,
  },
  {
    name: "a clock moved to the server's",
    row: row({ sentUnixNs: NOW_UNIX_NS - 2n * MINUTE_NS }),
    commands: [inFlight],
    matches: inFlight,
  },
  {
    name: "in doubt, a day later",
    row: row({ sentUnixNs: NOW_UNIX_NS + 25n * 60n * MINUTE_NS }),
    commands: [inDoubt],
    matches: null,
  },
  { name: "unmarked, in flight", row: row(), kind: "unmarked", commands: [inFlight], matches: inFlight },
  { name: "unmarked, in doubt", row: row(), kind: "unmarked", commands: [inDoubt], matches: null },
  { name: "no commands", row: row(), commands: [], matches: null },
];

for (const { name, row: echo, kind = "own", commands, matches } of table) {
  test(`matchEcho(): ${name} → ${matches === null ? "nothing" : `command ${matches.ordinal}`}`, () => {
    assert.deepEqual(matchEcho(echo, kind, commands), matches);
    assert.deepEqual(matchEcho(echo, kind, [...commands].reverse()), matches);
  });
}

test("matchEcho() compares a text of white space alone as it is, so that it matches no attachment", () => {
  const blank = dispatchedCommand(1n, 0n, { text: "  " });
  assert.equal(matchEcho(row({ body: "" }), "own", [blank]), null);
  assert.equal(matchEcho(row({ body: "  " }), "own", [blank]), blank);
});

test("normaliseBody() levels line breaks, composition and ends, and nothing else", () => {
  assert.equal(normaliseBody("a\r\nb\rc\u2028d\u2029e\u0085f\ng"), "a\nb\nc\nd\ne\nf\ng");
  assert.equal(normaliseBody("e\u0301"), "\u00e9");
  assert.equal(normaliseBody("\n  a  b \t"), "a  b");
  assert.equal(normaliseBody("👩‍👧 A"), "👩‍👧 A");
});
