import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock, SeededRandom } from "@imesh/testing";
import { CommitWatcher } from "./commit-watcher.ts";
import type {
  CommitProbe,
  DetectionSource,
  Hint,
  HintListener,
  HintSource,
  WatchEvent,
  WatchFault,
  WatchFaultCode,
} from "./commits.ts";

class Unreadable extends Error {
  readonly code: WatchFaultCode;

  constructor(message: string, code: WatchFaultCode = "failed") {
    super(message);
    this.code = code;
  }
}

/** A database whose commits a test makes visible, and whose file it takes away. */
class ScriptedProbe implements CommitProbe {
  version = 0;
  file = "a";
  fault: Error | undefined;
  probes = 0;
  replacedChecks = 0;
  reopens = 0;
  wishedMs: number | undefined;
  #seenVersion = 0;
  #openFile = "a";

  faultOf(error: unknown): WatchFault | undefined {
    return error instanceof Unreadable ? { code: error.code, source: "database", error } : undefined;
  }

  lookAgainMs(): number | undefined {
    return this.wishedMs;
  }

  hasCommitted(): boolean {
    this.probes += 1;
    if (this.fault !== undefined) throw this.fault;
    const isMoved = this.version !== this.#seenVersion;
    this.#seenVersion = this.version;
    return isMoved;
  }

  isReplaced(): boolean {
    this.replacedChecks += 1;
    if (this.fault !== undefined) throw this.fault;
    return this.file !== this.#openFile;
  }

  reopen(): void {
    this.reopens += 1;
    if (this.fault !== undefined) throw this.fault;
    if (this.#openFile !== this.file) this.version += 1;
    this.#openFile = this.file;
  }

  committedAtUnixNs(): bigint {
    return 42n;
  }
}

class ScriptedHints implements HintSource {
  readonly watcher = "scripted";
  listener: HintListener | undefined;
  rearms = 0;
  isDisposed = false;

  start(listener: HintListener): void {
    this.listener = listener;
  }

  rearm(): void {
    this.rearms += 1;
  }

  hint(hint: Hint = "written"): void {
    this.listener?.onHint(hint);
  }

  [Symbol.dispose](): void {
    this.isDisposed = true;
  }
}

/** A clock whose time can pass without any timer running, as a machine's that sleeps. */
class SleepingClock extends FakeClock {
  #sleptMs = 0;

  sleepThrough(ms: number): void {
    this.#sleptMs += ms;
  }

