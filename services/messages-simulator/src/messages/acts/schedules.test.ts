import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertRefused, heard } from "../testing/acts-fixture.ts";
import { CHAT, CONTACT, type Reader, withMessages } from "../testing/messages-fixture.ts";

const HOUR_NS = 3_600_000_000_000n;
const create = { kind: "schedule-create", to: CONTACT, text: "later", delayNs: HOUR_NS } as const;
const row = (read: Reader) =>
  read(`SELECT schedule_type, schedule_state, is_sent, is_delivered, is_from_me, m.date,
    j.message_date = m.date AS same FROM message m LEFT JOIN chat_message_join j ON j.message_id = m.ROWID WHERE m.ROWID = 7`)[0] as {
    date: bigint;
  };

describe("schedule", () => {
  test("makes a row with a future date at once, which no start of the simulator sends", async () => {
    await withMessages(async ({ messages, read, news, saves, restart }) => {
      assert.deepEqual(await messages.act(create), [7n]);
      // Handle, chat, row with join, chat's bookkeeping, index.
      assert.deepEqual([saves(), news()], [5, ["chat 4 new", "message 7 new"]]);
      const waiting = {
        schedule_type: 2n,
        schedule_state: 2n,
        is_sent: 0n,
        is_delivered: 0n,
        is_from_me: 1n,
      };
      const { date } = row(read);
      assert.deepEqual(row(read), { ...waiting, date, same: 1n });
      assert.deepEqual(messages.bubbles(6n, 10), []);
      const again = await restart();
      assert.deepEqual([again.repair().finished, news(), row(read)], [0, [], { ...waiting, date, same: 1n }]);
    });
  });

  test("sends it now: date, sent, delivered, a save each", async () => {
    await withMessages(async ({ messages, clock, read, news, saves }) => {
      await messages.act(create);
      const planned = row(read);
      news();
      const before = saves();
      await clock.advance(1_000);
      await messages.act({ kind: "schedule-send", rowid: 7n });
      assert.deepEqual(
        [saves() - before, news()],
        [3, ["message 7 schedule", "message 7 status", "message 7 delivered"]],
      );
      const sent = {
        schedule_state: 3n,
        is_sent: 1n,
        is_delivered: 1n,
        date: planned.date - HOUR_NS + 1_000_000_000n,
      };
      assert.deepEqual(row(read), { ...planned, ...sent });
      assert.deepEqual(
        messages.bubbles(6n, 10).map(({ text }) => text),
        ["later"],
      );
      await assertRefused(
        { messages, saves, news },
        { kind: "schedule-send", rowid: 7n },
        { fact: /does not wait/ },
      );
    });
  });

  test("cancels it: iCloud's note, then the row", async () => {
    await withMessages(async ({ messages, read, news, saves }) => {
      await messages.act(create);
      const [{ guid } = { guid: "" }] = read("SELECT guid FROM message WHERE ROWID = 7") as {
        guid: string;
      }[];
      news();
      const before = saves();
      await messages.act({ kind: "schedule-cancel", rowid: 7n });
      assert.deepEqual([saves() - before, news()], [2, ["message 7 deleted"]]);
      assert.deepEqual(read("SELECT guid FROM scheduled_messages_pending_cloudkit_delete"), [{ guid }]);
      assert.deepEqual(read("SELECT 1 FROM message WHERE ROWID = 7"), []);
      assert.equal(read("SELECT 1 FROM chat WHERE guid = ?", CHAT).length, 1);
    });
  });

  test("is refused where it cannot be", async () => {
    await withMessages(async ({ messages, news, saves }) => {
      const parts = { messages, saves, news };
      await assertRefused(parts, { ...create, to: "nobody" }, { field: "to" });
      await assertRefused(parts, { ...create, text: "" }, { field: "text" });
      for (const delayNs of [0n, -1n, 15n * 24n * HOUR_NS]) {
        await assertRefused(parts, { ...create, delayNs }, { field: "delay" });
      }
      const { rowid } = await heard(messages);
      await assertRefused(parts, { kind: "schedule-send", rowid }, { fact: /does not wait/ });
      await assertRefused(parts, { kind: "schedule-cancel", rowid: 99n }, { what: "message" });
      const [later = 0n] = await messages.act(create);
      for (const kind of ["sent", "failed"] as const) {
        await assertRefused(parts, { kind: "receipt", rowid: later, receipt: kind }, { fact: /sent later/ });
      }
    });
  });
});
