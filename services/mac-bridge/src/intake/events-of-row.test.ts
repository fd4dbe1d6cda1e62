import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { RowReason } from "@imesh/contracts/broker/v1";
import { encodeAttributedBody } from "@imesh/imessage-codec";
import { parseHandleAddress } from "@imesh/imessage-model";
import type { EventDraft } from "../journal/bridge-event.ts";
import type { CommandRecord } from "../journal/command-record.ts";
import type { ChatFacts } from "../journal/event-payload.ts";
import { proveCommand } from "../send/command-steps.ts";
import { dispatchedCommand, NOW_UNIX_NS, uncertainCommand } from "../testing/commands.ts";
import { EMPTY_JOURNAL, outcomeOfBatch } from "../testing/intake-batches.ts";
import { messageDraft } from "../testing/journals.ts";
import { CHAT_GUID, CONTACT, type RowFacts, wireChat, wireHandle, wireRow } from "../testing/rows.ts";
import type { BatchContext } from "./batch-context.ts";
import type { BatchOutcome, BatchState, Suspects } from "./intake-batch.ts";

const SECOND_NS = 1_000_000_000n;

/** The commands of a journal in which these stand. */
function reads(
  commands: readonly CommandRecord[],
  lastStatus: (rowid: bigint) => string | null,
): BatchState["journal"] {
  return {
    ...EMPTY_JOURNAL,
    provableCommands: (chatGuid) =>
      commands.filter(
        (command) =>
          command.chatGuid === chatGuid && (command.state === "dispatched" || command.state === "uncertain"),
      ),
    commandsInFlight: () => commands.filter(({ state }) => state === "dispatched"),
    commandOfRow: ({ databaseUid, rowid }) =>
      commands.find(({ proof }) => proof?.databaseUid === databaseUid && proof.rowid === rowid) ?? null,
    lastFingerprint: ({ rowid }) => lastStatus(rowid),
  };
}

function intake(
  rows: readonly RowFacts[],
  options: {
    readonly commands?: readonly CommandRecord[];
    readonly suspects?: Suspects;
    readonly batch?: Partial<BatchContext>;
    /** Fingerprint of the status that was journaled last, by ROWID. */
    readonly lastStatus?: (rowid: bigint) => string | null;
  } = {},
): BatchOutcome {
  const { commands = [], lastStatus = () => null, ...rest } = options;
  return outcomeOfBatch({ rows: rows.map(wireRow) }, { journal: reads(commands, lastStatus), ...rest });
}

/** One line an event, for comparing whole sequences of them. */
function told({ drafts }: Pick<BatchOutcome, "drafts">): string[] {
  return drafts.map(({ payload }) => {
    switch (payload.kind) {
      case "message":
        return `message ${payload.direction} ${payload.guid} ${payload.requestId}`.trim();
      case "undecodable":
        return `undecodable ${payload.reason}`;
      case "message-status":
        return `status ${payload.state} ${payload.guid} ${payload.requestId}`.trim();
      case "command":
        return `command ${payload.command.requestId} ${payload.command.state}`;
      case "message-update":
      case "edit": {
        const { direction, requestId } = payload.message;
        return `${payload.kind} ${direction} ${requestId}`.trim();
      }
      default:
        return payload.kind;
    }
  });
}

test("an incoming text becomes one message event with its place, its hops and its chat", () => {
  const sender = wireHandle(CONTACT, { country: "us", personCentricId: "C-1" });
  const columns = { sender, chats: [wireChat(CHAT_GUID), wireChat("SMS;-;x")] };
  const [draft] = intake([{ rowid: 7n, text: "hi", columns }]).drafts;
  const expectedChat: ChatFacts = {
    guid: CHAT_GUID,
    style: "direct",
    identifier: CONTACT,
    service: "iMessage",
    displayName: "",
    conversationKey: `direct:${CONTACT}`,
  };
  const source = { databaseUid: "UID-1", generation: "1:1:0", rowid: 7n };
  const expected: EventDraft = {
    arrivalClass: "live",
    source,
    sourceKey: { ...source, reason: "new", fingerprint: "" },
    hopTimes: {
      sentUnixNs: NOW_UNIX_NS,
      committedUnixNs: NOW_UNIX_NS + 1n,
      detectedUnixNs: NOW_UNIX_NS + 2n,
      readUnixNs: NOW_UNIX_NS + 3n,
      receivedUnixNs: NOW_UNIX_NS + 4n,
    },
    traceparent: "trace",
    chat: expectedChat,
    payload: {
      ...messageDraft(7n, "hi").payload,
      sentAtUnixNs: NOW_UNIX_NS,
      parts: [{ kind: "text", index: 0, range: { start: 0, length: 2 }, text: "hi", entities: [] }],
      sender: {
        address: parseHandleAddress(CONTACT),
        service: "iMessage",
        key: CONTACT,
        contactId: "C-1",
        country: "us",
      },
      otherChats: [{ ...expectedChat, guid: "SMS;-;x" }],
    },
  };
  assert.deepEqual(draft, expected);
});

