/**
 * Bodies in every shape that Messages writes, each with what it is decoded to: a body.bin and an expected.json for each shape
 * of shapes.ts, written once by generate.ts. A body that was read once is read the same for ever.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  decodeAttributedBody,
  decodeBody,
  decodeTypedStream,
  encodeAttributedBody,
  encodeTypedStream,
  messageRun,
  TypedStreamError,
} from "@imesh/imessage-codec";
import { expectedOf, expectedText } from "./expected.ts";
import { SHAPES } from "./shapes.ts";

const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

function fileOf(name: string, file: string): Buffer {
  return readFileSync(join(import.meta.dirname, name, file));
}

test("there is a folder for each shape", () => {
  assert.deepEqual(folders.sort(), SHAPES.map(({ name }) => name).sort());
});

for (const name of folders) {
  test(`${name} is decoded to what is expected, and comes out byte for byte`, () => {
    const bytes = new Uint8Array(fileOf(name, "body.bin"));
    const expected: unknown = JSON.parse(fileOf(name, "expected.json").toString("utf8"));
    assert.deepEqual(expectedOf(bytes), expected);
    const again = writtenAgain(bytes);
    assert.ok(again !== null || name.startsWith("broken-"));
    assert.deepEqual(again ?? bytes, bytes);
  });
}

test("generating anew changes nothing", () => {
  for (const { name, bytes } of SHAPES) {
    assert.deepEqual(fileOf(name, "body.bin"), Buffer.from(bytes), name);
    assert.equal(fileOf(name, "expected.json").toString("utf8"), expectedText(bytes), name);
  }
});

/** Null for a stream that cannot be read at all. */
function writtenAgain(bytes: Uint8Array): Uint8Array | null {
  try {
    return encodeTypedStream(decodeTypedStream(bytes));
  } catch (error) {
    assert.ok(error instanceof TypedStreamError);
    return null;
  }
}

// The heavy ones would only fill the repository.

test("100 kB of text", () => {
  const text = "Zwölf Boxkämpfer jagen Viktor. ".repeat(3_200);
  const bytes = encodeAttributedBody({ text });
  assert.ok(bytes.length > 100_000);
  const [part, ...more] = decodeBody(bytes).parts;
  assert.deepEqual(part, {
    kind: "text",
    index: 0,
    range: { start: 0, length: text.length },
    text,
    entities: [],
  });
  assert.deepEqual(more, []);
  assert.deepEqual(writtenAgain(bytes), bytes);
});

test("1,000 runs with sets of attributes of their own", () => {
  const runs = Array.from({ length: 1_000 }, (_, index) =>
    messageRun(3, { part: index, effect: index, styles: index % 2 === 0 ? ["bold"] : [] }),
  );
  const bytes = encodeAttributedBody({ text: "abc".repeat(1_000), runs, style: "ios" });
  const { parts } = decodeBody(bytes);
  assert.equal(parts.length, 1_000);
  assert.deepEqual(parts[998], {
    kind: "text",
    index: 998,
    range: { start: 2_994, length: 3 },
    text: "abc",
    entities: [
      { kind: "style", range: { start: 2_994, length: 3 }, style: "bold" },
      { kind: "effect", range: { start: 2_994, length: 3 }, effect: null, number: 998n },
    ],
  });
  assert.deepEqual(encodeAttributedBody({ ...decodeAttributedBody(bytes), style: "ios" }), bytes);
  assert.deepEqual(writtenAgain(bytes), bytes);
});

test("20 detections of 1 kB each", () => {
  const archive = (seed: number) => Uint8Array.from({ length: 1_000 }, (_, index) => (index + seed) & 0xff);
  const runs = Array.from({ length: 20 }, (_, seed) => [
    messageRun(5, { part: 0 }),
    messageRun(9, { part: 0, detected: { what: "phone-number", archive: archive(seed) } }),
  ]).flat();
  const bytes = encodeAttributedBody({ text: "call +15550100".repeat(20), runs });
  const [part] = decodeBody(bytes).parts;
  assert.ok(part?.kind === "text");
  assert.deepEqual(
    part.entities.map((entity) => entity.kind === "detected" && [entity.range.start, entity.archive]),
    Array.from({ length: 20 }, (_, seed) => [14 * seed + 5, archive(seed)]),
  );
});
