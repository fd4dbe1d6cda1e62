import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { decodeMessageRow } from "../decode-message-row.ts";
import { damaged } from "../fixtures/damage.ts";
import { MAC_MENTION_BODY } from "../fixtures/documented-bodies.ts";
import { concat } from "../fixtures/hex.ts";
import { messageRow } from "../fixtures/message-row-fixture.ts";
import { randomBody } from "../fixtures/random-body.ts";
import { decodeTypedStream } from "../typedstream/decode-typed-stream.ts";
import { encodeTypedStream } from "../typedstream/encode-typed-stream.ts";
import { TypedStreamError } from "../typedstream/typed-stream-error.ts";
import type { AttributeRun } from "./attributed-body.ts";
import { decodeAttributedBody } from "./decode-attributed-body.ts";
import { encodeAttributedBody } from "./encode-attributed-body.ts";

const ROUNDS = 1_000;
const MUTATIONS = 6_000;

function withWritingDirection(run: AttributeRun): AttributeRun {
  const direction = ["__kIMBaseWritingDirectionAttributeName", { kind: "integer", value: -1n }] as const;
  return { length: run.length, attributes: new Map([direction, ...run.attributes]) };
}

test(`${ROUNDS} random bodies come back, and their streams come out byte for byte`, () => {
  const random = SeededRandom.fromEnvironment("random bodies");
  for (let round = 0; round < ROUNDS; round += 1) {
    const body = randomBody(random);
    const mac = encodeAttributedBody({ ...body, style: "mac" });
    assert.deepEqual(decodeAttributedBody(mac), body, `round ${round}`);
    assert.deepEqual(encodeTypedStream(decodeTypedStream(mac)), mac, `round ${round}`);
    const ios = encodeAttributedBody({ ...body, style: "ios" });
    assert.deepEqual(
      decodeAttributedBody(ios),
      { text: body.text, runs: body.runs.map(withWritingDirection) },
      `round ${round}`,
    );
    assert.deepEqual(encodeTypedStream(decodeTypedStream(ios)), ios, `round ${round}`);
  }
});

test(`${MUTATIONS} damaged bodies are read or refused by TypedStreamError, and their rows always decode`, () => {
  const random = SeededRandom.fromEnvironment("damaged bodies");
  const outcomes = new Map<string, number>();
  let bytes: Uint8Array = MAC_MENTION_BODY;
  for (let round = 0; round < MUTATIONS; round += 1) {
    if (round % 20 === 0) {
      bytes = random.chance(0.3) ? MAC_MENTION_BODY : encodeAttributedBody(randomBody(random));
    }
    const bad = damaged(random, bytes);
    const outcome = outcomeOf(() => decodeAttributedBody(bad));
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    const decoded = decodeMessageRow(
      messageRow({ attributedBody: bad, text: random.pick([null, "", "hi"]) }),
    );
    assert.notEqual(decoded.kind === "undecodable" && decoded.reason, "decoder-failed", `round ${round}`);
  }
  // The damage must reach past the header and past the stream's form, or this test shows nothing.
  for (const needed of ["read", "unexpected-end", "reserved-tag", "reference-kind", "run-length"]) {
    assert.ok((outcomes.get(needed) ?? 0) > 0, `${needed} in ${JSON.stringify([...outcomes])}`);
  }
});

test("a damaged stream that still reads comes out byte for byte", () => {
  const random = SeededRandom.fromEnvironment("damaged streams");
  let readable = 0;
  for (let round = 0; round < 3_000; round += 1) {
    const bad = damaged(random, MAC_MENTION_BODY);
    if (outcomeOf(() => decodeTypedStream(bad)) === "read") {
      readable += 1;
      assert.deepEqual(encodeTypedStream(decodeTypedStream(bad)), bad, `round ${round}`);
    }
  }
  assert.ok(readable > 100, `${readable} readable`);
});

test("random bytes behind a header are refused or read", () => {
  const random = SeededRandom.fromEnvironment("random bytes");
  const header = MAC_MENTION_BODY.slice(0, 16);
  for (let round = 0; round < 3_000; round += 1) {
    const tail = Uint8Array.from({ length: random.integer(0, 60) }, () =>
      random.chance(0.5) ? random.integer(0x80, 0x94) : random.pick([...'@+*#%i[]{}=3cqd"!']).charCodeAt(0),
    );
    outcomeOf(() => decodeTypedStream(concat(header, tail)));
  }
});

/** "read", or the code of the TypedStreamError; any other error fails the test. */
function outcomeOf(decode: () => unknown): string {
  try {
    decode();
    return "read";
  } catch (error) {
    assert.ok(error instanceof TypedStreamError, String(error));
    return error.code;
  }
}