  override monotonicMs(): number {
    return super.monotonicMs() + this.#sleptMs;
  }
}

/** Everything around a watcher, started, with what it told by time. */
function watch(options: { readonly pollMs?: number; readonly hasHints?: boolean } = {}) {
  const clock = new SleepingClock();
  const probe = new ScriptedProbe();
  const hints = new ScriptedHints();
  const told: string[] = [];
  const counts = { hints: 0, emptyProbes: 0 };
  const logged: string[] = [];
  const log = (level: string) => (fields: { readonly event: string }) => {
    logged.push(`${level} ${fields.event}`);
  };
  const watcher = new CommitWatcher(
    {
      probe,
      hints: options.hasHints === false ? undefined : hints,
      clock,
      random: new SeededRandom(1),
      counters: {
        detected: () => {},
        hints: (count) => {
          counts.hints += count;
        },
        emptyProbes: (count) => {
          counts.emptyProbes += count;
        },
      },
      log: {
        debug: log("debug"),
        info: log("info"),
        warn: log("warn"),
        error: log("error"),
        fatal: log("fatal"),
      },
    },
    { pollMs: options.pollMs ?? 20 },
  );
  watcher.subscribe((event: WatchEvent) => {
    told.push(`${clock.monotonicMs()} ${wordsOf(event)}`);
  });
  watcher.start();
  return { clock, probe, hints, told, counts, logged, watcher };
}

function wordsOf(event: WatchEvent): string {
  if (event.kind === "recovered") return "recovered";
  return event.kind === "failed" ? `failed ${event.fault.code} ${event.error.message}` : event.notice.source;
}

function sources(told: readonly string[]): DetectionSource[] {
  return told.map((line) => line.split(" ")[1] as DetectionSource);
}

describe("CommitWatcher", () => {
  test("notices a commit by the poll when no hint comes (I2)", async () => {
    const { clock, probe, told } = watch();
    await clock.advance(30);
    probe.version += 1;
    await clock.advance(100);
    assert.deepEqual(told, ["40 poll"]);
  });

  test("is never later than the poll, whatever hints come or do not (I2)", async () => {
    const random = SeededRandom.fromEnvironment("watcher lateness");
    const { clock, probe, hints, told } = watch({ pollMs: 20 });
    for (let round = 0; round < 300; round += 1) {
      await clock.advance(random.integer(0, 80));
      const before = told.length;
      const earlyMs = random.pick([0, 0, 1, 3, 50]);
      if (random.chance(0.6)) for (let count = random.integer(1, 4); count > 0; count -= 1) hints.hint();
      await clock.advance(earlyMs);
      probe.version += 1;
      const committedMs = clock.monotonicMs();
      await clock.advance(20);
      assert.equal(told.length, before + 1, `commit ${round} is noticed once`);
      const noticedMs = Number(told.at(-1)?.split(" ")[0]);
      assert(noticedMs - committedMs <= 20, `commit ${round} is noticed ${noticedMs - committedMs} ms later`);
    }
  });

  test("notices at once a commit that is visible when its hint comes", async () => {
    const { clock, probe, hints, told } = watch();
    await clock.advance(5);
    probe.version += 1;
    hints.hint();
    assert.deepEqual(told, ["5 hint"]);
  });

  test("checks again after 1, 2, 4, 8 and 16 ms when the hint came before the commit was visible", async () => {
    const { clock, probe, hints, told, counts } = watch({ pollMs: 500 });
    await clock.advance(100);
    probe.probes = 0;
    const checkedMs: number[] = [];
    const original = probe.hasCommitted.bind(probe);
    probe.hasCommitted = () => {
      checkedMs.push(clock.monotonicMs() - 100);
      return original();
    };
    hints.hint();
    await clock.advance(10);
    probe.version += 1;
    await clock.advance(5);
    assert.deepEqual(checkedMs, [0, 1, 3, 7, 15]);
    assert.deepEqual(told, ["115 hint"]);
    await clock.advance(70);
    assert.deepEqual(checkedMs.slice(5), [16, 18, 22, 30, 46, 78]);
    assert.deepEqual(counts, { hints: 1, emptyProbes: 10 });
  });

  test("goes on checking after a detection: the hint may have been for a later commit", async () => {
    const { clock, probe, hints, told } = watch({ pollMs: 1_000 });
    await clock.advance(10);
    probe.version += 1;
    hints.hint();
    await clock.advance(0.4);
    probe.version += 1;
    await clock.advance(3);
    assert.deepEqual(told, ["10 hint", "11 hint"]);
  });

  test("has one timer, however many hints come", async () => {
    const { clock, probe, hints, told } = watch();
    for (let count = 0; count < 1_000; count += 1) {
      if (count % 100 === 0) probe.version += 1;
      hints.hint();
      assert.equal(clock.timersPending, 1);
    }
    await clock.advance(200);
    assert.equal(clock.timersPending, 1);
    assert.deepEqual(
      sources(told),
      Array.from({ length: 10 }, () => "hint"),
    );
  });

  test("tells nothing of hints for nothing", async () => {
    const { clock, hints, told, counts } = watch();
    hints.hint();
    hints.hint();
    await clock.advance(500);
    assert.deepEqual(told, []);
    assert.equal(counts.hints, 2);
  });

  test("polls only, at its interval, without hints", async () => {
    const { clock, probe, told } = watch({ hasHints: false, pollMs: 5 });
    probe.probes = 0;
    await clock.advance(1_000);
    assert.equal(probe.probes, 200);
    assert.deepEqual(told, []);
  });

  test("looks for another file every 500 ms, and at once when a file was renamed", async () => {
    const { clock, probe, hints, told } = watch();
    await clock.advance(10_000);
    assert.equal(probe.replacedChecks, 20);
    probe.file = "b";
    hints.hint("renamed");
    assert.deepEqual(told, ["10000 hint"]);
    assert.deepEqual([probe.reopens, hints.rearms], [1, 1]);
    probe.file = "c";
    await clock.advance(520);
    assert.deepEqual(told.slice(1).length, 1);
    assert.equal(probe.reopens, 2);
  });

  test("tells of a failure once, backs off, and notices what was committed meanwhile", async () => {
    const { clock, probe, told, logged, watcher } = watch();
    await clock.advance(20);
    probe.fault = new Unreadable("gone");
    await clock.advance(20);
    assert.deepEqual(told, ["40 failed failed gone"]);
    assert.equal(watcher.state.kind, "failing");
    probe.probes = 0;
    probe.version += 1;
    await clock.advance(60_000);
    assert.equal(told.length, 1);
    assert(probe.reopens > 10 && probe.reopens < 60, `${probe.reopens} attempts in a minute`);
    assert.equal(probe.probes, 0);
    probe.fault = undefined;
    await clock.advance(5_000);
    assert.deepEqual(
      told.map((line) => line.split(" ")[1]),
      ["failed", "recovered", "poll"],
    );
    assert.equal(watcher.state.kind, "watching");
    assert.deepEqual(logged, ["warn database-unreadable", "info database-readable"]);
    probe.version += 1;
    await clock.advance(20);
    assert.equal(told.length, 4);
  });

  test("says which fault it is, again when it is another one, and recovers without a commit", async () => {
    const { clock, probe, told, logged, watcher } = watch();
    probe.fault = new Unreadable("refused", "no-permission");
    await clock.advance(20);
    const since = watcher.state.kind === "failing" ? watcher.state.sinceMs : undefined;
    await clock.advance(980);
    probe.fault = new Unreadable("no such file", "not-found");
    await clock.advance(10_000);
    assert(watcher.state.kind === "failing");
    assert.deepEqual([watcher.state.fault.code, watcher.state.sinceMs], ["not-found", since]);
    assert(watcher.state.attempts > 3);
    probe.fault = undefined;
    await clock.advance(10_000);
    assert.deepEqual(
      told.map((line) => line.split(" ").slice(1, 3).join(" ")),
      ["failed no-permission", "failed not-found", "recovered"],
    );
    assert.deepEqual(logged, [
      "warn database-unreadable",
      "warn database-unreadable",
      "info database-readable",
    ]);
  });

  test("asks again as soon as the probe wishes, and no later than the poll", async () => {
    const { clock, probe } = watch({ pollMs: 20 });
    const checkedMs: number[] = [];
    const original = probe.hasCommitted.bind(probe);
    probe.hasCommitted = () => {
      checkedMs.push(clock.monotonicMs());
      probe.wishedMs = [4, 0, 100, undefined][checkedMs.length - 1];
      return original();
    };
    await clock.advance(65);
    assert.deepEqual(checkedMs, [20, 24, 24, 44, 64]);
  });

  test("looks at everything when a timer comes a second late: the machine slept", async () => {
    const { clock, probe, hints, told } = watch();
    await clock.advance(20);
    probe.file = "b";
    clock.sleepThrough(3_600_000);
    await clock.advance(20);
    assert.deepEqual([probe.replacedChecks, hints.rearms], [1, 2]);
    assert.deepEqual(sources(told), ["poll"]);
  });

  test("does not care what the wall clock does", async () => {
    const { clock, probe, told } = watch();
    clock.stepWall(-86_400_000);
    probe.version += 1;
    await clock.advance(20);
    clock.stepWall(172_800_000);
    probe.version += 1;
    await clock.advance(20);
    assert.deepEqual(told, ["20 poll", "40 poll"]);
  });

  test("tries sooner when a file came while it was failing, and not for writes", async () => {
    const { clock, probe, hints, told } = watch();
    probe.fault = new Unreadable("gone");
    await clock.advance(60_000);
    const before = probe.reopens;
    hints.hint("written");
    hints.hint("renamed");
    probe.fault = undefined;
    await clock.advance(100);
    assert.equal(probe.reopens, before + 1);
    assert.deepEqual(told.at(-1)?.split(" ")[1], "recovered");
  });

  test("starts failing when it cannot be read from the first check on", async () => {
    const clock = new FakeClock();
    const probe = new ScriptedProbe();
    probe.fault = new Unreadable("gone");
    const watcher = makeQuiet(probe, clock);
    watcher.start();
    assert.equal(watcher.state.kind, "failing");
    probe.fault = undefined;
    await clock.advance(200);
    assert.equal(watcher.state.kind, "watching");
    watcher[Symbol.dispose]();
    assert.equal(clock.timersPending, 0);
  });

  test("does not retry what is our own bug", async () => {
    const { clock, probe } = watch();
    probe.fault = new TypeError("a bug");
    await assert.rejects(clock.advance(20), TypeError);
  });

  test("asks a source of hints that failed to try again, every ten seconds at most", async () => {
    const { clock, hints, logged } = watch();
    hints.listener?.onTrouble(new Error("no watches left"));
    assert.deepEqual(logged, ["warn hints-failed"]);
    await clock.advance(600);
    assert.equal(hints.rearms, 1);
    hints.listener?.onTrouble(new Error("no watches left"));
    await clock.advance(9_000);
    assert.equal(hints.rearms, 1);
    await clock.advance(1_500);
    assert.equal(hints.rearms, 2);
  });

  test("disposed, it has no timer, no hints, and tells nothing", async () => {
    const { clock, probe, hints, told, watcher } = watch();
    watcher[Symbol.dispose]();
    probe.version += 1;
    hints.hint();
    await clock.advance(1_000);
    assert.deepEqual([told, clock.timersPending, hints.isDisposed], [[], 0, true]);
  });
});

function makeQuiet(probe: CommitProbe, clock: FakeClock): CommitWatcher {
  const ignore = () => {};
  return new CommitWatcher(
    {
      probe,
      hints: undefined,
      clock,
      random: new SeededRandom(2),
      counters: { detected: ignore, hints: ignore, emptyProbes: ignore },
      log: { debug: ignore, info: ignore, warn: ignore, error: ignore, fatal: ignore },
    },
    { pollMs: 20 },
  );
}
