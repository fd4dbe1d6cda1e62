import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { FakeClock, temporaryDirectory } from "@imesh/testing";
import Database from "better-sqlite3";
import type { ChatDatabase } from "../mac/chat-database.ts";
import { openMac } from "../mac/mac.ts";
import type { DisturbanceKind, DisturbanceOrder } from "./disturbance.ts";
import { Disturbances } from "./disturbances.ts";
import { killWriter } from "./killed-writer.ts";

const KILLED_WRITER = fileURLToPath(new URL("../../bin/killed-writer.ts", import.meta.url));
const WAL_HEADER_BYTES = 32;

/** A Mac with a chat, a writer, and another process's eyes: connections of their own. */
class Scene implements AsyncDisposable {
  readonly database: ChatDatabase;
  readonly gone: string[] = [];
  readonly pauses: (readonly [number, boolean])[] = [];
  readonly #clock: FakeClock;
  readonly #stack: AsyncDisposableStack;
  readonly #disturbances: Disturbances;
  #written = 0;

  static async start(): Promise<Scene> {
    const stack = new AsyncDisposableStack();
    return new Scene(stack, stack.use(await temporaryDirectory()).path);
  }

  private constructor(stack: AsyncDisposableStack, path: string) {
    this.#stack = stack;
    this.#clock = new FakeClock();
    const birth = () => ({ uniqueIdentifier: "U-1", accountGuid: "A-1", fill: () => {} });
    this.database = stack.use(openMac(path, birth, this.#clock)).database;
    this.#disturbances = new Disturbances({
      database: this.database,
      clock: this.#clock,
      rowsAreGone: () => this.gone.push(this.database.uniqueIdentifier),
      pause: (ms) => this.pauses.push([ms, existsSync(this.path)]),
      killedWriter: { nodePath: process.execPath, programPath: KILLED_WRITER },
    });
  }

  get path(): string {
    return this.database.path;
  }

