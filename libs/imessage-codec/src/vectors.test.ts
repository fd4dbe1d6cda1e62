import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeAttributedBody, readAttributedBody } from "./attributed/decode-attributed-body.ts";
import { encodeAttributedBody } from "./attributed/encode-attributed-body.ts";
import { messageBodyOf } from "./body/decode-body.ts";
import type { MessageBody } from "./body/message-body.ts";
import { decodeMessageRow } from "./decode-message-row.ts";
import { messageRow } from "./fixtures/message-row-fixture.ts";
import { type RealRow, realRows, SKIP_REAL_VECTORS } from "./fixtures/real-vectors.ts";
import { decodeTypedStream } from "./typedstream/decode-typed-stream.ts";
import { encodeTypedStream } from "./typedstream/encode-typed-stream.ts";

/** Text, and part number with length of every run, for each file that is known; others are only read and written again. */
const EXPECTED: Readonly<
  Record<string, readonly [text: string, parts: readonly (readonly [bigint, number])[]]>
> = {
  "fixture1.json": [
    "\uFFFC1\uFFFC2",
    [
      [0n, 1],
      [1n, 1],
      [2n, 1],
      [3n, 1],
    ],
  ],
  "fixture2.json": [
    "part 0\uFFFCpart 2\uFFFCpart 4",
    [
      [0n, 6],
      [1n, 1],
      [2n, 6],
      [3n, 1],
      [4n, 6],
    ],
  ],
  "partial_leading_unsends.json": ["a", [[2n, 1]]],
  "partial_multiple_middle_adjacent_unsend.json": [
    "begin middle multiple adjacent unsendend middle multiple adjacent unsend",
    [
      [0n, 37],
      [3n, 35],
    ],
  ],
  "partial_trailing_unsends.json": ["a", [[0n, 1]]],
};

test("real bodies decode and come out byte for byte", { skip: SKIP_REAL_VECTORS }, () => {
  for (const [file, row] of realRows()) {
    if (row.attributedBody === null) continue;
    const bytes = row.attributedBody;
    assert.deepEqual(encodeTypedStream(decodeTypedStream(bytes)), bytes, file);
    const body = decodeAttributedBody(bytes);
    assert.deepEqual(body, readAttributedBody(decodeTypedStream(bytes)), file);
    // Which instances of a key Apple shares is not in the body, so that ours may have other bytes.
    assert.deepEqual(decodeAttributedBody(encodeAttributedBody(body)), body, file);
    checkMessageBody(messageBodyOf(body), file);
    const parts = body.runs.map((run) => {
      const part = run.attributes.get("__kIMMessagePartAttributeName");
      return [part?.kind === "integer" ? part.value : null, run.length];
    });
    const expected = EXPECTED[file];
    if (expected === undefined) continue;
    assert.deepEqual([body.text, parts], expected, file);
    checkRow(row, body.text, file);
  }
});

function checkRow({ guid, text, attributedBody, dateEdited }: RealRow, bodyText: string, file: string): void {
  const decoded = decodeMessageRow(messageRow({ guid, text, attributedBody, dateEdited }));
  assert.deepEqual(
    decoded.kind === "message" && [decoded.text, decoded.isEdited, decoded.bodySource],
    [bodyText, dateEdited !== 0n, text === null ? "attributedBody" : "both-agree"],
    file,
  );
}

/** Everything is told, nothing is guessed: slots are files, the rest is words, and the parts are the expected ones. */
function checkMessageBody(body: MessageBody, file: string): void {
  const expected = EXPECTED[file];
  const kinds = body.parts.map((part) => (part.kind === "text" ? part.text : part.kind));
  const texts = body.text.split(/(\uFFFC)/).filter((text) => text !== "");
  if (expected === undefined) {
    return;
  }
  assert.deepEqual(body.unreadAttributes, [], file);
  assert.deepEqual(
    body.parts.map(({ index, range }) => [BigInt(index), range.length]),
    expected[1],
    file,
  );
  const words = kinds.join("").replaceAll("attachment", "\uFFFC");
  assert.equal(words, texts.join(""), file);
}
