import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "@imesh/testing";
import type { LogPlace } from "../capture/candidates.ts";
import type { CaptureStep } from "../capture/log-capture.ts";
import type { RecordOutcome } from "../changes/recorder.ts";
import type { CommitNotice, WatchEvent } from "../commits/commits.ts";
import { NO_GAPS } from "../fixtures/no-gaps.ts";
import type { ReadPauses } from "../scheduling/read-gaps.ts";
import { Recording } from "./recording.ts";

const DONE: RecordOutcome = { kind: "recorded", hasMore: false };
const MORE: RecordOutcome = { kind: "recorded", hasMore: true };
const FAILED: RecordOutcome = { kind: "failed", error: new Error("disk full") };

function step(commits: number): CaptureStep {
  return {
    candidates: {
      messages: new Set(),
      chats: new Set(),
      attachments: new Set(),
      leaves: [],
      doubts: new Set(),
      missed: undefined,
    },
    place: undefined,
    commits,
    hasMore: false,
  };
}

/** A recording whose capture holds `steps`, and whose recorder answers with `outcomes`, then with "done". */
function recording(
  steps: CaptureStep[],
  outcomes: (RecordOutcome | Error)[] = [],
  pauses: ReadPauses = NO_GAPS,
) {
  const clock = new FakeClock();
  const log: string[] = [];
  const broken: unknown[] = [];
  let listener: ((event: WatchEvent) => void) | undefined;
  let dueMs: number | undefined;
  let place: LogPlace | undefined;
  const next = (what: string): RecordOutcome => {
    const outcome = outcomes.shift() ?? DONE;
    if (outcome instanceof Error) throw outcome;
    log.push(`${what} ${outcome.kind}`);
    dueMs = outcome.kind === "failed" ? 250 : outcome.hasMore ? 0 : undefined;
    return outcome;
  };
  const it = new Recording({
    capture: {
      get hasStep() {
        return steps.length > 0;
      },
      isLastOpen: false,
      get place() {
        return place;
      },
      take: () => steps.shift(),
    },
    recorder: {
      record: ({ notice }) => next(`record ${notice.source}`),
      tend: () => next("tend"),
      notePlace: ({ frames }) => log.push(`place ${frames}`),
      dueInMs: () => dueMs,
      unrecordedForMs: () => 0,
    },
    commits: {
      subscribe: (each) => {
        listener = each;
        return { [Symbol.dispose]: () => {} };
      },
    },
    pauses,
    clock,
    onStep: ({ commits }) => log.push(`step ${commits}`),
    onBroken: (error) => broken.push(error),
  });
  it.start();
  const committed = (source: CommitNotice["source"] = "hint") => {
    const notice = { source, committedAtUnixNs: 1n, detectedAtUnixNs: 2n };
    listener?.({ kind: "committed", notice });
  };
  const putPlace = (frames: number) => {
    place = { inode: 1n, salt1: 1, salt2: 2, frames, checksum1: 3, checksum2: 4 };
  };
  return { it, clock, log, broken, committed, putPlace };
}

describe("Recording", () => {
  test("records every step that waits, in the turn in which a commit is told", () => {
    const { it, log, committed } = recording([step(1), step(2)]);
    committed();
    assert.deepEqual(log, ["record hint recorded", "step 1", "record hint recorded", "step 2"]);
    assert.deepEqual([it.unrecordedForMs(), it.lastReadAtUnixNs], [0, 2n]);
  });

  test("takes no step while one is open, and goes on with it when it is due", async () => {
    const { it, clock, log, committed } = recording([step(1), step(2)], [MORE, FAILED]);
    committed();
    committed();
    assert.deepEqual(log, ["record hint recorded"]);
    await clock.advance(0);
    assert.deepEqual(log.slice(1), ["tend failed"]);
    await clock.advance(249);
    assert.deepEqual([log.length, it.unrecordedForMs() > 0], [2, true]);
    await clock.advance(1);
    assert.deepEqual(log.slice(2), ["tend recorded", "step 1", "record hint recorded", "step 2"]);
    assert.equal(it.unrecordedForMs(), 0);
  });

  test("notes how far the log was read, but not past a step that waits", () => {
    const steps: CaptureStep[] = [];
    const { it, log, putPlace } = recording(steps);
    it.notePlace();
    putPlace(7);
    it.notePlace();
    steps.push(step(1));
    it.notePlace();
    assert.deepEqual(log, ["place 7"]);
  });

  test("records nothing in a pause, and goes on when it ends", async () => {
    let mayRead = false;
    let resume = () => {};
    const pauses: ReadPauses = {
      mayRead: () => mayRead,
      subscribe: (listener) => {
        resume = listener;
        return { [Symbol.dispose]: () => {} };
      },
    };
    const { it, clock, log, committed } = recording([step(1)], [MORE], pauses);
    committed();
    assert.deepEqual(log, []);
    mayRead = true;
    resume();
    assert.deepEqual(log, ["record hint recorded"]);
    mayRead = false;
    await clock.advance(10);
    assert.deepEqual([log.length, it.unrecordedForMs()], [1, 10]);
    mayRead = true;
    resume();
    await clock.advance(0);
    assert.deepEqual(log.slice(1), ["tend recorded", "step 1"]);
  });

  test("says when something is broken for good, and does nothing more", async () => {
    const fault = new Error("corrupt");
    const { clock, log, broken, committed } = recording([step(1), step(2)], [fault]);
    committed();
    committed();
    await clock.advance(10_000);
    assert.deepEqual([broken, log, clock.timersPending], [[fault], [], 0]);
  });
});
