import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { temporaryDirectory } from "@imesh/testing";
import { createLog } from "./log.ts";

function capture(level: "debug" | "info" | "warn" = "info") {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  return { lines, log: createLog({ service: "mac-bridge", level, destination: { stream } }) };
}

function parsed(line: string | undefined): Record<string, unknown> {
  const { time, pid, ...fields } = JSON.parse(line ?? "");
  match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  equal(pid, process.pid);
  return fields;
}

test("a record is one JSON line with level, time, service, pid and its fields, 64-bit numbers whole", () => {
  const { lines, log } = capture();
  log.warn({ event: "journal-appended", sequence: 9_007_199_254_740_993n });
  equal(lines.length, 1);
  match(lines[0] ?? "", /^\{.*"sequence":9007199254740993.*\}\n$/);
  equal(parsed(lines[0]).level, "warn");
});

test("records below the level are not written", () => {
  const { lines, log } = capture("warn");
  log.info({ event: "commit-detected" });
  log.debug({ event: "commit-detected" });
  deepEqual(lines, []);
});

test("text, body, handle and address are redacted at every depth we log", () => {
  const { lines, log } = capture();
  const secrets = { text: "SECRET", body: "SECRET", handle: "SECRET", address: "SECRET" };
  log.info({
    event: "e",
    ...secrets,
    row: { ...secrets, sender: { ...secrets, rowid: 7 } },
    rows: [secrets],
  });
  ok(!lines[0]?.includes("SECRET"));
  const redacted = { text: "[redacted]", body: "[redacted]", handle: "[redacted]", address: "[redacted]" };
  deepEqual(parsed(lines[0]), {
    level: "info",
    service: "mac-bridge",
    event: "e",
    ...redacted,
    row: { ...redacted, sender: { ...redacted, rowid: 7 } },
    rows: [redacted],
  });
});

test("redaction leaves the logged object as it was", () => {
  const { log } = capture();
  const row = { text: "kept" };
  log.info({ event: "e", row });
  equal(row.text, "kept");
});

test("an error is its type, message, code and stack, without its other facts", () => {
  const { lines, log } = capture();
  const error = Object.assign(new RangeError("Cannot read row"), {
    code: "SQLITE_BUSY",
    row: { quoted: "SECRET" },
  });
  log.error({ event: "read-failed", error });
  deepEqual(parsed(lines[0]).error, {
    type: "RangeError",
    message: "Cannot read row",
    code: "SQLITE_BUSY",
    stack: error.stack,
  });
});

test("a file destination is appended to, and is whole the moment the call returns", async () => {
  await using directory = await temporaryDirectory();
  const file = directory.file("bridge.log");
  for (const event of ["first", "second"]) {
    createLog({ service: "mac-bridge", level: "info", destination: { file } }).info({ event });
  }
  const events = (await readFile(file, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).event);
  deepEqual(events, ["first", "second"]);
});

test("a log file that cannot be opened is a StartupError 73", () => {
  const destination = { file: "/nonexistent-directory/bridge.log" };
  throws(() => createLog({ service: "mac-bridge", level: "info", destination }), {
    name: "StartupError",
    exitCode: 73,
    message: 'Cannot open log file: "/nonexistent-directory/bridge.log"',
  });
});
