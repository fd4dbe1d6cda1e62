/** Changes of chats and of attachments. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AttachmentChange,
  AttachmentChangeReason,
  ChatChange,
  ChatChangeReason,
  ChatRow,
  type RowBatch,
  RowReason,
} from "@imesh/contracts/broker/v1";
import { encodePropertyList, propertyListOf } from "@imesh/imessage-codec";
import type { EventDraft } from "../journal/bridge-event.ts";
import { outcomeOfBatch } from "../testing/intake-batches.ts";
import { CHAT_GUID, CONTACT, wireAttachment, wireChat, wireHandle, wireRow } from "../testing/rows.ts";
import { Telling } from "../testing/telling.ts";

function chatChange(reason: ChatChangeReason, facts: Partial<ChatChange> = {}): ChatChange {
  return { sequence: 1n, reason, chat: wireChat(CHAT_GUID), participants: [], ...facts };
}

/** One line an event: what, of which row, in which chat, under which key. */
function lines(wire: Partial<RowBatch>): string[] {
  return outcomeOfBatch(wire).drafts.map(({ payload, source, sourceKey, chat }) => {
    const word = "reason" in payload ? `${payload.kind} ${payload.reason}` : payload.kind;
    const key = `${sourceKey?.rowid} ${sourceKey?.reason} ${sourceKey?.fingerprint}`;
    return `${word} @${source?.rowid} ${chat?.guid ?? "-"} [${key}]`;
  });
}

test("changes of chats say which chat, and nothing of a message", () => {
  const reasons = [
    ChatChangeReason.NEW,
    ChatChangeReason.NAME,
    ChatChangeReason.MEMBERS,
    ChatChangeReason.GUID,
    ChatChangeReason.PROPERTIES,
    ChatChangeReason.STATE,
    ChatChangeReason.DELETED,
    99 as ChatChangeReason,
  ];
  // Of a new chat its first message tells.
  assert.deepEqual(
    lines({ chatChanges: reasons.map((reason, index) => chatChange(reason, { sequence: BigInt(index) })) }),
    ["name", "members", "guid", "properties", "state", "deleted", "other"].map(
      (word, index) => `chat-update ${word} @0 ${CHAT_GUID} [1 chat-${word} ${index + 1}]`,
    ),
  );
});

test("a chat is told whole: who is in it, and what its properties say", () => {
  const properties = new Map<string, string | boolean | ReadonlyMap<string, string>>([
    ["groupPhotoGuid", "at_0_P"],
    ["ignoreAlertsFlag", true],
    ["backgroundProperties", new Map([["trabaid", "B-1"]])],
  ]);
  const chat = {
    ...wireChat("any;+;chat1"),
    style: 43,
    identifier: "chat1",
    groupId: "G-1",
    displayName: "Team",
    isFiltered: 1,
    properties: Buffer.from(encodePropertyList(propertyListOf(properties))),
  };
  const participants = [
    wireHandle(CONTACT, { personCentricId: "C-1" }),
    wireHandle(""),
    wireHandle("A@b.com"),
  ];
  const [draft] = outcomeOfBatch({
    chatChanges: [chatChange(ChatChangeReason.PROPERTIES, { chat, participants })],
  }).drafts;
  const person = { service: "iMessage", contactId: null, country: null };
  assert.deepEqual(draft?.payload, {
    kind: "chat-update",
    reason: "properties",
    participants: [
      { ...person, address: CONTACT, key: CONTACT, contactId: "C-1" },
      { ...person, address: "A@b.com", key: "a@b.com" },
    ],
    isMuted: true,
    isArchived: false,
    isJoined: true,
    isFiltered: true,
    photoGuid: "at_0_P",
    backgroundId: "B-1",
  });
  assert.deepEqual(draft?.chat, {
    guid: "any;+;chat1",
    style: "group",
    identifier: "chat1",
    service: "iMessage",
    displayName: "Team",
    conversationKey: "group:G-1",
  });
});

test("a chat that is gone has its guid and no more; broken properties are none", () => {
  const gone = { ...ChatChange.fromPartial({ chat: { rowid: 1n, guid: "any;+;chat1" } }), sequence: 1n };
  const broken = { ...wireChat(CHAT_GUID), properties: Buffer.from("broken") };
  const { drafts } = outcomeOfBatch({
    chatChanges: [
      { ...gone, reason: ChatChangeReason.DELETED },
      chatChange(ChatChangeReason.PROPERTIES, { sequence: 2n, chat: broken }),
    ],
  });
  assert.deepEqual(
    drafts.map(({ chat, payload }) => [
      chat?.conversationKey,
      payload.kind === "chat-update" && payload.isJoined,
      payload.kind === "chat-update" && payload.isMuted,
    ]),
    [
      ["", false, false],
      [`direct:${CONTACT}`, true, false],
    ],
  );
});

