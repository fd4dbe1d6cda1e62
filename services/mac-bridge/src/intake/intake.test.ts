import assert from "node:assert/strict";
import { test } from "node:test";
import { Event } from "@imesh/contracts/bridge/v1/event";
import { failedPrecondition } from "@imesh/rpc";
import { silentTelemetry } from "@imesh/telemetry";
import { FakeClock, SeededRandom, temporaryDirectory } from "@imesh/testing";
import { Journal } from "../journal/journal.ts";
import { JournalError } from "../journal/journal-error.ts";
import type { JournalStore } from "../journal/journal-store.ts";
import { openJournal } from "../testing/journals.ts";
import { MacWorld } from "../testing/mac-world.ts";
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
