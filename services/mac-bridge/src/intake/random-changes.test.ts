/** Whatever lock-broker tells, and however large: events that fit, that decode, and that are the same when it is told again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Event } from "@imesh/contracts/bridge/v1/event";
import { type MessageRow, RowReason } from "@imesh/contracts/broker/v1";
import {
  encodeAttributedBody,
  encodePropertyList,
  messageRun,
  type PropertyListLiteral,
  propertyListOf,
} from "@imesh/imessage-codec";
import { parseAttachmentGuid, parseHandleAddress } from "@imesh/imessage-model";
import { SeededRandom } from "@imesh/testing";
import type { EventDraft } from "../journal/bridge-event.ts";
import { EVENT_BYTES_MAX } from "../rpc/event-room.ts";
import { encodeEvent, eventToWire } from "../rpc/event-wire.ts";
import { outcomeOfBatch } from "../testing/intake-batches.ts";
import {
  appPayload,
  archived,
  dictionary,
  LINK_BUNDLE,
  linkPayload,
  POLL_BUNDLE,
  pollPayload,
  url,
} from "../testing/payloads.ts";
import { RandomBatches } from "../testing/random-batches.ts";
import { wireAttachment, wireChat, wireHandle, wireRow } from "../testing/rows.ts";

const stamp = { sequence: 1n, journalId: "J", journaledUnixNs: 1n };

function check(drafts: readonly EventDraft[]): number {
  let bytesMax = 0;
  for (const draft of drafts) {
    const bytes = encodeEvent(draft, stamp);
    bytesMax = Math.max(bytesMax, bytes.length);
    assert.ok(bytes.length < EVENT_BYTES_MAX, `${draft.payload.kind} takes ${bytes.length} bytes`);
    assert.deepEqual(Event.decode(bytes), eventToWire(draft, stamp), draft.payload.kind);
  }
  return bytesMax;
}

function bigints(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

/** Three bytes each in UTF-8. */
const WIDE = "漢";

function hostile(units: number): string {
  return WIDE.repeat(units);
}