test("what cannot be read is an event with the hash of its bytes, and the rows after it go on (I9)", () => {
  const bytes = Buffer.from("not a typedstream");
  const { drafts } = intake([{ rowid: 1n, attributedBody: bytes }, { rowid: 2n }]);
  assert.deepEqual(told({ drafts }), ["undecodable bad-header", "message incoming GUID-2"]);
  assert.deepEqual(drafts[0]?.payload, {
    kind: "undecodable",
    guid: "GUID-1",
    reason: "bad-header",
    bodySha256: createHash("sha256").update(bytes).digest("hex"),
    bodyBytes: bytes.length,
    plainText: "",
  });
});

test("a text that no frame could carry is undecodable", () => {
  assert.deepEqual(told(intake([{ rowid: 1n, text: "x".repeat(300_000) }])), ["undecodable text-too-long"]);
});

test("each row is one event, by its reason", () => {
  const outcome = intake([
    { rowid: 1n, chatGuid: null, reason: RowReason.UNJOINED },
    { rowid: 1n, reason: RowReason.JOINED },
    { rowid: 2n, itemType: 2 },
    { rowid: 3n, isFromMe: true },
    { rowid: 3n, isFromMe: true, isSent: true, reason: RowReason.STATUS, sequence: 9n },
  ]);
  assert.deepEqual(told(outcome), [
    "message incoming GUID-1",
    "message incoming GUID-1",
    "group-change",
    "message own GUID-3",
    "status sent GUID-3",
  ]);
  assert.deepEqual(
    outcome.drafts.map(({ sourceKey, chat }) => [sourceKey?.reason, sourceKey?.fingerprint, chat !== null]),
    [
      ["unjoined", "", false],
      ["joined", "", true],
      ["new", "", true],
      ["new", "", true],
      ["status", "sent:0:9", true],
    ],
  );
});

test("arrival: live, caught up, backfilled", () => {
  const hourAgo = NOW_UNIX_NS - 3_600n * SECOND_NS;
  const classOf = (context: Partial<BatchContext>, sentUnixNs: bigint) =>
    intake([{ rowid: 1n, sentUnixNs }], { batch: context }).drafts[0]?.arrivalClass;
  assert.equal(classOf({}, NOW_UNIX_NS), "live");
  assert.equal(classOf({}, hourAgo), "backfill");
  assert.equal(classOf({ phase: "catching-up", lastSeenUnixNs: hourAgo - SECOND_NS }, hourAgo), "catch-up");
  assert.equal(classOf({ phase: "catching-up", lastSeenUnixNs: NOW_UNIX_NS }, hourAgo), "backfill");
});

test("an own row proves the command in flight and follows what the row already says", () => {
  const command = dispatchedCommand(1n, 10n, { text: "hello" });
  const body = encodeAttributedBody({ text: "hello" });
  const outcome = intake([{ rowid: 11n, isFromMe: true, attributedBody: body, isSent: true }], {
    commands: [command],
  });
  assert.deepEqual(told(outcome), [
    "message own GUID-11 request-1",
    "status sent GUID-11 request-1",
    "command request-1 written",
    "command request-1 sent",
  ]);
  assert.deepEqual(outcome.commands[0]?.proof, {
    databaseUid: "UID-1",
    generation: "1:1:0",
    rowid: 11n,
    messageGuid: "GUID-11",
  });
});

test("the same row again tells nothing new of its command", () => {
  const command = dispatchedCommand(1n, 10n, { text: "hello" });
  const row = { rowid: 11n, isFromMe: true, text: "hello" };
  const once = intake([row, row], { commands: [command] });
  assert.deepEqual(told(once), [
    "message own GUID-11 request-1",
    "command request-1 written",
    "message own GUID-11 request-1",
  ]);
  assert.deepEqual(once.drafts[0]?.sourceKey, once.drafts[2]?.sourceKey);
  assert.deepEqual(told(intake([row], { commands: once.commands })), ["message own GUID-11 request-1"]);
});

