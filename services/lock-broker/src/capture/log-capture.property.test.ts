import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { SeededRandom, temporaryDirectory } from "@imesh/testing";
import { SystemClock } from "@imesh/time";
import { CandidateSet } from "./candidate-set.ts";
import type { LogPlace } from "./candidates.ts";
import { CaptureDatabase } from "./fixtures/capture-database.ts";
import { RandomWriter } from "./fixtures/random-writer.ts";
import { checkFound, look } from "./fixtures/watched-rows.ts";
import { LogCapture } from "./log-capture.ts";
import { WalFile } from "./log-file.ts";

/** Reads all there is; what was found, and the place to store with it. */
function drain(
  capture: LogCapture,
  into: CandidateSet,
): { readonly place: LogPlace | undefined; readonly steps: number } {
  let place: LogPlace | undefined;
  for (let steps = 0; ; steps += 1) {
    if (capture.isMoved()) capture.follow();
    capture.look();
    capture.show(Number.POSITIVE_INFINITY);
    const step = capture.take();
    if (step !== undefined) {
      into.merge(step.candidates as CandidateSet);
      place = step.place;
    } else if (!capture.hasMore && !capture.isMoved()) return { place, steps };
    assert(steps < 10_000, "reading comes to an end");
  }
}

async function run(random: SeededRandom, rounds: number): Promise<{ missed: number; rounds: number }> {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "chat.db");
  const pageSize = random.pick([1024, 4096]);
  using connections = new DisposableStack();
  let base = connections.use(CaptureDatabase.create(path, { pageSize }));
  const shapes = () => base.shapes();
  const clock = new SystemClock();
  // Apple's SQLite cuts a log to this when it starts it anew.
  const isLimited = random.chance(0.5);
  const limit = () => base.db.pragma(`journal_size_limit = ${isLimited ? 32_768 : -1}`);
  limit();
  let writer = new RandomWriter(random, base);
  let capture = connections.use(new LogCapture({ log: new WalFile(path), clock, shapes }));
  capture.begin(undefined);
  drain(capture, new CandidateSet());
  let stored: LogPlace | undefined = capture.place;
  let truth = look(base);
  let missed = 0;
  for (let round = 0; round < rounds; round += 1) {
    const did: string[] = [];
    for (let count = random.pick([1, 1, 1, 2, 5, 20]); count > 0; count -= 1) {
      const chance = random.next();
      if (chance < 0.75) did.push(writer.commit());
      else if (chance < 0.83) did.push(`tail of ${base.leaveTail(random.pick([1, 5, 40, 400]))}`);
      else if (chance < 0.97)
        did.push(`checkpoint ${base.db.pragma("wal_checkpoint(PASSIVE)") && "passive"}`);
      else if (chance < 0.98)
        did.push(`checkpoint ${base.db.pragma("wal_checkpoint(TRUNCATE)") && "truncate"}`);
      else if (chance < 0.99) {
        base[Symbol.dispose]();
        base = connections.use(CaptureDatabase.open(path));
        limit();
        writer = new RandomWriter(random, base);
        did.push("reopen");
      } else {
        // Looks while something else goes on, and takes nothing.
        capture.look();
        did.push("look");
      }
    }
    if (random.chance(0.1)) {
      capture[Symbol.dispose]();
      capture = connections.use(new LogCapture({ log: new WalFile(path), clock, shapes }));
      capture.begin(stored);
      did.push("restart");
    }
    const found = new CandidateSet();
    const { place } = drain(capture, found);
    stored = place ?? stored;
    const now = look(base);
    checkFound(found, truth, now, `seed ${random.seed}, round ${round} (${did.join(" | ")})`);
    if (found.missed !== undefined || found.doubts.has("cut")) missed += 1;
    // The look that is owed then begins with this.
    if (found.doubts.has("cut")) capture.forget();
    truth = now;
  }
  return { missed, rounds };
}

/** Seeds that once failed; they are played for ever. */
const FAILED_ONCE: readonly number[] = [
  // An overflow page had another owner when a cut log was gone over.
  3_483_587_589,
];

test("across resets, truncation, torn tails and restarts: each change is found, or said to be missed (I14)", async () => {
  const seeds = SeededRandom.fromEnvironment("log capture");
  const rounds = Number(process.env.IMESH_ROUNDS ?? 10);
  for (const seed of FAILED_ONCE) await run(new SeededRandom(seed), 60);
  let missed = 0;
  let total = 0;
  for (let round = 0; round < rounds; round += 1) {
    const random = round === 0 ? seeds : new SeededRandom(seeds.integer(0, 0xffff_ffff));
    const counts = await run(random, 60);
    missed += counts.missed;
    total += counts.rounds;
  }
  // A round has up to twenty commits and checkpoints between two looks, which no poll lets happen.
  assert(missed < total / 2, `missed in ${missed} of ${total} rounds`);
});
