import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const ROOT = import.meta.dirname;

/** Product sources by their path below src/, tests and fixtures left out. */
function sources(): Map<string, string> {
  const names = readdirSync(ROOT, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".ts") && !name.endsWith(".test.ts") && !name.startsWith("fixtures"),
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

test("only the connection and the lease open databases (I1)", () => {
  assert.deepEqual(matching(/better-sqlite3"/), [
    "rows/chat-db-connection.ts",
    "rows/chat-db-reader.ts",
    "rows/schema-probe.ts",
  ]);
  assert.deepEqual(matching(/new BetterSqlite3\(/), ["rows/chat-db-connection.ts"]);
  assert.deepEqual(matching(/@imesh\/file-lock"/), ["lease/reader-lease.ts"]);
  const connection = sources().get("rows/chat-db-connection.ts") ?? "";
  assert.match(connection, /new BetterSqlite3\(path, \{ readonly: true, fileMustExist: true,/);
  assert.match(connection, /PRAGMA query_only = 1/);
});

test("nothing else opens, reads, copies or watches chat.db or -shm (I1)", () => {
  // What may be imported of node:fs: calls that open no file, the watch of a directory or of -wal, and the directory's own.
  const harmless = new Set([
    "statSync",
    "accessSync",
    "constants",
    "opendirSync",
    "realpathSync",
    "watch",
    "FSWatcher",
  ]);
  for (const [name, text] of sources()) {
    assert.doesNotMatch(text, /from "node:(fs\/promises|child_process|worker_threads)"/, name);
    assert.doesNotMatch(text, /import\("node:|require\(/, name);
    for (const [, names = ""] of text.matchAll(/import \{([^}]*)\} from "node:fs"/g)) {
      for (const imported of names.split(",").map((part) => part.replace("type ", "").trim())) {
        if (imported !== "") assert(harmless.has(imported), `${name} imports ${imported} of node:fs`);
      }
    }
    assert.doesNotMatch(text, /import \S+ from "node:fs"/, name);
    for (const [, target] of text.matchAll(/\bwatch\((this\.#\w+|\w+),/g)) {
      assert(
        ["this.#directory", "directory", "this.#walPath"].includes(target ?? ""),
        `${name} watches ${target}`,
      );
    }
  }
  assert.deepEqual(matching(/(?<!\.)\bwatch\(/), [
    "commits/directory-watch-hints.ts",
    "commits/fsevents-hints.ts",
  ]);
});

test("no statement is left open across a turn", () => {
  assert.deepEqual(matching(/\.iterate\(/), []);
});

test("wire types stay in rpc/", () => {
  assert.deepEqual(matching(/@imesh\/contracts/), ["rpc/broker-service.ts", "rpc/wire-frames.ts"]);
});
