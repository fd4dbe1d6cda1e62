import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { damaged } from "../fixtures/damage.ts";
import { randomBody } from "../fixtures/random-body.ts";
import { decodeTypedStream } from "../typedstream/decode-typed-stream.ts";
import { TypedStreamError } from "../typedstream/typed-stream-error.ts";
import type { AttributedBody } from "./attributed-body.ts";
import { readAttributedBody } from "./decode-attributed-body.ts";
import { encodeAttributedBody } from "./encode-attributed-body.ts";
import { messageRun } from "./message-run.ts";
import { PLAIN_ATTRIBUTES, readPlainBody } from "./plain-body.ts";

const BODIES = 500;
const DAMAGED = 20_000;

/** Bytes of text; longer ones say so in five bytes. */
const LENGTH_MAX = 0x7fff;

const FORMS = (["mac", "ios"] as const).flatMap((style) => [
  { style, isMutable: true },
  { style, isMutable: false },
]);

/** What the long way says: the body, or the code of its error. */
function longWay(bytes: Uint8Array): AttributedBody | string {
  try {
    return readAttributedBody(decodeTypedStream(bytes));
  } catch (error) {
    assert.ok(error instanceof TypedStreamError, String(error));
    return error.code;
  }
}

test("words of every length are read in every form, and their attributes are shared", () => {
  const lengths = [1, 2, 110, 126, 127, 128, 129, 145, 146, 255, 256, 10_922, 10_923, 32_767, 32_768];
  for (const form of FORMS) {
    for (const character of ["a", "ü", "漢"]) {
      for (const length of lengths) {
        const bytes = encodeAttributedBody({ text: character.repeat(length), ...form });
        const body = readPlainBody(bytes);
        const what = `${character} ${length} ${JSON.stringify(form)}`;
        if (new TextEncoder().encode(character).length * length > LENGTH_MAX) {
          assert.equal(body, null, what);
        } else {
          assert.deepEqual(body, longWay(bytes), what);
          assert.ok(
            body?.runs.every((run) => PLAIN_ATTRIBUTES.includes(run.attributes)),
            what,
          );
        }
      }
    }
  }
});

test("whatever is more than words is left to others", () => {
  const bodies = [
    encodeAttributedBody({ text: "", style: "ios" }),
    encodeAttributedBody({ text: "ab", runs: [messageRun(1, { part: 0 }), messageRun(1, { part: 0 })] }),
    encodeAttributedBody({ text: "ab", runs: [messageRun(2, { part: 1 })] }),
    encodeAttributedBody({ text: "ab", runs: [messageRun(2, { part: 0, styles: ["bold"] })] }),
    encodeAttributedBody({ text: "ab", runs: [{ length: 2, attributes: new Map() }] }),
    new Uint8Array(),
  ];
  for (const [index, bytes] of bodies.entries()) {
    assert.equal(readPlainBody(bytes), null, `body ${index}`);
  }
});

test("runs that do not fit the text, lengths in other forms and bytes behind the end are left to others", () => {
  const bytes = encodeAttributedBody({ text: "words" });
  const runLengthAt = bytes.lastIndexOf(5);
  const textLengthAt = bytes.indexOf(5);
  const replaced = (at: number, ...by: readonly number[]) =>
    Uint8Array.of(...bytes.subarray(0, at), ...by, ...bytes.subarray(at + 1));
  for (const broken of [
    replaced(runLengthAt, 4),
    replaced(runLengthAt, 0x82, 5, 0, 0, 0),
    replaced(textLengthAt, 0x80),
    replaced(textLengthAt, 4),
    Uint8Array.of(...bytes, 0x86),
    bytes.subarray(0, -1),
  ]) {
    assert.equal(readPlainBody(broken), null);
  }
  // Longer than need be, but what it says is what the long way reads.
  const wide = replaced(runLengthAt, 0x81, 5, 0);
  assert.deepEqual(readPlainBody(wide), longWay(wide));
});

test(`${BODIES} bodies of random words and ${DAMAGED} damaged ones: what is plain is what the long way reads`, () => {
  const random = SeededRandom.fromEnvironment("plain bodies");
  let bytes: Uint8Array = new Uint8Array();
  let plain = 0;
  for (let round = 0; round < DAMAGED; round += 1) {
    const isNew = round % (DAMAGED / BODIES) === 0;
    if (isNew) {
      bytes = encodeAttributedBody({ text: `${randomBody(random).text}.`, ...random.pick(FORMS) });
    }
    const candidate = isNew ? bytes : damaged(random, bytes);
    const body = readPlainBody(candidate);
    assert.ok(!isNew || body !== null || bytes.length > LENGTH_MAX, `round ${round} is plain`);
    if (body !== null) {
      plain += 1;
      assert.deepEqual(body, longWay(candidate), `round ${round}`);
    }
  }
  assert.ok(plain > BODIES, `${plain} are plain, damaged ones among them`);
});
