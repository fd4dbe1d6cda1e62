import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { describe, test } from "node:test";
import { FakeClock, temporaryDirectory } from "@imesh/testing";
import Database from "better-sqlite3";
import { TruthLog } from "../truth/truth-log.ts";
import { ChatDatabase, mustBeThere } from "./chat-database.ts";
import type { DatabaseBirth } from "./database-birth.ts";
import type { NewMessage } from "./new-message.ts";

const BIRTH: DatabaseBirth = { uniqueIdentifier: "U-1", accountGuid: "A-1", fill: () => {} };

const MESSAGE: NewMessage = {
  guid: "M-1",
  text: null,
  attributedBody: Uint8Array.of(4),
  handleRowid: 0n,
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
  date: 800_000_000_123_456_789n,
  dateRead: 0n,
  dateDelivered: 0n,
  chatHint: null,
  previousGuid: null,
};

/** Opens it with a truth log beside it. */
function open(path: string, makeBirth: () => DatabaseBirth): ChatDatabase & { truth: TruthLog } {
  const truth = TruthLog.open(`${path}.truth`);
  const database = ChatDatabase.open(path, makeBirth, { clock: new FakeClock(), truth });
  return Object.assign(database, { truth });
}

async function withDatabase(run: (database: ReturnType<typeof open>, path: string) => void): Promise<void> {
  await using directory = await temporaryDirectory();
  const path = directory.file("chat.db");
  using database = open(path, () => BIRTH);
  run(database, path);
}

/** One group of one, one message in it. */
function writeGroupMessage(database: ChatDatabase): { chatRowid: bigint; messageRowid: bigint } {
  return database.save(({ chats, messages }) => {
    const chat = chats.insertChat({
      guid: "any;+;chat1",
      isGroup: true,
      identifier: "chat1",
      groupId: "G-1",
      displayName: "",
      accountGuid: "A-1",
      accountLogin: "P:+15550000000",
      accountAddress: "+15550000000",
      participants: [chats.insertHandle("+15551234567", "iMessage")],
    });
    const messageRowid = messages.insert(MESSAGE);
    messages.join(chat.rowid, messageRowid, MESSAGE.date);
    return { chatRowid: chat.rowid, messageRowid };
  });
}

function all(path: string, sql: string): unknown[] {
  const reader = new Database(path, { readonly: true });
  reader.defaultSafeIntegers(true);
  try {
    return reader.prepare(sql).raw().all();
  } finally {
    reader.close();
  }
}

describe("ChatDatabase.open()", () => {
  test("makes Apple's schema, whole, with Apple's pragmas", async () => {
    await withDatabase((_, path) => {
      const counted = all(
        path,
        "SELECT type, count(*) FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' GROUP BY type ORDER BY type",
      );
      assert.deepEqual(counted, [
        ["index", 53n],
        ["table", 23n],
        ["trigger", 27n],
      ]);
      const pragmas = ["page_size", "auto_vacuum", "journal_mode"].map(
        (name) => all(path, `PRAGMA ${name}`)[0],
      );
      assert.deepEqual(pragmas, [[4096n], [2n], ["wal"]]);
      assert.deepEqual(all(path, "SELECT * FROM index_state_metrics"), [[1n, 0n, 0n, 0n]]);
      const properties =
        "SELECT key, value FROM _SqliteDatabaseProperties WHERE key LIKE '\\_%' ESCAPE '\\' ORDER BY key";
      assert.deepEqual(all(path, properties), [
        ["_ClientVersion", "26005"],
        ["_UniqueIdentifier", "U-1"],
        ["__CSDBRecordSequenceNumber", "0"],
      ]);
    });
  });

  test("opens what it made before, and leaves -wal and -shm at the close as Apple does", async () => {
    await using directory = await temporaryDirectory();
    const path = directory.file("chat.db");
    {
      using first = open(path, () => BIRTH);
      writeGroupMessage(first);
    }
    assert.deepEqual([existsSync(`${path}-wal`), existsSync(`${path}-shm`)], [true, true]);
    using second = open(path, () => assert.fail("made twice"));
    assert.deepEqual(
      [second.uniqueIdentifier, second.accountGuid, second.saves, second.tables.messages.head()],
      ["U-1", "A-1", 1n, 1n],
    );
  });

  test("leaves nothing of a database whose making was interrupted", async () => {
    await using directory = await temporaryDirectory();
    const path = directory.file("chat.db");
    const fill = () => {
      throw new Error("killed");
    };
    assert.throws(() => open(path, () => ({ ...BIRTH, fill })), /killed/);
    using database = open(path, () => BIRTH);
    assert.equal(database.saves, 0n);
  });

  test("refuses a chat.db that a Mac made, without touching it", async () => {
    await using directory = await temporaryDirectory();
    const path = directory.file("chat.db");
    const other = new Database(path);
    other.exec("CREATE TABLE kvtable (key TEXT, value BLOB); CREATE TABLE message (guid TEXT)");
    other.close();
    assert.throws(() => open(path, () => BIRTH), {
      name: "StartupError",
      exitCode: 78,
      message: `Cannot write chat.db: "${path}" (not made by messages-simulator)`,
    });
    assert.deepEqual(all(path, "SELECT count(*) FROM sqlite_schema"), [[2n]]);
    assert.deepEqual(all(path, "PRAGMA journal_mode"), [["delete"]]);
  });
});