test("changes of an attachment say what it is now and name its first message", () => {
  const messages = [
    { rowid: 7n, guid: "GUID-7" },
    { rowid: 8n, guid: "GUID-8" },
  ];
  const change = (reason: AttachmentChangeReason, facts: Partial<AttachmentChange> = {}) => ({
    sequence: 1n,
    reason,
    attachment: wireAttachment({ transferName: "/tmp/../x.jpg" }),
    messages,
    ...facts,
  });
  const { PROGRESS, READY, FAILED, GUID, INFO, DELETED } = AttachmentChangeReason;
  assert.deepEqual(
    lines({
      attachmentChanges: [PROGRESS, READY, FAILED, GUID, INFO, DELETED, 99 as AttachmentChangeReason].map(
        (reason) => change(reason),
      ),
    }),
    ["progress", "ready", "failed", "guid", "info", "deleted", "other"].map(
      (word) => `attachment-update ${word} @7 - [5 attachment-${word} 1]`,
    ),
  );
  const gone = change(DELETED, { messages: [], attachment: wireAttachment({ transferState: 0 }) });
  const payloads = outcomeOfBatch({ attachmentChanges: [change(READY), gone] }).drafts.map(
    ({ payload }) => payload,
  );
  const [ready, deleted] = payloads;
  assert.ok(ready?.kind === "attachment-update");
  const { attachment } = ready;
  assert.deepEqual(
    [ready.messageGuid, attachment?.name, attachment?.state, attachment?.totalBytes],
    ["GUID-7", "x.jpg", "ready", 1_000n],
  );
  assert.deepEqual(deleted, {
    kind: "attachment-update",
    messageGuid: "",
    guid: "at_0_A",
    attachment: null,
    reason: "deleted",
  });
});

test("the three lists of a batch become one order", () => {
  const ready = { reason: AttachmentChangeReason.READY, attachment: wireAttachment(), messages: [] };
  const told = lines({
    rows: [
      wireRow({ rowid: 1n, sequence: 2n }),
      wireRow({ rowid: 1n, sequence: 5n, reason: RowReason.CONTENT }),
    ],
    chatChanges: [chatChange(ChatChangeReason.NEW), chatChange(ChatChangeReason.NAME, { sequence: 4n })],
    attachmentChanges: [{ ...ready, sequence: 3n }],
  });
  assert.deepEqual(
    told.map((line) => line.split(" ")[0]),
    ["message", "attachment-update", "chat-update", "message-update"],
  );
});

test("a change without what it is about is told all the same", () => {
  const chat = ChatChange.fromPartial({ sequence: 1n, reason: ChatChangeReason.NAME });
  const attachment = AttachmentChange.fromPartial({ sequence: 2n, reason: AttachmentChangeReason.READY });
  assert.deepEqual(lines({ chatChanges: [chat], attachmentChanges: [attachment] }), [
    "chat-update name @0 - [0 chat-name 1]",
    "attachment-update ready @0 - [0 attachment-ready 2]",
  ]);
});

test("a chat that is gone is named as it was told last: by a change of its own, or by one of its messages", async () => {
  await using telling = await Telling.start();
  const group = {
    ...wireChat("any;+;chat1"),
    style: 43,
    identifier: "chat1",
    groupId: "G-1",
    displayName: "Team",
  };
  const gone = (chat: ChatRow) =>
    chatChange(ChatChangeReason.DELETED, {
      chat: { ...ChatRow.decode(new Uint8Array()), rowid: chat.rowid, guid: chat.guid },
      participants: [],
    });
  const nameOf = (drafts: readonly EventDraft[]) =>
    drafts.map(({ chat }) => [chat?.guid, chat?.displayName, chat?.style, chat?.conversationKey]);
  telling.tell(wireRow({ rowid: 1n, columns: { chats: [group] } }));
  assert.deepEqual(nameOf(telling.tellChats(gone(group))), [["any;+;chat1", "Team", "group", "group:G-1"]]);
  const renamed = { ...group, rowid: 77n, displayName: "Crew" };
  telling.tellChats(chatChange(ChatChangeReason.NAME, { chat: renamed }));
  assert.deepEqual(nameOf(telling.tellChats(gone(renamed))), [["any;+;chat1", "Crew", "group", "group:G-1"]]);
  const unheard = { ...group, rowid: 78n, guid: "any;+;chat2" };
  assert.deepEqual(nameOf(telling.tellChats(gone(unheard))), [["any;+;chat2", "", "unknown", ""]]);
});
