import assert from "node:assert/strict";
import { test } from "node:test";
import { type MessageRow, RowReason } from "@imesh/contracts/broker/v1";
import type { EventDraft } from "../journal/bridge-event.ts";
import { type RowFacts, wireAttachment, wireRow } from "../testing/rows.ts";
import { Telling } from "../testing/telling.ts";

function reaction(rowid: bigint, type: number, facts: Partial<RowFacts> = {}): MessageRow {
  const columns = { associatedMessageType: type, associatedMessageGuid: "p:0/GUID-1", ...facts.columns };
  return wireRow({ rowid, ...facts, columns });
}

function gone(rowid: bigint): MessageRow {
  const columns = { date: 0n, isFinished: false, service: undefined, text: undefined };
  return wireRow({ rowid, chatGuid: null, sender: null, reason: RowReason.DELETED, columns });
}

function words(drafts: readonly EventDraft[]): string[] {
  return drafts.map(({ payload }) => {
    switch (payload.kind) {
      case "reaction": {
        const { guid, direction, action, reaction: kind, replacedGuid } = payload;
        const replaced = replacedGuid === null ? "" : ` for ${replacedGuid}`;
        return `${guid} ${direction} ${action} ${kind}${replaced}`;
      }
      case "deletion":
        return `deletion ${payload.guid} ${payload.state}`;
      case "scheduled-message":
        return `scheduled ${payload.guid} ${payload.state}`;
      default:
        return payload.kind;
    }
  });
}

test("a reaction that takes the place of another is one event, whichever row is told first", async () => {
  for (const isNewFirst of [true, false]) {
    await using telling = await Telling.start();
    assert.deepEqual(words(telling.tell(reaction(2n, 2000))), ["GUID-2 incoming added love"]);
    const rows = [reaction(3n, 2001), gone(2n)];
    const told = telling.tell(...(isNewFirst ? rows : rows.reverse()));
    assert.deepEqual(words(told), ["GUID-3 incoming added like for GUID-2"]);
  }
});

test("a replacement in two batches leaves the new reaction, whichever row is told first", async () => {
  await using telling = await Telling.start();
  telling.tell(reaction(2n, 2000));
  assert.deepEqual(words(telling.tell(reaction(3n, 2001))), ["GUID-3 incoming added like"]);
  assert.deepEqual(telling.tell(gone(2n)), []);
  assert.deepEqual(words(telling.tell(gone(3n))), ["GUID-3 incoming removed like"]);
  // With a row that takes it back, too.
  telling.tell(reaction(4n, 2000));
  telling.tell(reaction(5n, 3000));
  assert.deepEqual(telling.tell(gone(4n)), []);
  telling.tell(reaction(6n, 2000));
  assert.deepEqual(words(telling.tell(gone(6n))), ["GUID-6 incoming removed love"]);
  assert.deepEqual(words(telling.tell(reaction(7n, 2001))), ["GUID-7 incoming added like"]);
});

test("only the same person's reaction on the same part is replaced", async () => {
  const others: readonly MessageRow[] = [
    reaction(3n, 2001, { sender: "+15550199" }),
    reaction(3n, 2001, { isFromMe: true }),
    reaction(3n, 2001, { columns: { associatedMessageGuid: "p:1/GUID-1" } }),
    reaction(3n, 2001, { columns: { associatedMessageGuid: "p:0/GUID-9" } }),
    reaction(3n, 1000, { columns: { attachments: [wireAttachment({ isSticker: true })] } }),
    wireRow({ rowid: 3n }),
  ];
  for (const other of others) {
    await using telling = await Telling.start();
    telling.tell(reaction(2n, 2000));
    const told = telling.tell(other, gone(2n));
    assert.equal(told.length, 2);
    assert.deepEqual(words(told)[1], "GUID-2 incoming removed love");
    assert.ok(told[0]?.payload.kind !== "reaction" || told[0].payload.replacedGuid === null);
  }
});

test("the same address on another service is the same person", async () => {
  await using telling = await Telling.start();
  telling.tell(reaction(2n, 2000));
  const sender = { address: "+15550100", service: "RCS", country: undefined, personCentricId: undefined };
  const told = telling.tell(gone(2n), reaction(3n, 2003, { columns: { sender } }));
  assert.deepEqual(words(told), ["GUID-3 incoming added laugh for GUID-2"]);
});

test("a reaction that is taken back is one event, with or without a row that says so", async () => {
  await using telling = await Telling.start();
  const party = { associatedMessageEmoji: "🎉", associatedMessageGuid: "p:1/GUID-1" };
  telling.tell(reaction(2n, 2000), reaction(4n, 2006, { columns: party }));
  // With its row; that row goes too, later.
  assert.deepEqual(words(telling.tell(gone(2n), reaction(3n, 3000))), ["GUID-3 incoming removed love"]);
  assert.deepEqual(telling.tell(gone(3n)), []);
  // Without: the facts are those of the reaction that went, and so is its chat.
  const [removed, ...rest] = telling.tell(gone(4n));
  assert.deepEqual(rest, []);
  assert.ok(removed?.payload.kind === "reaction");
  const { payload, chat, sourceKey } = removed;
  assert.deepEqual(
    [payload.action, payload.emoji, payload.target, payload.sender?.key, chat?.conversationKey],
    ["removed", "🎉", { guid: "GUID-1", part: 1 }, "+15550100", "direct:+15550100"],
  );
  assert.equal(sourceKey?.reason, "deleted");
  // What was told as gone does not go again.
  assert.deepEqual(telling.tell(gone(4n)), []);
});