test("rows that were made to hurt become events that a frame can carry", () => {
  const guids = Array.from({ length: 1_200 }, (_, index) => `${index}${hostile(500)}`);
  const attachments = guids.slice(0, 300).map((guid, index) =>
    wireAttachment({
      rowid: BigInt(index),
      guid,
      transferName: hostile(1_024),
      mimeType: hostile(1_000),
      uti: hostile(1_000),
      userInfo: Buffer.from(
        encodePropertyList(propertyListOf(new Map([["audio-transcription", hostile(20_000)]]))),
      ),
      emojiImageShortDescription: hostile(2_000),
    }),
  );
  const slots = guids.map((guid, part) =>
    messageRun(1, { part, attachmentGuid: parseAttachmentGuid(guid), transcript: hostile(1_000) }),
  );
  const slotBody = encodeAttributedBody({ text: "\uFFFC".repeat(guids.length), runs: slots });
  const links = Array.from({ length: 500 }, (_, index) =>
    messageRun(80, {
      part: index,
      link: { url: `https://example.com/${index}${"x".repeat(600)}`, isRichLink: true },
      mention: parseHandleAddress(`${index}${hostile(500)}`),
    }),
  );
  const linkBody = encodeAttributedBody({ text: hostile(40_000), runs: links });
  const option = (index: number) => ({ optionIdentifier: `${index}${hostile(900)}`, text: hostile(1_000) });
  const orderedPollOptions = Array.from({ length: 256 }, (_, index) => option(index));
  const version: PropertyListLiteral = new Map<string, PropertyListLiteral>([
    ["t", encodeAttributedBody({ text: hostile(60_000) })],
    ["d", 788_700_000],
  ]);
  const history = new Map(Array.from({ length: 64 }, (_, part) => [String(part), [version, version]]));
  const summary = encodePropertyList(propertyListOf(new Map([["ec", history]])));
  const huge = hostile(300_000);
  const long = hostile(60_000);
  const columns: Readonly<Record<string, Partial<MessageRow>>> = {
    text: { text: hostile(262_144), subject: huge },
    "long text": { text: hostile(262_145) },
    labels: {
      service: huge,
      guid: huge,
      account: huge,
      destinationCallerId: huge,
      expressiveSendStyleId: huge,
      threadOriginatorGuid: huge,
      groupTitle: huge,
      balloonBundleId: huge,
      sender: wireHandle(huge, { service: huge, country: huge, personCentricId: huge }),
    },
    "group name": { itemType: 2, groupTitle: huge, guid: hostile(256) },
    chats: {
      chats: Array.from({ length: 200 }, (_, index) => ({
        ...wireChat(`${index}${hostile(500)}`),
        identifier: hostile(1_000),
        displayName: huge,
        serviceName: huge,
        groupId: huge,
      })),
    },
    attachments: { attachments, text: undefined },
    slots: { attributedBody: Buffer.from(slotBody), attachments },
    links: { attributedBody: Buffer.from(linkBody) },
    app: {
      balloonBundleId: "com.example",
      payloadData: appPayload({
        an: long,
        ldtext: long,
        URL: url(`a:${long}`),
        userInfo: dictionary({ caption: long }),
      }),
    },
    link: {
      balloonBundleId: LINK_BUNDLE,
      payloadData: linkPayload({
        title: long,
        summary: long,
        specialization2: archived("LPMapMetadata", { address: long }),
      }),
    },
    poll: { balloonBundleId: POLL_BUNDLE, payloadData: pollPayload({ orderedPollOptions }) },
    reaction: {
      associatedMessageType: 2006,
      associatedMessageGuid: `p:999999999/${hostile(256)}`,
      associatedMessageEmoji: huge,
      attachments,
    },
    edit: {
      messageSummaryInfo: Buffer.from(summary),
      dateEdited: 788_700_000_000_000_000n,
      text: hostile(262_144),
    },
  };
  const { NEW, CONTENT, GUID } = RowReason;
  let bytesMax = 0;
  for (const [name, each] of Object.entries(columns)) {
    for (const reason of [NEW, CONTENT, GUID]) {
      const all = { ...each, ...(name === "edit" ? { attachments } : {}) };
      const row = wireRow({ rowid: 1n, sequence: 1n, reason, columns: all });
      bytesMax = Math.max(bytesMax, check(outcomeOfBatch({ rows: [row] }).drafts));
    }
  }
  // The bound is worth something only where it is reached for.
  assert.ok(bytesMax > 2 * 1024 * 1024, `the largest took ${bytesMax} bytes`);
  const participants = Array.from({ length: 5_000 }, (_, index) => wireHandle(`${index}${hostile(500)}`));
  const chat = { ...wireChat(hostile(500)), displayName: huge, groupId: huge };
  const changes = { sequence: 1n, reason: 3, participants, chat } as const;
  check(outcomeOfBatch({ chatChanges: [changes] }).drafts);
});

test("any change becomes events that decode, and the same change twice the same keys and events", () => {
  const random = SeededRandom.fromEnvironment("random changes");
  const rows = new RandomBatches(random);
  const kinds = new Set<string>();
  for (let round = 0; round < 600; round += 1) {
    const wire = rows.next();
    const { drafts } = outcomeOfBatch(wire);
    check(drafts);
    for (const { payload } of drafts) kinds.add(payload.kind);
    const again = outcomeOfBatch(wire).drafts;
    assert.deepEqual(
      again.map(({ sourceKey }) => sourceKey),
      drafts.map(({ sourceKey }) => sourceKey),
    );
    assert.deepEqual(again, drafts);
    const keys = drafts.map(({ sourceKey }) => JSON.stringify(sourceKey, bigints));
    assert.ok(keys.every((key) => key !== "null"));
  }
  for (const kind of [
    "message",
    "reaction",
    "unsend",
    "group-change",
    "deletion",
    "chat-update",
    "receipt",
  ]) {
    assert.ok(kinds.has(kind), `no ${kind} among ${[...kinds].join()}`);
  }
});
