import assert from "node:assert/strict";
import { test } from "node:test";
import {
  InvalidIdError,
  isAttachmentGuid,
  isHandleAddress,
  isMessageGuid,
  parseAttachmentGuid,
  parseChatGuid,
  parseHandleAddress,
  parseMessageGuid,
  parseRequestId,
} from "./ids.ts";

const PARSERS = [
  { name: "chat guid", parse: parseChatGuid, lengthMax: 512 },
  { name: "message guid", parse: parseMessageGuid, lengthMax: 256 },
  { name: "attachment guid", parse: parseAttachmentGuid, lengthMax: 512 },
  { name: "handle address", parse: parseHandleAddress, lengthMax: 512 },
  { name: "request id", parse: parseRequestId, lengthMax: 128 },
] as const;

for (const { name, parse, lengthMax } of PARSERS) {
  test(`${parse.name}() returns the text itself up to ${lengthMax} units`, () => {
    for (const text of ["x", "any;-;+15550001111", "ü 🧵", "x".repeat(lengthMax)]) {
      assert.equal(parse(text), text);
    }
  });

  test(`${parse.name}() refuses empty, oversize and NUL`, () => {
    const faults = [
      { text: "", fault: { kind: "empty" } },
      {
        text: "x".repeat(lengthMax + 1),
        fault: { kind: "too-long", length: lengthMax + 1, lengthMax },
      },
      { text: "a\0b", fault: { kind: "nul" } },
    ];
    for (const { text, fault } of faults) {
      assert.throws(() => parse(text), { name: "InvalidIdError", idName: name, fault });
    }
  });
}

test("InvalidIdError names the bound and never the value", () => {
  const secret = "+15550001111".repeat(50);
  assert.throws(
    () => parseHandleAddress(secret),
    new InvalidIdError("handle address", { kind: "too-long", length: 600, lengthMax: 512 }),
  );
  const error = new InvalidIdError("handle address", { kind: "too-long", length: 600, lengthMax: 512 });
  assert.equal(error.message, "Cannot accept handle address: 600 characters (at most 512)");
});

test("the guards accept exactly what parsing accepts", () => {
  for (const guard of [isMessageGuid, isAttachmentGuid, isHandleAddress]) {
    assert.deepEqual(["a", "", "a\0", "x".repeat(600)].map(guard), [true, false, false, false]);
  }
});
