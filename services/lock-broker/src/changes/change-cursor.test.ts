import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { crc32 } from "node:zlib";
import { SeededRandom } from "@imesh/testing";
import { type ChangeCursor, CursorInvalidError, decodeCursor, encodeCursor } from "./change-cursor.ts";
import { formerGuidHash } from "./former-cursor.ts";

const CURSOR: ChangeCursor = {
  storeId: "00112233445566778899AABBCCDDEEFF",
  epoch: 3n,
  sequence: 1_000_000n,
  databaseUid: "11111111-2222-3333-4444-555555555555",
  headRowid: 610_157n,
  untold: [],
  throughRowid: undefined,
};

function withChecksum(body: Buffer): Buffer {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([body, checksum]);
}

/** As a broker of the former format wrote them, for uid "UID", file 2049:131, row 700 and three pending rows. */
const FORMER = withChecksum(
  Buffer.concat([
    Buffer.from("imc"),
    Buffer.from([1]),
    Buffer.from([3]),
    Buffer.from("UID"),
    Buffer.from([0x81, 0x10]),
    Buffer.from([0x83, 0x01]),
    Buffer.from([0xbc, 0x05]),
    Buffer.from([0xde, 0xad, 0xbe, 0xef]),
    Buffer.from([3]),
    // Row 690, unjoined, since 2 ms; row 695, status; row 700, unjoined: steps of ROWID and zigzag steps of time.
    Buffer.from([0xb2, 0x05, 0, 4, 0, 0, 0, 1]),
    Buffer.from([5, 2, 2, 0, 0, 0, 2]),
    Buffer.from([5, 0, 1, 0, 0, 0, 3]),
  ]),
);

describe("cursor", () => {
  test("any cursor comes back as it was", () => {
    const random = SeededRandom.fromEnvironment("change-cursor");
    for (let round = 0; round < 2_000; round += 1) {
      const headRowid = BigInt(random.integer(0, 2 ** 40));
      const untold = new Set<bigint>();
      for (let left = random.pick([0, 0, 1, 64]); left > 0 && headRowid > 0n; left -= 1) {
        untold.add(1n + BigInt(Math.floor(random.next() * Number(headRowid))));
      }
      const cursor: ChangeCursor = {
        storeId: random.uuid().replaceAll("-", "").toUpperCase(),
        epoch: BigInt(random.integer(0, 2 ** 32)),
        sequence: BigInt(random.integer(0, 2 ** 50)),
        databaseUid: random.pick(["", "ü", random.uuid()]),
        headRowid,
        untold: [...untold].sort((left, right) => (left < right ? -1 : 1)),
        throughRowid: random.pick([undefined, 0n, headRowid, 2n ** 62n]),
      };
      assert.deepEqual(decodeCursor(encodeCursor(cursor)), { kind: "change", cursor });
    }
  });

  test("a usual one is short", () => {
    assert.equal(encodeCursor(CURSOR).length, 3 + 1 + 16 + 1 + 3 + 37 + 3 + 1 + 1 + 4);
  });

  test("any damage is refused by name", () => {
    const bytes = encodeCursor({ ...CURSOR, untold: [1n, 2n, 610_157n] });
    for (let index = 0; index < bytes.length; index += 1) {
      for (const bit of [1, 128]) {
        const damaged = Uint8Array.from(bytes);
        damaged[index] = (damaged[index] ?? 0) ^ bit;
        assert.throws(() => decodeCursor(damaged), CursorInvalidError);
      }
      assert.throws(() => decodeCursor(bytes.subarray(0, index)), CursorInvalidError);
    }
  });

  test("bytes with a good checksum and bad fields are refused too", () => {
    const random = SeededRandom.fromEnvironment("change-cursor fields");
    const body = Buffer.from(encodeCursor({ ...CURSOR, untold: [5n] })).subarray(0, -4);
    const refusals = new Set<string>();
    for (let round = 0; round < 20_000; round += 1) {
      const damaged = Buffer.from(body);
      damaged[random.integer(3, damaged.length - 1)] = random.integer(0, 255);
      const cut = random.chance(0.3) ? damaged.subarray(0, random.integer(4, damaged.length)) : damaged;
      try {
        const decoded = decodeCursor(withChecksum(cut));
        if (decoded.kind === "change") encodeCursor(decoded.cursor);
      } catch (error) {
        assert(error instanceof CursorInvalidError, String(error));
        refusals.add(error.detail.replace(/\d+/g, "#"));
      }
    }
    assert(refusals.has("too short"));
  });

  test("reads what the former format says, and takes only rows that were not sent for untold", () => {
    assert.deepEqual(decodeCursor(FORMER), {
      kind: "former",
      cursor: { databaseUid: "UID", headRowid: 700n, guidHash: 0xdeadbeef, untold: [690n, 700n] },
    });
  });

  test("refuses a damaged former cursor", () => {
    for (let end = 0; end < FORMER.length; end += 1) {
      assert.throws(() => decodeCursor(FORMER.subarray(0, end)), CursorInvalidError);
      assert.throws(
        () => decodeCursor(withChecksum(FORMER.subarray(0, Math.max(4, end)).subarray(0, -4))),
        CursorInvalidError,
      );
    }
  });

  test("hashes guids as the former format did", () => {
    // FNV-1a's own test values.
    assert.deepEqual(
      [formerGuidHash(""), formerGuidHash("a"), formerGuidHash("foobar")],
      [0x811c9dc5, 0xe40c292c, 0xbf9cf968],
    );
  });
});
