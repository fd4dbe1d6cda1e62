import assert from "node:assert/strict";
import { test } from "node:test";
import { Event } from "@imesh/contracts/bridge/v1/event";
import { ChatChangeReason, RowBatch, RowReason } from "@imesh/contracts/broker/v1";
import { failedPrecondition } from "@imesh/rpc";
import { silentTelemetry } from "@imesh/telemetry";
import { FakeClock, SeededRandom, temporaryDirectory } from "@imesh/testing";
import { Journal } from "../journal/journal.ts";
import { JournalError } from "../journal/journal-error.ts";
import type { JournalStore } from "../journal/journal-store.ts";
import { openJournal } from "../testing/journals.ts";
import { MacWorld } from "../testing/mac-world.ts";
import { CHAT_GUID, wireChat, wireRow } from "../testing/rows.ts";
import { Intake, type IntakePorts } from "./intake.ts";

function intakeOf(
  journal: Journal,
  clock: FakeClock,
  ports: Pick<IntakePorts, "openTail" | "onLink">,
): Intake {
  const { logger: log, tracer } = silentTelemetry();
  const random = new SeededRandom(3);
  return new Intake({ journal, clock, random, log, tracer, ...ports }, { liveAgeMsMax: 60_000 });
}

test("while the disk is full nothing is lost; when there is room, every row is there once and in order", async () => {
  await using directory = await temporaryDirectory();
  const clock = new FakeClock();
  using opened = openJournal(directory.file("journal.db"), { clock });
  let isFull = false;
  const store: JournalStore = new Proxy(opened.store as JournalStore, {
    get: (target, name) => {
      if (name === "append" && isFull) {
        return () => {
          throw new JournalError("append to", "disk-full", "SQLITE_FULL", undefined);
        };
      }
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const journal = new Journal(store, clock);
  const world = new MacWorld(new SeededRandom(5), clock);
  const links: string[] = [];
  await using intake = intakeOf(journal, clock, {
    openTail: (cursor, attempt) => world.tail(cursor, attempt.signal),
    onLink: (link) => links.push(link),
  });
  for (let index = 0; index < 5; index += 1) world.say(`before ${index}`);
  await clock.advance(100);
  assert.equal(journal.head, 5n);
  assert.equal(intake.link, "live");
  assert.equal(intake.databaseHeadRowid, 5n);
  isFull = true;
  for (let index = 0; index < 20; index += 1) world.say(`during ${index}`);
  await clock.advance(120_000);
  assert.equal(journal.head, 5n);
  assert.equal(journal.fault?.code, "disk-full");
  assert.notEqual(links.at(-1), "live");
  isFull = false;
  await clock.advance(6_000);
  assert.equal(journal.fault, null);
  assert.equal(intake.link, "live");
  const events = journal.read({ afterSequence: 0n, itemsMax: 100, bytesMax: 10_000_000 });
  assert.deepEqual(
    events.map(({ payload }) => Event.decode(payload).source?.messageRowid),
    Array.from({ length: 25 }, (_, index) => BigInt(index + 1)),
  );
});

test("a cursor that lock-broker does not know is asked with again, never given up for the end or the start", async () => {
  await using directory = await temporaryDirectory();
  const clock = new FakeClock();
  using opened = openJournal(directory.file("journal.db"), { clock });
  opened.journal.append({ cursor: { cursor: Buffer.from("foreign"), seenUnixNs: null } });
  const asked: string[] = [];
  await using intake = intakeOf(opened.journal, clock, {
    openTail: (cursor) => {
      asked.push(Buffer.from(cursor).toString());
      throw failedPrecondition({ reason: "CURSOR_INVALID", message: "Cannot read cursor: (test)" });
    },
    onLink: () => {},
  });
  await clock.advance(60_000);
  assert.ok(asked.length > 5);
  assert.deepEqual(new Set(asked), new Set(["foreign"]));
  assert.equal(intake.link, "disconnected");
});

test("an expired cursor is given up for the present end, once and loudly; what came before is kept", async () => {
  await using directory = await temporaryDirectory();
  const clock = new FakeClock();
  using opened = openJournal(directory.file("journal.db"), { clock });
  opened.journal.append({ cursor: { cursor: Buffer.from("old"), seenUnixNs: 5n } });
  const world = new MacWorld(new SeededRandom(5), clock);
  const expired = failedPrecondition({ reason: "CURSOR_EXPIRED", message: "Cannot read cursor: (test)" });
  const asked: string[] = [];
  let isHeadRefused = true;
  const errors: unknown[] = [];
  const { logger, tracer } = silentTelemetry();
  const log = { ...logger, error: (fields: Record<string, unknown>) => errors.push(fields.event) };
  await using intake = new Intake(
    {
      journal: opened.journal,
      clock,
      random: new SeededRandom(3),
      log: log as unknown as typeof logger,
      tracer,
      openTail: (cursor, attempt) => {
        asked.push(Buffer.from(cursor).toString());
        if (isHeadRefused) throw expired;
        return world.tail(cursor, attempt.signal);
      },
      onLink: () => {},
    },
    { liveAgeMsMax: 60_000 },
  );
  await clock.advance(9_000);
  // An empty cursor that is refused is asked with again, at the pace of the back-off.
  assert.equal(asked[0], "old");
  assert.deepEqual(new Set(asked.slice(1)), new Set([""]));
  assert.ok(asked.length > 2 && asked.length < 100, `${asked.length} attempts`);
  assert.deepEqual(errors, ["broker-cursor-expired"]);
  assert.deepEqual(opened.journal.state.sourceCursor(), { cursor: Buffer.alloc(0), seenUnixNs: 5n });
  isHeadRefused = false;
  await clock.advance(6_000);
  assert.equal(intake.link, "live");
  world.say("after");
  await clock.advance(10);
  assert.equal(opened.journal.head, 1n);
});

test("changes that are read again are one event each, and a later one another", async () => {
  await using directory = await temporaryDirectory();
  const clock = new FakeClock();
  using opened = openJournal(directory.file("journal.db"), { clock });
  const edit = (sequence: bigint, text: string) =>
    wireRow({ rowid: 7n, reason: RowReason.CONTENT, sequence, text, chatGuid: null });
  const sent = (sequence: bigint) =>
    wireRow({ rowid: 8n, reason: RowReason.STATUS, sequence, isFromMe: true, isSent: true });
  const rename = { sequence: 4n, reason: ChatChangeReason.NAME, chat: wireChat(CHAT_GUID), participants: [] };
  const batches: Partial<RowBatch>[] = [
    { rows: [edit(2n, "one"), sent(3n)], chatChanges: [rename] },
    // A crash of the broker: the end of its log comes again, with a little more, and part of it under other numbers.
    { rows: [edit(2n, "one"), sent(4n), edit(5n, "two")], chatChanges: [rename] },
  ];
  await using _intake = intakeOf(opened.journal, clock, {
    openTail: async function* (_cursor, attempt) {
      for (const [index, batch] of batches.entries()) {
        const nextCursor = Buffer.from([index]);
        const value = { ...RowBatch.fromPartial({}), ...batch, nextCursor };
        yield { frame: { $case: "batch", value } };
      }
      await clock.sleep(1_000_000, attempt.signal);
    },
    onLink: () => {},
  });
  await clock.advance(10);
  const events = opened.journal.read({ afterSequence: 0n, itemsMax: 100, bytesMax: 10_000_000 });
  assert.deepEqual(
    events.map(({ payload }) => Event.decode(payload).payload?.$case),
    ["messageUpdate", "messageStatus", "chatUpdate", "messageUpdate"],
  );
});

test("a broker that falls silent is dropped after 15 s, and what it said last dates the next catch-up", async () => {
  await using directory = await temporaryDirectory();
  const clock = new FakeClock();
  using opened = openJournal(directory.file("journal.db"), { clock });
  const world = new MacWorld(new SeededRandom(5), clock);
  let opens = 0;
  await using intake = intakeOf(opened.journal, clock, {
    openTail: (cursor, attempt) => {
      opens += 1;
      return world.tail(cursor, attempt.signal);
    },
    onLink: () => {},
  });
  await clock.advance(10);
  // A heartbeat alone says that the head is reached.
  assert.equal(intake.link, "live");
  const firstWord = clock.wallUnixNs();
  assert.equal(opens, 1);
  // The world sends no heartbeats of its own.
  await clock.advance(14_000);
  assert.equal(opens, 1);
  await clock.advance(3_000);
  assert.equal(opens, 2);
  assert.ok((intake.frameUnixNs ?? 0n) > firstWord);
  const { seenUnixNs } = opened.journal.state.sourceCursor();
  assert.ok(seenUnixNs !== null && seenUnixNs <= firstWord + 20_000_000_000n);
});
