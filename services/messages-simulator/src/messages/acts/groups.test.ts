import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HISTORY_GROUP_GUID } from "../history.ts";
import { ALICE, assertRefused } from "../testing/acts-fixture.ts";
import { CONTACT, type Reader, withMessages } from "../testing/messages-fixture.ts";
import { plainEntries } from "../testing/plain-entries.ts";

const GROUP = HISTORY_GROUP_GUID;
const rename = (name: string, from = "") => ({ kind: "rename-chat", chatGuid: GROUP, name, from }) as const;
const member = (address: string, isAdded: boolean, from = "") =>
  ({ kind: "change-membership", chatGuid: GROUP, address, isAdded, from }) as const;
const photo = (isRemoved: boolean, from = "") =>
  ({ kind: "change-photo", chatGuid: GROUP, isRemoved, from }) as const;

const EVENT = `SELECT item_type, group_action_type, group_title, is_from_me, text, attributedBody,
  (SELECT id FROM handle WHERE ROWID = handle_id) AS actor, (SELECT id FROM handle WHERE ROWID = other_handle) AS other,
  (SELECT count(*) FROM chat_message_join WHERE message_id = m.ROWID) AS joins FROM message m WHERE ROWID = ?`;
const NO_TEXT = { text: null, attributedBody: null };
const members = (read: Reader) =>
  read(
    "SELECT h.id FROM chat_handle_join j JOIN handle h ON h.ROWID = j.handle_id JOIN chat c ON c.ROWID = j.chat_id WHERE c.guid = ? ORDER BY h.id",
    GROUP,
  ).map((row) => (row as { id: string }).id);
const nameOf = (read: Reader) => read("SELECT display_name AS name FROM chat WHERE guid = ?", GROUP);

describe("renameChat()", () => {
  test("is a row, its join and the chat's column, a save each", async () => {
    await withMessages(async ({ messages, clock, read, news, saves }) => {
      messages.joinDelay = { minMs: 20, maxMs: 20 };
      const before = saves();
      const renaming = messages.act(rename("Pie", ALICE));
      const row = {
        item_type: 2n,
        group_action_type: 0n,
        group_title: "Pie",
        is_from_me: 0n,
        ...NO_TEXT,
        actor: ALICE,
      };
      assert.deepEqual(read(EVENT, 7n), [{ ...row, other: null, joins: 0n }]);
      assert.deepEqual([saves() - before, news(), nameOf(read)], [1, [], [{ name: "Cake" }]]);
      await clock.advance(20);
      assert.deepEqual(await renaming, [7n]);
      assert.deepEqual(read(EVENT, 7n), [{ ...row, other: null, joins: 1n }]);
      assert.deepEqual([saves() - before, news()], [3, ["message 7 new", "chat 3 name"]]);
      assert.deepEqual(nameOf(read), [{ name: "Pie" }]);
      await messages.act(rename(""));
      assert.deepEqual(nameOf(read), [{ name: "" }]);
      const [own] = read(EVENT, 8n);
      assert.deepEqual(own, {
        ...row,
        group_title: null,
        is_from_me: 1n,
        actor: null,
        other: null,
        joins: 1n,
      });
    });
  });

  test("is refused where it cannot be", async () => {
    await withMessages(async ({ messages, news, saves }) => {
      const parts = { messages, saves, news };
      await assertRefused(parts, rename("Cake"), { fact: /already/ });
      await assertRefused(parts, rename("x".repeat(1_001)), { field: "name" });
      await assertRefused(parts, rename("Pie", "nobody"), { field: "from" });
      await assertRefused(parts, rename("Pie", CONTACT), { fact: /not in the chat/ });
      await assertRefused(parts, { ...rename("Pie"), chatGuid: "any;+;chat9" }, { what: "chat" });
      await assertRefused(parts, { ...rename("Pie"), chatGuid: `any;-;${ALICE}` }, { fact: /no group/ });
    });
  });
});

describe("changeMembership()", () => {
  test("adds, removes and lets leave: a row, its join and the membership, a save each", async () => {
    await withMessages(async ({ messages, read, news, saves }) => {
      const before = saves();
      await messages.act(member(CONTACT, true, ALICE));
      // One more for the handle of a stranger.
      assert.deepEqual([saves() - before, news()], [4, ["message 7 new", "chat 3 members"]]);
      const event = { group_title: null, is_from_me: 0n, ...NO_TEXT, joins: 1n };
      const added = { ...event, item_type: 1n, group_action_type: 0n, actor: ALICE, other: CONTACT };
      assert.deepEqual([read(EVENT, 7n), members(read)], [[added], [CONTACT, ALICE, "bob@example.com"]]);
      await messages.act(member("Bob@Example.com", false));
      const removed = {
        ...added,
        group_action_type: 1n,
        is_from_me: 1n,
        actor: null,
        other: "bob@example.com",
      };
      assert.deepEqual([read(EVENT, 8n), members(read)], [[removed], [CONTACT, ALICE]]);
      await messages.act(member(CONTACT, false, CONTACT));
      const left = { ...event, item_type: 3n, group_action_type: 0n, actor: CONTACT, other: null };
      assert.deepEqual([read(EVENT, 9n), members(read)], [[left], [ALICE]]);
      assert.deepEqual(
        [saves() - before, news()],
        [10, ["message 8 new", "chat 3 members", "message 9 new", "chat 3 members"]],
      );
    });
  });

  test("is refused where it cannot be", async () => {
    await withMessages(async ({ messages, news, saves }) => {
      const parts = { messages, saves, news };
      await assertRefused(parts, member(ALICE, true), { fact: /in the chat already/ });
      await assertRefused(parts, member(CONTACT, false), { fact: /not in the chat/ });
      await assertRefused(parts, member(CONTACT, true, CONTACT), { fact: /not in the chat/ });
      await assertRefused(parts, member("+15550000000", true), { field: "address" });
      await assertRefused(parts, member("12", true), { field: "address" });
      await assertRefused(
        parts,
        { ...member(CONTACT, true), chatGuid: `any;-;${ALICE}` },
        { fact: /no group/ },
      );
    });
  });
});

describe("changePhoto()", () => {
  test("is a row with the picture, its join and the chat's properties, a save each", async () => {
    await withMessages(async ({ messages, read, news, saves }) => {
      const properties = () => {
        const [row] = read("SELECT properties FROM chat WHERE guid = ?", GROUP) as {
          properties: Uint8Array | null;
        }[];
        return plainEntries(row?.properties ?? null);
      };
      await assertRefused({ messages, saves, news }, photo(true), { fact: /no photo/ });
      const before = saves();
      await messages.act(photo(false, ALICE));
      assert.deepEqual([saves() - before, news()], [3, ["message 7 new", "chat 3 properties"]]);
      const [attachment] = read(
        "SELECT a.guid, a.transfer_name FROM attachment a JOIN message_attachment_join j ON j.attachment_id = a.ROWID WHERE j.message_id = 7",
      ) as { guid: string }[];
      assert.deepEqual(attachment, { guid: attachment?.guid, transfer_name: "GroupPhotoImage" });
      assert.deepEqual(properties(), new Map([["groupPhotoGuid", attachment?.guid]]));
      await messages.act(photo(true));
      assert.deepEqual(news(), ["message 8 new", "chat 3 properties"]);
      assert.deepEqual(properties(), new Map());
      const actions = read("SELECT item_type, group_action_type FROM message WHERE ROWID > 6 ORDER BY ROWID");
      assert.deepEqual(
        actions,
        [1n, 2n].map((action) => ({ item_type: 3n, group_action_type: action })),
      );
    });
  });
});
