import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { columnCount, parseRecord } from "./record.ts";

test("valueAt() gives each kind of value, and undefined for a column that is not there", () => {
  const text = [0x68, 0x69];
  const bytes = Uint8Array.of(8, 0, 1, 8, 9, 17, 14, 7, 0xfe, ...text, 0xab, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0);
  const record = parseRecord(bytes);
  equal(record.columnCount, 7);
  deepEqual(
    [0, 1, 2, 3, 4, 5, 6, 7].map((index) => record.valueAt(index)),
    [
      { kind: "null" },
      { kind: "integer", value: -2n },
      { kind: "integer", value: 0n },
      { kind: "integer", value: 1n },
      { kind: "text", bytes: Uint8Array.from(text) },
      { kind: "blob", bytes: Uint8Array.of(0xab) },
      { kind: "real", value: 1.5 },
      undefined,
    ],
  );
  deepEqual(
    [0, 1, 4].map((index) => record.integerAt(index)),
    [undefined, -2n, undefined],
  );
});

test("byteLengthAt() tells how long texts and blobs are, wherever they lie", () => {
  // NULL, 5, a text of 6 bytes that ends elsewhere, a blob of 100, a number.
  const record = parseRecord(Uint8Array.of(7, 0, 1, 25, 0x81, 0x54, 8, 5, 0x61));
  deepEqual(
    [0, 1, 2, 3, 4, 5].map((index) => record.byteLengthAt(index)),
    [0, undefined, 6, 100, undefined, undefined],
  );
});

test("integers have 1, 2, 3, 4, 6 or 8 bytes and a sign", () => {
  const integers = [1, 2, 3, 4, 5, 6].map((serialType) => {
    const bytes = [0, 1, 2, 3, 4, 6, 8][serialType] ?? 0;
    const local = Uint8Array.of(2, serialType, 0x80, ...Array(bytes - 1).fill(0), 0);
    local[local.length - 2 > 1 ? local.length - 2 : 2] = bytes === 1 ? 0x80 : 1;
    if (bytes > 1) local[2] = 0x80;
    return parseRecord(local).integerAt(0);
  });
  deepEqual(
    integers,
    [8n, 16n, 24n, 32n, 48n, 64n].map((bits) => -(1n << (bits - 1n)) + (bits === 8n ? 0n : 1n)),
  );
});

test("what lies in the overflow is undefined: a value, and the end of a header", () => {
  const cutValue = parseRecord(Uint8Array.of(3, 1, 24, 5, 0, 0));
  deepEqual([cutValue.columnCount, cutValue.integerAt(0), cutValue.valueAt(1)], [2, 5n, undefined]);
  // The header has ten bytes; the fourth column's type is begun on the page and ends elsewhere.
  const cutHeader = Uint8Array.of(10, 1, 0, 1, 0x81);
  equal(columnCount(cutHeader), undefined);
  const record = parseRecord(cutHeader);
  deepEqual([record.columnCount, record.serialTypes], [undefined, [1, 0, 1]]);
  deepEqual([record.valueAt(0), record.valueAt(1)], [undefined, { kind: "null" }]);
});

test("a malformed header is refused", () => {
  for (const bytes of [[], [0], [3, 10, 10], [2, 0x81], [0x81], [0x80, 1]]) {
    throws(
      () => parseRecord(Uint8Array.from(bytes)),
      { name: "PageFormatError", code: "bad-record" },
      `${bytes}`,
    );
  }
  for (const bytes of [[], [0], [2, 0x81], [0x81]]) {
    throws(() => columnCount(Uint8Array.from(bytes)), { name: "PageFormatError", code: "bad-record" });
  }
});
