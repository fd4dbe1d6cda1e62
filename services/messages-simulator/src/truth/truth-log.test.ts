import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import { temporaryDirectory } from "@imesh/testing";
import type { SeenChange } from "./truth.ts";
import { type SaveIdentity, TruthLog } from "./truth-log.ts";

const seen = (rowid: bigint): SeenChange => ({
  subject: "message",
  rowid,
  reason: "content",
  state: `s${rowid}`,
});
const save = (number: bigint, databaseUid = "U-1"): SaveIdentity => {
  return { databaseUid, save: number, commitUnixNs: number * 1_000n };
};

async function withLog(run: (log: TruthLog, reopen: () => TruthLog) => void): Promise<void> {
  await using directory = await temporaryDirectory();
  using stack = new DisposableStack();
  const open = () => stack.use(TruthLog.open(directory.file("truth.db")));
  run(open(), open);
}

describe("TruthLog", () => {
  test("numbers changes from 1 without gaps, over saves and openings", async () => {
    await withLog((log, reopen) => {
      log.append([seen(7n), seen(8n)], save(1n));
      const again = reopen();
      again.append([seen(7n)], save(2n));
      assert.deepEqual(again.after(0n, 10), [
        { sequence: 1n, change: seen(7n), databaseUid: "U-1", commitUnixNs: 1_000n },
        { sequence: 2n, change: seen(8n), databaseUid: "U-1", commitUnixNs: 1_000n },
        { sequence: 3n, change: seen(7n), databaseUid: "U-1", commitUnixNs: 2_000n },
      ]);
      assert.deepEqual(
        again.after(1n, 1).map(({ sequence }) => sequence),
        [2n],
      );
      assert.equal(again.lastSequence, 3n);
    });
  });

  test("keepCommitted() drops what a save without its commit left, and nothing else", async () => {
    await withLog((log) => {
      log.append([seen(1n)], save(4n));
      log.append([seen(2n), seen(3n)], save(5n));
      log.keepCommitted("U-2", 0n);
      log.keepCommitted("U-1", 5n);
      assert.equal(log.lastSequence, 3n);
      log.keepCommitted("U-1", 4n);
      assert.equal(log.lastSequence, 1n);
      log.append([seen(9n)], save(5n));
      assert.deepEqual(
        log.after(0n, 10).map(({ sequence, change }) => [sequence, change.rowid]),
        [
          [1n, 1n],
          [2n, 9n],
        ],
      );
    });
  });

  test("refuses a file that is no database", async () => {
    await using directory = await temporaryDirectory();
    const path = directory.file("truth.db");
    writeFileSync(path, "x".repeat(5_000));
    assert.throws(() => TruthLog.open(path), {
      name: "StartupError",
      exitCode: 73,
      message: `Cannot open log of visible changes: "${path}"`,
    });
  });
});
