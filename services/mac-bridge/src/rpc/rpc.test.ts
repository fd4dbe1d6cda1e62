import assert from "node:assert/strict";
import { test } from "node:test";
import { SubscribeResponse } from "@imesh/contracts/bridge/v1";
import { Event } from "@imesh/contracts/bridge/v1/event";
import { RpcError } from "@imesh/rpc";
import { SeededRandom } from "@imesh/testing";
import type { EventDraft } from "../journal/bridge-event.ts";
import { JournalError } from "../journal/journal-error.ts";
import { doubtCommand } from "../send/command-steps.ts";
import { dispatchedCommand, NOW_UNIX_NS } from "../testing/commands.ts";
import { messageDraft } from "../testing/journals.ts";
import { encodeEvent, eventToWire } from "./event-wire.ts";
import { encodeBatchFrame } from "./frame-encoding.ts";
import { translated } from "./journal-unavailable.ts";
import { ordinalOfPageToken, pageTokenOf } from "./page-token.ts";
import { validPageSize, validSend, validSubscribe } from "./request-validation.ts";
import { timestampOf } from "./timestamp.ts";

const stamp = { sequence: 3n, journalId: "J", journaledUnixNs: NOW_UNIX_NS };

test("encodeBatchFrame() is what the generated decoder reads, at every length of a varint", () => {
  const random = SeededRandom.fromEnvironment("batch frames");
  const lengths = [0, 1, 100, 127, 128, 129, 16_383, 16_384, 300_000];
  for (let round = 0; round < 60; round += 1) {
    const events = Array.from({ length: random.integer(1, 6) }, (_, index) => {
      const text = "y".repeat(random.pick(lengths) + random.integer(0, 2));
      const sequence = BigInt(index + 1);
      return { sequence, payload: encodeEvent(messageDraft(sequence, text), { ...stamp, sequence }) };
    });
    const frame = SubscribeResponse.decode(encodeBatchFrame(events)).frame;
    assert.ok(frame?.$case === "batch");
    assert.deepEqual(
      frame.value.events,
      events.map(({ payload }) => Event.decode(payload)),
    );
  }
});

test("every payload survives the wire", () => {
  const base = messageDraft(7n, "hi");
  const command = doubtCommand(
    dispatchedCommand(1n, 10n),
    { reason: "TIMED_OUT", number: -1712, description: "late" },
    NOW_UNIX_NS,
  );
  const payloads: EventDraft["payload"][] = [
    base.payload,
    { kind: "undecodable", guid: "G", reason: "too-deep", bodySha256: "ab", bodyBytes: 9, plainText: "t" },
    { kind: "message-status", guid: "G", state: "failed", error: 22, requestId: "r" },
    { kind: "command", command },
  ];
  for (const payload of payloads) {
    const draft = { ...base, payload, hopTimes: { ...base.hopTimes, sentUnixNs: NOW_UNIX_NS + 1n } };
    const wire = eventToWire(draft, stamp);
    assert.deepEqual(Event.decode(encodeEvent(draft, stamp)), wire);
    assert.deepEqual(wire.hopTimes?.sentTime, { seconds: 1_767_323_045n, nanos: 1 });
  }
});

test("timestampOf() counts nanos forward, before 1970 too", () => {
  assert.deepEqual(timestampOf(1_500_000_001n), { seconds: 1n, nanos: 500_000_001 });
  assert.deepEqual(timestampOf(-1n), { seconds: -1n, nanos: 999_999_999 });
});

function violated(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof RpcError) return error.fieldViolations.map(({ field }) => field);
    throw error;
  }
  return [];
}

