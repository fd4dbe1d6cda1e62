import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { test } from "node:test";

const ROOT = import.meta.dirname;

/** Product sources by their path below src/, tests and fixtures left out. */
function sources(): Map<string, string> {
  const names = readdirSync(ROOT, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".ts") && !name.endsWith(".test.ts") && !name.split(sep).includes("fixtures"),
  );
  return new Map(names.map((name) => [name, readFileSync(join(ROOT, name), "utf8")]));
}

/** Files that match, for comparison as a whole. */
function matching(pattern: RegExp): string[] {
  return [...sources()]
    .filter(([, text]) => pattern.test(text))
    .map(([name]) => name)
    .sort();
}

test("chat.db is opened by the connection alone, read-only; other databases are the ledger and the lease (I1)", () => {
  assert.deepEqual(matching(/import (?!type ).*"better-sqlite3"/), [
    "changes/open-ledger.ts",
    "rows/chat-db-connection.ts",
  ]);
  assert.deepEqual(matching(/new (BetterSqlite3|SqliteDatabase)\(/), [
    "changes/open-ledger.ts",
    "rows/chat-db-connection.ts",
  ]);
  assert.deepEqual(matching(/@imesh\/file-lock"/), ["lease/reader-lease.ts"]);
  // A second copy of the SQLite library would not know of the first one's locks.
  assert.deepEqual(matching(/"node:sqlite"|"sqlite3"|"@libsql/), []);
  const connection = sources().get("rows/chat-db-connection.ts") ?? "";
  assert.match(connection, /new BetterSqlite3\(path, \{ readonly: true, fileMustExist: true,/);
  assert.match(connection, /PRAGMA query_only = 1/);
});

/** What may be imported of node:fs and node:fs/promises anywhere: calls that look by path and open no file. */
const HARMLESS: ReadonlySet<string> = new Set([
  "statSync",
  "stat",
  "lstat",
  "readlink",
  "realpath",
  "realpathSync",
  "existsSync",
  "accessSync",
  "constants",
  "opendirSync",
]);

/** Who may import more, and what for. Whatever is added here must be shown to open neither chat.db nor -shm. */
const OPENERS: Readonly<Record<string, readonly string[]>> = {
  // Its own database, by the path it was given.
  "changes/open-ledger.ts": ["closeSync", "openSync", "renameSync"],
  // -wal, which carries no locks.
  "capture/log-file.ts": ["closeSync", "fstatSync", "openSync", "readSync"],
  // Files below Attachments, once shown not to be the database.
  "attachments/confined-file.ts": ["open"],
  // The directory, or -wal.
  "commits/directory-watch-hints.ts": ["watch"],
  "commits/fsevents-hints.ts": ["watch"],
};

test("nothing opens, reads, copies or watches chat.db or -shm beside SQLite (I1)", () => {
  const openers: Record<string, readonly string[]> = {};
  for (const [name, text] of sources()) {
    assert.doesNotMatch(text, /from "(node:)?child_process"|from "fs/, name);
    assert.doesNotMatch(text, /import\("(node:|fs)|require\(|process\.binding/, name);
    assert.doesNotMatch(text, /import (\* as )?\w+ from "node:fs/, name);
    const imported = [...text.matchAll(/import (?!type )\{([^}]*)\} from "node:fs(?:\/promises)?"/g)]
      .flatMap(([, names = ""]) => names.split(","))
      .map((part) => part.trim())
      .filter((part) => part !== "" && !part.startsWith("type ") && !HARMLESS.has(part));
    if (imported.length > 0) openers[name] = imported.sort();
  }
  assert.deepEqual(openers, OPENERS);
  assert.deepEqual(matching(/\.(openAsBlob|createReadStream|readFile|copyFile)\(/), []);
});

test("who opens files opens what it may (I1)", () => {
  const calls = (name: string, pattern: RegExp) =>
    [...(sources().get(name) ?? "").matchAll(pattern)].map(([, argument]) => argument);
  assert.deepEqual(calls("capture/log-file.ts", /\bopenSync\(([^,)]*)/g), ["this.path"]);
  assert.match(sources().get("capture/log-file.ts") ?? "", /this\.path = `\$\{databasePath\}-wal`;/);
  assert.deepEqual(calls("changes/open-ledger.ts", /\bopenSync\(([^,)]*)/g), ["path"]);
  for (const name of ["commits/directory-watch-hints.ts", "commits/fsevents-hints.ts"]) {
    for (const target of calls(name, /(?<!\.)\bwatch\((this\.#\w+|\w+),/g)) {
      assert(["this.#directory", "directory", "this.#walPath"].includes(target ?? ""), `${name}: ${target}`);
    }
  }
  const confined = sources().get("attachments/confined-file.ts") ?? "";
  assert.deepEqual(calls("attachments/confined-file.ts", /await open\(([^)]*)\)/g), [
    "way.path, openFlags(place.platform",
  ]);
  assert.match(confined, /return constants.O_RDONLY \| constants.O_NONBLOCK \| noFollow;/);
  assert.match(confined, /await refuseDatabase\(way.stats, place\);\n\s*const handle = await open\(/);
});

test("only the reader thread is a thread", () => {
  assert.deepEqual(matching(/"node:worker_threads"/), ["reads/reader-thread.ts", "reads/reader-worker.ts"]);
});

test("no statement is left open across a turn", () => {
  assert.deepEqual(matching(/\.iterate\(/), []);
});

test("wire types stay in rpc/", () => {
  const elsewhere = matching(/@imesh\/contracts/).filter((name) => !name.startsWith(`rpc${sep}`));
  assert.deepEqual(elsewhere, []);
});
