import assert from "node:assert/strict";
import { copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FakeClock, SeededRandom, temporaryDirectory } from "@imesh/testing";
import type { LogPlace } from "../capture/candidates.ts";
import type { ChangePage } from "../tail/change-source.ts";
import type { ChangeReader, ChangeView } from "./change-reader.ts";
import type { ChangeTail } from "./change-tail.ts";
import { ModelChatDb } from "./fixtures/model-chat-db.ts";
import { RowProgram } from "./fixtures/row-program.ts";
import { type CandidateLists, shown, TestBroker, type TestBrokerOptions } from "./fixtures/test-broker.ts";

/** The end of the process, at a place of the test's choosing. */
class Crash extends Error {
  override readonly name = "Crash";
}

/** Counts down to a crash: at a look at a row, at the end of a read transaction, or after the ledger's. */
class CrashPoint {
  #left = Number.POSITIVE_INFINITY;

  arm(random: SeededRandom): void {
    this.#left = random.integer(1, 12);
  }

  disarm(): void {
    this.#left = Number.POSITIVE_INFINITY;
  }

  pass(): void {
    this.#left -= 1;
    if (this.#left <= 0) throw new Crash("here");
  }
}

/** A reader that passes the crash point at each look and each end. */
class CrashingReader implements ChangeReader {
  readonly #db: ModelChatDb;
  readonly #point: CrashPoint;

  constructor(db: ModelChatDb, point: CrashPoint) {
    this.#db = db;
    this.#point = point;
  }

  read<T>(work: (view: ChangeView) => T): T {
    const result = this.#db.read((view) => {
      const { reader } = view;
      const observe: typeof reader.observe = (rowid, known) => {
        this.#point.pass();
        return reader.observe(rowid, known);
      };
      return work({ ...view, reader: { ...reader, observe } });
    });
    this.#point.pass();
    return result;
  }

  isUnreadable(error: unknown): error is Error {
    return this.#db.isUnreadable(error);
  }
}

/** A consumer that keeps changes and cursor together, now and then, and forgets what it did not keep. */
class Consumer {
  readonly kept: string[] = [];
  #cursor: Uint8Array = new Uint8Array();
  #unkept: string[] = [];
  #tail: ChangeTail | undefined;

