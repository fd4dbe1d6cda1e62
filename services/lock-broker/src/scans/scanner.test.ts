import { deepEqual, equal, rejects } from "node:assert/strict";
import { test } from "node:test";
import { Signal } from "@imesh/flow";
import { FakeClock, SeededRandom } from "@imesh/testing";
import { LedgerError } from "../changes/ledger-error.ts";
import type { ScanReason } from "../changes/scan-plan.ts";
import { ModelDatabase, ModelRecorder } from "./fixtures/model-scan.ts";
import { Scanner, type ScannerOptions } from "./scanner.ts";

/** A scanner on a model, with everything it says. */
class Stage implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly database = new ModelDatabase();
  readonly recorder = new ModelRecorder(this.database);
  readonly wanted = new Signal();
  readonly begun: ScanReason[] = [];
  readonly logged: object[] = [];
  ended: Promise<void> = Promise.resolve();
  #scanner: Scanner | undefined;

  start(options: Partial<ScannerOptions> = {}): Scanner {
    const log = (fields: object) => void this.logged.push(fields);
    this.#scanner = new Scanner(
      {
        reads: this.database,
        recorder: this.recorder,
        wanted: this.wanted,
        counters: { begun: (reason) => void this.begun.push(reason) },
        clock: this.clock,
        random: new SeededRandom(1),
        log: { debug: log, info: log, warn: log, error: log, fatal: log },
      },
      { reconcileMs: 24 * 3_600_000, ...options },
    );
    this.ended = this.#scanner.start();
    return this.#scanner;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scanner?.[Symbol.asyncDispose]();
    equal(this.clock.timersPending, 0);
  }

  /** Messages 1 to `count`, each of version 1. */
  fill(count: number): void {
    for (let rowid = 1; rowid <= count; rowid += 1) this.database.tables.message.set(BigInt(rowid), 1);
  }

  /** All rows are known as they are. */
  know(): void {
    for (const [rowid, version] of this.database.tables.message)
      this.recorder.known.message.set(rowid, version);
  }
}

test("a baseline takes what is there without telling, in pages, with bodies decoded, and says so", async () => {
  await using stage = new Stage();
  stage.fill(5);
  stage.recorder.baseline();
  const scanner = stage.start({ pageRowsMax: 2 });
  await stage.clock.advance(0);
  deepEqual(stage.recorder.told, []);
  deepEqual(stage.recorder.known, stage.database.tables);
  deepEqual(
    stage.database.requests.filter(({ table }) => table === "message").map(({ rowid }) => rowid),
    [5n, 0n, 2n, 4n],
  );
  deepEqual(
    new Set(stage.database.requests.map(({ content, limit }) => `${content} ${limit}`)),
    new Set(["true 2"]),
  );
  deepEqual(stage.begun, ["baseline"]);
  deepEqual(stage.logged, [
    { event: "scan-started", reason: "baseline" },
    { event: "scan-ended", reasons: ["baseline"], pages: 6, rows: 5, changes: 0, durationMs: 0 },
  ]);
  equal(scanner.isScanning, false);
});

test("rows beyond a range's end are not of its page, and the range is then looked through", async () => {
  await using stage = new Stage();
  stage.fill(4);
  stage.recorder.plan = {
    baseline: undefined,
    ranges: [{ table: "message", after: 1n, through: 3n, reason: "reset" }],
    overflows: [],
    cutUnixMs: undefined,
    span: 2n,
  };
  stage.start();
  await stage.clock.advance(0);
  deepEqual(
    stage.recorder.pages.map(({ prints, through }) => [prints.map(({ rowid }) => rowid), through]),
    [[[2n, 3n], undefined]],
  );
  deepEqual(
    stage.recorder.told.map(({ rowid }) => rowid),
    [2n, 3n],
  );
  deepEqual(stage.begun, ["reset"]);
  deepEqual(
    stage.database.requests.map(({ content }) => content),
    [false],
  );
});

test("idle, nothing is read until something is owed and the scanner woken", async () => {
  await using stage = new Stage();
  stage.fill(3);
  stage.know();
  stage.start();
  await stage.clock.advance(60_000);
  deepEqual(stage.database.requests, []);
  stage.database.tables.message.set(2n, 2);
  stage.database.tables.message.delete(3n);
  stage.recorder.owe("overflow");
  stage.wanted.notify();
  await stage.clock.advance(0);
  deepEqual(
    stage.recorder.told,
    [
      { table: "message", rowid: 3n, version: undefined },
      { table: "message", rowid: 2n, version: 2 },
    ].sort((left, right) => Number(left.rowid - right.rowid)),
  );
});

test("what is asked for while a page is read makes that page stale: it is read again", async () => {
  await using stage = new Stage();
  stage.fill(2);
  stage.know();
  stage.recorder.owe("start");
  const first = Promise.withResolvers<void>();
  let pages = 0;
  stage.database.respond = async (page) => {
    pages += 1;
    if (pages === 1) await first.promise;
    return page;
  };
  stage.start();
  await stage.clock.advance(0);
  // The page that is out has seen row 1 before this, unnoticed by capture.
  stage.database.tables.message.set(1n, 7);
  stage.recorder.owe("reset");
  first.resolve();
  await stage.clock.advance(0);
  deepEqual(stage.recorder.told, [{ table: "message", rowid: 1n, version: 7 }]);
  deepEqual(stage.begun, ["start", "reset"]);
});

