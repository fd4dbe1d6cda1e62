import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { SeededRandom, temporaryDirectory, waitFor } from "@imesh/testing";
import { SystemClock } from "@imesh/time";
import BetterSqlite3 from "better-sqlite3";
import { CommitWatcher } from "../commits/commit-watcher.ts";
import { ChatDbWriter } from "../fixtures/chat-db-writer.ts";
import { LogCapture } from "./log-capture.ts";
import { WalFile } from "./log-file.ts";
import { LogProbe } from "./log-probe.ts";

const QUIET = { debug() {}, info() {}, warn() {}, error() {}, fatal() {} };
const COUNTERS = { detected() {}, hints() {}, emptyProbes() {} };

/** The broker's reading side, on a database that another process writes: what it knows of each message is what it looked up. */
function follow(path: string) {
  const db = new BetterSqlite3(path, { readonly: true });
  const clock = new SystemClock();
  const log = new WalFile(path);
  const known = new Map<bigint, string>();
  const textOf = db
    .prepare<[bigint], string>("SELECT coalesce(text, '') FROM message WHERE rowid = ?")
    .pluck();
  const count = (table: string) => (db.pragma(`table_info(${table})`) as unknown[]).length;
  const capture = new LogCapture({
    log,
    clock,
    shapes: () => ({
      columns: {
        message: count("message"),
        chat: count("chat"),
        attachment: count("attachment"),
        chat_message_join: count("chat_message_join"),
      },
      usableBytes: Number(db.pragma("page_size", { simple: true })),
      hasPointerMap: false,
      schemaVersion: Number(db.pragma("schema_version", { simple: true })),
      messageRecords: undefined,
      messageKeyWidths: [],
      roots: new Map(),
    }),
  });
  const noop = db.prepare("PRAGMA wal_checkpoint(NOOP)");
  let asks = 0;
  const database = {
    isReplaced: () => false,
    reopen: () => {},
    visibleFrames: () => {
      asks += 1;
      return (noop.get() as { readonly log: number }).log;
    },
    faultOf: () => undefined,
  };
  const probe = new LogProbe({ capture, log, database, clock }, { pollMs: 5 });
  const random = { next: () => 0.5, uuid: () => "" };
  const watcher = new CommitWatcher(
    { probe, hints: undefined, clock, random, counters: COUNTERS, log: QUIET },
    { pollMs: 5 },
  );
  let missed = 0;
  watcher.subscribe(() => {
    const step = capture.take();
    if (step === undefined) return;
    if (step.candidates.missed !== undefined) missed += 1;
    db.transaction(() => {
      for (const rowid of step.candidates.messages) {
        const text = textOf.get(rowid);
        if (text === undefined) known.delete(rowid);
        else known.set(rowid, text);
      }
    })();
  });
  capture.begin(undefined);
  watcher.start();
  return {
    known,
    capture,
    probe,
    get asks() {
      return asks;
    },
    get missed() {
      return missed;
    },
    [Symbol.dispose]: () => {
      watcher[Symbol.dispose]();
      capture[Symbol.dispose]();
      db.close();
    },
  };
}

test("knows every row as it is while another process writes, is killed, and writes on", async () => {
  const random = SeededRandom.fromEnvironment("writer process");
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "chat.db");
  const expected = new Map<bigint, string>();
  await using stack = new AsyncDisposableStack();
  let writer = stack.use(ChatDbWriter.start());
  await writer.create(path);
  using reader = follow(path);
  for (let round = 0; round < 400; round += 1) {
    const rowids = [...expected.keys()];
    const text = "x".repeat(random.integer(1, random.pick([10, 200, 9_000])));
    if (rowids.length < 5 || random.chance(0.4)) {
      expected.set(await writer.insert({ text }), text);
    } else {
      const rowid = random.pick(rowids);
      await writer.update(rowid, { text });
      expected.set(rowid, text);
    }
    // Each commit is known before long, not only the last one.
    if (random.chance(0.1))
      await waitFor(() => sameTexts(reader.known, expected), { deadlineMs: 10_000, what: `round ${round}` });
    if (random.chance(0.02)) {
      await writer[Symbol.asyncDispose]();
      writer = stack.use(ChatDbWriter.start());
      await writer.open(path);
    }
  }
  await waitFor(() => sameTexts(reader.known, expected), { deadlineMs: 10_000, what: "all rows" });
  assert.equal(reader.missed, 1, "nothing but the start was missed");
  const { commits } = reader.capture.statistics;
  assert(commits >= 400, `${commits} commits`);
  // One question a commit, and a few more where it was hidden or its writer was killed.
  assert(reader.asks < 3 * commits, `${reader.asks} questions for ${commits} commits`);
});

function sameTexts(known: ReadonlyMap<bigint, string>, expected: ReadonlyMap<bigint, string>): boolean {
  return [...expected].every(([rowid, text]) => known.get(rowid) === text);
}
