import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@imesh/testing";
import { GRACE_MS, Interruption } from "./interruption.ts";

function interruption() {
  const clock = new FakeClock();
  const ends: string[] = [];
  const told = new Interruption(clock, (signal) => ends.push(signal));
  const state = () => ({ stop: told.stop.aborted, kill: told.kill.aborted, ends: [...ends] });
  return { clock, told, state };
}

test("the first signal stops; what has not ended after the grace is ended by that signal", async () => {
  const { clock, told, state } = interruption();
  told.told("SIGTERM");
  assert.deepEqual(state(), { stop: true, kill: false, ends: [] });
  await clock.advance(GRACE_MS - 1);
  assert.deepEqual(state().ends, []);
  await clock.advance(1);
  assert.deepEqual(state().ends, ["SIGTERM"]);
});

test("a command that is over is not ended", async () => {
  const { clock, told, state } = interruption();
  told.told("SIGINT");
  told.over();
  await clock.advance(10 * GRACE_MS);
  assert.deepEqual(state().ends, []);
});

test("the second signal ends at once, unless services are being stopped: then it kills them, and the third ends", async () => {
  const { clock, told, state } = interruption();
  told.told("SIGINT");
  await clock.advance(1_000);
  told.told("SIGINT");
  assert.deepEqual(state(), { stop: true, kill: false, ends: ["SIGINT"] });

  const held = interruption();
  using _hold = held.told.hold();
  held.told.told("SIGINT");
  await held.clock.advance(10 * GRACE_MS);
  assert.deepEqual(held.state(), { stop: true, kill: false, ends: [] });
  held.told.told("SIGINT");
  await held.clock.advance(1_000);
  assert.deepEqual(held.state(), { stop: true, kill: true, ends: [] });
  held.told.told("SIGTERM");
  assert.deepEqual(held.state().ends, ["SIGTERM"]);
});

test("the grace goes on when services have been stopped", async () => {
  const { clock, told, state } = interruption();
  const hold = told.hold();
  told.told("SIGTERM");
  await clock.advance(2 * GRACE_MS);
  hold[Symbol.dispose]();
  assert.deepEqual(state().ends, []);
  await clock.advance(GRACE_MS);
  assert.deepEqual(state().ends, ["SIGTERM"]);
});

test("one Ctrl-C that comes from the terminal and from npm counts once", async () => {
  const { clock, told, state } = interruption();
  told.told("SIGINT");
  await clock.advance(150);
  told.told("SIGINT");
  assert.deepEqual(state().ends, []);
});
