import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { damaged } from "../fixtures/damage.ts";
import { IOS_TEXT_BODY, MAC_MENTION_BODY } from "../fixtures/documented-bodies.ts";
import { bytesOfAscii, bytesOfHex, concat } from "../fixtures/hex.ts";
import { messageBodyRuns, randomBody } from "../fixtures/random-body.ts";
import { decodeTypedStream } from "../typedstream/decode-typed-stream.ts";
import { TypedStreamError } from "../typedstream/typed-stream-error.ts";
import type { AttributedBody, AttributeRun, AttributeValue } from "./attributed-body.ts";
import { decodeAttributedBody, readAttributedBody } from "./decode-attributed-body.ts";
import { readDirectBody } from "./direct-body.ts";
import { encodeAttributedBody } from "./encode-attributed-body.ts";

const BODIES = 500;
const DAMAGED = 20_000;

/** What the long way says: the body, or the code of its error. */
function longWay(bytes: Uint8Array): AttributedBody | string {
  try {
    return readAttributedBody(decodeTypedStream(bytes));
  } catch (error) {
    assert.ok(error instanceof TypedStreamError, String(error));
    return error.code;
  }
}

test("the documented bodies are read directly", () => {
  for (const bytes of [MAC_MENTION_BODY, IOS_TEXT_BODY]) {
    assert.deepEqual(readDirectBody(bytes), longWay(bytes));
  }
});

test("every attribute that Messages writes is read directly", () => {
  for (const style of ["mac", "ios"] as const) {
    const bytes = encodeAttributedBody({ ...messageBodyRuns(), style });
    const direct = readDirectBody(bytes);
    assert.notEqual(direct, null, style);
    assert.deepEqual(direct, longWay(bytes), style);
  }
});

test(`${BODIES} random bodies and ${DAMAGED} damaged ones: what is read directly is what the long way reads`, () => {
  const random = SeededRandom.fromEnvironment("direct bodies");
  let bytes: Uint8Array = MAC_MENTION_BODY;
  let readDirectly = 0;
  for (let round = 0; round < DAMAGED; round += 1) {
    const isNew = round % (DAMAGED / BODIES) === 0;
    if (isNew) {
      const style = random.pick(["mac", "ios"] as const);
      bytes = encodeAttributedBody({
        ...(random.chance(0.3) ? messageBodyRuns() : randomBody(random)),
        style,
      });
    }
    const candidate = isNew ? bytes : damaged(random, bytes);
    const direct = readDirectBody(candidate);
    if (direct !== null) {
      readDirectly += 1;
      assert.deepEqual(direct, longWay(candidate), `round ${round}`);
    }
  }
  assert.ok(readDirectly > DAMAGED / 50, `${readDirectly} read directly`);
});

test("what is unusual takes the long way, and is read there", () => {
  const versionOther = MAC_MENTION_BODY.slice();
  versionOther[14] = 0xe9;
  const unusual: readonly (readonly [string, Uint8Array])[] = [
    ["another system version", versionOther],
    ["an array", encodeAttributedBody({ text: "x", runs: [withValue({ kind: "array", items: [] })] })],
    ["a date", encodeAttributedBody({ text: "x", runs: [withValue({ kind: "date", secondsSince2001: 0 })] })],
  ];
  for (const [what, bytes] of unusual) {
    assert.equal(readDirectBody(bytes), null, what);
    assert.deepEqual(decodeAttributedBody(bytes), longWay(bytes), what);
    assert.notEqual(typeof longWay(bytes), "string", what);
  }
});

function withValue(value: AttributeValue): AttributeRun {
  return { length: 1, attributes: new Map([["key", value]]) };
}

test("a reference to what is not finished is never followed", () => {
  // The attributes are the body itself, and their key the dictionary that it is in.
  const start = concat(bytesOfHex("04 0b"), bytesOfAscii("streamtyped"), bytesOfHex("81e803 840140"));
  const body = concat(
    start,
    bytesOfHex("84 84 84 12"),
    bytesOfAscii("NSAttributedString"),
    bytesOfHex("00 85 92 84 84 84 08"),
    bytesOfAscii("NSString"),
    bytesOfHex("01 85 84 01 2b 01 78 86 84 02 69 49 01 01 92"),
  );
  for (const reference of ["92 86", "94 86", "93 86"]) {
    const bytes = concat(body, bytesOfHex(reference));
    assert.equal(readDirectBody(bytes), null, reference);
    assert.equal(typeof longWay(bytes), "string", reference);
  }
});
