import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { HISTORY_GROUP_GUID } from "../history.ts";
import { ALICE, assertRefused, heard, sent } from "../testing/acts-fixture.ts";
import { CHAT, CONTACT, type Reader, said, withMessages } from "../testing/messages-fixture.ts";

const JOINS = `SELECT (SELECT count(*) FROM chat_message_join WHERE message_id = @rowid) AS joined,
  (SELECT count(*) FROM chat_recoverable_message_join WHERE message_id = @rowid) AS recoverable,
  (SELECT count(*) FROM message WHERE ROWID = @rowid) AS there`;
const joins = (read: Reader, rowid: bigint) => read(JOINS, { rowid })[0];
const files = (home: string) =>
  readdirSync(join(home, "Library/Messages/Attachments"), { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile(),
  ).length;

describe("recentlyDelete() and recover()", () => {
  test("move the join there and back in one save each, and never lose the message", async () => {
    await withMessages(async ({ messages, clock, read, news, saves }) => {
      const { rowid } = await messages.say(said("hi all", { groupGuid: HISTORY_GROUP_GUID }));
      const [before] = read("SELECT * FROM chat_message_join WHERE message_id = ?", rowid);
      news();
      const count = saves();
      await messages.act({ kind: "recently-delete", rowid });
      assert.deepEqual(joins(read, rowid), { joined: 0n, recoverable: 1n, there: 1n });
      assert.deepEqual([saves() - count, news()], [1, [`message ${rowid} recently-deleted`]]);
      await assertRefused(
        { messages, saves, news },
        { kind: "recently-delete", rowid },
        { fact: /Recently Deleted/ },
      );
      await clock.advance(1_000);
      await messages.act({ kind: "recover", rowid });
      assert.deepEqual(joins(read, rowid), { joined: 1n, recoverable: 0n, there: 1n });
      assert.deepEqual([saves() - count, news()], [2, [`message ${rowid} recovered`]]);
      const [after] = read("SELECT * FROM chat_message_join WHERE message_id = ?", rowid);
      // Leaving the index makes Spotlight forget it.
      assert.deepEqual(after, { ...(before as object), index_state: 0n });
      const columns = read(
        "SELECT cache_roomnames AS room, date_recovered > 0 AS recovered FROM message WHERE ROWID = ?",
        rowid,
      );
      assert.deepEqual(columns, [{ room: "chat700000000000000001", recovered: 1n }]);
      await assertRefused(
        { messages, saves, news },
        { kind: "recover", rowid },
        { fact: /not in Recently Deleted/ },
      );
      await assertRefused({ messages, saves, news }, { kind: "recover", rowid: 99n }, { what: "message" });
    });
  });
});

describe("hardDelete()", () => {
  test("removes row, joins, attachments and files, and logs the guids, whether in a chat or recoverable", async () => {
    await withMessages(async ({ messages, read, news, saves, home }) => {
      for (const isRecoverable of [false, true]) {
        const [rowid = 0n] = await messages.act(sent({ attachments: 2, transferState: 5 }));
        if (isRecoverable) await messages.act({ kind: "recently-delete", rowid });
        const attachments = read("SELECT ROWID AS rowid FROM attachment ORDER BY ROWID") as {
          rowid: bigint;
        }[];
        news();
        const before = saves();
        assert.equal(files(home), 2);
        assert.deepEqual(await messages.act({ kind: "hard-delete", rowid }), [rowid]);
        assert.deepEqual(joins(read, rowid), { joined: 0n, recoverable: 0n, there: 0n });
        const gone = attachments.map((attachment) => `attachment ${attachment.rowid} deleted`);
        assert.deepEqual([saves() - before, news()], [1, [`message ${rowid} deleted`, ...gone]]);
        assert.deepEqual(
          [read("SELECT 1 FROM attachment"), read("SELECT 1 FROM message_attachment_join")],
          [[], []],
        );
        assert.equal(files(home), 0);
      }
      const logged = read(`SELECT (SELECT count(*) FROM deleted_messages) AS messages,
        (SELECT count(*) FROM sync_deleted_messages) AS synced, (SELECT count(*) FROM sync_deleted_attachments) AS attachments`);
      assert.deepEqual(logged, [{ messages: 2n, synced: 2n, attachments: 4n }]);
    });
  });

  test("refuses a row that nobody sees yet", async () => {
    await withMessages(async ({ messages, clock, news, saves }) => {
      const saying = messages.say(said("late", { joinDelayMs: 10 }));
      await assertRefused(
        { messages, saves, news },
        { kind: "hard-delete", rowid: 7n },
        { fact: /in no chat/ },
      );
      await assertRefused({ messages, saves, news }, { kind: "hard-delete", rowid: 8n }, { what: "message" });
      await clock.advance(10);
      await saying;
    });
  });
});

describe("deleteChat()", () => {
  test("removes the chat with its messages and the handle nobody else needs, in one save", async () => {
    await withMessages(async ({ messages, read, news, saves }) => {
      await heard(messages);
      await messages.act(sent({ transferState: 5 }));
      await messages.act({ kind: "recently-delete", rowid: 7n });
      news();
      const before = saves();
      assert.deepEqual(await messages.act({ kind: "delete-chat", chatGuid: CHAT }), [7n, 8n]);
      assert.equal(saves() - before, 1);
      assert.deepEqual(news(), [
        "chat 4 deleted",
        "message 7 deleted",
        "message 8 deleted",
        "attachment 1 deleted",
      ]);
      assert.deepEqual(read("SELECT 1 FROM message WHERE ROWID > 6"), []);
      assert.deepEqual(read("SELECT 1 FROM handle WHERE id = ?", CONTACT), []);
      assert.deepEqual(read("SELECT 1 FROM chat_handle_join WHERE chat_id = 4"), []);
      await assertRefused(
        { messages, saves, news },
        { kind: "delete-chat", chatGuid: CHAT },
        { what: "chat" },
      );
      await assertRefused(
        { messages, saves, news },
        { kind: "delete-chat", chatGuid: "" },
        { field: "chat_guid" },
      );
      const again = await heard(messages, "back again");
      assert.deepEqual(again.chatGuid, CHAT);
      assert.deepEqual(news(), ["chat 5 new", `message ${again.rowid} new`]);
    });
  });

  test("keeps a handle that another chat needs", async () => {
    await withMessages(async ({ messages, read, news }) => {
      await messages.act({ kind: "delete-chat", chatGuid: `any;-;${ALICE}` });
      assert.deepEqual(news(), [
        "chat 1 deleted",
        "message 1 deleted",
        "message 2 deleted",
        "message 6 deleted",
      ]);
      assert.equal(read("SELECT 1 FROM handle WHERE id = ?", ALICE).length, 1);
    });
  });

  test("waits for the rows that wait for the chat", async () => {
    await withMessages(async ({ messages, clock, news }) => {
      const saying = messages.say(said("slow", { joinDelayMs: 50 }));
      const deleting = messages.act({ kind: "delete-chat", chatGuid: CHAT });
      await clock.advance(50);
      await Promise.all([saying, deleting]);
      assert.deepEqual(news(), ["chat 4 new", "message 7 new", "chat 4 deleted", "message 7 deleted"]);
    });
  });

  test("what was on its way to the peer does nothing to rows that are gone, and makes the chat anew", async () => {
    await withMessages(async ({ messages, clock, read, news }) => {
      const chat = `any;-;${ALICE}`;
      const send = (text: string, guid: string) => {
        const sending = messages
          .application(new AbortController().signal)
          .send(text, { kind: "chat", guid }, undefined);
        return clock.advance(5).then(() => sending);
      };
      await send("written", chat);
      await clock.advance(20);
      await send("accepted", chat);
      await send("accepted", HISTORY_GROUP_GUID);
      await messages.act({ kind: "delete-chat", chatGuid: chat });
      await messages.act({ kind: "delete-chat", chatGuid: HISTORY_GROUP_GUID });
      news();
      await clock.advance(200);
      assert.deepEqual(news(), ["chat 4 new", "message 8 new", "message 8 status", "message 8 delivered"]);
      const ghosts = read(
        "SELECT service, (SELECT count(*) FROM chat_message_join WHERE message_id = 9) AS joins FROM message WHERE ROWID = 9",
      );
      assert.deepEqual(ghosts, [{ service: "SMS", joins: 0n }]);
    });
  });
});
