import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT_CODES, StartupError } from "@imesh/lifecycle";
import { parseConfig } from "./config.ts";

const REQUIRED = ["--broker", "unix:/r/b.sock", "--journal", "/r/j.db", "--socket", "/r/s.sock"];

test("parseConfig() has the documented defaults", () => {
  assert.deepEqual(parseConfig(REQUIRED), {
    kind: "serve",
    broker: { kind: "unix", path: "/r/b.sock" },
    journalPath: "/r/j.db",
    socket: { kind: "unix", path: "/r/s.sock" },
    listen: null,
    osascriptPath: "/usr/bin/osascript",
    sendDeadlineMs: 30_000,
    proofWindowMs: 15_000,
    liveAgeMsMax: 60_000,
    statusFilePath: null,
    metrics: { host: "127.0.0.1", port: 0 },
    logLevel: "info",
  });
});

test("parseConfig() takes loopback to listen on and nothing else", () => {
  const listen = (value: string) => parseConfig([...REQUIRED, "--listen", value]);
  const config = listen("127.0.0.1:7000");
  assert.ok(config.kind === "serve");
  assert.deepEqual(config.listen, { kind: "tcp", host: "127.0.0.1", port: 7000 });
  for (const value of ["0.0.0.0:7000", "192.168.1.2:7000", "localhost:7000", "unix:/r/x.sock"]) {
    assert.throws(() => listen(value), isUsage);
  }
});

test("parseConfig() refuses what is missing or out of range, and does not clamp", () => {
  for (const argv of [
    [],
    REQUIRED.slice(2),
    [...REQUIRED.slice(0, 4)],
    ["--broker", "127.0.0.1:1", ...REQUIRED.slice(2)],
    [...REQUIRED.slice(0, 4), "--socket", "relative.sock"],
    [...REQUIRED.slice(0, 4), "--socket", `/${"x".repeat(120)}`],
    [...REQUIRED, "--send-deadline-ms", "1"],
    [...REQUIRED, "--proof-window-ms", "700000"],
    [...REQUIRED, "--metrics", "nowhere"],
    [...REQUIRED, "--unknown"],
  ]) {
    assert.throws(() => parseConfig(argv), isUsage, argv.join(" "));
  }
});

test("parseConfig() of a check needs nothing else", () => {
  assert.deepEqual(parseConfig(["--check", "--osascript", "/o", "--send-deadline-ms", "500"]), {
    kind: "check",
    osascriptPath: "/o",
    sendDeadlineMs: 500,
  });
});

function isUsage(error: unknown): boolean {
  return error instanceof StartupError && error.exitCode === EXIT_CODES.usage;
}