test("a reaction that goes with its message is deleted, not taken back, in whatever order they go", async () => {
  const message = wireRow({ rowid: 1n });
  const both = ["deletion GUID-1 deleted", "deletion GUID-2 deleted"];
  await using first = await Telling.start();
  first.tell(message, reaction(2n, 2000));
  assert.deepEqual(words(first.tell(gone(1n), gone(2n))), both);
  await using second = await Telling.start();
  second.tell(message, reaction(2n, 2000));
  assert.deepEqual(words(second.tell(gone(2n), gone(1n))), both.toReversed());
  // The rows of a chat may be more than one batch.
  await using third = await Telling.start();
  third.tell(message, reaction(2n, 2000));
  assert.deepEqual(words([...third.tell(gone(1n)), ...third.tell(gone(2n))]), both);
  // Another message's end says nothing.
  await using fourth = await Telling.start();
  fourth.tell(message, reaction(2n, 2000), wireRow({ rowid: 3n }));
  assert.deepEqual(words(fourth.tell(gone(3n), gone(2n))), [
    "deletion GUID-3 deleted",
    "GUID-2 incoming removed love",
  ]);
});

test("a reaction that was in Recently Deleted is deleted from there, and taken back after it was recovered", async () => {
  await using telling = await Telling.start();
  const love = reaction(2n, 2000);
  const { RECENTLY_DELETED, RECOVERED } = RowReason;
  const moved = { ...love, reason: RECENTLY_DELETED, isRecoverable: true, chats: [] };
  telling.tell(love);
  telling.tell(moved);
  const [deletion, ...rest] = telling.tell(gone(2n));
  assert.deepEqual(
    [words(rest), words(deletion === undefined ? [] : [deletion])],
    [[], ["deletion GUID-2 deleted"]],
  );
  assert.equal(deletion?.chat?.conversationKey, "direct:+15550100");
  telling.tell(reaction(3n, 2000));
  telling.tell({ ...reaction(3n, 2000), reason: RECENTLY_DELETED, isRecoverable: true, chats: [] });
  telling.tell({ ...reaction(3n, 2000), reason: RECOVERED });
  assert.deepEqual(words(telling.tell(gone(3n))), ["GUID-3 incoming removed love"]);
});

test("a sticker is taken away with what is known of it", async () => {
  await using telling = await Telling.start();
  const attachments = [wireAttachment({ isSticker: true, uti: "public.heic", transferName: "cat.heic" })];
  const [placed] = telling.tell(reaction(2n, 1000, { columns: { attachments } }));
  const [taken] = telling.tell(gone(2n));
  assert.ok(placed?.payload.kind === "reaction" && taken?.payload.kind === "reaction");
  const { service, sentAtUnixNs, ownAddress, ...facts } = placed.payload;
  const unsaid = { service: null, sentAtUnixNs: null, ownAddress: null };
  assert.deepEqual(taken.payload, { ...facts, ...unsaid, action: "removed" });
});

test("a message to be sent later is cancelled by its deletion, until it went out", async () => {
  await using telling = await Telling.start();
  const later = (rowid: bigint, facts: Partial<RowFacts> = {}) =>
    wireRow({ rowid, isFromMe: true, columns: { scheduleType: 2, scheduleState: 2 }, ...facts });
  const { SCHEDULE, STATUS } = RowReason;
  telling.tell(later(2n), later(3n), later(4n), later(5n));
  telling.tell(later(3n, { reason: STATUS, isSent: true }));
  telling.tell(later(4n, { reason: SCHEDULE, columns: { scheduleType: 2, scheduleState: 3 } }));
  telling.tell(later(5n, { reason: STATUS }));
  assert.deepEqual(words(telling.tell(gone(2n), gone(3n), gone(4n), gone(5n))), [
    "scheduled GUID-2 cancelled",
    "deletion GUID-3 deleted",
    "deletion GUID-4 deleted",
    "scheduled GUID-5 cancelled",
  ]);
});

test("a message is deleted in the chat where it was told; one that nobody knows, nowhere", async () => {
  await using telling = await Telling.start();
  telling.tell(wireRow({ rowid: 2n }));
  const told = telling.tell(gone(2n), gone(9n));
  assert.deepEqual(words(told), ["deletion GUID-2 deleted", "deletion GUID-9 deleted"]);
  assert.deepEqual(
    told.map(({ chat }) => chat?.conversationKey ?? null),
    ["direct:+15550100", null],
  );
});
