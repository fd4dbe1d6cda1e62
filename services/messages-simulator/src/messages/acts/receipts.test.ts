import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { FakeClock } from "@imesh/testing";
import type { Messages } from "../messages.ts";
import { assertRefused, heard, sent } from "../testing/acts-fixture.ts";
import { CHAT, said, toChat, withMessages } from "../testing/messages-fixture.ts";
import type { ReceiptKind } from "./act.ts";

const receipt = (rowid: bigint, kind: ReceiptKind) => ({ kind: "receipt", rowid, receipt: kind }) as const;
const STATE = `SELECT is_sent, is_delivered, is_read, is_played, error, date_delivered > 0 AS delivered,
  date_read > 0 AS read, date_played > 0 AS played FROM message WHERE ROWID = ?`;
const NONE = {
  is_sent: 0n,
  is_delivered: 0n,
  is_read: 0n,
  is_played: 0n,
  error: 0n,
  delivered: 0n,
  read: 0n,
  played: 0n,
};

/** An own message whose row is there; nothing more has happened to it. */
async function written(messages: Messages, clock: FakeClock): Promise<void> {
  const sending = messages.application(new AbortController().signal).send("own", toChat, undefined);
  await clock.advance(25);
  await sending;
}

describe("receipt()", () => {
  test("takes an own message to sent, delivered and read, a save and a change each", async () => {
    await withMessages(async ({ messages, clock, read, news, saves }) => {
      await written(messages, clock);
      assert.deepEqual([news(), read(STATE, 7n)], [["message 7 new"], [NONE]]);
      for (const [kind, change, columns] of [
        ["sent", "status", { is_sent: 1n }],
        ["delivered", "delivered", { is_delivered: 1n, delivered: 1n }],
        ["read", "read", { is_read: 1n, read: 1n }],
      ] as const) {
        const before = saves();
        const [state] = read(STATE, 7n) as object[];
        assert.deepEqual(await messages.act(receipt(7n, kind)), [7n]);
        assert.deepEqual([saves() - before, news()], [1, [`message 7 ${change}`]]);
        assert.deepEqual(read(STATE, 7n), [{ ...state, ...columns }]);
        await assertRefused({ messages, saves, news }, receipt(7n, kind), { fact: /already/ });
      }
      // What the outbox would have done now has happened before.
      await clock.advance(200);
      assert.deepEqual(news(), []);
    });
  });

  test("fails an own message for good: what was on its way does not happen any more", async () => {
    await withMessages(async ({ messages, clock, read, news, saves }) => {
      await written(messages, clock);
      news();
      await messages.act(receipt(7n, "failed"));
      assert.deepEqual(news(), ["message 7 status"]);
      await clock.advance(200);
      assert.deepEqual([news(), read(STATE, 7n)], [[], [{ ...NONE, error: 22n }]]);
      for (const kind of ["sent", "delivered", "read", "failed"] as const) {
        await assertRefused({ messages, saves, news }, receipt(7n, kind), { fact: /failed/ });
      }
      const noted = read("SELECT value FROM kvtable WHERE key = 'lastFailedMessageRowID'");
      assert.deepEqual(noted, [{ value: 7n }]);
    });
  });

  test("reads incoming messages up to one in one save, and moves the chat's counter in another", async () => {
    await withMessages(async ({ messages, read, news, saves }) => {
      for (const text of ["one", "two", "three"]) await heard(messages, text);
      await messages.say(said("elsewhere", { from: "bob@example.com" }));
      news();
      const before = saves();
      assert.deepEqual(await messages.act(receipt(8n, "read")), [8n, 7n]);
      assert.deepEqual([saves() - before, news()], [2, ["message 8 read", "message 7 read"]]);
      const unread = read("SELECT ROWID AS rowid FROM message WHERE is_read = 0 ORDER BY ROWID");
      assert.deepEqual(unread, [{ rowid: 9n }, { rowid: 10n }]);
      const counter =
        "SELECT last_read_message_timestamp = (SELECT date FROM message WHERE ROWID = 8) AS same FROM chat WHERE guid = ?";
      assert.deepEqual(read(counter, CHAT), [{ same: 1n }]);
    });
  });

  test("plays voice messages only, and nothing else that a row cannot have", async () => {
    await withMessages(async ({ messages, news, saves, read }) => {
      const { rowid } = await heard(messages);
      const parts = { messages, saves, news };
      await assertRefused(parts, receipt(rowid, "played"), { fact: /no voice message/ });
      for (const kind of ["sent", "delivered", "failed"] as const) {
        await assertRefused(parts, receipt(rowid, kind), { fact: /not from this account/ });
      }
      await assertRefused(parts, receipt(77n, "read"), { what: "message" });
      const [voice = 0n] = await messages.act(sent({ isAudio: true }));
      news();
      await messages.act(receipt(voice, "played"));
      assert.deepEqual(news(), [`message ${voice} played`]);
      assert.deepEqual(read(STATE, voice), [{ ...NONE, is_delivered: 1n, is_played: 1n, played: 1n }]);
      await assertRefused(parts, receipt(voice, "played"), { fact: /already/ });
    });
  });
});
