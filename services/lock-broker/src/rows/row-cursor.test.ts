import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { crc32 } from "node:zlib";
import { SeededRandom } from "@imesh/testing";
import {
  CursorInvalidError,
  decodeCursor,
  encodeCursor,
  PENDING_ROWS_MAX,
  type PendingKind,
  type PendingRow,
  type TailState,
} from "./row-cursor.ts";

const KINDS: readonly PendingKind[] = ["unjoined", "overdue", "status", "direction"];

function pendingRows(random: SeededRandom, count: number): PendingRow[] {
  let rowid = 0n;
  return Array.from({ length: count }, () => {
    rowid += BigInt(random.pick([1, 2, 300, 70_000]));
    return {
      rowid,
      kind: random.pick(KINDS),
      sinceUnixMs: 1_767_323_045_000 + random.integer(-1_000_000_000, 1_000_000_000),
      fingerprint: random.integer(0, 0xffffffff),
    };
  });
}

function withCrc(body: Buffer): Buffer {
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(body));
  return Buffer.concat([body, crc]);
}

const STATE: TailState = {
  databaseUid: "6B29FC40-CA47-1067-B31D-00DD010662DA",
  file: { device: 16_777_220n, inode: 12_345_678_901_234n },
  afterRowid: 610_157n,
  afterGuidHash: 0xdeadbeef,
  pending: [],
};

describe("a cursor", () => {
  test("gives back any state", () => {
    const random = SeededRandom.fromEnvironment("cursor round trip");
    for (let round = 0; round < 200; round += 1) {
      const pending = pendingRows(random, random.integer(0, 40));
      const state: TailState = {
        databaseUid: random.pick(["", "uid", "Ünïcode"]),
        file: { device: random.pick([0n, 2n ** 63n - 1n, 2049n]), inode: BigInt(random.integer(0, 2 ** 48)) },
        afterRowid: (pending.at(-1)?.rowid ?? 0n) + BigInt(random.integer(0, 2 ** 45)),
        afterGuidHash: random.integer(0, 0xffffffff),
        pending,
      };
      assert.deepEqual(decodeCursor(encodeCursor(state)), state);
    }
  });

  test("stays small with a full side set", () => {
    const pending = Array.from({ length: PENDING_ROWS_MAX }, (_, index) => ({
      rowid: BigInt(index + 1),
      kind: "status" as const,
      sinceUnixMs: 1_767_323_045_000 + index * 40_000,
      fingerprint: index,
    }));
    assert(encodeCursor({ ...STATE, pending }).length < 12 * PENDING_ROWS_MAX);
  });

  test("is refused when any byte differs or is missing", () => {
    const random = SeededRandom.fromEnvironment("cursor damage");
    const good = encodeCursor({ ...STATE, pending: pendingRows(random, 5) });
    for (let index = 0; index < good.length; index += 1) {
      const damaged = Buffer.from(good);
      damaged[index] = (damaged[index] ?? 0) ^ random.integer(1, 255);
      assert.throws(() => decodeCursor(damaged), CursorInvalidError, `byte ${index}`);
      assert.throws(() => decodeCursor(good.subarray(0, index)), CursorInvalidError, `length ${index}`);
    }
  });

  test("is refused when it is not ours, of another version, or says what cannot be", () => {
    const reasonOf = (bytes: Uint8Array) => {
      try {
        decodeCursor(bytes);
        return "accepted";
      } catch (error) {
        assert(error instanceof CursorInvalidError);
        return error.detail;
      }
    };
    const body = Buffer.from(encodeCursor(STATE)).subarray(0, -4);
    assert.equal(reasonOf(Buffer.from("a page token of someone else")), "not made by lock-broker");
    assert.equal(reasonOf(Buffer.alloc(0)), "not made by lock-broker");
    const version = Buffer.from(body);
    version[3] = 2;
    assert.equal(reasonOf(withCrc(version)), "version 2, want 1");
    assert.equal(reasonOf(withCrc(Buffer.concat([body, Buffer.from([0])]))), "too long");
    assert.equal(reasonOf(withCrc(body.subarray(0, 20))), "too short");
    const crowded = Buffer.concat([body.subarray(0, -1), Buffer.from([0x81, 0x08])]);
    assert.equal(reasonOf(withCrc(crowded)), "1025 pending rows, at most 1024");
    const pending = { kind: "status" as const, sinceUnixMs: 0, fingerprint: 0 };
    const beyond = encodeCursor({ ...STATE, pending: [{ ...pending, rowid: STATE.afterRowid + 1n }] });
    assert.equal(reasonOf(beyond), "pending row beyond the position");
    const doubled = [1n, 1n].map((rowid) => ({ ...pending, rowid }));
    assert.equal(reasonOf(encodeCursor({ ...STATE, pending: doubled })), "pending rows out of order");
  });
});
