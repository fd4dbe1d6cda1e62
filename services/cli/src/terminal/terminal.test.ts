import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { withoutControls } from "./control-text.ts";
import {
  formatDay,
  formatLocalTime,
  formatMs,
  formatRfc3339,
  formatTimeOfDay,
  localTimeOf,
} from "./duration.ts";
import { Output, toJson } from "./output.ts";
import { COLOUR, PLAIN, styleFor } from "./style.ts";
import { cell, tableLines } from "./table.ts";

class FakeSink extends EventEmitter {
  readonly isTTY = false;
  readonly written: string[] = [];
  isFull = false;

  write(text: string): boolean {
    this.written.push(text);
    return !this.isFull;
  }
}

test("styleFor() colours terminals only, and heeds NO_COLOR", () => {
  assert.equal(styleFor(true, {}), COLOUR);
  assert.equal(styleFor(true, { NO_COLOR: "" }), COLOUR);
  assert.equal(styleFor(true, { NO_COLOR: "1" }), PLAIN);
  assert.equal(styleFor(true, { TERM: "dumb" }), PLAIN);
  assert.equal(styleFor(false, {}), PLAIN);
});

test("tableLines() aligns by what is seen, not by colour codes, and leaves no blanks at the end", () => {
  const rows = [
    [{ text: "ok", shown: COLOUR("good", "ok") }, cell("a"), cell("last")],
    [cell("warning"), cell("bbb"), cell("")],
    [cell("only")],
  ];
  assert.deepEqual(tableLines(rows, "> "), [
    `> ${COLOUR("good", "ok")}       a    last`,
    "> warning  bbb",
    "> only",
  ]);
});

test("formatMs() says as much as a person can use", () => {
  const cases: [number, string][] = [
    [0, "0.0 ms"],
    [0.44, "0.4 ms"],
    [99.94, "99.9 ms"],
    [99.96, "100 ms"],
    [9_999, "9999 ms"],
    [12_345, "12.3 s"],
    [300_000, "5 min"],
    [3 * 3_600_000, "3 h"],
  ];
  assert.deepEqual(
    cases.map(([ms]) => formatMs(ms)),
    cases.map(([, text]) => text),
  );
});

test("formatRfc3339() keeps nanoseconds", () => {
  assert.equal(formatRfc3339(1_767_323_045_000_000_007n), "2026-01-02T03:04:05.000000007Z");
  assert.equal(formatRfc3339(undefined), null);
});

test("times for people are local", () => {
  const date = new Date(2026, 0, 2, 3, 4, 5, 6);
  const unixNs = BigInt(date.getTime()) * 1_000_000n;
  assert.deepEqual(
    [
      formatDay(unixNs),
      formatTimeOfDay(unixNs),
      formatLocalTime(unixNs),
      localTimeOf(date.toISOString()),
      localTimeOf("x"),
    ],
    ["2026-01-02", "03:04:05.006", "2026-01-02 03:04:05", "2026-01-02 03:04:05", "x"],
  );
});

test("toJson() makes strings of 64-bit numbers", () => {
  assert.equal(
    toJson({ sequence: 18_446_744_073_709_551_615n, n: 1 }),
    '{"sequence":"18446744073709551615","n":1}',
  );
});

test("withoutControls() disarms escape sequences, line breaks and bidirectional overrides", () => {
  assert.equal(withoutControls("a\u001b[2Jb\nc\td\u202ee\u0007 ü 👍"), "a\ufffd[2Jb⏎c d\ufffde\ufffd ü 👍");
});

test("drained() waits for a slow reader, and for nobody else", async () => {
  const sink = new FakeSink();
  const output = new Output(sink, new FakeSink(), {});
  const { signal } = new AbortController();
  output.line("fast");
  await output.drained(signal);
  sink.isFull = true;
  output.line("slow");
  let isDrained = false;
  const wait = output.drained(signal).then(() => {
    isDrained = true;
  });
  await Promise.resolve();
  assert.equal(isDrained, false);
  sink.emit("drain");
  await wait;
  assert.equal(sink.listenerCount("drain") + sink.listenerCount("close"), 0);
});

test("drained() ends when the command is told to stop", async () => {
  const sink = new FakeSink();
  sink.isFull = true;
  const output = new Output(sink, new FakeSink(), {});
  const controller = new AbortController();
  output.line("never read");
  const wait = output.drained(controller.signal);
  controller.abort();
  await wait;
  assert.equal(sink.listenerCount("drain"), 0);
});
