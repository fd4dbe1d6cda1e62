import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodePayload } from "@imesh/imessage-codec";
import { HISTORY_GROUP_GUID } from "../history.ts";
import type { Messages } from "../messages.ts";
import { ALICE, assertRefused, composed, heard, sent, words } from "../testing/acts-fixture.ts";
import { CHAT, CONTACT, type Reader, withMessages } from "../testing/messages-fixture.ts";
import type { Act } from "./act.ts";

const BOB = "bob@example.com";

async function written(messages: Messages, act: Act): Promise<bigint> {
  const [rowid] = await messages.act(act);
  assert.ok(rowid !== undefined);
  return rowid;
}

function balloonOf(read: Reader, rowid: bigint) {
  const [row] = read(
    `SELECT balloon_bundle_id AS balloonBundleId, payload_data AS payloadData FROM message WHERE ROWID = ?`,
    rowid,
  ) as { balloonBundleId: string | null; payloadData: Uint8Array | null }[];
  assert.ok(row !== undefined);
  return decodePayload({ ...row, associatedMessageType: null });
}

function lineOf(read: Reader, rowid: bigint) {
  return read(
    `SELECT item_type AS item, group_action_type AS action, share_status AS status, share_direction AS direction,
      message_action_type AS kept, (SELECT id FROM handle WHERE ROWID = handle_id) AS who,
      (SELECT id FROM handle WHERE ROWID = other_handle) AS other FROM message WHERE ROWID = ?`,
    rowid,
  )[0];
}

const LINE = { action: 0n, status: 0n, direction: 0n, kept: 0n, who: ALICE, other: null };

test("a poll is made, gets an option and votes, each in a row about it", async () => {
  await withMessages(async ({ messages, read, saves, news }) => {
    const place = { from: ALICE, chatGuid: HISTORY_GROUP_GUID, service: "" };
    const rowid = await written(messages, {
      kind: "poll-create",
      ...place,
      title: "Lunch?",
      options: ["a", "b"],
    });
    const added = await written(messages, { kind: "poll-add-option", rowid, from: "", text: "c" });
    const voted = await written(messages, { kind: "poll-vote", rowid, from: BOB, options: [2, 0] });
    const poll = balloonOf(read, added);
    const votes = balloonOf(read, voted);
    assert.ok(poll?.kind === "poll" && votes?.kind === "poll-vote");
    assert.deepEqual(
      poll.poll.options.map(({ text, creatorHandle }) => [text, creatorHandle]),
      [
        ["a", ALICE],
        ["b", ALICE],
        ["c", "+15550000000"],
      ],
    );
    assert.deepEqual(
      votes.votes.map(({ optionIdentifier, participantHandle }) => [optionIdentifier, participantHandle]),
      [
        [poll.poll.options[2]?.identifier, BOB],
        [poll.poll.options[0]?.identifier, BOB],
      ],
    );
    assert.deepEqual(
      read(
        `SELECT m.ROWID AS rowid, m.associated_message_type AS type FROM message m JOIN message p
         ON p.guid = m.associated_message_guid WHERE p.ROWID = ? ORDER BY 1`,
        rowid,
      ),
      [
        { rowid: added, type: 2n },
        { rowid: voted, type: 4_000n },
      ],
    );
    const parts = { messages, saves, news };
    await assertRefused(
      parts,
      { kind: "poll-vote", rowid, from: "", options: [3] },
      { fact: /no such option/ },
    );
    await assertRefused(parts, { kind: "poll-vote", rowid: 1n, from: "", options: [] }, { fact: /no poll/ });
  });
});

test("an app's next step has the session of the first", async () => {
  await withMessages(async ({ messages, read, saves, news }) => {
    const order = { kind: "say-app", from: CONTACT, chatGuid: "", service: "", app: "game" } as const;
    const rowid = await written(messages, { ...order, caption: "Your turn", replacedRowid: 0n });
    const next = await written(messages, { ...order, from: "", caption: "Yours", replacedRowid: rowid });
    const [first, second] = [balloonOf(read, rowid), balloonOf(read, next)];
    assert.ok(first?.kind === "app" && second?.kind === "app");
    assert.equal(first.app.sessionIdentifier, second.app.sessionIdentifier);
    assert.deepEqual([first.app.caption, second.app.caption], ["Your turn", "Yours"]);
    for (const [app, kind] of [
      ["apple-cash", "apple-cash"],
      ["check-in", "check-in"],
      ["handwriting", "handwriting"],
    ] as const) {
      const other = await written(messages, { ...order, app, caption: "x", replacedRowid: 0n });
      assert.equal(balloonOf(read, other)?.kind, kind);
    }
    const parts = { messages, saves, news };
    await assertRefused(parts, { ...order, caption: "", replacedRowid: 0n }, { field: "caption" });
    await assertRefused(parts, { ...order, caption: "x", replacedRowid: 1n }, { fact: /not of that app/ });
  });
});

