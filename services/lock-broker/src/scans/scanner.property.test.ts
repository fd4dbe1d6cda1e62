import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { Signal } from "@imesh/flow";
import { FakeClock, SeededRandom } from "@imesh/testing";
import type { ScanReason } from "../changes/scan-plan.ts";
import { ModelDatabase, ModelRecorder, TABLES, type Table } from "./fixtures/model-scan.ts";
import { Scanner } from "./scanner.ts";

const RUNS = 150;
const REASONS: readonly ScanReason[] = ["start", "reset", "joins", "memberships", "emptied"];

/** A database that changes under a scan whose pages come late, fail, and end early. */
class World {
  readonly clock = new FakeClock();
  readonly database = new ModelDatabase();
  readonly recorder = new ModelRecorder(this.database);
  readonly random: SeededRandom;
  readonly #wanted = new Signal();
  #scanner: Scanner;
  #version = 1;
  missed = 0;

  constructor(random: SeededRandom) {
    this.random = random;
    for (const table of TABLES) {
      for (let left = random.integer(0, 40); left > 0; left -= 1) this.#put(table, this.#anyRowid());
    }
    this.recorder.lookupsMax = random.pick([1, 3, 1_000]);
    this.database.pageRowsMax = random.pick([1, 4, 1_000]);
    this.database.respond = async (page, signal) => {
      await this.clock.sleep(random.integer(0, 8), signal);
      if (random.chance(0.1)) throw new Error("chat.db is busy");
      return page;
    };
    this.recorder.beforeRecord = () => {
      if (random.chance(0.05)) throw new Error("the disk is full");
    };
    if (random.chance(0.7)) this.recorder.baseline();
    else for (const table of TABLES) this.#know(table);
    this.#scanner = this.start();
  }

  start(): Scanner {
    const log = () => {};
    const { database: reads, recorder, clock, random } = this;
    const scanner = new Scanner(
      {
        reads,
        recorder,
        clock,
        random,
        wanted: this.#wanted,
        counters: { begun: log },
        log: { debug: log, info: log, warn: log, error: log, fatal: log },
      },
      { pageRowsMax: random.integer(1, 20), reconcileMs: 1_000_000_000 },
    );
    void scanner.start();
    return scanner;
  }

  /** One commit, and what capture makes of it: noticed in a moment, or missed and said so. */
  async commit(): Promise<void> {
    const { random, recorder, clock } = this;
    const table = random.pick(TABLES);
    const rowids = Array.from({ length: random.integer(1, 3) }, () => this.#anyRowid());
    for (const rowid of rowids) {
      if (random.chance(0.35)) this.database.tables[table].delete(rowid);
      else this.#put(table, rowid);
    }
    const isMissed = random.chance(0.15);
    const reason = random.pick(REASONS);
    clock.setTimer(random.integer(0, 5), () => {
      if (!isMissed) {
        for (const rowid of rowids) recorder.capture(table, rowid);
        return;
      }
      this.missed += 1;
      recorder.owe(reason, random.chance(0.5) ? TABLES : [table]);
      this.#wanted.notify();
    });
    if (random.chance(0.05)) {
      await this.#scanner[Symbol.asyncDispose]();
      this.#scanner = this.start();
    }
    await clock.advance(random.integer(0, 10));
  }

  /** Until nothing is owed; the failures have back-offs of up to half a minute. */
  async settle(): Promise<void> {
    this.database.pageRowsMax = 1_000;
    for (let left = 400; left > 0 && (left > 399 || this.#scanner.isScanning); left -= 1) {
      await this.clock.advance(10_000);
    }
    equal(this.#scanner.isScanning, false);
    equal(this.recorder.nextScanRange(), undefined);
    await this.#scanner[Symbol.asyncDispose]();
    equal(this.clock.timersPending, 0);
  }

  #anyRowid(): bigint {
    return BigInt(this.random.integer(1, 60));
  }

  #put(table: Table, rowid: bigint): void {
    this.#version += 1;
    this.database.tables[table].set(rowid, this.#version);
  }

  #know(table: Table): void {
    for (const [rowid, version] of this.database.tables[table])
      this.recorder.known[table].set(rowid, version);
  }
}

test("whatever commits come under a scan, missed or not: in the end all is known as it is, and each change once", async () => {
  const random = SeededRandom.fromEnvironment("scans among commits");
  let told = 0;
  let missed = 0;
  for (let run = 0; run < RUNS; run += 1) {
    const world = new World(random);
    for (let left = random.integer(0, 40); left > 0; left -= 1) await world.commit();
    await world.settle();
    const { recorder, database } = world;
    for (const table of TABLES) {
      const known = [...recorder.known[table]].sort(([left], [right]) => Number(left - right));
      const stored = [...database.tables[table]].sort(([left], [right]) => Number(left - right));
      deepEqual(known, stored, `run ${run}, ${table}`);
    }
    const last = new Map<string, number | undefined>();
    for (const { table, rowid, version } of recorder.learned) {
      const row = `${table} ${rowid}`;
      ok(!last.has(row) || last.get(row) !== version, `run ${run}: ${row} learned twice`);
      // A version above the last one: what is older was never taken for news.
      const before = last.get(row);
      ok(
        before === undefined || version === undefined || version > before,
        `run ${run}: ${row} learned late`,
      );
      last.set(row, version);
    }
    told += recorder.told.length;
    missed += world.missed;
  }
  ok(told > RUNS && missed > RUNS, `${told} told, ${missed} missed`);
});