test("a failed row is proof and failure in one", () => {
  const command = dispatchedCommand(1n, 10n, { text: "hello" });
  const outcome = intake([{ rowid: 11n, isFromMe: true, text: "hello", error: 22 }], { commands: [command] });
  assert.deepEqual(told(outcome).slice(1), [
    "status failed GUID-11 request-1",
    "command request-1 written",
    "command request-1 failed",
  ]);
});

test("an own message that nobody ordered says how far it is when it is first seen, once, unless it is of the past", () => {
  const own = { rowid: 11n, isFromMe: true, text: "typed by a person" };
  assert.deepEqual(told(intake([{ ...own, error: 22 }])), ["message own GUID-11", "status failed GUID-11"]);
  const status = { ...own, error: 22, reason: RowReason.STATUS };
  assert.deepEqual(told(intake([{ ...own, error: 22 }, status])).slice(1), ["status failed GUID-11"]);
  assert.deepEqual(told(intake([own])), ["message own GUID-11"]);
  const longAgo = { ...own, isSent: true, sentUnixNs: NOW_UNIX_NS - 86_400_000_000_000n };
  assert.deepEqual(told(intake([longAgo])), ["message own GUID-11"]);
});

test("progress of a proven row moves its command, once a step, and names it", () => {
  const proof = { databaseUid: "UID-1", generation: "1:1:0", rowid: 11n, messageGuid: "GUID-11" };
  const command = proveCommand(dispatchedCommand(1n, 10n, { text: "hello" }), proof, NOW_UNIX_NS);
  const own = { rowid: 11n, isFromMe: true, text: "hello", reason: RowReason.STATUS };
  const outcome = intake(
    [
      { ...own, isSent: true },
      { ...own, isSent: true },
      { ...own, isSent: true, isDelivered: true, reason: RowReason.DELIVERED },
      { ...own, isSent: true, isDelivered: true, dateReadUnixNs: NOW_UNIX_NS, reason: RowReason.READ },
    ],
    { commands: [command] },
  );
  assert.deepEqual(told(outcome), [
    "status sent GUID-11 request-1",
    "command request-1 sent",
    "status delivered GUID-11 request-1",
    "command request-1 delivered",
    "status read GUID-11 request-1",
    "command request-1 read",
  ]);
  assert.equal(outcome.commands.length, 1);
});

test("a status is told when it is another than the last one told, in the batch or before it", () => {
  const row = { rowid: 11n, isFromMe: true, isSent: true };
  const sent = { ...row, reason: RowReason.STATUS };
  const failed = { ...sent, error: 22 };
  const again = intake(
    [
      { ...sent, sequence: 5n },
      { ...failed, sequence: 6n },
      { ...sent, sequence: 7n },
    ],
    { lastStatus: () => "sent:0:4" },
  );
  assert.deepEqual(told(again), ["status failed GUID-11", "status sent GUID-11"]);
  assert.deepEqual(
    again.drafts.map(({ sourceKey }) => [sourceKey?.reason, sourceKey?.fingerprint]),
    [
      ["status", "failed:22:6"],
      ["status", "sent:0:7"],
    ],
  );
  assert.deepEqual(told(intake([sent], { lastStatus: () => "sent:0" })), []);
  assert.deepEqual(told(intake([sent], { lastStatus: () => "failed:22" })), ["status sent GUID-11"]);
});

test("a status that was told before still moves its command", () => {
  const proof = { databaseUid: "UID-1", generation: "1:1:0", rowid: 11n, messageGuid: "GUID-11" };
  const command = proveCommand(dispatchedCommand(1n, 10n, { text: "hello" }), proof, NOW_UNIX_NS);
  const outcome = intake([{ rowid: 11n, isFromMe: true, isSent: true, reason: RowReason.STATUS }], {
    commands: [command],
    lastStatus: () => "sent:0:3",
  });
  assert.deepEqual(told(outcome), ["command request-1 sent"]);
});

test("a late row settles a command in doubt", () => {
  const outcome = intake([{ rowid: 20n, isFromMe: true, text: "hello" }], {
    commands: [uncertainCommand(1n, 10n, { text: "hello" })],
  });
  assert.deepEqual(told(outcome).slice(1), ["command request-1 written"]);
});

