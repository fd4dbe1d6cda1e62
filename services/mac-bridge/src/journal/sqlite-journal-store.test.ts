import assert from "node:assert/strict";
import { stat, symlink, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { Event } from "@imesh/contracts/bridge/v1/event";
import { EXIT_CODES, StartupError } from "@imesh/lifecycle";
import { FakeClock, SeededRandom, temporaryDirectory } from "@imesh/testing";
import Database from "better-sqlite3";
import { encodeEvent } from "../rpc/event-wire.ts";
import { commandEvent } from "../send/command-event.ts";
import { proveCommand, returnCommand } from "../send/command-steps.ts";
import { acceptedCommand, dispatchedCommand, NOW_UNIX_NS, uncertainCommand } from "../testing/commands.ts";
import { messageDraft, openJournal } from "../testing/journals.ts";
import { CHAT_GUID } from "../testing/rows.ts";
import { JournalError } from "./journal-error.ts";
import { SqliteJournalStore } from "./sqlite-journal-store.ts";

const ALL = { afterSequence: 0n, itemsMax: 1_000_000, bytesMax: 1_000_000_000 };
const cursor = (text: string) => ({ cursor: Buffer.from(text), seenUnixNs: NOW_UNIX_NS });

function refusal(exitCode: number, message: RegExp) {
  return (error: unknown) =>
    error instanceof StartupError && error.exitCode === exitCode && message.test(error.message);
}

test("append() numbers events without gaps and keeps them over a restart", async () => {
  await using directory = await temporaryDirectory();
  const path = directory.file("journal.db");
  let journalId: string;
  {
    using opened = openJournal(path);
    const { store } = opened;
    journalId = store.journalId;
    assert.equal(store.head(), 0n);
    store.append({ events: [messageDraft(1n), messageDraft(2n)], cursor: cursor("two") });
    store.append({ events: [messageDraft(3n)] });
    assert.equal(store.head(), 3n);
  }
  using reopened = openJournal(path);
  const { store } = reopened;
  assert.equal(store.journalId, journalId);
  assert.equal(store.head(), 3n);
  assert.equal(Buffer.from(store.sourceCursor().cursor).toString(), "two");
  assert.equal(store.sourceCursor().seenUnixNs, NOW_UNIX_NS);
  const events = store.read(ALL).map(({ payload }) => Event.decode(payload));
  assert.deepEqual(
    events.map(({ sequence, journalId: id, source }) => [sequence, id, source?.messageRowid]),
    [1n, 2n, 3n].map((number) => [number, journalId, number]),
  );
});

test("append() leaves out what the journal has already, without a gap (I14)", async () => {
  await using directory = await temporaryDirectory();
  using opened = openJournal(directory.file("journal.db"));
  const { store } = opened;
  store.append({ events: [messageDraft(1n), messageDraft(2n)] });
  const again = store.append({
    events: [messageDraft(2n), messageDraft(3n), messageDraft(3n), messageDraft(1n)],
  });
  assert.deepEqual(
    again.events.map(({ stored, draft }) => [stored.sequence, draft.source?.rowid]),
    [[3n, 3n]],
  );
  assert.equal(store.head(), 3n);
  assert.equal(store.read(ALL).length, 3);
});

test("lastFingerprint() gives that of the newest event of a row and reason in one file", async () => {
  await using directory = await temporaryDirectory();
  using opened = openJournal(directory.file("journal.db"));
  const { store } = opened;
  const draft = messageDraft(7n);
  const key = { ...draft.source, databaseUid: "UID-1", generation: "1:1:0", rowid: 7n, reason: "status" };
  assert.equal(store.lastFingerprint(key), null);
  const status = (fingerprint: string) => ({ ...draft, sourceKey: { ...key, fingerprint } });
  store.append({ events: [status("sent:0:9"), draft, status("failed:22:10"), status("delivered:0:1")] });
  assert.equal(store.lastFingerprint(key), "delivered:0:1");
  assert.equal(store.lastFingerprint({ ...key, reason: "new" }), "");
  assert.equal(store.lastFingerprint({ ...key, rowid: 8n }), null);
  assert.equal(store.lastFingerprint({ ...key, generation: "1:2:0" }), null);
});

test("lastEventOfRow() gives the newest event of a row in one file, under the reasons that were asked for", async () => {
  await using directory = await temporaryDirectory();
  using opened = openJournal(directory.file("journal.db"));
  const { store } = opened;
  const draft = (generation: string, rowid: bigint, reason: string) => {
    const source = { databaseUid: "UID-1", generation, rowid };
    return { ...messageDraft(rowid), source, sourceKey: { ...source, reason, fingerprint: "" } };
  };
  const { events } = store.append({
    events: [
      draft("1:1:0", 1n, "new"),
      draft("1:1:0", 1n, "content"),
      draft("1:1:0", 1n, "read"),
      draft("1:2:0", 1n, "new"),
      draft("1:1:0", 2n, "new"),
    ],
  });
  const last = (generation: string, rowid: bigint, ...reasons: string[]) => {
    const found = store.lastEventOfRow({ databaseUid: "UID-1", generation, rowid }, reasons);
    return found === null ? null : Event.decode(found).sequence;
  };
  assert.equal(events.length, 5);
  assert.deepEqual(
    [
      last("1:1:0", 1n, "new", "content"),
      last("1:1:0", 1n, "new"),
      last("1:2:0", 1n, "new", "content"),
      last("1:1:0", 1n, "deleted"),
      last("1:1:0", 1n),
      last("1:3:0", 1n, "new"),
      last("1:1:0", 3n, "new"),
    ],
    [2n, 1n, 4n, null, null, null, null],
  );
});

test("newestEvents() gives the last ones, newest first, within both bounds", async () => {
  await using directory = await temporaryDirectory();
  using opened = openJournal(directory.file("journal.db"));
  const { store } = opened;
  store.append({ events: [1n, 2n, 3n].map((rowid) => messageDraft(rowid)) });
  const sequences = (itemsMax: number, bytesMax: number) =>
    store.newestEvents({ itemsMax, bytesMax }).map(({ sequence }) => sequence);
  const [last] = store.newestEvents({ itemsMax: 1, bytesMax: 10_000 });
  const bytes = last?.payload.byteLength ?? 0;
  assert.deepEqual(
    [sequences(2, 10_000), sequences(9, 10_000), sequences(9, bytes), sequences(9, bytes - 1)],
    [[3n, 2n], [3n, 2n, 1n], [3n], []],
  );
});

test("append() is all or nothing: events, commands and cursor (I3)", async () => {
  await using directory = await temporaryDirectory();
  using opened = openJournal(directory.file("journal.db"));
  const { store } = opened;
  store.append({ commands: [acceptedCommand(1n)], cursor: cursor("before") });
  // A command that skips its dispatch is refused at the end of the transaction.
  const skipped = { ...acceptedCommand(1n), state: "written" as const };
  assert.throws(
    () => store.append({ events: [messageDraft(1n)], commands: [skipped], cursor: cursor("after") }),
    /moves on as the model allows/,
  );
  assert.equal(store.head(), 0n);
  assert.deepEqual(store.read(ALL), []);
  assert.equal(Buffer.from(store.sourceCursor().cursor).toString(), "before");
  assert.equal(store.append({ events: [messageDraft(1n)] }).events[0]?.stored.sequence, 1n);
});

test("append() on a full disk tells so, loses nothing and works again when there is room", async () => {
  await using directory = await temporaryDirectory();
  const path = directory.file("journal.db");
  const text = "x".repeat(2_000);
  let rowid = 0n;
  {
    using full = openJournal(path, { pagesMax: 60 });
    const { store } = full;
    assert.throws(
      () => {
        for (;;) {
          store.append({ events: [messageDraft(rowid + 1n, text)], cursor: cursor(String(rowid + 1n)) });
          rowid += 1n;
        }
      },
      (error) =>
        error instanceof JournalError && error.code === "disk-full" && error.sqliteCode === "SQLITE_FULL",
    );
    assert.ok(rowid > 10n);
    assert.equal(store.head(), rowid);
    assert.equal(Buffer.from(store.sourceCursor().cursor).toString(), String(rowid));
    assert.equal(store.read(ALL).length, Number(rowid));
  }
  using roomy = openJournal(path);
  const again = roomy.store.append({ events: [messageDraft(rowid + 1n, text)] });
  assert.equal(again.events[0]?.stored.sequence, rowid + 1n);
});

test("read() pages by items and bytes, and always moves", async () => {
  await using directory = await temporaryDirectory();
  using opened = openJournal(directory.file("journal.db"));
  const { store } = opened;
  store.append({ events: [messageDraft(1n, "a".repeat(900)), messageDraft(2n), messageDraft(3n)] });
  const sequences = (range: Partial<typeof ALL>) =>
    store.read({ ...ALL, ...range }).map((event) => event.sequence);
  assert.deepEqual(sequences({ itemsMax: 2 }), [1n, 2n]);
  assert.deepEqual(sequences({ bytesMax: 10 }), [1n]);
  assert.deepEqual(sequences({ bytesMax: 300, afterSequence: 1n }), [2n, 3n]);
  assert.deepEqual(sequences({ afterSequence: 3n }), []);
});

test("a command is kept whole, and found by key, by chat and by its row", async () => {
  await using directory = await temporaryDirectory();
  const path = directory.file("journal.db");
  const inFlight = dispatchedCommand(2n, 9n);
  const inDoubt = uncertainCommand(1n, 8n);
  const proof = { databaseUid: "UID-1", generation: "1:1:0", rowid: 12n, messageGuid: "G" };
  const proven = returnCommand(proveCommand(dispatchedCommand(3n, 10n), proof, NOW_UNIX_NS), NOW_UNIX_NS);
  const waiting = acceptedCommand(4n);
  const elsewhere = acceptedCommand(5n, { chatGuid: "any;+;chat1" });
  const all = [inDoubt, inFlight, proven, waiting, elsewhere];
  {
    using opened = openJournal(path);
    for (const { ordinal } of all) {
      const chat = ordinal === 5n ? { chatGuid: "any;+;chat1" } : {};
      opened.store.append({ commands: [acceptedCommand(ordinal, chat)] });
    }
    opened.store.append({ commands: [dispatchedCommand(1n, 8n), dispatchedCommand(3n, 10n)] });
    opened.store.append({ commands: all });
  }
  using reopened = openJournal(path);
  const { store } = reopened;
  assert.deepEqual(store.command(inDoubt.requestId), inDoubt);
  assert.deepEqual(store.command(proven.requestId), proven);
  assert.deepEqual(store.provableCommands(CHAT_GUID), [inFlight, inDoubt]);
  assert.deepEqual(store.commandOfRow({ databaseUid: "UID-1", rowid: 12n }), proven);
  assert.equal(store.commandOfRow({ databaseUid: "UID-2", rowid: 12n }), null);
  assert.deepEqual(store.commandsInFlight(), [inFlight]);
  assert.equal(store.countOpenCommands(), 3);
  // The chat of command 4 has one in flight, so the other chat's turn comes first.
  assert.deepEqual(store.nextDispatchable(), elsewhere);
  assert.deepEqual(store.listCommands({ beforeOrdinal: 4n, itemsMax: 2 }), [proven, inFlight]);
  assert.deepEqual(store.listCommands({ beforeOrdinal: null, itemsMax: 1 }), [elsewhere]);
});

test("a second store on the same journal is refused with 75, also through a link, until the first is closed", async () => {
  await using directory = await temporaryDirectory();
  const path = directory.file("journal.db");
  {
    using first = openJournal(path);
    await symlink(path, directory.file("link.db"));
    const isTaken = refusal(EXIT_CODES.temporary, /another mac-bridge is using it/);
    assert.throws(() => openJournal(path), isTaken);
    assert.throws(() => openJournal(directory.file("link.db")), isTaken);
    first.store.append({ events: [messageDraft(1n)] });
  }
  using second = openJournal(path);
  assert.equal(second.store.head(), 1n);
});

test("a journal of a newer version is refused with 78 and left as it is", async () => {
  await using directory = await temporaryDirectory();
  const path = directory.file("journal.db");
  openJournal(path)[Symbol.dispose]();
  const raw = new Database(path);
  raw.pragma("user_version = 2");
  raw.close();
  assert.throws(
    () => openJournal(path),
    refusal(EXIT_CODES.configuration, /version 2, this program knows 1/),
  );
  const after = new Database(path, { readonly: true });
  assert.equal(after.pragma("user_version", { simple: true }), 2);
  after.close();
});

test("a file that is no journal is refused with 78, a directory that is not there with 73", async () => {
  await using directory = await temporaryDirectory();
  const foreign = directory.file("other.db");
  const raw = new Database(foreign);
  raw.exec("CREATE TABLE message (text TEXT)");
  raw.close();
  await writeFile(
    directory.file("text.db"),
    "not a database at all, but long enough to be read as one".repeat(50),
  );
  const isForeign = refusal(EXIT_CODES.configuration, /not a journal of mac-bridge/);
  assert.throws(() => openJournal(foreign), isForeign);
  assert.throws(() => openJournal(directory.file("text.db")), isForeign);
  assert.throws(
    () => openJournal(directory.file("none/journal.db")),
    refusal(EXIT_CODES.cannotCreate, /lock file/),
  );
});

test("the journal and what SQLite puts beside it are for this user alone", async () => {
  await using directory = await temporaryDirectory();
  using opened = openJournal(directory.file("journal.db"));
  opened.store.append({ events: [messageDraft(1n)] });
  for (const name of ["journal.db", "journal.db-wal", "journal.db-shm"]) {
    assert.equal((await stat(directory.file(name))).mode & 0o777, 0o600, name);
  }
});

test("append() throws our own bugs as they are", async () => {
  await using directory = await temporaryDirectory();
  using store = new SqliteJournalStore(
    {
      clock: new FakeClock(),
      random: new SeededRandom(1),
      encodeEvent: (draft, stamp) => {
        if (draft.payload.kind === "command") throw new TypeError("bug");
        return encodeEvent(draft, stamp);
      },
    },
    { path: directory.file("journal.db") },
  );
  assert.throws(
    () => store.append({ events: [messageDraft(1n), commandEvent(acceptedCommand(1n), "")] }),
    (error) => error instanceof TypeError,
  );
  assert.equal(store.head(), 0n);
});
