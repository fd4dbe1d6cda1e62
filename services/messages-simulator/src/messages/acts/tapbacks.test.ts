import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HISTORY_GROUP_GUID } from "../history.ts";
import { ALICE, assertRefused, heard, sent } from "../testing/acts-fixture.ts";
import { CONTACT, type Reader, said, withMessages } from "../testing/messages-fixture.ts";
import { plainEntries } from "../testing/plain-entries.ts";
import type { TapbackAct } from "./act.ts";

const given = (rowid: bigint, order: Partial<TapbackAct> = {}): TapbackAct => ({
  kind: "tapback",
  rowid,
  part: 0,
  from: CONTACT,
  type: 2_000,
  emoji: "",
  ...order,
});

function tapbacks(read: Reader): unknown[] {
  return read(`SELECT ROWID AS rowid, associated_message_type AS type, associated_message_guid AS target, text,
    associated_message_emoji AS emoji, associated_message_range_location AS start, associated_message_range_length AS length,
    is_from_me AS own, (SELECT count(*) FROM chat_message_join j WHERE j.message_id = m.ROWID) AS joins
    FROM message m WHERE associated_message_type <> 0 ORDER BY ROWID`);
}

describe("tapback()", () => {
  test("is a row of its own with its join after the wait, about the range of the part", async () => {
    await withMessages(async ({ messages, clock, read, news, saves }) => {
      const [rowid = 0n] = await messages.act(sent({ text: "look" }));
      const [{ guid } = { guid: "" }] = read("SELECT guid FROM message WHERE ROWID = ?", rowid) as {
        guid: string;
      }[];
      messages.joinDelay = { minMs: 20, maxMs: 20 };
      news();
      const before = saves();
      const acting = messages.act(given(rowid, { part: 1, type: 2_003 }));
      const row = {
        rowid: 8n,
        type: 2_003n,
        target: `p:1/${guid}`,
        text: "Laughed at “look”",
        emoji: null,
        start: 1n,
        length: 4n,
        own: 0n,
      };
      assert.deepEqual([tapbacks(read), saves() - before, news()], [[{ ...row, joins: 0n }], 1, []]);
      await clock.advance(20);
      assert.deepEqual(await acting, [8n]);
      assert.deepEqual(
        [tapbacks(read), saves() - before, news()],
        [[{ ...row, joins: 1n }], 4, ["message 8 new"]],
      );
      const [{ info } = { info: new Uint8Array() }] = read(
        "SELECT message_summary_info AS info FROM message WHERE ROWID = 8",
      ) as { info: Uint8Array }[];
      assert.deepEqual(
        plainEntries(info),
        new Map<string, unknown>([
          ["amc", 1n],
          ["ams", "look"],
        ]),
      );
    });
  });

  test("replaces the same person's one: insert first, delete in a save of its own", async () => {
    await withMessages(async ({ messages, read, news, saves }) => {
      const { rowid } = await heard(messages);
      await messages.act(given(rowid));
      const [{ guid } = { guid: "" }] = read("SELECT guid FROM message WHERE ROWID = 8") as {
        guid: string;
      }[];
      news();
      const before = saves();
      assert.deepEqual(await messages.act(given(rowid, { type: 2_006, emoji: "🎂" })), [9n, 8n]);
      assert.deepEqual([saves() - before, news()], [5, ["message 9 new", "message 8 deleted"]]);
      assert.deepEqual(read("SELECT guid FROM deleted_messages"), [{ guid }]);
      assert.deepEqual(await messages.act(given(rowid, { type: 3_006, emoji: "🎂" })), [10n, 9n]);
      const texts = (tapbacks(read) as { text: string }[]).map(({ text }) => text);
      assert.deepEqual(texts, ["Removed 🎂 from “hello”"]);
      // A new one replaces the removal as well.
      assert.deepEqual(await messages.act(given(rowid, { type: 2_001 })), [11n, 10n]);
    });
  });

  test("keeps those of other people and on other parts, and names a balloon as such", async () => {
    await withMessages(async ({ messages, read }) => {
      const { rowid } = await messages.say(said("hi all", { groupGuid: HISTORY_GROUP_GUID }));
      await messages.act(given(rowid));
      await messages.act(given(rowid, { from: ALICE }));
      await messages.act(given(rowid, { from: "" }));
      assert.equal(tapbacks(read).length, 3);
      await messages.act({ kind: "add-link-preview", rowid });
      await messages.act(given(rowid, { from: "bob@example.com" }));
      const [last] = tapbacks(read).slice(-1) as { target: string }[];
      assert.match(last?.target ?? "", /^bp:[0-9A-F-]{36}$/);
    });
  });

  test("from this account is sent and delivered like any own message, and is no bubble", async () => {
    await withMessages(async ({ messages, read, news, saves }) => {
      const { rowid } = await heard(messages);
      news();
      const before = saves();
      await messages.act(given(rowid, { from: "", type: 2_001 }));
      assert.deepEqual(news(), ["message 8 new", "message 8 status", "message 8 delivered"]);
      assert.equal(saves() - before, 5);
      const [row] = tapbacks(read);
      assert.deepEqual(row, { ...(row as object), own: 1n, joins: 1n, text: "Liked “hello”" });
      assert.deepEqual(messages.bubbles(6n, 10), []);
    });
  });

  test("is refused where it cannot be", async () => {
    await withMessages(async ({ messages, saves, news }) => {
      const parts = { messages, saves, news };
      const { rowid } = await heard(messages);
      await assertRefused(parts, given(rowid, { type: 2_008 }), { field: "type" });
      await assertRefused(parts, given(rowid, { type: 1_001 }), { field: "type" });
      await assertRefused(parts, given(rowid, { type: 2_006 }), { field: "emoji" });
      await assertRefused(parts, given(rowid, { emoji: "🎂" }), { field: "emoji" });
      await assertRefused(parts, given(rowid, { from: "nobody" }), { field: "from" });
      await assertRefused(parts, given(rowid, { from: ALICE }), { fact: /not in the chat/ });
      await assertRefused(parts, given(rowid, { from: "+15559999999" }), { fact: /not in the chat/ });
      await assertRefused(parts, given(rowid, { part: 1 }), { what: "part" });
      await assertRefused(parts, given(99n), { what: "message" });
      await assertRefused(parts, given(rowid, { type: 3_000 }), { fact: /no such tapback/ });
      const [row = 0n] = await messages.act(given(rowid));
      await assertRefused(parts, given(rowid), { fact: /already/ });
      await assertRefused(parts, given(rowid, { type: 3_001 }), { fact: /no such tapback/ });
      await assertRefused(parts, given(row), { fact: /is a tapback/ });
    });
  });
});
