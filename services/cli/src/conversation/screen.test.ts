import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { capturedContext } from "../testing/captured-context.ts";
import { Screen } from "./screen.ts";

function open() {
  const { context, out, stop } = capturedContext("/");
  const stdin = new PassThrough();
  const screen = new Screen({ ...context.environment, stdin }, context.output);
  return { screen, stdin, out, stop, signal: context.environment.stop };
}

test("a screen hands over each line and ends with its input", async () => {
  const { screen, stdin, signal } = open();
  const lines: string[] = [];
  const reading = screen.readLines((line) => lines.push(line), signal);
  stdin.end("hello\n/status\nlast");
  await reading;
  assert.deepEqual(lines, ["hello", "/status", "last"]);
  screen[Symbol.dispose]();
});

test("a screen ends when it is told to", async () => {
  const { screen, stop, signal } = open();
  const reading = screen.readLines(() => {}, signal);
  stop();
  await reading;
  screen[Symbol.dispose]();
});

test("without a terminal nothing moves a cursor", () => {
  const { screen, out } = open();
  screen.show(["one", "two"]);
  screen[Symbol.dispose]();
  assert.equal(out.text, "one\ntwo\n");
});
