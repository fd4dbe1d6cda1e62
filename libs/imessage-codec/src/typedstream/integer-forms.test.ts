import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesOfHex } from "../fixtures/hex.ts";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { TypedStreamError } from "./typed-stream-error.ts";

const INT32 = [-0x8000_0000, 0x7fff_ffff] as const;
const UINT32 = [0, 0xffff_ffff] as const;

function readInteger(hex: string, [min, max]: readonly [number, number]): number {
  const reader = new ByteReader(bytesOfHex(hex));
  const value = reader.integerWithin(reader.byte(), min, max);
  assert.equal(reader.isAtEnd, true);
  return value;
}

function readLong(hex: string, isSigned: boolean): bigint {
  const reader = new ByteReader(bytesOfHex(hex));
  return reader.long(reader.byte(), isSigned);
}

function hexOf(write: (writer: ByteWriter) => void): string {
  const writer = new ByteWriter();
  write(writer);
  return [...writer.toBytes()].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Every value at which the written form changes, with that form. */
const SIGNED_FORMS: readonly (readonly [bigint, string])[] = [
  [-(2n ** 63n), "870000000000000080"],
  [-(2n ** 31n) - 1n, "87ffffff7fffffffff"],
  [-(2n ** 31n), "8200000080"],
  [-32769n, "82ff7fffff"],
  [-32768n, "810080"],
  [-111n, "8191ff"],
  [-110n, "92"],
  [-1n, "ff"],
  [0n, "00"],
  [127n, "7f"],
  [128n, "818000"],
  [255n, "81ff00"],
  [32767n, "81ff7f"],
  [32768n, "8200800000"],
  [65535n, "82ffff0000"],
  [2n ** 31n - 1n, "82ffffff7f"],
  [2n ** 31n, "870000008000000000"],
  [2n ** 63n - 1n, "87ffffffffffffff7f"],
];

test("integers are written in Apple's shortest form and read back, at every boundary", () => {
  for (const [value, hex] of SIGNED_FORMS) {
    assert.equal(
      hexOf((writer) => writer.integer(value)),
      hex,
      String(value),
    );
    assert.equal(readLong(hex, true), value);
  }
});

test("32-bit integers are read up to their bounds and refused beyond", () => {
  for (const [value, hex] of SIGNED_FORMS) {
    const fits = value >= INT32[0] && value <= INT32[1];
    if (fits) {
      assert.equal(readInteger(hex, INT32), Number(value));
    } else {
      assert.throws(
        () => readInteger(hex, INT32),
        (error) =>
          error instanceof TypedStreamError && error.code === "integer-out-of-range" && error.offset === 0,
      );
    }
  }
});

test("unsigned integers take the same bytes as unsigned", () => {
  const forms = { "00": 0, "7f": 127, "92": 146, ff: 255, "81ffff": 65535, "82ffffffff": 4_294_967_295 };
  for (const [hex, value] of Object.entries(forms)) {
    assert.equal(readInteger(hex, UINT32), value, hex);
  }
  assert.equal(readLong("87ffffffffffffffff", false), 2n ** 64n - 1n);
  assert.equal(
    hexOf((writer) => writer.integer(2n ** 64n - 1n)),
    "87ffffffffffffffff",
  );
  assert.throws(() => readInteger("870000000001000000", UINT32), { code: "integer-out-of-range" });
});

test("forms longer than needed are read", () => {
  for (const hex of ["05", "810500", "8205000000", "870500000000000000"]) {
    assert.equal(readInteger(hex, INT32), 5, hex);
    assert.equal(readInteger(hex, UINT32), 5, hex);
  }
});

test("tags and reserved bytes are no integers", () => {
  for (const hex of ["83", "84", "85", "86"]) {
    assert.throws(() => readInteger(hex, INT32), { code: "unexpected-tag", offset: 0 });
  }
  for (const hex of ["80", "88", "8c", "91"]) {
    assert.throws(() => readInteger(hex, INT32), { code: "reserved-tag", offset: 0 });
  }
});

test("an integer cut short is an unexpected end", () => {
  for (const hex of ["81", "8100", "82000000", "8700000000000000"]) {
    assert.throws(() => readInteger(hex, INT32), { code: "unexpected-end", offset: 1 }, hex);
  }
  assert.throws(() => new ByteReader(new Uint8Array()).byte(), { code: "unexpected-end", offset: 0 });
});

test("reals are integers when integral and their own bytes otherwise", () => {
  const forms: readonly (readonly [number, 4 | 8, string])[] = [
    [3, 8, "03"],
    [-200, 8, "8138ff"],
    [0.5, 4, "830000003f"],
    [0.5, 8, "83000000000000e03f"],
    [-0, 8, "830000000000000080"],
    [2 ** 31, 8, "83000000000000e041"],
    [Number.POSITIVE_INFINITY, 8, "83000000000000f07f"],
  ];
  for (const [value, byteCount, hex] of forms) {
    assert.equal(
      hexOf((writer) => writer.real(value, byteCount)),
      hex,
      String(value),
    );
    assert.equal(new ByteReader(bytesOfHex(hex)).real(byteCount), value);
  }
});
