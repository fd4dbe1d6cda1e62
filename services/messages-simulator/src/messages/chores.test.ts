import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "@imesh/testing";
import { Chores, QuittingError } from "./chores.ts";

describe("Chores", () => {
  test("have room up to their bound, and again when one is done", async () => {
    const clock = new FakeClock();
    await using chores = new Chores(2, new AbortController());
    chores.take(() => clock.sleep(1));
    chores.take(() => clock.sleep(2));
    assert.equal(chores.hasRoom, false);
    assert.throws(() => chores.take(async () => {}), { name: "AssertionError" });
    await clock.advance(1);
    assert.equal(chores.hasRoom, true);
    await clock.advance(1);
  });

  test("reject `failed` with the first failure, and go on with the others", async () => {
    await using chores = new Chores(2, new AbortController());
    let isDone = false;
    chores.take(async () => {
      throw new Error("disk full");
    });
    chores.take(async () => {
      isDone = true;
    });
    await assert.rejects(chores.failed, /disk full/);
    assert.equal(isDone, true);
  });

  test("are over when disposed, and their end is no failure", async () => {
    const clock = new FakeClock();
    const stopping = new AbortController();
    const chores = new Chores(2, stopping);
    let reason: unknown;
    chores.take(() =>
      clock.sleep(1_000, stopping.signal).catch((error: unknown) => {
        reason = error;
        throw error;
      }),
    );
    await chores[Symbol.asyncDispose]();
    assert.ok(reason instanceof QuittingError);
    const failed = chores.failed.catch(() => "failed");
    assert.equal(await Promise.race([failed, Promise.resolve("quiet")]), "quiet");
    assert.equal(clock.timersPending, 0);
  });
});
