import assert from "node:assert/strict";
import {
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { FakeClock, temporaryDirectory } from "@imesh/testing";
import type { Candidates } from "./candidates.ts";
import { CaptureDatabase } from "./fixtures/capture-database.ts";
import { type CaptureStep, LogCapture } from "./log-capture.ts";
import { type LogFile, LogFileError, WalFile } from "./log-file.ts";
import type { PageShapes } from "./page-shapes.ts";

/** A log whose reads are counted, and that can be made to fail. */
class CountedLog extends WalFile implements LogFile {
  readonly reads: number[] = [];
  fault: Error | undefined;
  /** Called once, after a read of more than a header. */
  afterChunk: (() => void) | undefined;

  override read(into: Uint8Array, bytes: number, offset: number): number {
    if (this.fault !== undefined) throw this.fault;
    this.reads.push(bytes);
    const read = super.read(into, bytes, offset);
    if (bytes > 32) {
      const work = this.afterChunk;
      this.afterChunk = undefined;
      work?.();
    }
    return read;
  }
}

/** A database with a message, a chat and a capture that has read all of it. */
async function world(options: { readonly pageSize?: number } = {}) {
  const directory = await temporaryDirectory();
  const path = join(directory.path, "chat.db");
  const base = CaptureDatabase.create(path, options);
  const log = new CountedLog(path);
  let shapesAsked = 0;
  let shapes: (() => PageShapes) | undefined;
  const clock = new FakeClock();
  const ports = {
    log,
    clock,
    shapes: () => {
      shapesAsked += 1;
      return shapes === undefined ? base.shapes() : shapes();
    },
  };
  const capture = new LogCapture(ports);
  base.insertMessage("M1");
  base.db.exec("INSERT INTO chat (guid) VALUES ('C1')");
  capture.begin(undefined);
  drain(capture);
  return {
    path,
    base,
    log,
    clock,
    ports,
    capture,
    get shapesAsked() {
      return shapesAsked;
    },
    setShapes: (fresh: () => PageShapes) => {
      shapes = fresh;
    },
    [Symbol.asyncDispose]: async () => {
      capture[Symbol.dispose]();
      base[Symbol.dispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

function drain(capture: LogCapture): CaptureStep[] {
  const steps: CaptureStep[] = [];
  for (let looks = 0; looks < 1_000; looks += 1) {
    capture.look();
    // A writer in this process has shown what it wrote.
    capture.show(Number.POSITIVE_INFINITY);
    const step = capture.take();
    if (step !== undefined) steps.push(step);
    else if (!capture.hasMore) break;
  }
  return steps;
}

/** The one step there is. */
function one(capture: LogCapture): CaptureStep {
  const steps = drain(capture);
  assert.equal(steps.length, 1);
  return steps[0] as CaptureStep;
}

/** As values that compare. */
function plain({ messages, chats, attachments, leaves, doubts, missed }: Candidates) {
  return {
    messages: [...messages],
    chats: [...chats],
    attachments: [...attachments],
    leaves: leaves.map(({ table, rowids }) => `${table} ${rowids.join(",")}`),
    doubts: [...doubts],
    missed,
  };
}

const NOTHING = { messages: [], chats: [], attachments: [], leaves: [], doubts: [], missed: undefined };

describe("LogCapture", () => {
  test("finds a row of any age that was updated, and nothing else", async () => {
    await using w = await world();
    w.base.insertMessage("M2");
    drain(w.capture);
    w.base.db.exec("UPDATE message SET is_read = 1 WHERE rowid = 1");
    assert.deepEqual(plain(one(w.capture).candidates), { ...NOTHING, messages: [1n] });
  });

  test("finds the message of a join, the chat of a membership, both ends of an attachment", async () => {
    await using w = await world();
    const { db } = w.base;
    db.exec("INSERT INTO chat_message_join (chat_id, message_id) VALUES (1, 1)");
    db.exec("INSERT INTO chat_handle_join (chat_id, handle_id) VALUES (1, 5)");
    db.exec("INSERT INTO message_attachment_join (message_id, attachment_id) VALUES (1, 9)");
    drain(w.capture);
    db.exec("INSERT INTO chat_message_join (chat_id, message_id) VALUES (1, 77)");
    assert.deepEqual(plain(one(w.capture).candidates), { ...NOTHING, messages: [77n] });
    db.exec("DELETE FROM chat_handle_join WHERE chat_id = 1");
    assert.deepEqual(plain(one(w.capture).candidates), { ...NOTHING, chats: [1n] });
    db.exec("UPDATE message_attachment_join SET attachment_id = 10 WHERE message_id = 1");
    assert.deepEqual(plain(one(w.capture).candidates), {
      ...NOTHING,
      messages: [1n],
      attachments: [10n, 9n],
    });
  });

  test("brings no step for commits that touch nothing watched, and counts them", async () => {
    await using w = await world();
    const before = w.capture.statistics;
    w.base.db.exec("UPDATE index_state_metrics SET pending = 3");
    w.base.db.exec("INSERT INTO handle (id, service) VALUES ('x', 'y')");
    assert.deepEqual(drain(w.capture), []);
    const now = w.capture.statistics;
    assert.deepEqual(
      [now.commits - before.commits, now.irrelevantCommits - before.irrelevantCommits],
      [2, 2],
    );
  });

  test("a look that finds nothing costs two small reads and no SQLite", async () => {
    await using w = await world();
    w.log.reads.length = 0;
    const asked = w.shapesAsked;
    for (let looks = 0; looks < 10; looks += 1) assert.equal(w.capture.look(), false);
    assert.deepEqual([...new Set(w.log.reads)].sort(), [24, 32]);
    assert.equal(w.log.reads.length, 20);
    assert.equal(w.shapesAsked, asked);
  });

  test("reads what the old generation left before the new one, and misses nothing", async () => {
    await using w = await world();
    for (let count = 0; count < 20; count += 1) w.base.insertMessage(`A${count}`);
    drain(w.capture);
    w.base.db.exec("UPDATE message SET text = 'edited' WHERE rowid = 1");
    w.base.db.pragma("wal_checkpoint(PASSIVE)");
    w.base.db.exec("UPDATE message SET text = 'edited' WHERE rowid = 9");
    const found = one(w.capture).candidates;
    assert.deepEqual([found.messages.has(1n), found.messages.has(9n), found.missed], [true, true, undefined]);
    assert.equal(w.capture.statistics.resets, 1);
    assert(w.capture.statistics.framesInGeneration < 10);
  });

  test("says so when frames it had not read were written over", async () => {
    await using w = await world();
    w.base.db.pragma("wal_checkpoint(PASSIVE)");
    w.base.insertMessage("B");
    drain(w.capture);
    for (let count = 0; count < 5; count += 1) w.base.insertMessage(`C${count}`);
    w.base.db.pragma("wal_checkpoint(PASSIVE)");
    for (let count = 0; count < 9; count += 1) w.base.insertMessage(`D${count}`);
    assert.equal(one(w.capture).candidates.missed, "reset");
    w.base.db.pragma("wal_checkpoint(PASSIVE)");
    w.base.insertMessage("E");
    assert.equal(one(w.capture).candidates.missed, undefined);
  });

  test("says so when what a generation left is written over while it is read", async () => {
    await using w = await world();
    for (let count = 0; count < 20; count += 1) w.base.insertMessage(`A${count}`);
    drain(w.capture);
    for (let count = 0; count < 20; count += 1) w.base.insertMessage(`B${count}`);
    w.base.db.pragma("wal_checkpoint(PASSIVE)");
    w.base.insertMessage("C");
    w.log.afterChunk = () => {
      for (let count = 0; count < 60; count += 1) w.base.insertMessage(`D${count}`);
    };
    const steps = drain(w.capture);
    assert.deepEqual(
      [steps.map(({ candidates }) => candidates.missed).includes("reset"), w.log.afterChunk],
      [true, undefined],
    );
  });

  test("says so when the log was cut off, also when it was empty before and after", async () => {
    await using w = await world();
    w.base.db.pragma("wal_checkpoint(TRUNCATE)");
    assert.equal(one(w.capture).candidates.missed, "reset");
    w.base.insertMessage("B");
    assert.equal(one(w.capture).candidates.missed, undefined);
    w.base.db.pragma("wal_checkpoint(TRUNCATE)");
    drain(w.capture);
    w.base.insertMessage("C");
    w.base.db.pragma("wal_checkpoint(TRUNCATE)");
    assert.equal(one(w.capture).candidates.missed, "reset");
  });

  test("goes over to another log at the path when it has read the one that was removed", async () => {
    await using w = await world();
    w.base.db.exec("UPDATE message SET is_read = 1 WHERE rowid = 1");
    // As when the last connection closes: its log stays readable for who has it open.
    w.base[Symbol.dispose]();
    assert.equal(w.capture.isMoved(), true);
    assert.equal(w.capture.follow(), false);
    assert.deepEqual([...(w.capture.take()?.candidates.messages ?? [])].includes(1n), true);
    assert.equal(w.capture.follow(), true);
    assert.equal(one(w.capture).candidates.missed, "reset");
    using again = CaptureDatabase.open(w.path);
    w.setShapes(() => again.shapes());
    again.db.exec("UPDATE message SET is_read = 0 WHERE rowid = 1");
    const found = one(w.capture).candidates;
    assert.deepEqual([[...found.messages], found.missed], [[1n], undefined]);
  });

  test("does not count frames without their commit, whoever writes over them", async () => {
    for (const pages of [3, 12, 100]) {
      await using w = await world();
      assert(w.base.leaveTail(pages) >= pages - 10);
      assert.deepEqual(drain(w.capture), []);
      w.base.db.exec("UPDATE message SET is_read = 1 WHERE rowid = 1");
      assert.deepEqual([...one(w.capture).candidates.messages], [1n], `after a tail of ${pages} pages`);
      assert.equal(w.capture.statistics.missed, 1);
    }
  });

  test("finds the one of two commits that begin with the same frame, over a long tail", async () => {
    await using w = await world();
    const before = readFileSync(`${w.path}-wal`);
    w.base.leaveTail(300);
    drain(w.capture);
    // The tail's first frame, then ours: as when a transaction is tried again.
    const bytes = readFileSync(`${w.path}-wal`);
    assert(bytes.length > before.length);
    w.base.leaveTail(60);
    w.base.db.exec("UPDATE message SET is_read = 1 WHERE rowid = 1");
    const found: CaptureStep[] = [];
    for (let looks = 0; looks < 200 && found.length === 0; looks += 1) found.push(...drain(w.capture));
    assert.deepEqual([...(found[0]?.candidates.messages ?? [])], [1n]);
  });

  test("holds a transaction of many frames over many steps, and gives it when it commits", async () => {
    await using w = await world();
    w.base.db.pragma("cache_size = 10");
    w.base.db.exec("BEGIN");
    for (let count = 0; count < 600; count += 1) {
      w.base.insertMessage(`B${count}`, { body: Buffer.alloc(2_000, 1) });
    }
    // Frames that SQLite writes a second time are whole again only when it commits.
    assert.deepEqual(drain(w.capture), []);
    w.base.db.exec("COMMIT");
    let looks = 0;
    for (w.capture.look(); !w.capture.isLastHidden; w.capture.look()) {
      assert.equal(w.capture.hasMore, true);
      looks += 1;
    }
    assert(looks >= 2, `${looks} looks before the commit frame`);
    const steps = drain(w.capture);
    assert.deepEqual([steps.length, steps[0]?.commits, steps[0]?.candidates.messages.size], [1, 1, 601]);
  });

  test("bounds what it holds of one transaction: beyond it a scan is asked for", async () => {
    await using w = await world();
    w.base.db.exec("BEGIN");
    for (let count = 0; count < 3_000; count += 1) {
      w.base.insertMessage(`B${count}`, { body: Buffer.alloc(3_500, 1) });
    }
    w.base.db.exec("COMMIT");
    const steps = drain(w.capture);
    assert.deepEqual(plain((steps[0] as CaptureStep).candidates), { ...NOTHING, missed: "large" });
    w.base.db.exec("UPDATE message SET is_read = 1 WHERE rowid = 1");
    assert(one(w.capture).candidates.messages.has(1n));
  });

  test("goes on exactly where it was, with what the pages before hold", async () => {
    await using w = await world();
    for (let count = 0; count < 300; count += 1) w.base.insertMessage(`A${count}`);
    drain(w.capture);
    const place = w.capture.place;
    w.base.db.exec("UPDATE message SET is_read = 1 WHERE rowid = 150");
    using restarted = new LogCapture({
      log: new WalFile(w.path),
      clock: w.clock,
      shapes: () => w.base.shapes(),
    });
    restarted.begin(place);
    assert.deepEqual(plain(one(restarted).candidates), { ...NOTHING, messages: [150n] });
    assert.deepEqual(restarted.place, one(w.capture) && w.capture.place);
  });

  test("goes on in what a reset left, and says when that is not possible", async () => {
    await using w = await world();
    for (let count = 0; count < 20; count += 1) w.base.insertMessage(`A${count}`);
    drain(w.capture);
    const place = w.capture.place;
    w.base.db.exec("UPDATE message SET is_read = 1 WHERE rowid = 3");
    w.base.db.pragma("wal_checkpoint(PASSIVE)");
    w.base.db.exec("UPDATE message SET is_read = 1 WHERE rowid = 4");
    const restart = () => {
      const restarted = new LogCapture({
        log: new WalFile(w.path),
        clock: w.clock,
        shapes: () => w.base.shapes(),
      });
      restarted.begin(place);
      return restarted;
    };
    using resumed = restart();
    const found = one(resumed).candidates;
    assert.deepEqual([found.messages.has(3n), found.messages.has(4n), found.missed], [true, true, undefined]);
    for (let count = 0; count < 60; count += 1) w.base.insertMessage(`B${count}`);
    using late = restart();
    assert.equal(drain(late)[0]?.candidates.missed, "start");
    using other = new LogCapture({ log: new WalFile(w.path), clock: w.clock, shapes: () => w.base.shapes() });
    other.begin({ ...(place as NonNullable<typeof place>), checksum1: 1 });
    assert.equal(drain(other)[0]?.candidates.missed, "start");
  });

  test("takes back a commit that its writer never showed, and finds the one written over it", async () => {
    await using w = await world();
    // The same database twice: what the second writes continues the first one's log.
    const twinPath = join(w.path, "..", "twin.db");
    w.base.db.pragma("wal_checkpoint(PASSIVE)");
    w.base.insertMessage("last that both have");
    drain(w.capture);
    copyFileSync(w.path, twinPath);
    copyFileSync(`${w.path}-wal`, `${twinPath}-wal`);
    const end = Math.ceil(32 + w.capture.statistics.framesInGeneration * (24 + 4096));
    using twin = CaptureDatabase.open(twinPath);
    twin.db.exec("UPDATE message SET is_read = 1 WHERE rowid = 1");
    const overwriting = readFileSync(`${twinPath}-wal`).subarray(end);
    w.base.db.exec("UPDATE message SET text = 'never shown' WHERE rowid = 2");
    assert.equal(w.capture.look(), true);
    assert.deepEqual([w.capture.hasStep, w.capture.isLastHidden], [false, true]);
    const fd = openSync(`${w.path}-wal`, "r+");
    writeSync(fd, overwriting, 0, overwriting.length, end);
    closeSync(fd);
    const found = one(w.capture);
    assert(found.candidates.messages.has(1n));
    assert.deepEqual([w.capture.statistics.rewinds, found.candidates.missed], [1, undefined]);
  });

  test("keeps the last commit's candidates back until readers see it", async () => {
    await using w = await world();
    const settled = w.capture.place;
    w.base.db.exec("UPDATE message SET is_read = 1 WHERE rowid = 1");
    w.capture.look();
    const frames = w.capture.place?.frames ?? 0;
    w.capture.show(frames - 1);
    assert.deepEqual([w.capture.take(), w.capture.isLastHidden], [undefined, true]);
    w.base.db.exec("UPDATE chat SET display_name = 'x' WHERE rowid = 1");
    w.capture.look();
    // The second shows the first, and is kept back itself.
    const first = w.capture.take();
    assert.deepEqual([[...(first?.candidates.messages ?? [])], first?.commits], [[1n], 1]);
    assert.deepEqual([[...(first?.candidates.chats ?? [])], first?.place?.frames], [[], frames]);
    assert.notDeepEqual(first?.place, settled);
    w.capture.show(w.capture.place?.frames ?? 0);
    const second = w.capture.take();
    assert.deepEqual(plain((second as CaptureStep).candidates), { ...NOTHING, chats: [1n] });
    assert.deepEqual([second?.place, w.capture.isLastOpen], [w.capture.place, false]);
    assert.deepEqual(drain(w.capture), []);
  });

  test("a commit of a generation that is over is seen by all", async () => {
    await using w = await world();
    w.base.db.exec("UPDATE message SET is_read = 1 WHERE rowid = 1");
    w.capture.look();
    assert.equal(w.capture.hasStep, false);
    w.base.db.pragma("wal_checkpoint(PASSIVE)");
    w.base.db.exec("UPDATE chat SET display_name = 'x' WHERE rowid = 1");
    w.capture.look();
    assert.deepEqual([...(w.capture.take()?.candidates.messages ?? [])], [1n]);
  });

  test("reads no further while a step waits to be taken", async () => {
    await using w = await world();
    w.base.db.exec("UPDATE message SET is_read = 1 WHERE rowid = 1");
    assert.equal(w.capture.look(), true);
    w.capture.show(Number.POSITIVE_INFINITY);
    w.base.db.exec("UPDATE chat SET display_name = 'x' WHERE rowid = 1");
    assert.equal(w.capture.look(), false);
    assert.deepEqual([...(w.capture.take()?.candidates.chats ?? [])], []);
    assert.equal(w.capture.look(), true);
  });

  test("waits for the schema that a commit was written with, though not for ever", async () => {
    await using w = await world();
    const old = w.base.shapes();
    w.setShapes(() => old);
    w.base.db.exec("ALTER TABLE chat ADD COLUMN fresh INTEGER");
    w.base.db.exec("UPDATE chat SET fresh = 1 WHERE rowid = 1");
    assert.deepEqual(drain(w.capture), []);
    assert.equal(w.capture.isWaitingForSchema, true);
    w.setShapes(() => w.base.shapes());
    assert.deepEqual([...one(w.capture).candidates.chats], [1n]);
    assert.equal(w.capture.isWaitingForSchema, false);
    w.setShapes(() => old);
    w.base.db.exec("ALTER TABLE chat ADD COLUMN fresher INTEGER");
    let looks = 0;
    while (!w.capture.hasStep) {
      w.capture.look();
      w.capture.show(Number.POSITIVE_INFINITY);
      looks += 1;
      assert(looks < 100);
    }
    assert.equal(w.capture.take()?.candidates.missed, "schema");
  });

  test("asks for the schema anew when frames were missed: the change of it may be among them", async () => {
    await using w = await world();
    w.base.db.pragma("wal_checkpoint(TRUNCATE)");
    w.base.db.exec("ALTER TABLE chat ADD COLUMN fresh INTEGER");
    w.base.db.pragma("wal_checkpoint(TRUNCATE)");
    drain(w.capture);
    w.base.db.exec("UPDATE chat SET fresh = 1 WHERE rowid = 1");
    const { messages, chats } = plain(one(w.capture).candidates);
    assert.deepEqual([messages, chats], [[], [1n]]);
  });

  test("starts over with another database", async () => {
    await using w = await world();
    w.base.db.exec("UPDATE message SET is_read = 1 WHERE rowid = 1");
    w.capture.look();
    const otherPath = join(w.path, "..", "other.db");
    using other = CaptureDatabase.create(otherPath, { pageSize: 1024 });
    for (const suffix of ["", "-wal", "-shm"]) rmSync(`${w.path}${suffix}`);
    for (const suffix of ["", "-wal", "-shm"]) renameSync(`${otherPath}${suffix}`, `${w.path}${suffix}`);
    w.setShapes(() => other.shapes());
    w.capture.replaced();
    assert.deepEqual(plain(one(w.capture).candidates), { ...NOTHING, missed: "replaced" });
    other.db.exec("INSERT INTO chat (guid) VALUES ('D')");
    assert.deepEqual([...one(w.capture).candidates.chats], [1n]);
  });

  test("goes on after reads that failed, and after a header that was no header for a while", async () => {
    await using w = await world();
    w.base.db.exec("UPDATE message SET is_read = 1 WHERE rowid = 1");
    w.log.fault = new LogFileError({ code: "io", path: w.path, detail: "EIO" });
    assert.throws(() => w.capture.look(), { name: "LogFileError", code: "io" });
    w.log.fault = undefined;
    w.capture.reopen();
    const header = readFileSync(`${w.path}-wal`).subarray(0, 32);
    const write = (bytes: Uint8Array) => {
      const fd = openSync(`${w.path}-wal`, "r+");
      writeSync(fd, bytes, 0, bytes.length, 0);
      closeSync(fd);
    };
    write(new Uint8Array(32));
    assert.throws(
      () => {
        for (let looks = 0; looks < 60; looks += 1) w.capture.look();
      },
      { name: "LogFileError", code: "not-a-log" },
    );
    write(header);
    assert.deepEqual([...one(w.capture).candidates.messages], [1n]);
    assert.equal(w.capture.statistics.missed, 1);
  });

  test("has nothing to say without a log", async () => {
    await using directory = await temporaryDirectory();
    using capture = new LogCapture({
      log: new WalFile(join(directory.path, "chat.db")),
      clock: new FakeClock(),
      shapes: () => {
        throw new Error("not asked");
      },
    });
    capture.begin(undefined);
    assert.equal(one(capture).candidates.missed, "start");
    assert.deepEqual([capture.look(), capture.isMoved(), capture.place], [false, false, undefined]);
    assert.throws(() => statSync(join(directory.path, "chat.db-wal")), { code: "ENOENT" });
  });
});

/** As Apple's SQLite has it. */
const JOURNAL_SIZE_LIMIT = 32_768;

describe("a log that SQLite cuts off when it starts it anew", () => {
  /** A world whose log has `frames` frames or a few more, all read, and all in the database. */
  async function longLog(frames: number) {
    const w = await world();
    w.base.db.pragma(`journal_size_limit = ${JOURNAL_SIZE_LIMIT}`);
    for (let index = 0; (w.capture.place?.frames ?? 0) < frames; index += 1) {
      w.base.insertMessage(`L${index}`, { text: "x".repeat(600) });
      drain(w.capture);
    }
    w.base.db.pragma("wal_checkpoint(PASSIVE)");
    return w;
  }

  test("leaves a doubt when all of it had been read a moment before", async () => {
    await using w = await longLog(40);
    const before = w.capture.statistics;
    await w.clock.advance(250);
    w.base.insertMessage("NEXT");
    const { candidates } = one(w.capture);
    assert.equal(candidates.missed, undefined);
    assert.deepEqual([...candidates.doubts], ["cut"]);
    const after = w.capture.statistics;
    assert.deepEqual([after.cuts, after.missed, after.resets], [1, before.missed, before.resets + 1]);
    // The page of the next commit is known by then, and the log goes on as ever.
    drain(w.capture);
    w.base.db.exec("UPDATE message SET is_read = 1 WHERE guid = 'NEXT'");
    assert.deepEqual([...one(w.capture).candidates.doubts], []);
  });

  test("was missed when it had not been read, or not for long", async () => {
    await using unread = await longLog(40);
    unread.base.insertMessage("UNREAD");
    unread.base.db.pragma("wal_checkpoint(PASSIVE)");
    await unread.clock.advance(251);
    unread.base.insertMessage("NEXT");
    assert.equal(one(unread.capture).candidates.missed, "reset");
    await using broken = await longLog(40);
    broken.base.insertMessage("BEFORE");
    broken.capture.look();
    // What is there is not read to its end at this look.
    broken.log.fault = new LogFileError({ code: "io", path: broken.path, detail: "EIO" });
    assert.throws(() => {
      broken.base.insertMessage("UNREAD");
      broken.capture.take();
      broken.capture.look();
    });
    broken.log.fault = undefined;
    broken.base.db.pragma("wal_checkpoint(PASSIVE)");
    broken.base.insertMessage("NEXT");
    assert.equal(one(broken.capture).candidates.missed, "reset");
  });

  test("was missed, too, when a restart finds the rest of it cut off behind its place", async () => {
    await using w = await world();
    w.base.db.pragma(`journal_size_limit = ${JOURNAL_SIZE_LIMIT}`);
    for (let index = 0; index < 60; index += 1) w.base.insertMessage(`M-${index}`, { text: "x".repeat(900) });
    drain(w.capture);
    w.base.db.pragma("wal_checkpoint(TRUNCATE)");
    for (let count = 1; count <= 6; count += 1)
      w.base.db.exec(`UPDATE message SET is_read = ${count} WHERE ROWID = 1`);
    drain(w.capture);
    const { place } = w.capture;
    assert.equal(place?.frames, 6);
    for (let rowid = 2; rowid <= 60; rowid += 1) {
      w.base.db.prepare("UPDATE message SET is_read = 1 WHERE ROWID = ?").run(rowid);
    }
    w.base.db.pragma("wal_checkpoint(PASSIVE)");
    w.base.db.exec("UPDATE message SET is_read = 0 WHERE ROWID = 1");
    assert.ok(statSync(`${w.path}-wal`).size <= JOURNAL_SIZE_LIMIT);
    using restarted = new LogCapture({
      log: new WalFile(w.path),
      clock: w.clock,
      shapes: () => w.base.shapes(),
    });
    restarted.begin(place);
    const missed = drain(restarted).map(({ candidates }) => candidates.missed);
    assert.ok(missed.includes("reset"), missed.join());
  });
});
