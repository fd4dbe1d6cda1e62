import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { bytesOfAscii, bytesOfHex } from "../fixtures/hex.ts";
import { decodeBase64 } from "./base64.ts";
import { base64 } from "./fixtures/payloads.ts";

test("decodeBase64() reads the examples of the standard, padded or not", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["", ""],
    ["Zg==", "f"],
    ["Zg", "f"],
    ["Zm8=", "fo"],
    ["Zm8", "fo"],
    ["Zm9v", "foo"],
    ["Zm9vYmFy", "foobar"],
  ];
  for (const [encoded, decoded] of cases) {
    assert.deepEqual(decodeBase64(encoded), bytesOfAscii(decoded), encoded);
  }
  assert.deepEqual(decodeBase64("+/+/"), bytesOfHex("fbffbf"));
  assert.deepEqual(decodeBase64("-_-_"), bytesOfHex("fbffbf"));
});

test("decodeBase64() refuses everything else", () => {
  const bad = [
    "Z",
    "Zm9vY",
    "Zg=",
    "Zg===",
    "=",
    "==",
    "Zm9v=",
    "Zm 9v",
    "Zm9v\n",
    // Either alphabet, not both.
    "+_+_",
    "-/-/",
    "Z=g=",
    // The last character of these two holds bits that belong to no byte.
    "Zh==",
    "Zm9",
    "é",
    "Zm9v\u0100",
  ];
  for (const encoded of bad) {
    assert.equal(decodeBase64(encoded), null, JSON.stringify(encoded));
  }
});

test("500 random byte strings come back", () => {
  const random = SeededRandom.fromEnvironment("base64");
  for (let round = 0; round < 500; round += 1) {
    const bytes = Uint8Array.from({ length: random.integer(0, 100) }, () => random.integer(0, 255));
    assert.deepEqual(decodeBase64(base64(bytes)), bytes);
    assert.deepEqual(decodeBase64(base64(bytes).replaceAll("=", "")), bytes);
    assert.deepEqual(decodeBase64(base64(bytes).replaceAll("+", "-").replaceAll("/", "_")), bytes);
  }
});
