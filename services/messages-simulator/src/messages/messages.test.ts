import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodeAttributedBody } from "@imesh/imessage-codec";
import { HISTORY_GROUP_GUID } from "./history.ts";
import type { WrittenMessage } from "./incoming.ts";
import type { SayOrder } from "./say-order.ts";
import { CHAT, CONTACT, HISTORY, said, withMessages } from "./testing/messages-fixture.ts";

describe("say()", () => {
  test("writes row and join so that a reader sees the one without the other between", async () => {
    await withMessages(async ({ messages, clock, read }) => {
      const joins =
        "SELECT m.guid, j.chat_id FROM message m LEFT JOIN chat_message_join j ON j.message_id = m.ROWID WHERE m.ROWID > 6";
      const saying = messages.say(said("héllo 👋", { joinDelayMs: 50 }));
      const [row] = read(joins) as { guid: string }[];
      assert.deepEqual(row, { guid: row?.guid, chat_id: null });
      await clock.advance(49);
      assert.deepEqual(read(joins), [row]);
      await clock.advance(1);
      const insertUnixNs = 1_767_323_045_000_000_000n;
      assert.deepEqual(await saying, {
        guid: row?.guid,
        rowid: 7n,
        chatGuid: CHAT,
        text: "héllo 👋",
        insertUnixNs,
        joinedUnixNs: insertUnixNs + 50_000_000n,
      });
      assert.deepEqual(read(joins), [{ guid: row?.guid, chat_id: 4n }]);
    });
  });

  test("fills the columns as Messages does", async () => {
    await withMessages(async ({ messages, read }) => {
      await messages.say(said("first"));
      await messages.say(said("second", { ageNs: 3_600_000_000_000n }));
      const columns = `guid, handle_id, service, account, is_from_me, is_finished, is_read, is_sent, is_delivered, error,
        version, part_count, destination_caller_id, ck_chat_id, reply_to_guid, cache_roomnames, index_state, date`;
      const [first, second] = read(`SELECT ${columns} FROM message WHERE ROWID > 6 ORDER BY ROWID`) as {
        guid: string;
        date: bigint;
      }[];
      assert.match(first?.guid ?? "", /^[0-9A-F-]{36}$/);
      const same = {
        handle_id: 3n,
        service: "iMessage",
        account: "P:+15550000000",
        is_from_me: 0n,
        is_finished: 1n,
        is_read: 0n,
        is_sent: 0n,
        is_delivered: 1n,
        error: 0n,
        version: 10n,
        part_count: 1n,
        destination_caller_id: "+15550000000",
        ck_chat_id: CHAT,
        cache_roomnames: null,
        index_state: 1n,
      };
      const date = 1_767_323_045_000_000_000n - 978_307_200_000_000_000n;
      assert.deepEqual(first, { ...same, guid: first?.guid, reply_to_guid: null, date });
      assert.deepEqual(second, {
        ...same,
        guid: second?.guid,
        reply_to_guid: first?.guid,
        date: date - 3_600_000_000_000n,
      });
    });
  });

  test("puts the text into attributedBody always and into text sometimes", async () => {
    await withMessages(async ({ messages, read }) => {
      for (let number = 0; number < 60; number += 1) await messages.say(said(`text ${number}`));
      const rows = read("SELECT text, attributedBody FROM message WHERE ROWID > 6 ORDER BY ROWID") as {
        text: string | null;
        attributedBody: Buffer;
      }[];
      const bodies = rows.map(({ attributedBody }) => decodeAttributedBody(attributedBody).text);
      assert.deepEqual(
        bodies,
        rows.map((_, index) => `text ${index}`),
      );
      const filled = rows.filter(({ text }, index) => text === null || text === bodies[index]);
      assert.equal(filled.length, rows.length);
      const withText = rows.filter(({ text }) => text !== null).length;
      assert.ok(withText > 5 && withText < 30, `${withText} of 60 rows have text`);
    });
  });

  test("makes each of its steps a commit of its own", async () => {
    await withMessages(async ({ messages, read }) => {
      const saves = () => {
        const sql = "SELECT value FROM _SqliteDatabaseProperties WHERE key = '__CSDBRecordSequenceNumber'";
        return Number((read(sql)[0] as { value: string }).value);
      };
      const before = saves();
      await messages.say(said("new contact"));
      assert.equal(saves() - before, 6);
      await messages.say(said("known contact"));
      assert.equal(saves() - before, 10);
    });
  });

  test("keeps the messages of one chat apart while other chats go on", async () => {
    await withMessages(async ({ messages, clock, read }) => {
      const slow = messages.say(said("slow", { joinDelayMs: 100 }));
      const behind = messages.say(said("behind", { joinDelayMs: 0 }));
      const other = await messages.say(said("other chat", { from: "bob@example.com" }));
      assert.equal(other.rowid, 8n);
      await clock.advance(99);
      assert.deepEqual(read("SELECT max(ROWID) AS head FROM message"), [{ head: 8n }]);
      await clock.advance(1);
      assert.deepEqual([(await slow).rowid, (await behind).rowid], [7n, 9n]);
    });
  });

  test("says things in the group of the history and in a new one", async () => {
    await withMessages(async ({ messages, read }) => {
      const old = await messages.say(said("hi all", { groupGuid: HISTORY_GROUP_GUID }));
      const fresh = await messages.say(said("new group", { groupGuid: "any;+;chat42" }));
      assert.deepEqual([old.chatGuid, fresh.chatGuid], [HISTORY_GROUP_GUID, "any;+;chat42"]);
      const rows = read("SELECT cache_roomnames FROM message WHERE ROWID > 6 ORDER BY ROWID");
      assert.deepEqual(rows, [{ cache_roomnames: "chat700000000000000001" }, { cache_roomnames: "chat42" }]);
      const members = read(
        "SELECT h.id FROM chat_handle_join j JOIN handle h ON h.ROWID = j.handle_id JOIN chat c ON c.ROWID = j.chat_id WHERE c.guid = ?",
        HISTORY_GROUP_GUID,
      );
      assert.deepEqual(members, [{ id: "+15552010001" }, { id: "bob@example.com" }, { id: CONTACT }]);
    });
  });

  const REFUSED: readonly (readonly [Partial<SayOrder>, string])[] = [
    [{ from: "nobody" }, "from"],
    [{ from: "+15550000000" }, "from"],
    [{ text: "" }, "text"],
    [{ text: "x".repeat(100_001) }, "text"],
    [{ groupGuid: "any;-;+15552010001" }, "chat_guid"],
  ];
  for (const [order, field] of REFUSED) {
    test(`refuses ${JSON.stringify(order).slice(0, 40)} and writes nothing`, async () => {
      await withMessages(async ({ messages }) => {
        await assert.rejects(messages.say(said("text", order)), { name: "OrderRefusedError", field });
        assert.deepEqual(messages.counts(), HISTORY);
      });
    });
  }

  test("draws the same for the same seed, whatever the timing", async () => {
    const guids = async (wait: number) => {
      let found: unknown[] = [];
      await withMessages(async ({ messages, clock, read }) => {
        const both = [messages.say(said("a", { joinDelayMs: wait })), messages.say(said("b"))];
        await clock.advance(wait);
        await Promise.all(both);
        found = read("SELECT guid, text FROM message ORDER BY ROWID");
      });
      return found;
    };
    assert.deepEqual(await guids(0), await guids(500));
  });
});

