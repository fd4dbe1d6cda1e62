import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAttachmentGuid } from "@imesh/imessage-model";
import { ATTRIBUTE_KEY } from "../attributed/attribute-keys.ts";
import type { Attributes, AttributeValue } from "../attributed/attributed-body.ts";
import { bodyDigest } from "../attributed/body-digest.ts";
import { decodeAttributedBody } from "../attributed/decode-attributed-body.ts";
import { encodeAttributedBody } from "../attributed/encode-attributed-body.ts";
import { messageRun, type RunExtras } from "../attributed/message-run.ts";
import { decodeBody, messageBodyOf } from "./decode-body.ts";

// Small bodies that mean very much. Each test ends at once, or not within the life of its reader.

function takingTurns(
  count: number,
  sets: readonly Attributes[],
): { text: string; runs: { length: number; attributes: Attributes }[] } {
  const runs = Array.from({ length: count }, (_, index) => ({
    length: 1,
    attributes: sets[index % sets.length] as Attributes,
  }));
  return { text: "x".repeat(count), runs };
}

test("more parts, or more entities, than messages have is too much", () => {
  const part = (number: number) => messageRun(1, { part: number }).attributes;
  const bold = messageRun(1, { part: 0, styles: ["bold"] }).attributes;
  assert.equal(messageBodyOf(takingTurns(4_096, [part(0), part(1)])).parts.length, 4_096);
  assert.throws(() => messageBodyOf(takingTurns(4_097, [part(0), part(1)])), { code: "value-budget" });
  assert.equal(messageBodyOf(takingTurns(32_768, [bold, part(0)])).parts.length, 1);
  assert.throws(() => messageBodyOf(takingTurns(32_770, [bold, part(0)])), { code: "value-budget" });
});

test("a run that is cut at every character is refused before its pieces fill the memory", () => {
  const cut = (extras: RunExtras) => {
    const text = "\uFFFCa".repeat(250_000);
    return messageBodyOf({ text, runs: [messageRun(text.length, { part: 0, ...extras })] });
  };
  assert.throws(() => cut({}), { code: "value-budget" });
  const [part, ...more] = cut({ attachmentGuid: parseAttachmentGuid("at_0") }).parts;
  assert.deepEqual(part?.kind === "text" && part.entities.map(({ range }) => range), [
    { start: 0, length: 500_000 },
  ]);
  assert.deepEqual(more, []);
});

test("a part of more pieces than are kept is what it is with fewer", () => {
  const file = (guid: string, extras: RunExtras) =>
    messageRun(1, { part: 0, attachmentGuid: parseAttachmentGuid(guid), ...extras }).attributes;
  const plain = file("at_0", {});
  const bold = file("at_0", { styles: ["bold"] });
  const slots = (count: number, sets: readonly Attributes[]) => ({
    ...takingTurns(count, sets),
    text: "\uFFFC".repeat(count),
  });
  const placesOf = (body: ReturnType<typeof slots>) =>
    messageBodyOf(body).parts.map(({ kind, range: { start, length } }) => [kind, start, length]);
  assert.deepEqual(placesOf(slots(5_000, [plain, bold])), [["attachment", 0, 5_000]]);
  const other = file("at_1", {});
  assert.equal(placesOf(slots(4_096, [plain, other])).length, 4_096);
  assert.throws(() => placesOf(slots(4_097, [plain, other])), { code: "value-budget" });
  const line = messageRun(1, { part: 0, isBreadcrumb: true }).attributes;
  const boldLine = messageRun(1, { part: 0, isBreadcrumb: true, styles: ["bold"] }).attributes;
  assert.deepEqual(placesOf(takingTurns(5_000, [line, boldLine])), [["breadcrumb", 0, 5_000]]);
  const words = messageRun(1, { part: 0 }).attributes;
  const mixed = takingTurns(5_000, [line, boldLine]);
  const [text] = messageBodyOf({
    text: `${mixed.text}!`,
    runs: [...mixed.runs, { length: 1, attributes: words }],
  }).parts;
  assert.deepEqual(text?.kind === "text" && [text.range.length, text.entities.length], [5_001, 2_500]);
});

test("two archives as long as the body that take turns 100,000 times are compared once", () => {
  const archive = (last: number): AttributeValue => {
    const value = new Uint8Array(300_000);
    value[value.length - 1] = last;
    return { kind: "data", value };
  };
  const equal = [archive(1), archive(1)].map((value) => new Map([[ATTRIBUTE_KEY.dataDetected, value]]));
  const [part] = messageBodyOf(takingTurns(100_000, equal)).parts;
  assert.deepEqual(part?.kind === "text" && part.entities.map(({ range }) => range.length), [100_000]);
  const different = [archive(1), archive(2)].map((value) => new Map([[ATTRIBUTE_KEY.dataDetected, value]]));
  assert.equal(messageBodyOf(takingTurns(16_000, different)).parts.length, 1);
});

test("a transcript of half a million units that 15,000 sets of attributes refer to is not digested 15,000 times", () => {
  const transcript: AttributeValue = { kind: "string", value: "t".repeat(500_000) };
  const bytes = encodeAttributedBody({
    text: "x".repeat(15_000),
    runs: Array.from({ length: 15_000 }, (_, part) => ({
      length: 1,
      attributes: new Map<string, AttributeValue>([
        [ATTRIBUTE_KEY.audioTranscript, transcript],
        [ATTRIBUTE_KEY.messagePart, { kind: "integer", value: BigInt(part % 100) }],
        [`k${part}`, { kind: "boolean", value: true }],
      ]),
    })),
    sharesNames: true,
  });
  assert.equal(decodeAttributedBody(bytes).runs.length, 15_000);
  assert.equal(bodyDigest(bytes), undefined);
  assert.throws(() => decodeBody(bytes), { code: "value-budget" });
});

test("dictionaries that each have two long keys, which differ at the end, are not compared key by key", () => {
  const keys = ["a", "b"].map((end) => `${"k".repeat(200_000)}${end}`);
  const bytes = encodeAttributedBody({
    text: "x".repeat(3_000),
    runs: Array.from({ length: 3_000 }, (_, index) => ({
      length: 1,
      attributes: new Map<string, AttributeValue>([
        ...keys.map((key): [string, AttributeValue] => [key, { kind: "null" }]),
        ["number", { kind: "integer", value: BigInt(index) }],
      ]),
    })),
    sharesNames: true,
  });
  assert.deepEqual(decodeBody(bytes).unreadAttributes, ["number"]);
});
