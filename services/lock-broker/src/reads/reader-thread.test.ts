import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, SeededRandom, waitFor } from "@imesh/testing";
import { ReaderThread, type ReaderThreadEvent } from "./reader-thread.ts";
import { ReaderThreadError } from "./reader-thread-error.ts";

const TIMEOUT = { timeout: 60_000 };
const PROGRAM = new URL("../fixtures/faulty-reader.ts", import.meta.url);

/** A reader thread of the faulty program by a clock of the test's own. */
class Stage implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly events: string[] = [];
  readonly reads: unknown[] = [];
  readonly thread: ReaderThread;

  constructor(fault: string) {
    this.thread = new ReaderThread(
      {
        clock: this.clock,
        // The longest back-off there is.
        random: { next: () => 0.999, uuid: () => new SeededRandom(1).uuid() },
        onReads: (readsMs, statements) => this.reads.push({ readsMs, statements }),
        onEvent: (event) => this.events.push(nameOf(event)),
      },
      { databasePath: fault, program: PROGRAM },
    );
  }

  good(): Promise<unknown> {
    return this.thread.read("chat", { guid: "good" });
  }

  faulty(): Promise<unknown> {
    return this.thread.read("chat", { guid: "fault" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = this.thread[Symbol.asyncDispose]();
    // Threads that hear nothing are ended by force.
    await this.clock.advance(1_000);
    await ended;
  }
}

function nameOf(event: ReaderThreadEvent): string {
  return event.kind === "lost" ? `lost: ${event.code}, ${event.error?.message ?? "no error"}` : event.kind;
}

async function fault(answer: Promise<unknown>): Promise<string> {
  try {
    await answer;
  } catch (error) {
    assert(error instanceof ReaderThreadError, String(error));
    return `${error.code}, again in ${error.retryDelayMs} ms`;
  }
  return "none";
}

test(
  "the thread starts when it is first needed and ends when nobody needed it for ten seconds",
  TIMEOUT,
  async () => {
    await using stage = new Stage("none");
    assert.deepEqual([stage.thread.isRunning, stage.events], [false, []]);
    await stage.good();
    await stage.clock.advance(9_999);
    await stage.good();
    await stage.clock.advance(9_999);
    assert.deepEqual([stage.thread.isRunning, stage.events], [true, ["started"]]);
    await stage.clock.advance(1);
    assert.deepEqual([stage.thread.isRunning, stage.events], [false, ["started", "idle"]]);
    await stage.good();
    assert.deepEqual(stage.events, ["started", "idle", "started"]);
    assert.deepEqual(stage.reads, Array(3).fill({ readsMs: [1], statements: 2 }));
  },
);

for (const [name, told] of [
  ["throws", "broken driver"],
  ["exits", "no error"],
  ["eats memory", "Worker terminated due to reaching memory limit: JS heap out of memory"],
] as const) {
  test(`a thread that ${name} fails its page, rests, and is started again`, TIMEOUT, async () => {
    await using stage = new Stage(name);
    assert.equal(await fault(stage.faulty()), "crashed, again in 100 ms");
    assert.deepEqual(stage.events, ["started", `lost: crashed, ${told}`]);
    assert.equal(await fault(stage.good()), "resting, again in 100 ms");
    await stage.clock.advance(100);
    assert.equal(await fault(stage.faulty()), "crashed, again in 200 ms");
    await stage.clock.advance(200);
    await stage.good();
    assert.equal(
      await fault(stage.faulty()),
      "crashed, again in 100 ms",
      "an answer ends the row of failures",
    );
  });
}

test("a page that takes ten seconds is given up, and the thread with it", TIMEOUT, async () => {
  await using stage = new Stage("hangs");
  await stage.good();
  const stalled = fault(stage.faulty());
  await stage.clock.advance(10_000);
  assert.equal(await stalled, "stalled, again in 100 ms");
  assert.deepEqual(stage.events, ["started", "lost: stalled, no error"]);
  await stage.clock.advance(100);
  await stage.good();
});

test("while two threads that were given up do not go, no further one is started", TIMEOUT, async () => {
  await using stage = new Stage("blocks");
  for (const restMs of [100, 100]) {
    await stage.good();
    const stalled = fault(stage.faulty());
    await stage.clock.advance(10_000);
    assert.equal(await stalled, `stalled, again in ${restMs} ms`);
    await stage.clock.advance(restMs);
  }
  assert.equal(await fault(stage.good()), "stalled, again in 1000 ms");
  await waitFor(async () => (await fault(stage.good())) === "none", {
    deadlineMs: 20_000,
    what: "a thread to go",
  });
});

test(
  "disposing fails the page that is out and ends the thread, by force when it does not listen",
  TIMEOUT,
  async () => {
    for (const name of ["stalls", "hangs"]) {
      const stage = new Stage(name);
      await stage.good();
      const page = fault(stage.faulty());
      await stage[Symbol.asyncDispose]();
      assert.equal(await page, "closed, again in 1000 ms");
      assert.equal(await fault(stage.good()), "closed, again in 1000 ms");
      assert.equal(stage.clock.timersPending, 0);
    }
  },
);
