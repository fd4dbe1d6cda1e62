import assert from "node:assert/strict";
import { test } from "node:test";
import { RowReason } from "@imesh/contracts/broker/v1";
import { encodePropertyList, propertyListOf } from "@imesh/imessage-codec";
import { unixNsToAppleTime } from "@imesh/imessage-model";
import type { EventDraft } from "../journal/bridge-event.ts";
import { NOW_UNIX_NS } from "../testing/commands.ts";
import { outcomeOfBatch } from "../testing/intake-batches.ts";
import { CHAT_GUID, type RowFacts, wireAttachment, wireRow } from "../testing/rows.ts";
import type { BatchContext } from "./batch-context.ts";

function draftsOf(facts: Partial<RowFacts>, batch: Partial<BatchContext> = {}): readonly EventDraft[] {
  return outcomeOfBatch({ rows: [wireRow({ rowid: 7n, sequence: 3n, ...facts })] }, { batch }).drafts;
}

/** One line an event: what, of which message, whose, in which chat, under which key. */
function lines(facts: Partial<RowFacts>): string[] {
  return draftsOf(facts).map(({ payload, source, sourceKey, chat }) => {
    const inner = "message" in payload ? payload.message : payload;
    const guid = inner !== null && "guid" in inner ? inner.guid : "-";
    const direction = inner !== null && "direction" in inner ? inner.direction : "-";
    const word =
      "state" in payload
        ? payload.state
        : "receipt" in payload
          ? payload.receipt
          : "reason" in payload
            ? payload.reason
            : "";
    const key = `${sourceKey?.rowid} ${sourceKey?.reason} ${sourceKey?.fingerprint}`;
    return `${payload.kind} ${word} ${guid} ${direction} @${source?.rowid} ${chat?.guid ?? "-"} [${key}]`;
  });
}

test("each kind of change of a message is one event under its own key", () => {
  const told = (reason: RowReason, facts: Partial<RowFacts> = {}) =>
    [false, true].flatMap((isFromMe) => lines({ reason, isFromMe, isSent: true, ...facts }));
  const sent = `message-status sent GUID-7 - @7 ${CHAT_GUID} [7 status sent:0:3]`;
  assert.deepEqual(told(RowReason.STATUS), [
    `message-update corrected GUID-7 incoming @7 ${CHAT_GUID} [7 status 3]`,
    sent,
  ]);
  // That an incoming message has reached this Mac is told by its being there.
  assert.deepEqual(told(RowReason.DELIVERED), [sent]);
  assert.deepEqual(told(RowReason.READ), [`receipt read GUID-7 incoming @7 ${CHAT_GUID} [7 read 3]`, sent]);
  assert.deepEqual(told(RowReason.PLAYED), [
    `receipt played GUID-7 incoming @7 ${CHAT_GUID} [7 played 3]`,
    `receipt played GUID-7 own @7 ${CHAT_GUID} [7 played 3]`,
  ]);
  for (const [reason, word, fingerprint] of [
    // What the row says by then is in the key of its content, and whose it is does not matter to it.
    [RowReason.CONTENT, "content", "/;bc7b88bd:3"],
    [RowReason.CHATS, "chats", "3"],
    [RowReason.ATTACHMENTS, "attachments", "3"],
    [RowReason.GUID, "guid", "3"],
  ] as const) {
    assert.deepEqual(told(reason), [
      `message-update ${word} GUID-7 incoming @7 ${CHAT_GUID} [7 ${word} ${fingerprint}]`,
      `message-update ${word} GUID-7 own @7 ${CHAT_GUID} [7 ${word} ${fingerprint}]`,
    ]);
  }
  for (const [reason, word] of [
    [RowReason.RECENTLY_DELETED, "recently-deleted"],
    [RowReason.RECOVERED, "recovered"],
    [RowReason.DELETED, "deleted"],
  ] as const) {
    const line = `deletion ${word} GUID-7 - @7 - [7 ${word} 3]`;
    assert.deepEqual(told(reason, { chatGuid: null }), [line, line]);
  }
});

