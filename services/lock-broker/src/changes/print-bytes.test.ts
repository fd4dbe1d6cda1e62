import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { packGuid, unpackGuid } from "./guid-bytes.ts";
import type { KnownMessage } from "./known-rows.ts";
import {
  packAttachment,
  packChat,
  packMessage,
  stageOf,
  unpackAttachment,
  unpackChat,
  unpackMessage,
} from "./print-bytes.ts";

test("a guid comes back as it was, and Messages' own take 16 bytes", () => {
  const random = SeededRandom.fromEnvironment("guid-bytes");
  for (let round = 0; round < 200; round += 1) {
    const lower = random.uuid();
    const upper = lower.toUpperCase();
    const packed = packGuid(upper);
    assert(Buffer.isBuffer(packed) && packed.length === 16);
    for (const guid of [
      upper,
      lower,
      `at_0_${upper}`,
      upper.slice(1),
      `${upper}0`,
      "any;-;+15550001",
      "",
      "ü",
    ]) {
      assert.equal(unpackGuid(packGuid(guid)), guid);
    }
  }
});

test("prints come back as they were, every flag by itself", () => {
  const random = SeededRandom.fromEnvironment("print-bytes");
  const hash = () => random.integer(0, 2 ** 32 - 1);
  const flag = () => random.chance(0.5);
  for (let round = 0; round < 1_000; round += 1) {
    const message: KnownMessage = {
      print: {
        rowid: 5n,
        guid: "G",
        isJoined: flag(),
        isRecoverable: flag(),
        isFinished: flag(),
        isFromMe: flag(),
        isOverflowing: flag(),
        status: hash(),
        recordStatus: hash(),
        delivered: hash(),
        read: hash(),
        played: hash(),
        schedule: hash(),
        chats: hash(),
        attachments: hash(),
        contentBytes: hash(),
        content: flag() ? undefined : random.pick([0, hash()]),
      },
      stage: random.pick(["waiting", "hidden", "unjoined", "told"] as const),
      sinceUnixMs: 0,
    };
    const bytes = packMessage(message);
    assert.deepEqual({ ...unpackMessage(5n, "G", bytes), sinceUnixMs: 0 }, message);
    assert.deepEqual([bytes.length, stageOf(bytes)], [41, message.stage]);
    const chat = {
      print: {
        rowid: 5n,
        guid: "G",
        isOverflowing: flag(),
        name: hash(),
        members: hash(),
        properties: hash(),
        state: hash(),
      },
    };
    assert.deepEqual(unpackChat(5n, "G", packChat(chat)), chat);
    const attachment = {
      print: {
        rowid: 5n,
        guid: "G",
        isOverflowing: flag(),
        transferState: random.integer(-(2 ** 31), 2 ** 31 - 1),
        progress: hash(),
        info: hash(),
      },
      isTold: flag(),
    };
    assert.deepEqual(unpackAttachment(5n, "G", packAttachment(attachment)), attachment);
  }
});
