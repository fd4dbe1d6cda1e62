import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodeBody } from "@imesh/imessage-codec";
import { HISTORY_GROUP_GUID } from "../history.ts";
import type { Messages } from "../messages.ts";
import { ALICE, assertRefused, composed, heard, picture, words } from "../testing/acts-fixture.ts";
import { CHAT, CONTACT, type Reader, withMessages } from "../testing/messages-fixture.ts";
import type { ComposeAct } from "./shapes.ts";

async function written(messages: Messages, act: ComposeAct): Promise<bigint> {
  const [rowid] = await messages.act(act);
  assert.ok(rowid !== undefined);
  return rowid;
}

function columns(read: Reader, rowid: bigint, names: string): unknown {
  return read(`SELECT ${names} FROM message WHERE ROWID = ?`, rowid)[0];
}

function bodyOf(read: Reader, rowid: bigint) {
  return decodeBody((columns(read, rowid, "attributedBody AS body") as { body: Uint8Array }).body);
}

describe("compose()", () => {
  test("writes words with everything that they can have", async () => {
    await withMessages(async ({ messages, read }) => {
      const rowid = await written(
        messages,
        composed([
          words("Hi "),
          words("Alice", { mention: ALICE }),
          words(" look", { styles: ["bold", "strikethrough"], effect: "shake" }),
          words("https://example.com", { link: "https://example.com" }),
          words("123456", { oneTimeCode: "123456" }),
          words("+15550000001", { detected: "phone-number" }),
        ]),
      );
      const body = bodyOf(read, rowid);
      const [part] = body.parts;
      assert.ok(part?.kind === "text" && body.parts.length === 1);
      const found = part.entities.map(({ kind, range }) => `${kind} ${range.start}:${range.length}`);
      assert.deepEqual(found, [
        "mention 3:5",
        "style 8:5",
        "style 8:5",
        "effect 8:5",
        "link 13:19",
        "one-time-code 32:6",
        "detected 38:12",
      ]);
      assert.deepEqual(columns(read, rowid, "text, part_count"), { text: body.text, part_count: 1n });
    });
  });

  test("gives every file its bubble, and Genmoji their place among the words", async () => {
    await withMessages(async ({ messages, read, news }) => {
      news();
      const pieces = [
        picture(),
        words("a "),
        picture({ genmoji: "a cat" }),
        words(" b"),
        picture({ transferState: 0 }),
      ];
      const rowid = await written(messages, composed(pieces));
      const parts = bodyOf(read, rowid).parts.map((part) => [part.index, part.kind, part.range.length]);
      assert.deepEqual(parts, [
        [0, "attachment", 1],
        [1, "text", 5],
        [2, "attachment", 1],
      ]);
      const files = read(
        `SELECT transfer_state AS state, emoji_image_short_description AS emoji, a.guid LIKE 'at_%' AS isPermanent
         FROM message_attachment_join j JOIN attachment a ON a.ROWID = j.attachment_id WHERE j.message_id = ?`,
        rowid,
      );
      assert.deepEqual(files, [
        { state: 5n, emoji: null, isPermanent: 1n },
        { state: 5n, emoji: "a cat", isPermanent: 1n },
        { state: 0n, emoji: null, isPermanent: 0n },
      ]);
      assert.deepEqual(news().slice(-1), [`message ${rowid} new`]);
    });
  });

  test("replies in the thread of what it replies to", async () => {
    await withMessages(async ({ messages, read, saves, news }) => {
      const { rowid, guid } = await heard(messages, "root of it");
      const first = await written(messages, composed([words("one")], { reply: { rowid, part: 0 } }));
      const second = await written(messages, composed([words("two")], { reply: { rowid: first, part: 0 } }));
      const thread = { thread_originator_guid: guid, thread_originator_part: "0:0:10" };
      const names = "thread_originator_guid, thread_originator_part";
      assert.deepEqual([columns(read, first, names), columns(read, second, names)], [thread, thread]);
      const parts = { messages, saves, news };
      const reply = (part: number) => composed([words("x")], { reply: { rowid, part } });
      await assertRefused(parts, reply(1), { what: "part" });
      await assertRefused(parts, { ...reply(0), chatGuid: HISTORY_GROUP_GUID }, { fact: /another chat/ });
    });
  });

  test("keeps subject, effect and automatic answers", async () => {
    await withMessages(async ({ messages, read }) => {
      const effectId = "com.apple.messages.effect.CKHeartEffect";
      const order = { subject: "News", effectId, isAutoReply: true };
      const rowid = await written(messages, composed([words("x")], order));
      assert.deepEqual(
        columns(read, rowid, "subject, expressive_send_style_id AS effect, is_auto_reply AS auto"),
        {
          subject: "News",
          effect: effectId,
          auto: 1n,
        },
      );
    });
  });

  test("gives a contact a chat of each service, with one identifier and one person", async () => {
    await withMessages(async ({ messages, read }) => {
      await heard(messages);
      const rowid = await written(messages, composed([words("over SMS")], { service: "SMS" }));
      const code = composed([words("5")], { from: "262966", service: "SMS" });
      await written(messages, code);
      assert.deepEqual(columns(read, rowid, "service"), { service: "SMS" });
      assert.deepEqual(
        read(
          "SELECT guid, service_name AS service FROM chat WHERE chat_identifier = ? ORDER BY ROWID",
          CONTACT,
        ),
        [
          { guid: CHAT, service: "iMessage" },
          { guid: `SMS;-;${CONTACT}`, service: "SMS" },
        ],
      );
      const people = read(
        "SELECT count(*) AS handles, count(DISTINCT person_centric_id) AS people FROM handle WHERE id = ?",
        CONTACT,
      );
      assert.deepEqual(people, [{ handles: 2n, people: 1n }]);
      assert.deepEqual(read("SELECT person_centric_id AS person FROM handle WHERE id = '262966'"), [
        { person: null },
      ]);
    });
  });

  test("of this account is sent, and delivered in a direct chat but for SMS", async () => {
    await withMessages(async ({ messages, read }) => {
      const own = composed([words("mine")], { from: "", chatGuid: CHAT });
      const sent = await written(messages, own);
      await written(messages, composed([words("hers")], { service: "SMS" }));
      const text = await written(messages, { ...own, chatGuid: `SMS;-;${CONTACT}` });
      const names = "is_from_me AS own, is_sent AS sent, is_delivered AS delivered";
      assert.deepEqual(columns(read, sent, names), { own: 1n, sent: 1n, delivered: 1n });
      assert.deepEqual(columns(read, text, names), { own: 1n, sent: 1n, delivered: 0n });
    });
  });

  test("is refused where it cannot be", async () => {
    await withMessages(async ({ messages, saves, news }) => {
      const parts = { messages, saves, news };
      const text = [words("x")];
      await assertRefused(parts, composed([]), { field: "pieces" });
      await assertRefused(parts, composed([words("")]), { field: "pieces.text" });
      await assertRefused(parts, composed([words("x", { mention: "me" })]), { field: "pieces.mention" });
      await assertRefused(parts, composed([words("x", { link: "x" })]), { field: "pieces.link" });
      await assertRefused(parts, composed([picture({ transferState: 4 })]), {
        field: "pieces.transfer_state",
      });
      const waiting = picture({ transferState: 0, genmoji: "a cat" });
      await assertRefused(parts, composed([waiting]), { field: "pieces.transfer_state" });
      await assertRefused(parts, composed([picture()], { form: "text" }), { field: "form" });
      await assertRefused(parts, composed(text, { effectId: "?" }), { field: "effect_id" });
      await assertRefused(parts, composed(text, { service: "?" }), { field: "service" });
      await assertRefused(parts, composed(text, { from: "262966" }), { field: "from" });
      await assertRefused(parts, composed(text, { from: "" }), { field: "chat_guid" });
      await assertRefused(parts, composed(text, { from: "", chatGuid: "any;+;chat9" }), { what: "chat" });
      await assertRefused(parts, composed(text, { chatGuid: "chat" }), { field: "chat_guid" });
    });
  });
});
