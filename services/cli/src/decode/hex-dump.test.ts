import assert from "node:assert/strict";
import { test } from "node:test";
import { hexDump } from "./hex-dump.ts";

const BYTES = Uint8Array.from({ length: 80 }, (_value, index) => index + 0x40);

test("hexDump() shows 16 bytes before and after the place, and marks it", () => {
  assert.deepEqual(hexDump(BYTES, 37), [
    "00000015  55 56 57 58 59 5a 5b 5c 5d 5e 5f 60 61 62 63 64  UVWXYZ[\\]^_`abcd",
    "00000025  65 66 67 68 69 6a 6b 6c 6d 6e 6f 70 71 72 73 74  efghijklmnopqrst",
    "          ^^",
  ]);
});

test("hexDump() marks within the first bytes, and shows them alone without a place", () => {
  const first = "00000000  40 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f  @ABCDEFGHIJKLMNO";
  const second = "00000010  50 51 52 53 54 55 56 57 58 59 5a 5b 5c 5d 5e 5f  PQRSTUVWXYZ[\\]^_";
  assert.deepEqual(hexDump(BYTES, 2), [first, "                ^^", second]);
  assert.deepEqual(hexDump(BYTES, null), [first, second]);
});

test("hexDump() marks the byte that is missing at the end, also on a line of its own", () => {
  assert.deepEqual(hexDump(Uint8Array.of(0x1b, 0x41), 2), [
    "00000000  1b 41                                            .A",
    "                ^^",
  ]);
  const full = Uint8Array.from({ length: 32 }, () => 0x41);
  assert.deepEqual(hexDump(full, 32), [
    "00000010  41 41 41 41 41 41 41 41 41 41 41 41 41 41 41 41  AAAAAAAAAAAAAAAA",
    "00000020",
    "          ^^",
  ]);
});
