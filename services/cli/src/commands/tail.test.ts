import assert from "node:assert/strict";
import { test } from "node:test";
import { temporaryDirectory, waitFor } from "@imesh/testing";
import { capturedContext } from "../testing/captured-context.ts";
import { FakeBridge } from "../testing/fake-bridge.ts";
import { tailCommand } from "./tail.ts";

const DEADLINE_MS = 20_000;

function sequences(lines: readonly string[]): number[] {
  return lines.map((line) => Number(JSON.parse(line).sequence));
}

test("tail goes on after a restart of the bridge where it ended, without a gap and without an event twice", async () => {
  await using directory = await temporaryDirectory();
  const bridge = new FakeBridge(directory.file("b.sock"));
  await bridge.start();
  bridge.append(3);
  const { context, out, err } = capturedContext(directory.path);
  const argv = ["--json", "--after", "1", "--limit", "6", "--bridge", bridge.target];
  const tail = tailCommand.run(argv, context);
  await waitFor(() => out.lines.length === 2, { deadlineMs: DEADLINE_MS, what: "the first events" });
  await bridge.stop();
  bridge.append(2);
  await bridge.start();
  await waitFor(() => out.lines.length === 4, { deadlineMs: DEADLINE_MS, what: "those of the meantime" });
  bridge.append(10);
  assert.equal(await tail, 0);
  assert.deepEqual(sequences(out.lines), [2, 3, 4, 5, 6, 7]);
  assert.deepEqual(bridge.opened, ["1", "3"]);
  assert.equal(err.text.includes("\n    at "), false);
  await bridge.stop();
});

test("tail begins with what comes from now on, and after a restart misses nothing of it", async () => {
  await using directory = await temporaryDirectory();
  const bridge = new FakeBridge(directory.file("b.sock"));
  await bridge.start();
  bridge.append(3);
  const { context, out, stop } = capturedContext(directory.path);
  const tail = tailCommand.run(["--json", "--bridge", bridge.target], context);
  await waitFor(() => bridge.opened.length === 1, { deadlineMs: DEADLINE_MS, what: "the stream" });
  bridge.append(1);
  await waitFor(() => out.lines.length === 1, { deadlineMs: DEADLINE_MS, what: "the new event" });
  await bridge.stop();
  bridge.append(1);
  await bridge.start();
  await waitFor(() => out.lines.length === 2, { deadlineMs: DEADLINE_MS, what: "the event of the meantime" });
  stop();
  assert.equal(await tail, 0);
  assert.deepEqual(sequences(out.lines), [4, 5]);
  assert.deepEqual(bridge.opened, ["head", "4"]);
  await bridge.stop();
});

test("tail --no-follow ends with the last event there is", async () => {
  await using directory = await temporaryDirectory();
  const bridge = new FakeBridge(directory.file("b.sock"));
  await bridge.start();
  bridge.append(200);
  const { context, out } = capturedContext(directory.path);
  const argv = ["--json", "--after", "0", "--no-follow", "--bridge", bridge.target];
  assert.equal(await tailCommand.run(argv, context), 0);
  assert.deepEqual(
    sequences(out.lines),
    Array.from({ length: 200 }, (_, index) => index + 1),
  );
  await bridge.stop();
});

test("tail --no-follow without a bridge ends at the first failure, as every other command", {
  timeout: 30_000,
}, async () => {
  await using directory = await temporaryDirectory();
  const { context } = capturedContext(directory.path);
  const target = `unix:${directory.file("none.sock")}`;
  await assert.rejects(tailCommand.run(["--after", "0", "--no-follow", "--bridge", target], context), {
    code: "UNAVAILABLE",
    message: `nothing listens at ${target}`,
  });
});

test("tail names the bridge that it waits for, and what to do, once", { timeout: 30_000 }, async () => {
  await using directory = await temporaryDirectory();
  const bridge = new FakeBridge(directory.file("b.sock"));
  const { context, err, stop } = capturedContext(directory.path);
  const tail = tailCommand.run(["--bridge", bridge.target], context);
  await waitFor(() => err.lines.length === 2, { deadlineMs: DEADLINE_MS, what: "the notes" });
  await bridge.start();
  await waitFor(() => err.lines.length === 3, { deadlineMs: DEADLINE_MS, what: "the connection" });
  bridge.append(1);
  stop();
  assert.equal(await tail, 0);
  assert.deepEqual(err.lines, [
    `no connection to mac-bridge at ${bridge.target} (UNAVAILABLE); trying again`,
    "  → Is it running? imesh status tells; imesh start starts everything",
    "connected to mac-bridge",
  ]);
  await bridge.stop();
});