test("a receipt says when", () => {
  const read = draftsOf({ reason: RowReason.READ, dateReadUnixNs: NOW_UNIX_NS + 9n })[0]?.payload;
  const datePlayed = unixNsToAppleTime(NOW_UNIX_NS + 10n);
  const played = draftsOf({ reason: RowReason.PLAYED, columns: { datePlayed } })[0]?.payload;
  const unknown = draftsOf({ reason: RowReason.PLAYED })[0]?.payload;
  assert.deepEqual(
    [read, played, unknown].map((payload) => payload?.kind === "receipt" && payload.atUnixNs),
    [NOW_UNIX_NS + 9n, NOW_UNIX_NS + 10n, null],
  );
});

test("a new guid comes with the former one, where Messages keeps it", () => {
  const messageSummaryInfo = Buffer.from(encodePropertyList(propertyListOf(new Map([["orgid", "OLD"]]))));
  const [draft] = draftsOf({ reason: RowReason.GUID, columns: { messageSummaryInfo } });
  assert.ok(draft?.payload.kind === "message-update");
  assert.deepEqual([draft.payload.message.guid, draft.payload.formerGuid], ["GUID-7", "OLD"]);
});

test("a message to be sent later is that until it is on its way, and when it is changed", () => {
  const waiting = { scheduleType: 2, scheduleState: 2 };
  const state = (facts: Partial<RowFacts>) =>
    draftsOf({ isFromMe: true, ...facts }).map(({ payload, sourceKey }) =>
      payload.kind === "scheduled-message"
        ? [payload.state, payload.sendAtUnixNs, payload.message?.text, sourceKey?.reason]
        : payload.kind,
    );
  const { SCHEDULE, CONTENT, ATTACHMENTS, GUID } = RowReason;
  assert.deepEqual(state({ columns: waiting }), [["scheduled", NOW_UNIX_NS, "text 7", "new"]]);
  for (const [reason, key] of [
    [SCHEDULE, "schedule"],
    [CONTENT, "content"],
    [ATTACHMENTS, "attachments"],
  ] as const) {
    assert.deepEqual(state({ reason, columns: waiting }), [["scheduled", NOW_UNIX_NS, "text 7", key]]);
  }
  assert.deepEqual(state({ reason: GUID, columns: waiting }), ["message-update"]);
  const sending = { scheduleType: 2, scheduleState: 3 };
  assert.deepEqual(state({ reason: SCHEDULE, columns: sending }), [
    ["sent", NOW_UNIX_NS, "text 7", "schedule"],
  ]);
  assert.deepEqual(state({ reason: SCHEDULE, columns: waiting, isSent: true })[0]?.[0], "sent");
  assert.deepEqual(state({ reason: SCHEDULE }), [["cancelled", null, "text 7", "schedule"]]);
  assert.deepEqual(draftsOf({ reason: SCHEDULE, columns: waiting }), []);
});

test("rows that are no messages are not told anew, but for what cannot be read or came late", () => {
  const rename = { itemType: 2, groupTitle: "Team" };
  const love = { associatedMessageType: 2000, associatedMessageGuid: "p:0/GUID-1" };
  const { STATUS, CONTENT, CHATS, ATTACHMENTS, GUID } = RowReason;
  for (const columns of [rename, love]) {
    for (const reason of [STATUS, CONTENT, CHATS, ATTACHMENTS, GUID]) {
      assert.deepEqual(lines({ reason, columns }), [], `${reason} ${JSON.stringify(columns)}`);
    }
  }
  const attachments = [wireAttachment({ isSticker: true })];
  const placed = { associatedMessageType: 1000, associatedMessageGuid: "p:0/GUID-1", attachments };
  assert.deepEqual(
    draftsOf({ reason: ATTACHMENTS, columns: placed }).map(({ payload }) => payload.kind),
    ["reaction"],
  );
  const broken = { attributedBody: Buffer.from("broken"), text: undefined };
  assert.deepEqual(
    draftsOf({ reason: CONTENT, columns: broken }).map(({ payload }) => payload.kind),
    ["undecodable"],
  );
});

test("a change is live when its commit is, however old its row", () => {
  const hourAgo = NOW_UNIX_NS - 3_600_000_000_000n;
  const edit = { reason: RowReason.CONTENT, sentUnixNs: hourAgo };
  assert.deepEqual(
    [draftsOf(edit), draftsOf(edit, { phase: "catching-up" })].map((told) => told[0]?.arrivalClass),
    ["live", "catch-up"],
  );
  assert.equal(draftsOf(edit)[0]?.hopTimes.sentUnixNs, hourAgo);
});