  connect(broker: TestBroker): void {
    this.#unkept = [];
    this.#tail = broker.tail(this.#cursor);
    if (this.#cursor.length === 0) this.keep();
  }

  /** Reads some pages, or to the head. */
  read(random: SeededRandom, isToHead: boolean): void {
    assert(this.#tail !== undefined);
    for (let pages = random.integer(0, 3); pages > 0 || isToHead; pages -= 1) {
      if (this.#tail.isAtHead) return;
      const page: ChangePage = this.#tail.read(random.integer(1, 5));
      assert.equal(page.restarted, undefined);
      this.#unkept.push(...shown(page.changes));
      if (random.chance(0.5)) this.keep();
    }
  }

  keep(): void {
    assert(this.#tail !== undefined);
    this.kept.push(...this.#unkept);
    this.#unkept = [];
    this.#cursor = this.#tail.cursor();
  }
}

/** A broker that is killed and comes back, with its log of commits. */
class MortalBroker implements Disposable {
  readonly consumer = new Consumer();
  kills = 0;
  readonly #directory: string;
  readonly #db: ModelChatDb;
  readonly #clock: FakeClock;
  readonly #random: SeededRandom;
  readonly #point = new CrashPoint();
  readonly #options: TestBrokerOptions;
  readonly #commits: CandidateLists[] = [];
  #broker: TestBroker;
  #ledgers = 0;

  constructor(directory: string, db: ModelChatDb, clock: FakeClock, random: SeededRandom) {
    this.#directory = directory;
    this.#db = db;
    this.#clock = clock;
    this.#random = random;
    const point = this.#point;
    this.#options = {
      // So small that slow consumers read from the ledger.
      ring: { itemsMax: 3, bytesMax: 1_000_000 },
      reader: new CrashingReader(db, point),
      afterCommit: () => point.pass(),
    };
    this.#broker = this.#open();
    this.#broker.scanAll();
    this.consumer.connect(this.#broker);
  }

  /** A commit is in the log, and is recorded, whatever happens on the way. */
  commit(lists: CandidateLists): void {
    this.#commits.push(lists);
    this.#survive(() => this.#readLog());
  }

  tend(): void {
    this.#survive(() => this.#broker.tend());
  }

  scan(): void {
    this.#survive(() => this.#broker.scanAll(this.#random.integer(1, 40)));
  }

  /** The file is gone; the database stays. */
  loseLedger(): void {
    this.#broker.kill();
    this.#ledgers += 1;
    this.#broker = this.#open();
    this.#commits.length = 0;
    this.consumer.connect(this.#broker);
  }

  [Symbol.dispose](): void {
    this.#broker[Symbol.dispose]();
  }

  /** Goes on with the files as they lay there at that moment, nothing closed and nothing moved out of the log. */
  #killed(): void {
    this.kills += 1;
    const from = join(this.#directory, this.#fileName());
    this.#ledgers += 1;
    const to = join(this.#directory, this.#fileName());
    for (const suffix of ["", "-wal"]) {
      if (existsSync(`${from}${suffix}`)) copyFileSync(`${from}${suffix}`, `${to}${suffix}`);
    }
    this.#broker.kill();
    this.#broker = this.#open();
  }

  #fileName(): string {
    return `ledger-${this.#ledgers}.db`;
  }

  #open(): TestBroker {
    const fileName = this.#fileName();
    return new TestBroker(this.#directory, this.#db, this.#clock, { ...this.#options, fileName });
  }

  /** From where the ledger says: what is not recorded, and some of what is. */
  #readLog(): void {
    const first = this.#broker.recorder.logPlace?.frames ?? 0;
    for (let index = first; index < this.#commits.length; index += 1) {
      const lists = this.#commits[index] ?? {};
      this.#broker.commit(lists, place(index + 1));
    }
  }

  #survive(work: () => void): void {
    if (this.#random.chance(0.3)) this.#point.arm(this.#random);
    for (;;) {
      try {
        work();
        this.#point.disarm();
        return;
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
        this.#point.disarm();
        this.#killed();
        this.consumer.connect(this.#broker);
        if (this.#random.chance(0.3)) this.#point.arm(this.#random);
        this.#survive(() => this.#readLog());
      }
    }
  }
}

function place(frames: number): LogPlace {
  return { inode: 1n, salt1: 1, salt2: 1, frames, checksum1: 0, checksum2: 0 };
}

/** Changes of each row by itself: between rows the order may be another one. */
function byRow(changes: readonly string[]): Record<string, string[]> {
  const rows: Record<string, string[]> = {};
  for (const change of changes) {
    const [subject, rowid, reason] = change.split(" ");
    const row = `${subject} ${rowid}`;
    rows[row] ??= [];
    rows[row].push(reason ?? "");
  }
  return rows;
}

test("whatever is killed wherever, a consumer keeps each change once, row by row in order: as without a kill", async () => {
  const random = SeededRandom.fromEnvironment("exactly-once");
  let kills = 0;
  for (let round = 0; round < 12; round += 1) {
    await using directory = await temporaryDirectory();
    const db = new ModelChatDb();
    const clock = new FakeClock();
    const program = new RowProgram(db, random);
    for (let left = random.integer(0, 20); left > 0; left -= 1) program.step();
    // The truth: one that sees the same and lives.
    using immortal = TestBroker.settled(directory.path, db, clock, { fileName: "truth.db" });
    using mortal = new MortalBroker(directory.path, db, clock, random);
    for (let step = 0; step < 60; step += 1) {
      const lists = program.step();
      const isMissed = random.chance(0.05);
      const given: CandidateLists = isMissed
        ? { missed: "reset" }
        : { ...lists, doubts: random.chance(0.05) ? ["overflow"] : [] };
      immortal.commit(given);
      mortal.commit(given);
      if (isMissed) {
        immortal.scanAll();
        mortal.scan();
      }
      await clock.advance(random.pick([0, 5, 2_000, 31_000]));
      immortal.tend();
      mortal.tend();
      mortal.consumer.read(random, false);
    }
    mortal.consumer.read(random, true);
    mortal.consumer.keep();
    assert.deepEqual(
      byRow(mortal.consumer.kept),
      byRow(shown(immortal.heard)),
      `round ${round}, seed ${random.seed}`,
    );
    kills += mortal.kills;
  }
  assert(kills > 50, `${kills} kills`);
});

test("whenever the ledger is lost, a consumer hears of each message for the first time once", async () => {
  const random = SeededRandom.fromEnvironment("ledger lost");
  for (let round = 0; round < 12; round += 1) {
    await using directory = await temporaryDirectory();
    const db = new ModelChatDb();
    const clock = new FakeClock();
    const program = new RowProgram(db, random);
    const deleted = new Set<bigint>();
    using mortal = new MortalBroker(directory.path, db, clock, random);
    for (let step = 0; step < 80; step += 1) {
      mortal.commit(program.step());
      for (const [rowid, message] of db.messages) if (message.isRecoverable) deleted.add(rowid);
      if (random.chance(0.05)) mortal.loseLedger();
      if (random.chance(0.5)) mortal.scan();
      await clock.advance(random.pick([0, 5, 2_000, 31_000]));
      mortal.tend();
      mortal.consumer.read(random, false);
    }
    mortal.scan();
    await clock.advance(60_000);
    mortal.tend();
    mortal.consumer.read(random, true);
    mortal.consumer.keep();
    const rows = byRow(mortal.consumer.kept);
    for (const rowid of db.messages.keys()) {
      const reasons = rows[`message ${rowid}`] ?? [];
      const firsts = reasons.filter((reason) => reason === "new" || reason === "unjoined").length;
      // What becomes of a row while the new ledger does not know it is lost with the old one; its first telling is not. But
      // being recovered is what becomes of a row that was deleted before it could be told.
      const isOwed = !deleted.has(rowid);
      assert(firsts <= 1 && (firsts === 1 || !isOwed), `message ${rowid}: ${reasons}, seed ${random.seed}`);
    }
  }
});