  /** A message in a chat, in one save; gives its ROWID. */
  write(): bigint {
    this.#written += 1;
    const guid = `M-${this.#written}`;
    return this.database.save(({ chats, messages }) => {
      const handle = chats.findHandle("+15551234567", "iMessage");
      const chat =
        chats.findChat("any;-;+15551234567") ??
        chats.insertChat({
          guid: "any;-;+15551234567",
          isGroup: false,
          identifier: "+15551234567",
          groupId: "G-1",
          displayName: "",
          accountGuid: "A-1",
          accountLogin: "P:+15550000000",
          accountAddress: "+15550000000",
          participants: [handle ?? chats.insertHandle("+15551234567", "iMessage")],
        });
      const rowid = messages.insert({
        guid,
        text: guid,
        attributedBody: new Uint8Array(3_000),
        handleRowid: 1n,
        service: "iMessage",
        accountLogin: "P:+15550000000",
        accountGuid: "A-1",
        accountAddress: "+15550000000",
        isFromMe: false,
        isSent: false,
        isDelivered: true,
        isRead: false,
        isEmpty: false,
        error: 0,
        date: 800_000_000_000_000_000n + BigInt(this.#written),
        dateRead: 0n,
        dateDelivered: 0n,
        chatHint: null,
        previousGuid: null,
      });
      messages.join(chat.rowid, rowid, 800_000_000_000_000_000n);
      return rowid;
    });
  }

  /** An open reader, as a broker has one. */
  reader(): Database.Database {
    const reader = new Database(this.path, { readonly: true });
    reader.defaultSafeIntegers(true);
    reader.prepare("SELECT count(*) FROM message").get();
    return this.#stack.adopt(reader, (open) => void open.close());
  }

  rows(sql: string): unknown[] {
    const reader = new Database(this.path, { readonly: true });
    reader.defaultSafeIntegers(true);
    try {
      return reader.prepare(sql).raw().all();
    } finally {
      reader.close();
    }
  }

  async disturb(kind: DisturbanceKind, order: Partial<DisturbanceOrder> = {}): Promise<string> {
    const running = this.#disturbances.run({ kind, rows: 50, seed: 1n, ...order });
    const [uid] = await Promise.all([running, this.#clock.advance(0)]);
    return uid;
  }

  /** Salt-1, which each new beginning of the log raises, and the log's size. */
  log(): { salt1: number; bytes: number } {
    const bytes = readFileSync(`${this.path}-wal`);
    return { salt1: bytes.length < WAL_HEADER_BYTES ? 0 : bytes.readUInt32BE(16), bytes: bytes.length };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

const MESSAGES = "SELECT ROWID, guid, text, length(attributedBody) FROM message ORDER BY ROWID";
const WHOLE = [["ok"]];

describe("checkpoints", () => {
  test("passive and full write the rows home and leave the log's generation", async () => {
    for (const kind of ["checkpoint-passive", "checkpoint-full"] as const) {
      await using scene = await Scene.start();
      scene.write();
      const before = scene.log();
      assert.equal(await scene.disturb(kind), "U-1");
      assert.deepEqual(scene.log(), before);
      // Nothing of the row is in the log alone any more.
      assert.ok(readFileSync(scene.path).includes("M-1"), kind);
    }
  });

  test("after a restart the next write begins the log anew, over what is there, and cuts off the rest as on a Mac", async () => {
    await using scene = await Scene.start();
    for (let count = 0; count < 3; count += 1) scene.write();
    const before = scene.log();
    await scene.disturb("checkpoint-restart");
    scene.write();
    const after = scene.log();
    // To journal_size_limit, or to the end of that write where it is longer.
    assert.ok(after.bytes >= 32_768 && after.bytes < before.bytes, `${before.bytes} became ${after.bytes}`);
    assert.equal(after.salt1, (before.salt1 + 1) >>> 0);
  });

  test("truncate leaves an empty log, and is refused while a reader holds it", async () => {
    await using scene = await Scene.start();
    scene.write();
    const reader = scene.reader();
    reader.exec("BEGIN; SELECT count(*) FROM message");
    scene.write();
    await assert.rejects(scene.disturb("checkpoint-truncate"), { name: "DisturbanceRefusedError" });
    reader.exec("COMMIT");
    await scene.disturb("checkpoint-truncate");
    assert.equal(scene.log().bytes, 0);
    scene.write();
    assert.deepEqual(scene.rows("SELECT count(*) FROM message"), [[3n]]);
  });
});

describe("reopenings", () => {
  test("persist keeps the log's file, clean makes a new one, and writers carry on", async () => {
    await using scene = await Scene.start();
    scene.write();
    const inode = () => statSync(`${scene.path}-wal`).ino;
    const before = inode();
    await scene.disturb("reopen-persist");
    assert.equal(inode(), before);
    scene.write();
    await scene.disturb("reopen-clean");
    assert.deepEqual(scene.log(), { salt1: 0, bytes: 0 });
    scene.write();
    assert.deepEqual(scene.rows("SELECT count(*) FROM message"), [[3n]]);
  });
});

describe("writer-killed", () => {
  test("leaves pages in the log that nobody committed, which the next writer overwrites", async () => {
    await using scene = await Scene.start();
    const first = scene.write();
    const reader = scene.reader();
    const before = scene.log().bytes;
    const saved = scene.rows(MESSAGES);
    await scene.disturb("writer-killed");
    assert.ok(scene.log().bytes > before + 50 * 4_096, "uncommitted pages reached the log");
    assert.ok(readFileSync(`${scene.path}-wal`).includes("never committed"));
    assert.deepEqual(scene.rows(MESSAGES), saved);
    assert.equal(scene.write(), first + 1n);
    assert.equal(reader.prepare("SELECT count(*) FROM message").pluck().get(), 2n);
    assert.deepEqual(scene.rows("PRAGMA integrity_check"), WHOLE);
  });

  test("one row is enough", async () => {
    await using scene = await Scene.start();
    scene.write();
    const before = scene.log().bytes;
    await scene.disturb("writer-killed", { rows: 1 });
    assert.ok(scene.log().bytes > before);
  });

  test("says so when the second writer could not do its work", async () => {
    await using scene = await Scene.start();
    const launch = { nodePath: process.execPath, programPath: KILLED_WRITER };
    const nowhere = { path: `${scene.path}/nowhere`, rows: 1, seed: 1n };
    assert.throws(() => killWriter(launch, nowhere), {
      name: "DisturbanceRefusedError",
      message: /writer-killed \(exit code 1: /,
    });
  });
});

describe("schema-upgrade", () => {
  test("adds other columns each time, while readers and writers go on with their statements", async () => {
    await using scene = await Scene.start();
    scene.write();
    const reader = scene.reader();
    const count = reader.prepare("SELECT guid, date FROM message WHERE ROWID = ?").raw();
    const objects = () =>
      scene.rows(
        "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE type <> 'table' ORDER BY type, name",
      );
    const before = objects();
    await scene.disturb("schema-upgrade");
    await scene.disturb("schema-upgrade");
    assert.deepEqual(objects(), before);
    const added = "SELECT name FROM pragma_table_info('message') WHERE name LIKE 'upgrade%' ORDER BY cid";
    assert.deepEqual(scene.rows(added), [
      ["upgrade_1_state"],
      ["upgrade_1_note"],
      ["upgrade_2_state"],
      ["upgrade_2_note"],
    ]);
    const filled = "SELECT upgrade_1_state > 0, upgrade_2_note LIKE 'note %' FROM message";
    assert.deepEqual(scene.rows(filled), [[1n, 1n]]);
    const second = scene.write();
    assert.deepEqual((count.get(second) as unknown[])[0], "M-2");
    assert.deepEqual(scene.rows("SELECT upgrade_2_state, upgrade_2_note FROM message WHERE ROWID = 2"), [
      [0n, null],
    ]);
    assert.deepEqual(scene.rows("PRAGMA integrity_check"), WHOLE);
  });
});

describe("reorder-columns", () => {
  test("keeps rows, ROWIDs, indexes, triggers and what ROWIDs were given", async () => {
    await using scene = await Scene.start();
    for (let row = 0; row < 5; row += 1) scene.write();
    scene.database.save(({ messages }) => {
      messages.markSent(1n);
    });
    scene.database.maintain((writer) => writer.exec("DELETE FROM message WHERE ROWID = 5"));
    const snapshot = () => [
      scene.rows(MESSAGES),
      scene.rows("SELECT name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger') ORDER BY name"),
      scene.rows("SELECT name, seq FROM sqlite_sequence ORDER BY name"),
      scene.rows("SELECT chat_id, message_id FROM chat_message_join ORDER BY message_id"),
    ];
    const before = snapshot();
    const columns = () => scene.rows("SELECT name FROM pragma_table_info('message') ORDER BY cid").flat();
    const order = columns();
    await scene.disturb("reorder-columns");
    assert.deepEqual(snapshot(), before);
    assert.notDeepEqual(columns(), order);
    assert.deepEqual(columns().toSorted(), order.toSorted());
    assert.equal(columns()[0], "ROWID");
    assert.equal(scene.write(), 6n);
    await scene.disturb("schema-upgrade");
    await scene.disturb("reorder-columns", { seed: 2n });
    assert.equal(scene.write(), 7n);
    assert.deepEqual(scene.rows("PRAGMA integrity_check"), WHOLE);
    assert.deepEqual(scene.rows("PRAGMA foreign_key_check"), []);
    // Foreign keys still name the table, and the writer still heeds them.
    assert.throws(() => scene.database.save(({ messages }) => messages.join(1n, 99n, 1n)), /FOREIGN KEY/);
  });
});

describe("replacements", () => {
  test("restore-copy puts the same rows at the path, in another file", async () => {
    await using scene = await Scene.start();
    scene.write();
    const reader = scene.reader();
    const before = {
      inode: statSync(scene.path).ino,
      rows: scene.rows(MESSAGES),
      saves: scene.database.saves,
    };
    assert.equal(await scene.disturb("restore-copy"), "U-1");
    assert.notEqual(statSync(scene.path).ino, before.inode);
    assert.deepEqual(scene.rows(MESSAGES), before.rows);
    assert.deepEqual([scene.database.saves, scene.gone], [before.saves, []]);
    assert.deepEqual(scene.rows("PRAGMA auto_vacuum"), [[2n]]);
    assert.equal(scene.write(), 2n);
    // Who opened the old one and does not look at the path never hears of it.
    assert.equal(reader.prepare("SELECT count(*) FROM message").pluck().get(), 1n);
    assert.deepEqual(scene.rows("PRAGMA integrity_check"), WHOLE);
  });

  test("replace-empty moves the old one aside, whole, and starts at ROWID 1", async () => {
    await using scene = await Scene.start();
    scene.write();
    scene.write();
    const reader = scene.reader();
    const uid = await scene.disturb("replace-empty");
    assert.notEqual(uid, "U-1");
    assert.deepEqual(scene.gone, ["U-1"]);
    assert.deepEqual(scene.rows(MESSAGES), []);
    assert.equal(scene.write(), 1n);
    const aside = new Database(`${scene.path}.incompatible.v1.sqlitedb`, { readonly: true });
    assert.equal(aside.prepare("SELECT count(*) FROM message").pluck().get(), 2);
    aside.close();
    reader.close();
    // Once more: the one that was set aside before gives way.
    assert.notEqual(await scene.disturb("replace-empty"), uid);
    assert.equal(scene.write(), 1n);
    assert.equal(scene.database.accountGuid, "A-1");
  });

  test("delete-recreate leaves nothing at the path for a while, then an empty database", async () => {
    await using scene = await Scene.start();
    scene.write();
    const uid = await scene.disturb("delete-recreate");
    assert.notEqual(uid, "U-1");
    assert.deepEqual([scene.gone, scene.pauses], [["U-1"], [[250, false]]]);
    assert.equal(scene.write(), 1n);
  });
});