describe("burst()", () => {
  test("reports every message once, in the order of its chat, and starts no more when told to stop", async () => {
    await withMessages(async ({ messages, clock, read }) => {
      const order = {
        messages: 200,
        chats: 5,
        ratePerSecond: 1_000,
        joinDelay: { minMs: 0, maxMs: 10 },
        seed: 9n,
        prefix: "b",
      };
      const reported: WrittenMessage[] = [];
      const report = async (message: WrittenMessage) => {
        reported.push(message);
      };
      const bursting = messages.burst(order, report, new AbortController().signal);
      await clock.advance(5_000);
      await bursting;
      assert.equal(new Set(reported.map(({ guid }) => guid)).size, 200);
      const perChat = Map.groupBy(reported, ({ chatGuid }) => chatGuid);
      assert.equal(perChat.size, 5);
      for (const ofChat of perChat.values()) {
        const rowids = ofChat.map(({ rowid }) => rowid);
        assert.deepEqual(
          rowids,
          rowids.toSorted((a, b) => Number(a - b)),
        );
      }
      assert.deepEqual(read("SELECT count(*) AS joined FROM chat_message_join WHERE message_id > 6"), [
        { joined: 200n },
      ]);

      const controller = new AbortController();
      const stopped = messages.burst({ ...order, ratePerSecond: 10 }, report, controller.signal);
      await clock.advance(1_000);
      controller.abort(new Error("enough"));
      await assert.rejects(stopped, /enough/);
      const { headRowid } = messages.counts();
      await clock.advance(5_000);
      assert.equal(messages.counts().headRowid, headRowid);
    });
  });

  test("is no faster than its reports are taken", async () => {
    await withMessages(async ({ messages, clock }) => {
      const order = {
        messages: 3_000,
        chats: 10,
        ratePerSecond: 0,
        joinDelay: { minMs: 0, maxMs: 0 },
        seed: 1n,
        prefix: "",
      };
      const controller = new AbortController();
      const never = () => new Promise<void>(() => {});
      const bursting = messages.burst(order, never, controller.signal);
      await clock.advance(1_000);
      assert.deepEqual(messages.counts().incoming, HISTORY.incoming + 1_000n);
      controller.abort(new Error("enough"));
      await assert.rejects(bursting, /enough/);
    });
  });
});

test("a burst that waits for its next message ends when Messages quits", async () => {
  await withMessages(async ({ messages, clock }) => {
    const order = {
      messages: 10,
      chats: 1,
      ratePerSecond: 0.001,
      joinDelay: { minMs: 0, maxMs: 0 },
      seed: 1n,
      prefix: "",
    };
    const bursting = messages.burst(order, async () => {}, new AbortController().signal);
    await clock.advance(0);
    messages.quit();
    await assert.rejects(bursting, { name: "QuittingError" });
    assert.equal(clock.timersPending, 0);
  });
});

test("a stopped Messages begins nothing new", async () => {
  await withMessages(async ({ messages }) => {
    messages.quit();
    await assert.rejects(messages.say(said("too late")), { name: "QuittingError" });
    assert.deepEqual(messages.counts(), HISTORY);
  });
});
