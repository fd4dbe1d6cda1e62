import assert from "node:assert/strict";
import { test } from "node:test";
import { TailResponse } from "@imesh/contracts/broker/v1";
import { SeededRandom } from "@imesh/testing";
import type { StoredAttachment, StoredChat, StoredMessage } from "../rows/rows.ts";
import { toTailResponse } from "../rpc/wire-frames.ts";
import type { ToldChange } from "./changes.ts";
import { toldBytes } from "./told-bytes.ts";

/** Rows with every field filled, texts of the widest characters, numbers at their longest. */
class FullRows {
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  message(): StoredMessage {
    const handle = {
      address: this.#text(),
      service: this.#text(),
      country: this.#text(),
      personCentricId: "contact",
    };
    const texts = Object.fromEntries(TEXTS.map((name) => [name, this.#text()]));
    const numbers = Object.fromEntries(NUMBERS.map((name) => [name, -1]));
    const longs = Object.fromEntries(LONGS.map((name) => [name, -1n]));
    const flags = Object.fromEntries(FLAGS.map((name) => [name, true]));
    const blobs = {
      attributedBody: this.#blob(),
      messageSummaryInfo: this.#blob(),
      payloadData: this.#blob(),
    };
    return {
      ...texts,
      ...numbers,
      ...longs,
      ...flags,
      ...blobs,
      sender: handle,
      otherHandle: handle,
      chats: [this.chat(), this.chat()],
      attachments: [this.attachment(), this.attachment()],
    } as unknown as StoredMessage;
  }

  chat(): StoredChat {
    return {
      rowid: -1n,
      guid: this.#text(),
      identifier: this.#text(),
      serviceName: this.#text(),
      style: -1,
      displayName: this.#text(),
      groupId: this.#text(),
      roomName: this.#text(),
      accountLogin: this.#text(),
      lastAddressedHandle: this.#text(),
      state: -1,
      isArchived: true,
      isFiltered: -1,
      isBlackholed: true,
      properties: this.#blob(),
    };
  }

  attachment(): StoredAttachment {
    return {
      rowid: -1n,
      guid: this.#text(),
      originalGuid: this.#text(),
      filename: this.#text(),
      transferName: this.#text(),
      mimeType: this.#text(),
      uti: this.#text(),
      totalBytes: -1n,
      transferState: -1,
      createdDate: -1n,
      isOutgoing: true,
      isSticker: true,
      hideAttachment: true,
      userInfo: this.#blob(),
      stickerUserInfo: this.#blob(),
      attributionInfo: this.#blob(),
      emojiImageShortDescription: this.#text(),
    };
  }

  #text(): string {
    return "…".repeat(this.#random.pick([0, 1, 40, 400]));
  }

  #blob(): Buffer {
    return Buffer.alloc(this.#random.pick([0, 1, 1_000, 70_000]));
  }
}

const TEXTS = [
  "guid text subject service account destinationCallerId groupTitle associatedMessageGuid associatedMessageEmoji",
  "balloonBundleId expressiveSendStyleId threadOriginatorGuid threadOriginatorPart replyToGuid ckChatId cacheRoomnames",
]
  .join(" ")
  .split(" ");

const LONGS = [
  "rowid date dateRead dateDelivered dateEdited datePlayed dateRetracted dateRecovered",
  "associatedMessageRangeLocation associatedMessageRangeLength",
]
  .join(" ")
  .split(" ");

const NUMBERS = [
  "error itemType groupActionType associatedMessageType partCount scheduleType scheduleState shareStatus",
  "shareDirection messageActionType expireState",
]
  .join(" ")
  .split(" ");

const FLAGS = [
  "isFromMe isFinished isSent isDelivered isRead isEmpty cacheHasAttachments isAudioMessage isPlayed wasDowngraded",
  "isSystemMessage isAutoReply isSpam isRecoverable isOversized",
]
  .join(" ")
  .split(" ");

test("a change never takes more on the wire than it is counted with", () => {
  const rows = new FullRows(SeededRandom.fromEnvironment("told-bytes"));
  const place = { sequence: 2n ** 63n - 1n, rowid: 2n ** 63n - 1n, guid: "G" };
  const handle = { address: "+15550001", service: "iMessage", country: "us", personCentricId: "contact" };
  for (let round = 0; round < 200; round += 1) {
    const told: readonly ToldChange[] = [
      { change: { ...place, subject: "message", reason: "recovered" }, message: rows.message() },
      { change: { ...place, subject: "message", reason: "deleted" }, message: undefined },
      {
        change: { ...place, subject: "chat", reason: "members" },
        chat: rows.chat(),
        participants: [handle, handle],
      },
      {
        change: { ...place, subject: "attachment", reason: "ready" },
        attachment: rows.attachment(),
        messages: [{ rowid: -1n, guid: "00000000-0000-4000-8000-000000000000" }],
      },
    ];
    for (const change of told) {
      const [empty, full] = [wireBytes([]), wireBytes([change])];
      assert(
        full - empty <= toldBytes(change),
        `${change.change.subject}: ${full - empty} > ${toldBytes(change)}`,
      );
    }
  }
});

function wireBytes(changes: readonly ToldChange[]): number {
  const frame = toTailResponse(
    {
      kind: "batch",
      changes,
      cursor: new Uint8Array(),
      database: { databaseUid: "", generation: "" },
      notice: { source: "hint", committedAtUnixNs: 0n, detectedAtUnixNs: 0n },
      readAtUnixNs: 0n,
      isCatchingUp: false,
    },
    (sequence) => sequence,
  );
  return TailResponse.encode(frame).finish().length;
}
