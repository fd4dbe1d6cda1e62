import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BurstRequest, SayRequest, SendBehavior, SendMode } from "@imesh/contracts/simulator/v1";
import { parseBurst, parseJoinDelay, parsePage, parseSay, parseSendBehavior } from "./requests.ts";

const seconds = (count: number, nanos = 0) => ({ seconds: BigInt(count), nanos });
const FALLBACK = { minMs: 1, maxMs: 2 };
const BURST = BurstRequest.fromPartial({ messages: 10, chats: 2, seed: 3n, prefix: "p" });

/** Fields an INVALID_ARGUMENT names. */
function refusedFields(parse: () => unknown): readonly string[] {
  try {
    parse();
  } catch (error) {
    const { code, fieldViolations } = error as {
      code: string;
      fieldViolations: readonly { field: string }[];
    };
    assert.equal(code, "INVALID_ARGUMENT");
    return fieldViolations.map(({ field }) => field);
  }
  return [];
}

describe("parseSay()", () => {
  test("keeps a delay of 0 apart from none", () => {
    const request = SayRequest.fromPartial({ from: "+15551234567", text: "hi", age: seconds(3_600) });
    const order = {
      from: "+15551234567",
      text: "hi",
      groupGuid: "",
      joinDelayMs: undefined,
      ageNs: 3_600_000_000_000n,
    };
    assert.deepEqual(parseSay(request), order);
    const joinDelay = seconds(0, 1_500_000);
    assert.deepEqual(parseSay({ ...request, joinDelay }), { ...order, joinDelayMs: 1.5 });
    assert.deepEqual(parseSay({ ...request, joinDelay: seconds(0) }), { ...order, joinDelayMs: 0 });
  });

  test("names every wrong field", () => {
    const request = SayRequest.fromPartial({ joinDelay: seconds(86_401), age: seconds(-1) });
    assert.deepEqual(
      refusedFields(() => parseSay(request)),
      ["join_delay", "age"],
    );
  });
});

describe("parseBurst()", () => {
  test("takes the default waits where none are given", () => {
    const order = { messages: 10, chats: 2, ratePerSecond: 0, joinDelay: FALLBACK, seed: 3n, prefix: "p" };
    assert.deepEqual(parseBurst(BURST, FALLBACK), order);
    const joinDelay = { min: undefined, max: seconds(1) };
    assert.deepEqual(parseBurst({ ...BURST, joinDelay }, FALLBACK), {
      ...order,
      joinDelay: { minMs: 0, maxMs: 1_000 },
    });
  });

  test("names every wrong field", () => {
    const joinDelay = { min: seconds(2), max: seconds(1) };
    const wrong = {
      messages: 0,
      chats: 1_001,
      ratePerSecond: Number.NaN,
      seed: 0n,
      prefix: "x".repeat(1_001),
      joinDelay,
    };
    assert.deepEqual(
      refusedFields(() => parseBurst(wrong, FALLBACK)),
      ["messages", "chats", "rate_per_second", "prefix", "join_delay"],
    );
  });
});

describe("parseSendBehavior()", () => {
  test("knows every mode but the unspecified and the unknown", () => {
    for (const [name, mode] of Object.entries(SendMode)) {
      const isMode = mode > 0;
      const fields = refusedFields(() => parseSendBehavior(SendBehavior.fromPartial({ mode })));
      assert.deepEqual(fields, isMode ? [] : ["send.mode"], name);
    }
    assert.deepEqual(parseSendBehavior({ mode: SendMode.GHOST_ROW, sends: 3 }), {
      mode: "ghost-row",
      sends: 3,
    });
  });

  test("refuses a negative count", () => {
    assert.deepEqual(
      refusedFields(() => parseSendBehavior({ mode: SendMode.NORMAL, sends: -1 })),
      ["send.sends"],
    );
  });
});

test("parseJoinDelay() refuses a range that runs backwards", () => {
  assert.deepEqual(parseJoinDelay({ min: seconds(1), max: seconds(2) }), { minMs: 1_000, maxMs: 2_000 });
  assert.deepEqual(
    refusedFields(() => parseJoinDelay({ min: seconds(1), max: undefined })),
    ["join_delay"],
  );
});

describe("parsePage()", () => {
  test("defaults to 100 and caps at 1000", () => {
    const limits = [0, 7, 5_000].map((pageSize) => parsePage({ pageSize, pageToken: "" }));
    assert.deepEqual(limits, [
      { afterRowid: 0n, limit: 100 },
      { afterRowid: 0n, limit: 7 },
      { afterRowid: 0n, limit: 1_000 },
    ]);
    assert.deepEqual(parsePage({ pageSize: 1, pageToken: "42" }), { afterRowid: 42n, limit: 1 });
  });

  for (const pageToken of ["x", "-1", "9223372036854775808", "1 OR 1=1"]) {
    test(`refuses the token ${JSON.stringify(pageToken)}`, () => {
      assert.deepEqual(
        refusedFields(() => parsePage({ pageSize: 1, pageToken })),
        ["page_token"],
      );
    });
  }
});
