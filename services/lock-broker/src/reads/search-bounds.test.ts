import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@imesh/testing";
import { NO_GAPS } from "../fixtures/no-gaps.ts";
import { ReadScheduler } from "../scheduling/read-scheduler.ts";
import { ScheduledReads } from "./scheduled-reads.ts";

const SEARCH = {
  chatGuid: undefined,
  fromDate: undefined,
  untilDate: undefined,
  words: ["word"],
  messagesMax: 20,
  after: undefined,
};

/** How many pages a search takes that never finds anything, each page so long and through so many rows. */
async function pagesOf(pageMs: number, pageRows: number, deadlineMs: number): Promise<unknown[]> {
  const clock = new FakeClock();
  const asked: number[] = [];
  const reads = new ScheduledReads({
    scheduler: new ReadScheduler({ clock, gaps: NO_GAPS, onRefused: () => {} }),
    readPage: async (_kind, request) => {
      asked.push((request as { readonly searchedMax: number }).searchedMax);
      await clock.sleep(pageMs);
      const next = { database: 1, date: 5n, rowid: 5n };
      return {
        messages: [],
        bytes: 0,
        isFull: false,
        next,
        searched: pageRows,
        searchedThroughDate: 5n,
      } as never;
    },
    describe: () => assert.fail("not asked"),
    clock,
  });
  const found = reads.search(SEARCH, { client: "c", deadlineMs, signal: new AbortController().signal });
  while (clock.timersPending > 0) await clock.advance(clock.nextTimerMs ?? 0);
  const { searched, next } = await found;
  return [asked.length, searched, next?.rowid, asked.at(-1)];
}

test("a search looks through 20,000 messages at most", async () => {
  assert.deepEqual(await pagesOf(1, 3_000, Infinity), [7, 21_000, 5n, 2_000]);
});

test("a search looks for half a second at most", async () => {
  assert.deepEqual(await pagesOf(20, 10, Infinity), [25, 250, 5n, 19_760]);
});

test("a search answers before its caller's deadline, with what it has", async () => {
  assert.deepEqual(await pagesOf(20, 10, 200), [5, 50, 5n, 19_960]);
});