test("the rest of a page is recorded after a turn of the event loop", async () => {
  await using stage = new Stage();
  stage.fill(3);
  stage.recorder.lookupsMax = 1;
  stage.recorder.owe("reset", ["message"]);
  const turns: number[] = [];
  stage.recorder.beforeRecord = () => void turns.push(stage.clock.timersPending);
  stage.start();
  await stage.clock.advance(0);
  deepEqual(
    stage.recorder.told.map(({ rowid }) => rowid),
    [1n, 2n, 3n],
  );
  deepEqual(
    stage.recorder.pages.map(({ prints }) => prints.length),
    [3, 2, 1, 0],
  );
  equal(stage.database.requests.length, 2);
});

test("a failure backs off and goes on where it was", async () => {
  await using stage = new Stage();
  stage.fill(4);
  stage.recorder.owe("reset", ["message"]);
  let failures = 0;
  stage.database.respond = (page) => {
    const { rowid } = stage.database.requests.at(-1) ?? {};
    if (rowid !== 2n || failures === 3) return Promise.resolve(page);
    failures += 1;
    return Promise.reject(new Error("chat.db is busy"));
  };
  stage.start({ pageRowsMax: 2 });
  await stage.clock.advance(0);
  deepEqual([failures, stage.recorder.told.length], [1, 2]);
  await stage.clock.advance(60_000);
  deepEqual([failures, stage.recorder.told.length], [3, 4]);
  deepEqual(stage.recorder.nextScanRange(), undefined);
});

test("pages that are refused without another plan, and empty ones that are not the last, are tried less and less often", async () => {
  for (const trouble of ["refused", "empty-page"] as const) {
    await using stage = new Stage();
    stage.fill(3);
    stage.recorder.owe("moved", ["message"]);
    if (trouble === "refused") stage.database.uid = "another";
    else stage.database.pageRowsMax = 0;
    stage.start();
    await stage.clock.advance(0);
    equal(stage.database.requests.length, 1);
    await stage.clock.advance(600_000);
    const tries = stage.database.requests.length;
    equal(tries > 20 && tries < 200, true, `${tries} tries`);
    const last = stage.logged.at(-1) as { event: string; error: { code: string } };
    deepEqual([last.event, last.error.code], ["loop-step-failed", trouble]);
    stage.database.uid = "database";
    stage.database.pageRowsMax = 1;
    await stage.clock.advance(30_000);
    equal(stage.recorder.told.length, 3);
  }
});

test("a damaged ledger ends the scanner, another failure of it does not", async () => {
  const stage = new Stage();
  stage.fill(1);
  stage.recorder.owe("reset");
  const ended = new LedgerError("write", "corrupt", "SQLITE_CORRUPT", undefined);
  const faults = [new LedgerError("write", "disk-full", "SQLITE_FULL", undefined), ended];
  stage.recorder.beforeRecord = () => {
    throw faults.shift() ?? new Error("asked again");
  };
  stage.start();
  const end = rejects(stage.ended, { name: "UnrecoverableError", cause: ended });
  await stage.clock.advance(60_000);
  await end;
  deepEqual(faults, []);
  await stage[Symbol.asyncDispose]();
});

test("a routine look is planned when due, only after a commit, and not into what is owed", async () => {
  await using stage = new Stage();
  stage.fill(2);
  stage.know();
  const scanner = stage.start({ reconcileMs: 1_000 });
  await stage.clock.advance(5_000);
  equal(stage.recorder.reconciles, 0);
  scanner.committed();
  await stage.clock.advance(999);
  equal(stage.recorder.reconciles, 0);
  await stage.clock.advance(1);
  equal(stage.recorder.reconciles, 1);
  await stage.clock.advance(10_000);
  equal(stage.recorder.reconciles, 1);
  scanner.committed();
  stage.recorder.owe("reset");
  await stage.clock.advance(1_000);
  equal(stage.recorder.reconciles, 1);
  await stage.clock.advance(1_000);
  equal(stage.recorder.reconciles, 2);
  deepEqual(stage.begun, ["reconcile", "reset", "reconcile"]);
});

test("without a routine look none is ever planned, and what is owed is looked through all the same", async () => {
  await using stage = new Stage();
  stage.fill(2);
  stage.know();
  const scanner = stage.start({ reconcileMs: undefined });
  scanner.committed();
  await stage.clock.advance(100 * 24 * 3_600_000);
  deepEqual([stage.recorder.reconciles, stage.clock.timersPending], [0, 0]);
  stage.recorder.owe("reset");
  stage.wanted.notify();
  await stage.clock.advance(0);
  deepEqual([stage.begun, stage.recorder.nextScanRange()], [["reset"], undefined]);
});

test("disposing aborts the page that is read, and a next scanner goes on from the same place", async () => {
  const stage = new Stage();
  stage.fill(4);
  stage.recorder.owe("reset", ["message"]);
  stage.database.respond = (page, signal) => {
    if (stage.database.requests.length < 3) return Promise.resolve(page);
    return new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  };
  stage.start({ pageRowsMax: 2 });
  await stage.clock.advance(0);
  deepEqual(
    stage.recorder.told.map(({ rowid }) => rowid),
    [1n, 2n, 3n, 4n].slice(0, stage.recorder.told.length),
  );
  const place = stage.recorder.nextScanRange();
  await stage[Symbol.asyncDispose]();
  stage.database.respond = (page) => Promise.resolve(page);
  stage.start({ pageRowsMax: 2 });
  await stage.clock.advance(0);
  equal(stage.database.requests.at(-2)?.rowid, place?.after);
  deepEqual(
    stage.recorder.told.map(({ rowid }) => rowid),
    [1n, 2n, 3n, 4n],
  );
  await stage[Symbol.asyncDispose]();
});
