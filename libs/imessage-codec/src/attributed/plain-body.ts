import { assert } from "@imesh/flow";
import { TAG, TAG_FIRST, TAG_LAST } from "../typedstream/tags.ts";
import type { AttributedBody, AttributeRun, Attributes } from "./attributed-body.ts";
import { readDirectBody } from "./direct-body.ts";
import { type ComposedBody, encodeAttributedBody } from "./encode-attributed-body.ts";
import { messageRun } from "./message-run.ts";
import { decodeUtf8Within } from "./utf8.ts";

/**
 * How a body without attachments, links or styles is stored: always the same bytes but for the text, its length in bytes before it and
 * its length in UTF-16 units somewhere behind it.
 */
interface PlainForm {
  /** Up to the length of the text. */
  readonly head: Uint8Array;
  /** From the end of the text up to the length of the run. */
  readonly middle: Uint8Array;
  /** From there to the end of the body. */
  readonly tail: Uint8Array;
  /** Of every such body; one instance. */
  readonly attributes: Attributes;
}

/** More than any body has bytes, so that nothing fits behind it. */
const NO_LENGTH = 0x4000_0000;

/** Both styles occur with both. */
const FORMS: readonly PlainForm[] = [false, true].flatMap((isMutable) =>
  (["ios", "mac"] as const).map((style) => plainForm({ style, isMutable })),
);

/** What readPlainBody() gives as attributes: these instances and no others. */
export const PLAIN_ATTRIBUTES: readonly Attributes[] = FORMS.map(({ attributes }) => attributes);

/**
 * Reads a body that is words and nothing else, as nine of ten are, by comparing it with the forms that such bodies have, in half the
 * time that readDirectBody() takes. Null for every other body, also a broken one. What is read is read with the same strictness; a test
 * compares the two ways.
 */
export function readPlainBody(bytes: Uint8Array): AttributedBody | null {
  for (const form of FORMS) {
    const body = readForm(form, bytes);
    if (body !== null) {
      return body;
    }
  }
  return null;
}

// The lengths first: no two forms are equally long, so that next to nothing is compared in vain.
function readForm({ head, middle, tail, attributes }: PlainForm, bytes: Uint8Array): AttributedBody | null {
  const textStart = head.length + lengthBytesAt(bytes, head.length);
  const textEnd = textStart + lengthAt(bytes, head.length);
  const runLengthAt = textEnd + middle.length;
  const tailStart = runLengthAt + lengthBytesAt(bytes, runLengthAt);
  if (
    tailStart + tail.length !== bytes.length ||
    !isAt(head, bytes, 0) ||
    !isAt(middle, bytes, textEnd) ||
    !isAt(tail, bytes, tailStart)
  ) {
    return null;
  }
  const text = decodeUtf8Within(bytes, textStart, textEnd);
  const length = lengthAt(bytes, runLengthAt);
  return text?.length === length ? { text, runs: [{ length, attributes }] } : null;
}

/** Bytes that a length takes: one up to 127, three up to 32,767. */
function lengthBytesAt(bytes: Uint8Array, offset: number): number {
  return bytes[offset] === TAG.int16 ? 3 : 1;
}

/** NO_LENGTH where none is there, or one of more than two bytes. */
function lengthAt(bytes: Uint8Array, offset: number): number {
  const first = bytes[offset] ?? TAG_FIRST;
  if (first === TAG.int16) {
    return (bytes[offset + 1] ?? 0) | ((bytes[offset + 2] ?? 0) << 8);
  }
  return first < TAG_FIRST || first > TAG_LAST ? first : NO_LENGTH;
}

function isAt(part: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < part.length; index += 1) {
    if (bytes[start + index] !== part[index]) {
      return false;
    }
  }
  return true;
}

/** As the encoder writes it, taken apart at the two lengths. */
function plainForm(form: Required<Pick<ComposedBody, "style" | "isMutable">>): PlainForm {
  // 126 is a byte that no form has, and a text of as many characters has nothing else.
  const length = 126;
  const run = messageRun(length, { part: 0 });
  const text = String.fromCharCode(length).repeat(length);
  const bytes = encodeAttributedBody({ text, runs: [run], ...form });
  const textLengthAt = bytes.indexOf(length);
  const runLengthAt = bytes.lastIndexOf(length);
  return {
    head: bytes.subarray(0, textLengthAt),
    middle: bytes.subarray(textLengthAt + 1 + length, runLengthAt),
    tail: bytes.subarray(runLengthAt + 1),
    attributes: soleRunOf(bytes).attributes,
  };
}

function soleRunOf(bytes: Uint8Array): AttributeRun {
  const run = readDirectBody(bytes)?.runs[0];
  assert(run !== undefined, "the direct way reads what the encoder writes");
  return run;
}
