import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { FakeClock, SeededRandom, type TemporaryDirectory, temporaryDirectory } from "@imesh/testing";
import SqliteDatabase from "better-sqlite3";
import type { LogPlace } from "../capture/candidates.ts";
import type { MessagePrint } from "../rows/prints.ts";
import type { ChangeDraft } from "./change-code.ts";
import { modelGuid } from "./fixtures/model-chat-db.ts";
import type { KnownMessage } from "./known-rows.ts";
import { Ledger } from "./ledger.ts";
import { LedgerError } from "./ledger-error.ts";
import { NO_SCAN, planBaseline, planOverflows } from "./scan-plan.ts";

const random = new SeededRandom(1);

function known(
  rowid: bigint,
  values: Partial<KnownMessage> = {},
  print: Partial<MessagePrint> = {},
): KnownMessage {
  return {
    print: {
      rowid,
      guid: modelGuid(rowid),
      isJoined: true,
      isRecoverable: false,
      isFinished: true,
      isFromMe: false,
      isOverflowing: false,
      status: 1,
      recordStatus: 77,
      delivered: 2,
      read: 3,
      played: 4,
      schedule: 5,
      chats: 6,
      attachments: 7,
      contentBytes: 8,
      content: 9,
      ...print,
    },
    stage: "told",
    sinceUnixMs: 0,
    ...values,
  };
}

function draft(rowid: bigint, reason: "new" | "status" = "new"): ChangeDraft {
  return { subject: "message", reason, rowid, guid: modelGuid(rowid) };
}

const PLACE: LogPlace = {
  inode: 2n ** 64n - 3n,
  salt1: 2 ** 32 - 1,
  salt2: 7,
  frames: 12,
  checksum1: 8,
  checksum2: 9,
};

function ledgerIn(directory: TemporaryDirectory, pagesMax?: number, clock = new FakeClock()): Ledger {
  const path = join(directory.path, "broker.ledger.db");
  return Ledger.open({ random, clock }, pagesMax === undefined ? { path } : { path, pagesMax });
}

