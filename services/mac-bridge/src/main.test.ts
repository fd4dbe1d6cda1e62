/** The real process: its flags, its exit codes, its end. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { type TestContext, test } from "node:test";
import { BridgeServiceClient, type BridgeServiceService } from "@imesh/contracts/bridge/v1";
import { readStatusFile } from "@imesh/lifecycle";
import { connect } from "@imesh/rpc";
import { type TemporaryDirectory, temporaryDirectory, waitFor } from "@imesh/testing";
import { SystemClock } from "@imesh/time";

const MAIN = `${import.meta.dirname}/main.ts`;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(context: TestContext, ...argv: string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [MAIN, ...argv], { stdio: ["ignore", "pipe", "pipe"] });
  context.after(() => child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  return { child, ended: once(child, "close").then(([code]) => ({ code, stdout, stderr })) };
}

async function directoryOf(context: TestContext): Promise<TemporaryDirectory> {
  const directory = await temporaryDirectory();
  context.after(() => directory[Symbol.asyncDispose]());
  return directory;
}

function serveFlags(directory: TemporaryDirectory): string[] {
  return [
    ...["--broker", `unix:${directory.file("broker.sock")}`],
    ...["--journal", directory.file("journal.db")],
    ...["--socket", directory.file("bridge.sock")],
    ...["--status-file", directory.file("status.json")],
  ];
}

test("--help and --version say what they should and end with 0, a wrong flag with 64", async (context) => {
  const [help, version, wrong] = await Promise.all([
    start(context, "--help").ended,
    start(context, "--version").ended,
    start(context, "--socket").ended,
  ]);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /--proof-window-ms/);
  assert.deepEqual([version.code, version.stdout], [0, "mac-bridge 0.1.0\n"]);
  assert.equal(wrong.code, 64);
  assert.match(wrong.stderr, /--socket/);
});

test("it serves without a broker, refuses a twin with 75, and ends with 0 when told", async (context) => {
  const directory = await directoryOf(context);
  const { child, ended } = start(context, ...serveFlags(directory));
  const status = await waitFor(() => readStatusFile(directory.file("status.json")), {
    deadlineMs: 10_000,
    what: "the status file",
  });
  assert.equal(status.pid, child.pid);
  assert.deepEqual([status.service, status.grpc], ["mac-bridge", [`unix:${directory.file("bridge.sock")}`]]);
  const client = connect<BridgeServiceService>(BridgeServiceClient, `unix:${directory.file("bridge.sock")}`, {
    clock: new SystemClock(),
  });
  assert.equal((await client.call("getStatus", {})).headSequence, 0n);
  await client[Symbol.asyncDispose]();
  const metrics = await (await fetch(String(status.metrics))).text();
  assert.match(metrics, /imesh_bridge_journal_head 0/);
  const twin = await start(context, ...serveFlags(directory)).ended;
  assert.equal(twin.code, 75);
  assert.match(twin.stderr, /another mac-bridge is using it/);
  child.kill("SIGTERM");
  const end = await ended;
  assert.deepEqual([end.code, end.stderr], [0, ""]);
  assert.equal(await readStatusFile(directory.file("status.json")), undefined);
});

const checks: readonly [shell: string, code: number, kind: string][] = [
  ["exit 0", 0, "granted"],
  ["echo 'Not authorised. (-1743)' >&2; exit 1", 77, "denied"],
  ["echo 'AppleEvent timed out. (-1712)' >&2; exit 1", 69, "no-answer"],
];

for (const [shell, code, kind] of checks) {
  test(`--check prints one line of JSON, "${kind}", and ends with ${code}`, async (context) => {
    const directory = await directoryOf(context);
    await writeFile(directory.file("osascript"), `#!/bin/sh\n${shell}\n`, { mode: 0o755 });
    const end = await start(context, "--check", "--osascript", directory.file("osascript")).ended;
    assert.equal(end.code, code);
    assert.match(end.stdout, /^\{.*\}\n$/);
    const report = JSON.parse(end.stdout);
    assert.deepEqual([report.check, report.kind], ["automation", kind]);
    if (kind === "denied")
      assert.ok(report.grant === "Automation" && report.howTo.includes("Privacy & Security"));
  });
}
