import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  ChatDbError,
  type ChatDbFault,
  type ChatDbRemedy,
  type OpenFailureFacts,
  openFault,
  queryFault,
} from "./chat-db-error.ts";

const NOTHING: OpenFailureFacts = {
  sqliteCode: undefined,
  sqliteMessage: undefined,
  statErrno: undefined,
  accessErrno: undefined,
  directoryErrno: undefined,
  isDirectory: false,
};
const CANTOPEN = { sqliteCode: "SQLITE_CANTOPEN", sqliteMessage: "unable to open database file" };

describe("openFault()", () => {
  const cases: readonly [string, Partial<OpenFailureFacts>, string, string][] = [
    ["no file", { statErrno: "ENOENT", accessErrno: "ENOENT" }, "not-found", "ENOENT"],
    ["a file where a directory should be", { statErrno: "ENOTDIR" }, "not-found", "ENOTDIR"],
    ["no Full Disk Access: the file", { ...CANTOPEN, accessErrno: "EPERM" }, "no-permission", "EPERM"],
    [
      "no Full Disk Access: the directory",
      { ...CANTOPEN, directoryErrno: "EPERM" },
      "no-permission",
      "EPERM",
    ],
    ["no Full Disk Access: stat", { statErrno: "EPERM" }, "no-permission", "EPERM"],
    ["another user's file", { ...CANTOPEN, accessErrno: "EACCES" }, "no-permission", "EACCES"],
    [
      "Apple's SQLite",
      { sqliteCode: "SQLITE_AUTH", sqliteMessage: "authorization denied" },
      "no-permission",
      "authorization denied",
    ],
    [
      "Apple's words under another code",
      { sqliteCode: "SQLITE_ERROR", sqliteMessage: "authorization denied" },
      "no-permission",
      "authorization denied",
    ],
    ["SQLITE_PERM", { sqliteCode: "SQLITE_PERM", sqliteMessage: "denied" }, "no-permission", "SQLITE_PERM"],
    ["a directory", { ...CANTOPEN, isDirectory: true }, "cannot-open", "a directory"],
    ["an unreadable -shm", CANTOPEN, "cannot-open", "SQLITE_CANTOPEN"],
    [
      "a text file",
      { sqliteCode: "SQLITE_NOTADB", sqliteMessage: "file is not a database" },
      "not-a-database",
      "SQLITE_NOTADB: file is not a database",
    ],
    ["nothing known", {}, "cannot-open", "no reason given"],
  ];
  for (const [name, facts, code, detail] of cases) {
    test(`${name}: ${code}`, () => assert.deepEqual(openFault({ ...NOTHING, ...facts }), { code, detail }));
  }
});

describe("queryFault()", () => {
  const cases: readonly [string, string, ChatDbFault, ChatDbRemedy][] = [
    ["SQLITE_BUSY", "database is locked", "busy", "wait"],
    ["SQLITE_BUSY_TIMEOUT", "database is locked", "busy", "wait"],
    ["SQLITE_BUSY_RECOVERY", "database is locked", "busy-recovery", "wait"],
    ["SQLITE_READONLY_RECOVERY", "attempt to write a readonly database", "busy-recovery", "wait"],
    ["SQLITE_LOCKED", "database table is locked", "locked", "wait"],
    ["SQLITE_PROTOCOL", "locking protocol", "locked", "wait"],
    ["SQLITE_READONLY_DBMOVED", "attempt to write a readonly database", "moved", "reopen"],
    ["SQLITE_READONLY_DIRECTORY", "attempt to write a readonly database", "cannot-open", "person"],
    ["SQLITE_CORRUPT", "database disk image is malformed", "corrupt", "reopen"],
    ["SQLITE_CORRUPT_INDEX", "database disk image is malformed", "corrupt", "reopen"],
    ["SQLITE_NOTADB", "file is not a database", "not-a-database", "reopen"],
    ["SQLITE_IOERR_SHORT_READ", "disk I/O error", "io-error", "reopen"],
    ["SQLITE_AUTH", "authorization denied", "no-permission", "person"],
    ["SQLITE_CANTOPEN", "unable to open database file", "cannot-open", "person"],
    ["SQLITE_ERROR", "no such table: message", "wrong-schema", "person"],
    ["SQLITE_ERROR", "no such column: m.guid", "wrong-schema", "person"],
    ["SQLITE_SCHEMA", "database schema has changed", "failed", "reopen"],
    ["SQLITE_NOMEM", "out of memory", "failed", "reopen"],
  ];
  for (const [sqliteCode, message, code, remedy] of cases) {
    test(`${sqliteCode} "${message}": ${code}, ${remedy}`, () => {
      const fault = queryFault(sqliteCode, message);
      assert.deepEqual(fault, { code, detail: `${sqliteCode}: ${message}` });
      assert.equal(new ChatDbError({ ...fault, path: "/chat.db" }).remedy, remedy);
    });
  }
});
