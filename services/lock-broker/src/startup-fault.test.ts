import assert from "node:assert/strict";
import { test } from "node:test";
import { StartupError } from "@imesh/lifecycle";
import { ChatDbError, type ChatDbFault } from "./rows/chat-db-error.ts";
import { startupFault } from "./startup-fault.ts";

test("startupFault() gives each reason its exit code, and leaves our own bugs alone", () => {
  const codes: readonly [ChatDbFault, number][] = [
    ["not-found", 66],
    ["no-permission", 77],
    ["cannot-open", 66],
    ["not-a-database", 78],
    ["wrong-schema", 78],
    ["corrupt", 78],
    ["io-error", 1],
    ["busy", 75],
    ["busy-recovery", 75],
    ["locked", 75],
    ["moved", 75],
    ["failed", 1],
  ];
  for (const [code, exitCode] of codes) {
    const fault = startupFault(new ChatDbError({ code, path: "/a/chat.db", detail: "why" }));
    assert(fault instanceof StartupError);
    assert.deepEqual([fault.exitCode, fault.message], [exitCode, 'Cannot read chat.db: "/a/chat.db" (why)']);
  }
  const bug = new TypeError("ours");
  assert.equal(startupFault(bug), bug);
});
