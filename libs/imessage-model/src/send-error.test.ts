import assert from "node:assert/strict";
import { test } from "node:test";
import { sendErrorMeaning } from "./send-error.ts";

test("sendErrorMeaning() has the numbers of FZErrorType", () => {
  const names = [0, 1, 3, 4, 9, 20, 22, 25, 30, 34, 41, 42].map((code) => sendErrorMeaning(code).name);
  assert.deepEqual(names, [
    "none",
    "unknown",
    "timeout",
    "send-failed",
    "no-network",
    "rejected",
    "remote-user-does-not-exist",
    "transcoding-failed",
    "local-account-disabled",
    "attachment-upload-failed",
    "attachment-file-not-found",
    "text-rendering-failed",
  ]);
});

test("sendErrorMeaning() gives each code a name of its own", () => {
  const names = new Set(Array.from({ length: 43 }, (_, code) => sendErrorMeaning(code).name));
  assert.equal(names.size, 43);
  assert.equal(names.has("unrecognised"), false);
});

test("sendErrorMeaning() explains any number", () => {
  for (const code of [43, -1, 2_147_483_647, 1.5, Number.NaN]) {
    const meaning = sendErrorMeaning(code);
    assert.deepEqual({ code: meaning.code, name: meaning.name }, { code, name: "unrecognised" });
  }
});