test("validSend() names every wrong field at once and repeats no value", () => {
  const good = { requestId: "a/1", chatGuid: "any;-;x", text: "hi" };
  assert.deepEqual(
    violated(() => validSend(good)),
    [],
  );
  assert.deepEqual(
    violated(() => validSend({ requestId: "", chatGuid: "", text: "" })),
    ["request_id", "chat_guid", "text"],
  );
  assert.deepEqual(
    violated(() => validSend({ ...good, requestId: "a b" })),
    ["request_id"],
  );
  assert.deepEqual(
    violated(() => validSend({ ...good, requestId: "ä" })),
    ["request_id"],
  );
  assert.deepEqual(
    violated(() => validSend({ ...good, requestId: "x".repeat(129) })),
    ["request_id"],
  );
  assert.deepEqual(
    violated(() => validSend({ ...good, text: "a\0b" })),
    ["text"],
  );
  for (const blank of [" ", "\n\t\u00A0", "\uFFFC"]) {
    assert.deepEqual(
      violated(() => validSend({ ...good, text: blank })),
      ["text"],
    );
  }
  assert.deepEqual(
    violated(() => validSend({ ...good, text: "" })),
    ["text"],
  );
  assert.deepEqual(
    violated(() => validSend({ ...good, text: "x".repeat(20_000) })),
    [],
  );
  assert.deepEqual(
    violated(() => validSend({ ...good, text: "x".repeat(20_001) })),
    ["text"],
  );
  assert.throws(
    () => validSend({ ...good, chatGuid: "\0secret" }),
    (error) => error instanceof RpcError && !error.message.includes("secret"),
  );
});

test("validSubscribe() has the contract's defaults and bounds", () => {
  const request = { consumer: "bot-1", start: undefined, journalId: "", maxBatchSize: 0 };
  assert.deepEqual(validSubscribe(request), {
    consumer: "bot-1",
    afterSequence: null,
    journalId: null,
    batchItemsMax: 64,
  });
  const from = { ...request, start: { $case: "afterSequence", value: 0n } as const };
  assert.equal(validSubscribe(from).afterSequence, 0n);
  assert.equal(validSubscribe({ ...request, maxBatchSize: 9_999 }).batchItemsMax, 256);
  assert.deepEqual(
    violated(() => validSubscribe({ ...request, consumer: "Bot", maxBatchSize: -1 })),
    ["consumer", "max_batch_size"],
  );
  assert.deepEqual(
    violated(() => validSubscribe({ ...request, consumer: "" })),
    ["consumer"],
  );
});

test("page sizes and tokens", () => {
  const bounds = { default: 50, max: 500 };
  assert.deepEqual(
    [0, 1, 500, 501].map((size) => validPageSize(size, bounds)),
    [50, 1, 500, 500],
  );
  assert.deepEqual(
    violated(() => validPageSize(-1, bounds)),
    ["page_size"],
  );
  assert.equal(ordinalOfPageToken(""), null);
  assert.equal(ordinalOfPageToken(pageTokenOf(42n)), 42n);
  for (const token of [
    "x",
    "c1.1",
    Buffer.from("c1.0").toString("base64url"),
    Buffer.from("c2.1").toString("base64url"),
  ]) {
    assert.throws(
      () => ordinalOfPageToken(token),
      (error) => error instanceof RpcError && error.reason === "PAGE_TOKEN_INVALID",
    );
  }
});

test("translated() tells callers of a failing journal whether to try again", async () => {
  const failing = (code: "disk-full" | "corrupt") => () => {
    throw new JournalError("append to", code, "SQLITE_X", undefined);
  };
  const isCode = (code: string) => (error: unknown) =>
    error instanceof RpcError && error.code === code && error.reason === "JOURNAL_UNAVAILABLE";
  assert.throws(() => translated(failing("disk-full")), isCode("UNAVAILABLE"));
  assert.throws(() => translated(failing("corrupt")), isCode("DATA_LOSS"));
  await assert.rejects(
    translated(async () => failing("disk-full")()),
    isCode("UNAVAILABLE"),
  );
  assert.throws(() => translated(() => assert.fail("bug")), assert.AssertionError);
});
