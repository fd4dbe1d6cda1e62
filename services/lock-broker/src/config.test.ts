import assert from "node:assert/strict";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { describe, test } from "node:test";
import { InformationRequested, StartupError } from "@imesh/lifecycle";
import { DELAY_MS_MAX } from "@imesh/time";
import { parseConfig } from "./config.ts";

function refusal(...argv: string[]): string {
  try {
    parseConfig(argv);
  } catch (error) {
    assert(error instanceof StartupError);
    assert.equal(error.exitCode, 64);
    return error.message;
  }
  return "accepted";
}

describe("parseConfig()", () => {
  test("has a default for everything but the socket", () => {
    assert.deepEqual(parseConfig(["--socket", "run/b.sock"]), {
      databasePath: join(homedir(), "Library/Messages/chat.db"),
      socket: { kind: "unix", path: resolve("run/b.sock") },
      pollMs: 20,
      hasHints: true,
      settleDeadlineMs: 30_000,
      ledgerPath: resolve("run/b.ledger.db"),
      reconcileMs: 86_400_000,
      statusPath: null,
      metrics: { host: "127.0.0.1", port: 0 },
      logLevel: "info",
      isCheck: false,
    });
  });

  test("takes every flag", () => {
    const argv =
      "--chat-db /a/chat.db --poll-ms 5 --hints off --settle-deadline-ms 0 --ledger /a/l.db --reconcile-hours 0 --status-file /a/s.json --metrics off --log-level debug --check";
    assert.deepEqual(parseConfig(argv.split(" ")), {
      databasePath: "/a/chat.db",
      socket: null,
      pollMs: 5,
      hasHints: false,
      settleDeadlineMs: 0,
      ledgerPath: "/a/l.db",
      reconcileMs: null,
      statusPath: "/a/s.json",
      metrics: null,
      logLevel: "debug",
      isCheck: true,
    });
  });

  test("has no longer time between two looks than a timer can wait", () => {
    const { reconcileMs } = parseConfig(["--socket", "s", "--reconcile-hours", "596"]);
    assert.equal(reconcileMs, 596 * 3_600_000);
    assert(reconcileMs <= DELAY_MS_MAX);
  });

  test("refuses what is out of range or missing, and says the bound", () => {
    assert.deepEqual(
      [
        refusal(),
        refusal("--socket", "s", "--poll-ms", "4"),
        refusal("--socket", "s", "--poll-ms", "1001"),
        refusal("--socket", "s", "--hints", "maybe"),
        refusal("--socket", "s", "--settle-deadline-ms", "3600001"),
        refusal("--socket", "s", "--reconcile-hours", "-1"),
        refusal("--socket", "s", "--reconcile-hours", "597"),
        refusal("--socket", "s", "--chat-db", "/a/chat.db", "--ledger", "/a/chat.db-wal"),
        refusal("--socket", "s", "--metrics", "0.0.0.0:1"),
        refusal("--socket", `/${"x".repeat(200)}`),
      ],
      [
        "Cannot use --socket (required, want text)",
        'Cannot use --poll-ms: "4" (integer 5..1000)',
        'Cannot use --poll-ms: "1001" (integer 5..1000)',
        'Cannot use --hints: "maybe" (on|off)',
        'Cannot use --settle-deadline-ms: "3600001" (integer 0..3600000)',
        'Cannot use --reconcile-hours: "-1" (integer 0..596)',
        'Cannot use --reconcile-hours: "597" (integer 0..596)',
        `Cannot use --ledger: "/a/chat.db-wal" (want a file of the broker's own, not Messages')`,
        'Cannot use --metrics: "0.0.0.0:1" (every interface; name one address, such as 127.0.0.1, or "off")',
        `Cannot use --socket: "/${"x".repeat(200)}" (201 bytes of socket path, at most 103)`,
      ],
    );
  });

  test("tells how it is used", () => {
    assert.throws(() => parseConfig(["--help"]), InformationRequested);
  });
});
