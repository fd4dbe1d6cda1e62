import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CHAT, OWN, OWN_ROW, said, toChat, withMessages } from "./testing/messages-fixture.ts";

describe("repair()", () => {
  test("finds nothing to do in a whole database", async () => {
    await withMessages(async ({ messages }) => {
      assert.deepEqual(messages.repair(), { reparented: 0, finished: 0 });
    });
  });

  test("joins rows that were stopped between row and join, and finishes own ones", async () => {
    await withMessages(async ({ messages, clock, read, restart }) => {
      const saying = assert.rejects(messages.say(said("interrupted", { joinDelayMs: 1_000 })), {
        name: "QuittingError",
      });
      const sending = messages.application(new AbortController().signal).send("half sent", toChat, undefined);
      await clock.advance(25);
      await sending;
      assert.deepEqual(read(OWN), [OWN_ROW]);
      const again = await restart();
      await saying;
      const unjoined =
        "SELECT m.ROWID AS rowid FROM message m WHERE m.ROWID NOT IN (SELECT message_id FROM chat_message_join)";
      assert.deepEqual(read(unjoined), [{ rowid: 7n }]);
      await clock.advance(1_000);
      assert.deepEqual(again.repair(), { reparented: 1, finished: 1 });
      assert.deepEqual(read(unjoined), []);
      assert.deepEqual(read(OWN), [{ ...OWN_ROW, is_sent: 1n, is_delivered: 1n, receipt: 1n }]);
      const chat = read(
        "SELECT c.guid FROM chat c JOIN chat_message_join j ON j.chat_id = c.ROWID WHERE j.message_id = 7",
      );
      assert.deepEqual(chat, [{ guid: CHAT }]);
      const written = await again.say(said("next run"));
      assert.equal(written.rowid, 9n);
    });
  });
});
