import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@imesh/testing";
import { DeadlineError } from "@imesh/time";
import { NO_GAPS } from "../fixtures/no-gaps.ts";
import { type PageOutcome, ReadScheduler, type ReadTerms, SCHEDULE_BOUNDS } from "./read-scheduler.ts";
import type { Priority } from "./schedule.ts";
import { QueueFullError, SchedulerClosedError } from "./scheduler-error.ts";

/** A scheduler whose pages end when the test says so. */
class Stage {
  readonly clock = new FakeClock();
  readonly refused: string[] = [];
  readonly scheduler: ReadScheduler;
  /** Names of the pages in the order they began. */
  readonly pages: string[] = [];
  #page: PromiseWithResolvers<void> | undefined;

  constructor(bounds: Partial<typeof SCHEDULE_BOUNDS> = {}) {
    const onRefused = (queue: string) => void this.refused.push(queue);
    this.scheduler = new ReadScheduler(
      { clock: this.clock, gaps: NO_GAPS, onRefused },
      { ...SCHEDULE_BOUNDS, ...bounds },
    );
  }

  /** A read of `pages` pages that comes to its own name. */
  read(name: string, pages: number, terms: Partial<ReadTerms> = {}): Promise<string> {
    let left = pages;
    return this.scheduler.run(
      {
        client: "a",
        priority: "interactive",
        isMultiPage: true,
        deadlineMs: Infinity,
        signal: never(),
        ...terms,
      },
      async (): Promise<PageOutcome<string>> => {
        this.pages.push(name);
        left -= 1;
        this.#page = Promise.withResolvers();
        await this.#page.promise;
        return left > 0 ? { kind: "more" } : { kind: "done", value: name };
      },
    );
  }

  /** The page that is out ends; what follows has happened when this resolves. */
  async endPage(error?: Error): Promise<void> {
    if (error === undefined) this.#page?.resolve();
    else this.#page?.reject(error);
    await this.clock.advance(0);
  }
}

function never(): AbortSignal {
  return new AbortController().signal;
}

/** The name of what a promise rejects with, its message in brackets when it is a plain Error. */
async function rejection(promise: Promise<unknown>): Promise<string> {
  try {
    return `resolved: ${await promise}`;
  } catch (error) {
    assert(error instanceof Error);
    return error.name === "Error" ? `Error (${error.message})` : error.name;
  }
}

test("an interactive read waits for one bulk page at most, and the bulk read goes on after it", async () => {
  const stage = new Stage();
  const bulk: Priority = "bulk";
  const scan = stage.read("scan", 3, { client: "scan", priority: bulk });
  const list = stage.read("list", 2);
  assert.equal(stage.scheduler.queueDepth, 1);
  for (let page = 0; page < 5; page += 1) await stage.endPage();
  assert.deepEqual(await Promise.all([scan, list]), ["scan", "list"]);
  assert.deepEqual(stage.pages, ["scan", "list", "list", "scan", "scan"]);
  assert.equal(stage.clock.timersPending, 0);
});

test("a read whose deadline passes leaves at once, waiting or running, and runs no further page", async () => {
  const stage = new Stage();
  const running = rejection(stage.read("running", 2, { deadlineMs: 10 }));
  const waiting = rejection(stage.read("waiting", 1, { deadlineMs: 20 }));
  const last = stage.read("last", 1, { deadlineMs: 1_000 });
  await stage.clock.advance(10);
  assert.equal(await running, "DeadlineError");
  await stage.clock.advance(10);
  assert.equal(await waiting, "DeadlineError");
  assert.deepEqual([stage.pages, stage.scheduler.queueDepth], [["running"], 1]);
  await stage.endPage();
  await stage.endPage();
  assert.equal(await last, "last");
  assert.deepEqual(stage.pages, ["running", "last"]);
  assert.equal(stage.clock.timersPending, 0);
});

test("the deadline's error says how long there was", async () => {
  const stage = new Stage();
  await stage.clock.advance(500);
  const late = stage.read("late", 1, { deadlineMs: 530 });
  const expected = assert.rejects(late, new DeadlineError(30));
  await stage.clock.advance(30);
  await expected;
});

test("a read that is given up leaves at once with the signal's reason, waiting or running", async () => {
  const stage = new Stage();
  const gone = [new AbortController(), new AbortController()] as const;
  const running = rejection(stage.read("running", 2, { signal: gone[0].signal }));
  const waiting = rejection(stage.read("waiting", 1, { signal: gone[1].signal }));
  gone[1].abort(new Error("second"));
  gone[0].abort(new Error("first"));
  assert.deepEqual(await Promise.all([running, waiting]), ["Error (first)", "Error (second)"]);
  const next = stage.read("next", 1);
  assert.deepEqual(stage.pages, ["running"], "the page that is out is not overtaken");
  await stage.endPage();
  await stage.endPage();
  assert.equal(await next, "next");
  assert.deepEqual(stage.pages, ["running", "next"]);
  const before = AbortSignal.abort(new Error("before"));
  assert.equal(await rejection(stage.read("never", 1, { signal: before })), "Error (before)");
});

test("a page that fails fails its read alone", async () => {
  const stage = new Stage();
  const first = rejection(stage.read("first", 3));
  const second = stage.read("second", 1);
  await stage.endPage(new Error("broken"));
  await stage.endPage();
  assert.deepEqual([await first, await second], ["Error (broken)", "second"]);
  assert.deepEqual(stage.pages, ["first", "second"]);
});

test("beyond a bound a read is refused at once, with the time to try again, and counted", async () => {
  const stage = new Stage({ requestsMax: 3, clientRequestsMax: 2 });
  const taken = ["a", "a", "b"].map((client) => rejection(stage.read("read", 1, { client })));
  const facts = { requestsMax: 3, retryDelayMs: 500 };
  await assert.rejects(
    stage.read("read", 1, { client: "c" }),
    new QueueFullError({ ...facts, queue: "requests" }),
  );
  stage.scheduler[Symbol.dispose]();
  assert.deepEqual(await Promise.all(taken), Array(3).fill("SchedulerClosedError"));
  const other = new Stage({ requestsMax: 3, clientRequestsMax: 1 });
  const held = other.read("read", 1);
  await assert.rejects(
    other.read("read", 1),
    (error) => error instanceof QueueFullError && error.queue === "client" && error.requestsMax === 1,
  );
  assert.deepEqual([stage.refused, other.refused], [["requests"], ["client"]]);
  await other.endPage();
  assert.deepEqual(await Promise.all([held]), ["read"]);
  assert.equal(await rejection(stage.read("late", 1)), new SchedulerClosedError().name);
});
