import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { onStage } from "../play/testing/stage.ts";
import type { DisturbanceKind } from "./disturbance.ts";

const CONTACT = "+15551234567";
const said = (joinDelayMs: number) => ({
  from: CONTACT,
  text: "hello",
  groupGuid: "",
  joinDelayMs,
  ageNs: 0n,
});
const order = (kind: DisturbanceKind) => ({ kind, rows: 1, seed: 1n });
const UNJOINED = "SELECT ROWID FROM message WHERE ROWID NOT IN (SELECT message_id FROM chat_message_join)";

describe("while messages are half written", () => {
  for (const kind of ["replace-empty", "delete-recreate"] as const) {
    test(`${kind} ends them, and what comes next is written into the new database`, async () => {
      await onStage(async ({ messages, disturbances, clock, read }) => {
        const waiting = assert.rejects(messages.say(said(5_000)), { name: "DatabaseReplacedError" });
        const behind = messages.say(said(0));
        const application = messages.application(new AbortController().signal);
        const sending = application.send("own", { kind: "chat", guid: "any;-;+15552010001" }, undefined);
        await clock.advance(0);
        await sending;
        const disturbing = disturbances.run(order(kind));
        await clock.advance(10_000);
        await Promise.all([waiting, disturbing]);
        // It had not begun, so nothing of it was lost.
        assert.equal((await behind).rowid, 1n);
        const failed = await Promise.race([messages.failed.catch((error: unknown) => error), undefined]);
        assert.equal(failed, undefined);
        assert.deepEqual(read("SELECT count(*) FROM message"), [[1]]);
        assert.deepEqual(read(UNJOINED), []);
        assert.deepEqual(read("PRAGMA foreign_key_check"), []);
      });
    });
  }

  test("restore-copy has their rows, and they go on", async () => {
    await onStage(async ({ messages, disturbances, clock, read }) => {
      const saying = messages.say(said(5_000));
      const disturbing = disturbances.run(order("restore-copy"));
      await clock.advance(0);
      await disturbing;
      assert.deepEqual(read(UNJOINED), [[7]]);
      await clock.advance(5_000);
      assert.equal((await saying).rowid, 7n);
      assert.deepEqual(read(UNJOINED), []);
    });
  });
});
