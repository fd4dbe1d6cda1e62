import { deepEqual, equal, rejects } from "node:assert/strict";
import { test } from "node:test";
import { AssertionError } from "@imesh/flow";
import { FakeClock } from "@imesh/testing";
import type { LogFields, Logger } from "./logger.ts";
import { Loop, type LoopFailure, type LoopOptions, UnrecoverableError } from "./loop.ts";

/** Jitter that always draws the middle: delays are half of their ceiling. */
const MIDDLE = { next: () => 0.5, uuid: () => "" };

function setUp(options: Omit<LoopOptions, "name">) {
  const clock = new FakeClock();
  const records: [level: string, event: string][] = [];
  const write = (level: string) => (fields: LogFields) => records.push([level, fields.event]);
  const log = {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    fatal: write("fatal"),
  } as unknown as Logger;
  const loop = new Loop({ clock, random: MIDDLE, log }, { name: "test", ...options });
  return { clock, records, loop };
}

test("a loop runs its step again and again until disposed, and disposing waits for the round under way", async () => {
  const rounds: string[] = [];
  const { clock, loop } = setUp({
    step: async (signal) => {
      rounds.push("begin");
      await clock.sleep(10, signal).catch(() => {});
      rounds.push("end");
    },
  });
  await clock.advance(25);
  await loop[Symbol.asyncDispose]();
  deepEqual(rounds, ["begin", "end", "begin", "end", "begin", "end"]);
  await loop.ended;
  equal(clock.timersPending, 0);
});

test("a failing step is tried again after a back-off that doubles, and recovery is said once", async () => {
  const attempts: number[] = [];
  const failures: LoopFailure[] = [];
  const { clock, records, loop } = setUp({
    backoff: { baseMs: 100, maxMs: 400 },
    onError: (failure) => failures.push(failure),
    step: async (signal) => {
      attempts.push(clock.monotonicMs());
      if (attempts.length <= 4) throw new Error("no");
      await clock.sleep(1_000, signal);
    },
  });
  await clock.advance(2_000);
  deepEqual(attempts.slice(0, 5), [0, 50, 150, 350, 550]);
  deepEqual(
    failures.map(({ attempt, failingForMs }) => [attempt, failingForMs]),
    [
      [0, 0],
      [1, 50],
      [2, 150],
      [3, 350],
    ],
  );
  deepEqual(records, [...new Array(4).fill(["info", "loop-step-failed"]), ["info", "loop-recovered"]]);
  await loop[Symbol.asyncDispose]();
});

test("the level follows how long it has been wrong", async () => {
  const { clock, records, loop } = setUp({
    backoff: { baseMs: 4_000, maxMs: 4_000 },
    warnAfterMs: 4_000,
    errorAfterMs: 8_000,
    step: () => Promise.reject(new Error("no")),
  });
  await clock.advance(10_000);
  deepEqual(
    records.map(([level]) => level),
    ["info", "info", "warn", "warn", "error", "error"],
  );
  await loop[Symbol.asyncDispose]();
});

test("a round that lived long before it failed starts the back-off anew", async () => {
  const failures: LoopFailure[] = [];
  const { clock, loop } = setUp({
    healthyAfterMs: 5_000,
    onError: (failure) => failures.push(failure),
    step: async (signal) => {
      await clock.sleep(5_000, signal);
      throw new Error("connection lost");
    },
  });
  await clock.advance(16_000);
  deepEqual(
    failures.map(({ attempt, failingForMs }) => [attempt, failingForMs]),
    [
      [0, 0],
      [0, 0],
      [0, 0],
    ],
  );
  await loop[Symbol.asyncDispose]();
});

test("disposing during a back-off ends at once; a throw because of the abort is no failure", async () => {
  const failing = setUp({ step: () => Promise.reject(new Error("no")) });
  await failing.clock.advance(0);
  await failing.loop[Symbol.asyncDispose]();
  equal(failing.clock.timersPending, 0);
  const { clock, records, loop } = setUp({ step: (signal) => clock.sleep(1_000, signal) });
  await clock.advance(1);
  await loop[Symbol.asyncDispose]();
  await loop.ended;
  deepEqual(records, []);
});

test("UnrecoverableError and a broken assertion end the loop and are told through ended", async () => {
  for (const error of [new UnrecoverableError("wrong schema"), new AssertionError("sequence gap")]) {
    let rounds = 0;
    const { records, loop } = setUp({
      step: () => {
        rounds += 1;
        return Promise.reject(error);
      },
    });
    await rejects(loop.ended, error);
    deepEqual([rounds, records], [1, [["fatal", "loop-ended"]]]);
    await loop[Symbol.asyncDispose]();
  }
});

test("a broken assertion counts even when the loop is being disposed", async () => {
  const { clock, loop } = setUp({
    step: (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new AssertionError("released twice")));
      }),
  });
  const ended = rejects(loop.ended, { name: "AssertionError" });
  await clock.advance(0);
  await loop[Symbol.asyncDispose]();
  await ended;
});

test("the first round begins after the constructing code, so a loop disposed at once runs none", async () => {
  const seen: string[] = [];
  const { clock, loop } = setUp({
    step: async (signal) => {
      seen.push("round");
      await clock.sleep(1, signal);
    },
  });
  seen.push("constructed");
  await clock.advance(0);
  await loop[Symbol.asyncDispose]();
  deepEqual(seen, ["constructed", "round"]);
  const unused = setUp({ step: () => Promise.reject(new Error("never run")) });
  await unused.loop[Symbol.asyncDispose]();
  deepEqual(unused.records, []);
});
