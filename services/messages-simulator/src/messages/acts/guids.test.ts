import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HISTORY_GROUP_GUID } from "../history.ts";
import { assertRefused, contentOf, heard } from "../testing/acts-fixture.ts";
import { CHAT, CONTACT, withMessages } from "../testing/messages-fixture.ts";

const rewritten = (chatGuid: string, newChatGuid: string) =>
  ({ kind: "rewrite-chat-guid", chatGuid, newChatGuid }) as const;

describe("rewriteChatGuid()", () => {
  test("changes the guid in one save; the chat is found again by who is in it", async () => {
    await withMessages(async ({ messages, news, saves, read }) => {
      await heard(messages);
      news();
      const before = saves();
      const guid = `iMessage;-;${CONTACT}`;
      assert.deepEqual(await messages.act(rewritten(CHAT, guid)), []);
      assert.deepEqual([saves() - before, news()], [1, ["chat 4 guid"]]);
      const next = await heard(messages, "next");
      assert.deepEqual([next.chatGuid, news()], [guid, ["message 8 new"]]);
      assert.deepEqual(read("SELECT count(*) AS chats FROM chat"), [{ chats: 4n }]);
    });
  });

  test("is refused where it cannot be", async () => {
    await withMessages(async ({ messages, news, saves }) => {
      const parts = { messages, saves, news };
      await heard(messages);
      await assertRefused(parts, rewritten(CHAT, ""), { field: "new_chat_guid" });
      await assertRefused(parts, rewritten(CHAT, "no guid"), { field: "new_chat_guid" });
      await assertRefused(parts, rewritten(CHAT, "x".repeat(600)), { field: "new_chat_guid" });
      await assertRefused(parts, rewritten("", CHAT), { field: "chat_guid" });
      await assertRefused(parts, rewritten("any;-;+15550001111", "any;-;+15550001112"), { what: "chat" });
      await assertRefused(parts, rewritten(CHAT, "iMessage;+;chat1"), { fact: /stays a group/ });
      await assertRefused(parts, rewritten(CHAT, CHAT), { fact: /already/ });
      await assertRefused(parts, rewritten(HISTORY_GROUP_GUID, HISTORY_GROUP_GUID), { fact: /already/ });
    });
  });
});

describe("rewriteMessageGuid()", () => {
  test("gives another guid and keeps the first one, whatever the row says", async () => {
    await withMessages(async ({ messages, news, saves, read }) => {
      const { rowid, guid } = await heard(messages);
      await messages.act({ kind: "edit", rowid, part: 0, text: "edited" });
      news();
      const before = saves();
      for (const _ of [1, 2]) await messages.act({ kind: "rewrite-message-guid", rowid });
      assert.deepEqual([saves() - before, news()], [2, ["message 7 guid", "message 7 guid"]]);
      const { info, body } = contentOf(read, rowid);
      assert.deepEqual([info.get("orgid"), info.get("ep"), body?.text], [guid, [0n], "edited"]);
      assert.notDeepEqual(read("SELECT guid FROM message WHERE ROWID = ?", rowid), [{ guid }]);
      await assertRefused(
        { messages, saves, news },
        { kind: "rewrite-message-guid", rowid: 99n },
        { what: "message" },
      );
    });
  });
});
