import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesOfAscii } from "../fixtures/hex.ts";
import { messageBodyRuns } from "../fixtures/random-body.ts";
import { decodeTypedStream } from "../typedstream/decode-typed-stream.ts";
import { encodeTypedStream } from "../typedstream/encode-typed-stream.ts";
import type { AttributeValue } from "./attributed-body.ts";
import { decodeAttributedBody } from "./decode-attributed-body.ts";
import { encodeAttributedBody } from "./encode-attributed-body.ts";
import { extendRun, messageRun } from "./message-run.ts";

function occurrences(bytes: Uint8Array, text: string): number {
  return (
    Buffer.from(bytes)
      .toString("latin1")
      .split(Buffer.from(bytesOfAscii(text)).toString("latin1")).length - 1
  );
}

test("what runs share is written once, equal values of runs made apart twice", () => {
  const url = "https://example.com/shared";
  const link = messageRun(3, { part: 0, link: { url, isRichLink: false } });
  const extended = extendRun(link, 4, { styles: ["bold"] });
  assert.equal(occurrences(encodeAttributedBody({ text: "x".repeat(7), runs: [link, extended] }), url), 1);
  const apart = messageRun(4, { part: 0, link: { url, isRichLink: false }, styles: ["bold"] });
  assert.equal(occurrences(encodeAttributedBody({ text: "x".repeat(7), runs: [link, apart] }), url), 2);
});

test("a body comes back with its instances: written again it has the same bytes", () => {
  for (const style of ["mac", "ios"] as const) {
    const bytes = encodeAttributedBody({ ...messageBodyRuns(), style });
    assert.deepEqual(encodeAttributedBody({ ...decodeAttributedBody(bytes), style }), bytes, style);
    assert.deepEqual(encodeTypedStream(decodeTypedStream(bytes)), bytes, style);
  }
});

test("names are new in every set of attributes, or shared on demand", () => {
  const runs = [messageRun(1, { part: 0 }), messageRun(1, { part: 1 })];
  const name = "__kIMMessagePartAttributeName";
  assert.equal(occurrences(encodeAttributedBody({ text: "ab", runs }), name), 2);
  const shared = encodeAttributedBody({ text: "ab", runs, sharesNames: true });
  assert.equal(occurrences(shared, name), 1);
  assert.deepEqual(decodeAttributedBody(shared), { text: "ab", runs });
});

test("the classes of the string follow the style, or are as asked for", () => {
  for (const [style, isMutable] of [
    ["mac", true],
    ["mac", false],
    ["ios", true],
    ["ios", false],
  ] as const) {
    const bytes = encodeAttributedBody({ text: "x", style, isMutable });
    assert.equal(occurrences(bytes, "Mutable"), isMutable ? 2 : 0);
    assert.equal(decodeAttributedBody(bytes).text, "x");
  }
});

test("sizes are written as given: a fraction as a double, a bigint as an integer", () => {
  const sized = (width: number | bigint) => {
    const run = messageRun(1, { part: 0, inlineSize: { width, height: 1n } });
    const [decoded] = decodeAttributedBody(encodeAttributedBody({ text: "\uFFFC", runs: [run] })).runs;
    return decoded?.attributes.get("__kIMInlineMediaWidthAttributeName");
  };
  assert.deepEqual(sized(320.5), { kind: "real", value: 320.5 } satisfies AttributeValue);
  assert.deepEqual(sized(320), { kind: "real", value: 320 } satisfies AttributeValue);
  assert.deepEqual(sized(320n), { kind: "integer", value: 320n } satisfies AttributeValue);
});
