import assert from "node:assert/strict";
import { test } from "node:test";
import { parseTypeEncoding } from "./type-encoding.ts";

test("parseTypeEncoding() splits scalars, arrays and structs", () => {
  const int = { kind: "scalar", code: "i" };
  const double = { kind: "scalar", code: "d" };
  const cases = {
    "@": [{ kind: "scalar", code: "@" }],
    iI: [int, { kind: "scalar", code: "I" }],
    "[12c]": [{ kind: "bytes", count: 12 }],
    "[3C]": [{ kind: "bytes", count: 3 }],
    "[2i]i": [{ kind: "array", count: 2, element: int }, int],
    "[2[3c]]": [{ kind: "array", count: 2, element: { kind: "bytes", count: 3 } }],
    "{CGPoint=dd}": [{ kind: "struct", members: [double, double] }],
    "{a={b=i}[0d]}": [
      {
        kind: "struct",
        members: [
          { kind: "struct", members: [int] },
          { kind: "array", count: 0, element: double },
        ],
      },
    ],
  };
  for (const [encoding, types] of Object.entries(cases)) {
    assert.deepEqual(parseTypeEncoding(encoding), types, encoding);
  }
});

test("parseTypeEncoding() refuses what typedstreams do not have", () => {
  const bad = [
    "",
    "x",
    "i ",
    "[",
    "[]",
    "[c]",
    "[3]",
    "[3c",
    "[1234567890c]",
    "{",
    "{a",
    "{a=",
    "{a=i",
    "{a=x}",
    "}",
  ];
  for (const encoding of [...bad, "^i", "b3", "(a=i)", "\u00ff", "[".repeat(100_000), "[2".repeat(20)]) {
    assert.equal(parseTypeEncoding(encoding), null, encoding.slice(0, 20));
  }
  assert.equal(parseTypeEncoding(`${"[1".repeat(17)}i${"]".repeat(17)}`), null);
});

test("parseTypeEncoding() nests up to 16 deep", () => {
  assert.notEqual(parseTypeEncoding(`${"[1".repeat(16)}i${"]".repeat(16)}`), null);
});
