import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readBinaryPlist, readPlistDictionary } from "./binary-plist-reader.ts";
import { PlistUid, type PlistValue, writeBinaryPlist } from "./binary-plist-writer.ts";

const hex = (value: PlistValue) => Buffer.from(writeBinaryPlist(value)).toString("hex");
const MAGIC = Buffer.from("bplist00").toString("hex");
/** Trailer of one object whose offset table lies at `table`. */
const trailer = (table: number) =>
  `08000000000000010100000000000000010000000000000000${table.toString(16).padStart(16, "0")}`;

describe("writeBinaryPlist()", () => {
  const SCALARS: readonly (readonly [string, PlistValue, string])[] = [
    ["true", true, "09"],
    ["false", false, "08"],
    ["a byte", 255n, "10ff"],
    ["two bytes", 256n, "110100"],
    ["four bytes", 65_536n, "1200010000"],
    ["eight bytes", 4_294_967_296n, "130000000100000000"],
    ["a negative integer in eight", -1n, "13ffffffffffffffff"],
    ["a real", 1.5, "233ff8000000000000"],
    ["ASCII", "ab", "526162"],
    ["UTF-16 by its units", "é👋", "6300e9d83ddc4b"],
    ["data", Uint8Array.of(1, 2), "420102"],
    ["a count of 15 beside its marker", "a".repeat(15), `5f100f${"61".repeat(15)}`],
    ["a UID", new PlistUid(300), "81012c"],
    ["an empty array", [], "a0"],
    ["an empty dictionary", new Map(), "d0"],
  ];
  for (const [name, value, object] of SCALARS) {
    test(`writes ${name}`, () => {
      const table = 8 + object.length / 2;
      assert.equal(hex(value), `${MAGIC}${object}${trailer(table)}`);
    });
  }

  test("writes an object once, and refers to it where it comes again", () => {
    const written = hex(["a", "a", 1n, 1]);
    // The array, "a", integer 1, real 1: four objects, the string referred to twice.
    assert.ok(written.startsWith(`${MAGIC}a40101020351611001233ff0000000000000`), written);
    assert.equal(Buffer.from(written, "hex").readBigUInt64BE(written.length / 2 - 24), 4n);
  });

  test("refuses an integer and a UID that do not fit", () => {
    assert.throws(() => writeBinaryPlist(2n ** 63n), { name: "AssertionError" });
    assert.throws(() => new PlistUid(-1), { name: "AssertionError" });
  });

  test("takes longer references where there are more objects", () => {
    const many = Array.from({ length: 70_000 }, (_, index) => BigInt(index));
    for (const count of [300, 70_000]) {
      const value = many.slice(0, count);
      assert.deepEqual(readBinaryPlist(writeBinaryPlist(value)), value);
    }
  });
});

describe("readBinaryPlist()", () => {
  test("gives back what was written", () => {
    const value = new Map<string, PlistValue>([
      [
        "ec",
        new Map([
          [
            "0",
            [
              new Map<string, PlistValue>([
                ["t", Uint8Array.of(4, 11)],
                ["d", -0.5],
              ]),
            ],
          ],
        ]),
      ],
      ["ep", [0n, 12n, -5n, 2n ** 62n]],
      ["ünïcödé", "x".repeat(70_000)],
      ["flags", [true, false, new PlistUid(70_000)]],
    ]);
    assert.deepEqual(readBinaryPlist(writeBinaryPlist(value)), value);
  });

  test("takes NULL for an empty dictionary and refuses what is none", () => {
    assert.deepEqual(readPlistDictionary(null), new Map());
    assert.throws(() => readPlistDictionary(writeBinaryPlist("text")), { name: "AssertionError" });
    assert.throws(() => readBinaryPlist(Uint8Array.of(1, 2, 3)), { name: "AssertionError" });
  });
});