describe("stickers", () => {
  test("are placed as often as one likes, and as a tapback take each other's place", async () => {
    await withMessages(async ({ messages, read, news }) => {
      const { rowid } = await heard(messages);
      const sticker = (type: number): Act => ({
        kind: "tapback",
        rowid,
        part: 0,
        from: CONTACT,
        type,
        emoji: "",
      });
      const placed = [await written(messages, sticker(1_000)), await written(messages, sticker(1_000))];
      const former = await written(messages, sticker(2_007));
      const file = read(
        "SELECT attachment_id AS id FROM message_attachment_join WHERE message_id = ?",
        former,
      )[0];
      news();
      const last = await written(messages, sticker(2_007));
      const { id } = file as { id: bigint };
      assert.deepEqual(news(), [
        `message ${last} new`,
        `message ${former} deleted`,
        `attachment ${id} deleted`,
      ]);
      const left = `SELECT m.ROWID AS rowid, a.is_sticker AS sticker FROM message m
        JOIN message_attachment_join j ON j.message_id = m.ROWID JOIN attachment a ON a.ROWID = j.attachment_id ORDER BY 1`;
      assert.deepEqual(
        read(left),
        [...placed, last].map((each) => ({ rowid: each, sticker: 1n })),
      );
      await messages.act(sticker(3_007));
      assert.equal(read(left).length, 2);
    });
  });
});

test("lines tell of locations, calls, kept voices and numbers", async () => {
  await withMessages(async ({ messages, read, news }) => {
    const chatGuid = HISTORY_GROUP_GUID;
    const started = await written(messages, {
      kind: "share-location",
      chatGuid,
      from: ALICE,
      isStopped: false,
    });
    assert.deepEqual(lineOf(read, started), { ...LINE, item: 4n, other: ALICE });
    const stopped = await written(messages, { kind: "share-location", chatGuid, from: "", isStopped: true });
    const own = { ...LINE, item: 4n, status: 1n, direction: 1n, who: null };
    assert.deepEqual(lineOf(read, stopped), own);
    const called = await written(messages, { kind: "call", chatGuid, from: ALICE });
    assert.deepEqual(lineOf(read, called), { ...LINE, item: 6n });
    const voice = await written(messages, sent({ isAudio: true }));
    const kept = await written(messages, { kind: "keep-audio", rowid: voice, from: CONTACT });
    assert.deepEqual(lineOf(read, kept), { ...LINE, item: 5n, kept: 1n, who: CONTACT });
    news();
    const changed = await written(messages, {
      kind: "change-number",
      chatGuid,
      address: BOB,
      newAddress: CONTACT,
    });
    assert.deepEqual(lineOf(read, changed), { ...LINE, item: 1n, who: CONTACT, other: CONTACT });
    assert.deepEqual(news(), [`message ${changed} new`, "chat 3 members"]);
  });
});

test("a background comes and goes, and this account leaves and is back", async () => {
  await withMessages(async ({ messages, read, saves, news }) => {
    const background = { kind: "change-background", chatGuid: HISTORY_GROUP_GUID, from: ALICE } as const;
    news();
    const set = await written(messages, { ...background, isRemoved: false });
    const cleared = await written(messages, { ...background, isRemoved: true });
    assert.deepEqual(lineOf(read, set), { ...LINE, item: 3n, action: 4n });
    assert.deepEqual(lineOf(read, cleared), { ...LINE, item: 3n, action: 6n });
    const own = { kind: "change-own-membership", chatGuid: HISTORY_GROUP_GUID } as const;
    const left = await written(messages, { ...own, isMember: false });
    assert.deepEqual(await messages.act({ ...own, isMember: true }), []);
    assert.deepEqual(news(), [
      `message ${set} new`,
      "chat 3 properties",
      `message ${cleared} new`,
      "chat 3 properties",
      `message ${left} new`,
      "chat 3 state",
      "chat 3 state",
    ]);
    const parts = { messages, saves, news };
    await assertRefused(parts, { ...background, isRemoved: true }, { fact: /no background/ });
    await assertRefused(parts, { ...own, isMember: true }, { fact: /is in the group/ });
  });
});

test("a message is in two chats, and stays in the one when the other goes", async () => {
  await withMessages(async ({ messages, saves, news }) => {
    const { rowid } = await heard(messages);
    await written(messages, composed([words("x")], { service: "SMS" }));
    const act = { kind: "add-to-chat", rowid, chatGuid: `SMS;-;${CONTACT}` } as const;
    news();
    await messages.act(act);
    assert.deepEqual(news(), [`message ${rowid} chats`]);
    const parts = { messages, saves, news };
    await assertRefused(parts, act, { fact: /already/ });
    await assertRefused(parts, { ...act, chatGuid: HISTORY_GROUP_GUID }, { fact: /group/ });
    await messages.act({ kind: "delete-chat", chatGuid: CHAT });
    assert.ok(news().includes(`message ${rowid} chats`));
  });
});

test("a scheduled message gets other words or another time", async () => {
  await withMessages(async ({ messages, saves, news }) => {
    const hourNs = 3_600_000_000_000n;
    const rowid = await written(messages, {
      kind: "schedule-create",
      to: CONTACT,
      text: "later",
      delayNs: hourNs,
    });
    const edit = { kind: "schedule-edit", rowid, text: "", delayNs: 0n } as const;
    news();
    await messages.act({ ...edit, text: "much later" });
    await messages.act({ ...edit, delayNs: 2n * hourNs });
    assert.deepEqual(news(), [`message ${rowid} content`, `message ${rowid} schedule`]);
    const parts = { messages, saves, news };
    await assertRefused(parts, edit, { fact: /says that already/ });
    await assertRefused(parts, { ...edit, delayNs: -1n }, { field: "delay" });
    await assertRefused(parts, { ...edit, rowid: 1n, text: "x" }, { fact: /does not wait/ });
  });
});