test("two commands with the same words take two rows, oldest first", () => {
  const commands = [uncertainCommand(1n, 10n, { text: "ok" }), uncertainCommand(2n, 11n, { text: "ok" })];
  const own = { isFromMe: true, text: "ok" };
  assert.deepEqual(
    told(
      intake(
        [
          { rowid: 12n, ...own },
          { rowid: 13n, ...own },
        ],
        { commands },
      ),
    ),
    [
      "message own GUID-12 request-1",
      "command request-1 written",
      "message own GUID-13 request-2",
      "command request-2 written",
    ],
  );
});

test("a ROWID that a restored database gave to another message does not move the old command", () => {
  const proof = { databaseUid: "UID-1", generation: "1:9:0", rowid: 11n, messageGuid: "OLD" };
  const command = proveCommand(dispatchedCommand(1n, 10n, { text: "hello" }), proof, NOW_UNIX_NS);
  const outcome = intake([{ rowid: 11n, isFromMe: true, isSent: true, reason: RowReason.STATUS }], {
    commands: [command],
  });
  assert.deepEqual(told(outcome), ["status sent GUID-11"]);
});

test("an echo that is marked late is own from the start, and proof when the mark comes (I11)", () => {
  const command = dispatchedCommand(1n, 10n, { text: "hello" });
  const unmarked = intake([{ rowid: 11n, text: "hello" }], { commands: [command] });
  assert.deepEqual(told(unmarked), ["message own GUID-11 request-1"]);
  assert.deepEqual(unmarked.commands, []);
  const marked = intake([{ rowid: 11n, isFromMe: true, text: "hello", reason: RowReason.STATUS }], {
    commands: [command],
    suspects: unmarked.suspects,
  });
  assert.deepEqual(told(marked), ["status written GUID-11 request-1", "command request-1 written"]);
  assert.equal(marked.suspects.size, 0);
});

test("a contact who says the same words at the same moment is told once the true echo is there", () => {
  const command = dispatchedCommand(1n, 10n, { text: "hello" });
  const outcome = intake(
    [
      { rowid: 11n, text: "hello" },
      { rowid: 12n, isFromMe: true, text: "hello" },
    ],
    { commands: [command] },
  );
  assert.deepEqual(told(outcome), [
    "message own GUID-11 request-1",
    "message own GUID-12 request-1",
    "command request-1 written",
    "message incoming GUID-11",
  ]);
  const corrected = outcome.drafts.at(-1);
  assert.equal(corrected?.sourceKey?.reason, "corrected");
  assert.equal(corrected?.source?.rowid, 11n);
  assert.ok(corrected?.payload.kind === "message" && corrected.payload.sender?.address === CONTACT);
});

test("in a chat with oneself the twin of an own message is own as well", () => {
  const twin = { rowid: 12n, text: "hello", sender: "me@example.com", destinationCallerId: "me@example.com" };
  assert.deepEqual(told(intake([twin])), ["message own GUID-12"]);
});

test("nothing but a plain text of ours proves a command", () => {
  const command = dispatchedCommand(1n, 10n, { text: "hello" });
  const own = { rowid: 11n, isFromMe: true, text: "hello" };
  const others: NonNullable<RowFacts["columns"]>[] = [
    { scheduleType: 2, scheduleState: 2 },
    { isAudioMessage: true },
    { balloonBundleId: "com.apple.DigitalTouchBalloonProvider" },
    { associatedMessageType: 2000, associatedMessageGuid: "p:0/GUID-1" },
    { itemType: 2 },
  ];
  for (const columns of others) {
    const outcome = intake([{ ...own, columns }], { commands: [command] });
    assert.deepEqual([outcome.commands, outcome.drafts.length], [[], 1], JSON.stringify(columns));
  }
  const link = { balloonBundleId: "com.apple.messages.URLBalloonProvider" };
  assert.equal(intake([{ ...own, columns: link }], { commands: [command] }).commands.length, 1);
});

test("a message that is told again says whose command it is, and an echo in doubt stays own (I11)", () => {
  const proof = { databaseUid: "UID-1", generation: "1:1:0", rowid: 11n, messageGuid: "GUID-11" };
  const flying = dispatchedCommand(1n, 10n, { text: "hello" });
  const proven = proveCommand(flying, proof, NOW_UNIX_NS);
  const again = { rowid: 11n, text: "hello", reason: RowReason.CHATS };
  assert.deepEqual(told(intake([{ ...again, isFromMe: true }], { commands: [proven] })), [
    "message-update own request-1",
  ]);
  assert.deepEqual(told(intake([again], { commands: [flying] })), ["message-update own request-1"]);
  assert.deepEqual(told(intake([again])), ["message-update incoming"]);
});