describe("Ledger", () => {
  test("is a file for its user alone, and keeps everything over a reopening", async () => {
    await using directory = await temporaryDirectory();
    const waiting = known(7n, { stage: "waiting", sinceUnixMs: 1_700_000_000_123 });
    const plan = planOverflows(planBaseline({ message: 50_000n, chat: 3n, attachment: 0n }));
    let storeId = "";
    {
      using ledger = ledgerIn(directory);
      assert.deepEqual(ledger.origin, { kind: "created" });
      storeId = ledger.store.storeId;
      ledger.transaction(() => {
        ledger.putMessage(undefined, known(5n, {}, { isOverflowing: true }));
        ledger.putMessage(undefined, waiting);
        ledger.putChat(undefined, {
          print: {
            rowid: 1n,
            guid: "any;-;x",
            isOverflowing: false,
            name: 1,
            members: 2,
            properties: 3,
            state: 4,
          },
        });
        ledger.store.bind({ databaseUid: "UID", device: 1n, inode: 2n ** 63n + 5n }, 1n, {
          databaseUid: "UID",
          generation: "1:2:0",
        });
        ledger.store.putLogPlace(PLACE);
        ledger.store.putScan(plan);
        ledger.log.append(draft(5n), 1n, true);
      });
      assert.equal(statSync(join(directory.path, "broker.ledger.db")).mode & 0o777, 0o600);
    }
    using ledger = ledgerIn(directory);
    assert.deepEqual(ledger.origin, { kind: "continued" });
    assert.equal(ledger.store.storeId, storeId);
    assert.deepEqual(ledger.message(5n), known(5n, {}, { isOverflowing: true }));
    assert.deepEqual(ledger.message(7n), waiting);
    assert.equal(ledger.message(6n), undefined);
    assert.equal(ledger.chat(1n)?.print.guid, "any;-;x");
    assert.deepEqual(ledger.store.binding, { databaseUid: "UID", device: 1n, inode: 2n ** 63n + 5n });
    assert.deepEqual(ledger.store.logPlace, PLACE);
    assert.deepEqual(ledger.store.scan, plan);
    assert.deepEqual(ledger.store.identityOf(1n), { databaseUid: "UID", generation: "1:2:0" });
    assert.deepEqual(ledger.log.after(0n, 10), [
      {
        change: { sequence: 1n, subject: "message", reason: "new", rowid: 5n, guid: modelGuid(5n) },
        generation: 1n,
        isCaughtUp: true,
      },
    ]);
    assert.deepEqual([ledger.waiting.size, ledger.waiting.firstSinceUnixMs()], [1, 1_700_000_000_123]);
    assert.deepEqual(ledger.tables.message.overflowingBefore(100n, 10), [5n]);
    assert.equal(ledger.log.epoch, 2n);
  });

  test("a step that throws leaves file and memory as they were", async () => {
    await using directory = await temporaryDirectory();
    using ledger = ledgerIn(directory);
    ledger.transaction(() => {
      ledger.putMessage(undefined, known(1n, { stage: "waiting", sinceUnixMs: 5 }));
      ledger.log.append(draft(1n), 1n, false);
      ledger.store.putLogPlace(PLACE);
    });
    assert.throws(
      () =>
        ledger.transaction(() => {
          ledger.putMessage(ledger.message(1n), undefined);
          ledger.putMessage(undefined, known(2n, {}, { isOverflowing: true }));
          ledger.log.append(draft(2n), 1n, false);
          ledger.store.putLogPlace(undefined);
          ledger.store.putScan(planBaseline({ message: 1n, chat: 1n, attachment: 1n }));
          throw new Error("in the middle");
        }),
      /in the middle/,
    );
    assert.equal(ledger.message(1n)?.stage, "waiting");
    assert.equal(ledger.message(2n), undefined);
    assert.deepEqual([ledger.log.headSequence, ledger.waiting.size], [1n, 1]);
    assert.deepEqual([ledger.store.logPlace, ledger.store.scan], [PLACE, NO_SCAN]);
    assert.deepEqual(ledger.tables.message.overflowingBefore(100n, 10), []);
  });

  test("a full disk is an error by name, and the same step works when there is space again", async () => {
    await using directory = await temporaryDirectory();
    let head = 0n;
    {
      using ledger = ledgerIn(directory, 40);
      const step = () =>
        ledger.transaction(() => {
          for (let count = 0n; count < 50n; count += 1n) ledger.log.append(draft(count + 1n), 1n, false);
        });
      assert.throws(
        () => {
          for (;;) {
            step();
            head = ledger.log.headSequence;
          }
        },
        (error) => error instanceof LedgerError && error.code === "disk-full",
      );
      assert(head > 0n);
      assert.equal(ledger.log.headSequence, head);
      assert.equal(ledger.log.after(head - 1n, 10).length, 1);
    }
    using ledger = ledgerIn(directory);
    assert.equal(ledger.log.headSequence, head);
    ledger.transaction(() => ledger.log.append(draft(1n), 1n, false));
    assert.equal(ledger.log.headSequence, head + 1n);
  });

  test("sets a damaged file aside and begins anew, without overwriting an earlier one", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "broker.ledger.db");
    for (const number of [1, 2]) {
      writeFileSync(path, "this is no database, and was one never ".repeat(100));
      using ledger = ledgerIn(directory);
      assert.deepEqual(ledger.origin, {
        kind: "begun-anew",
        reason: "damaged",
        setAsidePath: `${path}.damaged-${number}`,
      });
      assert(existsSync(`${path}.damaged-${number}`));
      ledger.transaction(() => ledger.log.append(draft(1n), 1n, false));
    }
  });

  test("sets a ledger of another version or shape aside", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "broker.ledger.db");
    {
      using _ledger = ledgerIn(directory);
    }
    const later = new SqliteDatabase(path);
    later.pragma("user_version = 99");
    later.close();
    {
      using ledger = ledgerIn(directory);
      assert.deepEqual(ledger.origin, {
        kind: "begun-anew",
        reason: "unknown-version",
        setAsidePath: `${path}.damaged-1`,
      });
    }
    const lost = new SqliteDatabase(path);
    lost.pragma("journal_mode = DELETE");
    lost.exec("DROP TABLE store");
    lost.close();
    using ledger = ledgerIn(directory);
    const setAsidePath = `${path}.damaged-2`;
    assert.deepEqual(ledger.origin, { kind: "begun-anew", reason: "damaged", setAsidePath });
  });

  test("finds damage in the middle of the file when it comes to it, and sets it aside", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "broker.ledger.db");
    {
      using ledger = ledgerIn(directory);
      ledger.transaction(() => {
        for (let rowid = 1n; rowid < 2_000n; rowid += 1n) ledger.putMessage(undefined, known(rowid));
      });
    }
    const { size } = statSync(path);
    const pages = new SqliteDatabase(path);
    pages.pragma("journal_mode = DELETE");
    const root = Number(
      pages.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'message'").pluck().get(),
    );
    pages.close();
    const { openSync, writeSync, closeSync } = await import("node:fs");
    const file = openSync(path, "r+");
    writeSync(file, Buffer.alloc(4096, 0xff), 0, 4096, (root - 1) * 4096);
    closeSync(file);
    assert(size > 4096 * 10);
    using ledger = ledgerIn(directory);
    assert.equal(ledger.origin.kind, "begun-anew");
    assert.equal(ledger.message(5n), undefined);
  });

  test("trims the oldest changes in slices, and tells where the log begins", async () => {
    await using directory = await temporaryDirectory();
    using ledger = ledgerIn(directory);
    ledger.transaction(() => {
      for (let rowid = 1n; rowid <= 100n; rowid += 1n) ledger.log.append(draft(101n - rowid), 1n, false);
    });
    const { log } = ledger;
    assert.equal(log.lateAfter(0n, 1_000n, 1_000).length, 99);
    assert.equal(
      ledger.transaction(() => log.trim(40, 25)),
      25,
    );
    assert.equal(
      ledger.transaction(() => log.trim(40, 25)),
      25,
    );
    assert.equal(
      ledger.transaction(() => log.trim(40, 25)),
      10,
    );
    assert.equal(
      ledger.transaction(() => log.trim(40, 25)),
      0,
    );
    assert.deepEqual([log.oldestSequence, log.headSequence, log.after(0n, 1_000).length], [61n, 100n, 40]);
    assert.equal(log.lateAfter(0n, 1_000n, 1_000).length, 40);
    log.reload();
    assert.equal(log.oldestSequence, 61n);
  });

  test("resumes a cursor by its epoch: clipped to what the epoch kept, expired, or unknown", async () => {
    await using directory = await temporaryDirectory();
    const append = (count: number) => {
      using ledger = ledgerIn(directory);
      ledger.transaction(() => {
        for (let left = count; left > 0; left -= 1) ledger.log.append(draft(1n), 1n, false);
      });
    };
    append(10);
    append(10);
    using ledger = ledgerIn(directory);
    const { log } = ledger;
    assert.deepEqual(log.resume({ epoch: 1n, sequence: 10n }), { kind: "at", sequence: 10n });
    // A power cut took what the consumer had seen beyond it.
    assert.deepEqual(log.resume({ epoch: 1n, sequence: 15n }), { kind: "at", sequence: 10n });
    assert.deepEqual(log.resume({ epoch: 2n, sequence: 15n }), { kind: "at", sequence: 15n });
    assert.deepEqual(log.resume({ epoch: 3n, sequence: 99n }), { kind: "at", sequence: 20n });
    assert.deepEqual(log.resume({ epoch: 4n, sequence: 5n }), { kind: "unknown" });
    assert.deepEqual(log.resume({ epoch: 0n, sequence: 5n }), { kind: "expired" });
    ledger.transaction(() => log.trim(5, 1_000));
    assert.deepEqual(log.resume({ epoch: 2n, sequence: 14n }), { kind: "expired" });
    assert.deepEqual(log.resume({ epoch: 2n, sequence: 15n }), { kind: "at", sequence: 15n });
  });

  test("does not know the cursor of a start between two of its own, which another copy of it has seen", async () => {
    await using directory = await temporaryDirectory();
    const clock = new FakeClock();
    {
      using ledger = ledgerIn(directory, undefined, clock);
      ledger.transaction(() => ledger.log.append(draft(1n), 1n, false));
    }
    await clock.advance(60_000);
    using ledger = ledgerIn(directory, undefined, clock);
    const { log } = ledger;
    assert.deepEqual(log.resume({ epoch: 1n, sequence: 9n }), { kind: "at", sequence: 1n });
    assert.deepEqual(log.resume({ epoch: log.epoch, sequence: 9n }), { kind: "at", sequence: 1n });
    assert.deepEqual(log.resume({ epoch: log.epoch - 1n, sequence: 9n }), { kind: "unknown" });
  });

  test("gives no lasting sequence out again, though a power cut or an old copy takes the log's end", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "broker.ledger.db");
    const files = [path, `${path}-wal`];
    const seen = new Set<bigint>();
    /** Tells `count` changes, and is a copy of the file when half of them were told. */
    const tell = (count: number, clock: FakeClock): Map<string, Buffer> => {
      using ledger = ledgerIn(directory, undefined, clock);
      const { log } = ledger;
      let half = new Map<string, Buffer>();
      let before = log.lastingSequence(log.headSequence);
      for (let told = 1; told <= count; told += 1) {
        const { sequence } = ledger.transaction(() => log.append(draft(1n), 1n, false));
        const lasting = log.lastingSequence(sequence);
        assert(!seen.has(lasting) && lasting > before, `${lasting}, after ${before}`);
        seen.add(lasting);
        before = lasting;
        if (told === count / 2) half = new Map(files.map((file) => [file, readFileSync(file)]));
      }
      return half;
    };
    const putBack = (copy: Map<string, Buffer>) => {
      for (const [file, bytes] of copy) writeFileSync(file, bytes);
    };
    const clock = new FakeClock();
    putBack(tell(2_000, clock));
    // Twice in a row, within one tick of the clock.
    putBack(tell(10, clock));
    const old = tell(10, clock);
    // The clock was wrong by a year, and was set right between two starts.
    putBack(tell(10, new FakeClock({ wallUnixNs: clock.wallUnixNs() - 31_536_000n * 10n ** 9n })));
    tell(10, clock);
    await clock.advance(3_600_000);
    tell(1_000, clock);
    // Some starts later, the ledger is brought back from a copy.
    await clock.advance(60_000);
    putBack(old);
    tell(10, clock);
  });

  test("a change keeps its lasting sequence over every start, and the next one's is known before", async () => {
    await using directory = await temporaryDirectory();
    const told: [bigint, bigint][] = [];
    for (let epoch = 0; epoch < 5; epoch += 1) {
      using ledger = ledgerIn(directory);
      const { log } = ledger;
      const count = epoch === 3 ? 0 : 3;
      for (let left = count; left > 0; left -= 1) {
        const next = log.lastingSequence(log.headSequence + 1n);
        const { sequence } = ledger.transaction(() => log.append(draft(1n), 1n, false));
        assert.equal(log.lastingSequence(sequence), next);
        told.push([sequence, next]);
      }
      for (const [sequence, lasting] of [...told, ...told.toReversed()]) {
        assert.equal(log.lastingSequence(sequence), lasting);
      }
    }
  });

  test("takes at most 80 bytes for a message", async () => {
    await using directory = await temporaryDirectory();
    {
      using ledger = ledgerIn(directory);
      ledger.transaction(() => {
        for (let rowid = 600_001n; rowid <= 620_000n; rowid += 1n) ledger.putMessage(undefined, known(rowid));
      });
    }
    const bytes = statSync(join(directory.path, "broker.ledger.db")).size;
    assert(bytes / 20_000 <= 80, `${bytes / 20_000} bytes a message`);
  });
});