describe("save()", () => {
  test("bumps the save counter, and leaves no trace of a save that throws", async () => {
    await withDatabase((database) => {
      database.save(({ chats }) => chats.insertHandle("+15551234567", "iMessage"));
      assert.throws(
        () =>
          database.save(({ chats }) => {
            chats.insertHandle("+15557654321", "iMessage");
            throw new Error("in the middle");
          }),
        /in the middle/,
      );
      assert.equal(database.saves, 1n);
      assert.equal(database.tables.chats.findHandle("+15557654321", "iMessage"), undefined);
    });
  });
});

describe("truth", () => {
  const change = { subject: "message", rowid: 1n, reason: "read", state: "s" } as const;

  test("is kept with the save that records it, and lost with one that throws", async () => {
    await withDatabase((database) => {
      database.save(({ truth }) => truth.record(change));
      assert.throws(
        () =>
          database.save(({ truth }) => {
            truth.record(change);
            throw new Error("in the middle");
          }),
        /in the middle/,
      );
      const kept = database.truth.after(0n, 10);
      assert.deepEqual(
        kept.map(({ sequence, databaseUid }) => [sequence, databaseUid]),
        [[1n, "U-1"]],
      );
    });
  });

  test("cannot be recorded outside of a save", async () => {
    await withDatabase((database) => {
      assert.throws(() => database.tables.truth.record(change), { name: "AssertionError" });
    });
  });

  test("of a save whose commit never came is dropped at the next opening", async () => {
    await using directory = await temporaryDirectory();
    const path = directory.file("chat.db");
    {
      using first = open(path, () => BIRTH);
      first.save(({ truth }) => truth.record(change));
      // What a kill between the two commits leaves: the truth is there, the change is not.
      first.truth.append([change], { databaseUid: "U-1", save: 2n, commitUnixNs: 0n });
    }
    using second = open(path, () => assert.fail("made twice"));
    assert.equal(second.truth.lastSequence, 1n);
  });
});

describe("reopen() and exchange()", () => {
  const logFiles = (path: string) => [existsSync(`${path}-wal`), existsSync(`${path}-shm`)];

  test("the tables work on, whether the log stays or goes", async () => {
    await withDatabase((database, path) => {
      writeGroupMessage(database);
      const inode = () => statSync(`${path}-wal`).ino;
      const before = inode();
      database.reopen("persist");
      assert.equal(inode(), before);
      let between: readonly boolean[] = [];
      const look = () => {
        between = logFiles(path);
      };
      database.exchange("clean", look, mustBeThere);
      assert.deepEqual(between, [false, false]);
      database.save(({ chats }) => chats.insertHandle("+15557654321", "iMessage"));
      assert.deepEqual([database.tables.messages.head(), database.saves], [1n, 2n]);
    });
  });

  test("a clean leave keeps the log as long as a reader holds it", async () => {
    await withDatabase((database, path) => {
      const reader = new Database(path, { readonly: true });
      reader.prepare("SELECT count(*) FROM message").get();
      let between: readonly boolean[] = [];
      const look = () => {
        between = logFiles(path);
      };
      database.exchange("clean", look, mustBeThere);
      assert.deepEqual(between, [true, true]);
      writeGroupMessage(database);
      assert.equal(reader.prepare("SELECT count(*) FROM message").pluck().get(), 1);
      reader.close();
    });
  });
});

describe("Apple's triggers", () => {
  test("a join fills cache_roomnames, chat_service and the index metrics", async () => {
    await withDatabase((database, path) => {
      writeGroupMessage(database);
      assert.deepEqual(all(path, "SELECT cache_roomnames, date FROM message"), [["chat1", MESSAGE.date]]);
      assert.deepEqual(all(path, "SELECT service, chat FROM chat_service"), [["iMessage", 1n]]);
      assert.deepEqual(all(path, "SELECT pending_count, donated_count FROM index_state_metrics"), [[1n, 0n]]);
    });
  });

  test("indexing moves the metrics and the join's state", async () => {
    await withDatabase((database, path) => {
      const { messageRowid } = writeGroupMessage(database);
      database.save(({ messages }) => messages.donate(messageRowid));
      assert.deepEqual(all(path, "SELECT index_state FROM chat_message_join"), [[1n]]);
      assert.deepEqual(all(path, "SELECT pending_count, donated_count FROM index_state_metrics"), [[0n, 1n]]);
    });
  });

  test("a failure is noted in kvtable", async () => {
    await withDatabase((database, path) => {
      const { messageRowid } = writeGroupMessage(database);
      database.save(({ messages }) => messages.markFailed(messageRowid, 22));
      assert.deepEqual(all(path, "SELECT key, value FROM kvtable WHERE key LIKE 'last%' ORDER BY key"), [
        ["lastFailedMessageDate", MESSAGE.date],
        ["lastFailedMessageRowID", messageRowid],
      ]);
    });
  });

  test("a stranger without Apple's functions can neither insert a chat nor delete a message", async () => {
    await withDatabase((database, path) => {
      writeGroupMessage(database);
      const stranger = new Database(path);
      try {
        assert.throws(
          () => stranger.exec("INSERT INTO chat (guid) VALUES ('x')"),
          /no such function: verify_chat/,
        );
        assert.throws(
          () => stranger.exec("DELETE FROM message"),
          /no such function: after_delete_message_plugin/,
        );
      } finally {
        stranger.close();
      }
    });
  });
});
