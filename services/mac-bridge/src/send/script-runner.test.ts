import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { type TestContext, test } from "node:test";
import { parseChatGuid } from "@imesh/imessage-model";
import { temporaryDirectory, waitFor } from "@imesh/testing";
import { SystemClock } from "@imesh/time";
import { ApplescriptSender } from "./applescript-sender.ts";
import { automationReportOf } from "./automation-probe.ts";
import type { SendOutcome } from "./message-sender.ts";
import { ScriptRunner } from "./script-runner.ts";

/** Real programs stand where osascript stands; what is under test is how we treat them. */
async function withProgram(context: TestContext, shell: string, deadlineMs = 5_000) {
  const directory = await temporaryDirectory();
  context.after(() => directory[Symbol.asyncDispose]());
  const osascriptPath = directory.file("osascript");
  await writeFile(osascriptPath, `#!/bin/sh\n${shell}\n`, { mode: 0o755 });
  const killed: number[] = [];
  const runner = new ScriptRunner(
    {
      clock: new SystemClock(),
      killProcessGroup: (pid) => {
        killed.push(pid);
        process.kill(-pid, "SIGKILL");
      },
    },
    { osascriptPath, environment: { PATH: "/usr/bin:/bin", OUT: directory.path }, deadlineMs },
  );
  return { runner, sender: new ApplescriptSender(runner), directory, killed };
}

const message = { chatGuid: parseChatGuid("any;-;+15550100"), text: "hello" };
const never = new AbortController().signal;

const exits: readonly [
  shell: string,
  outcome: Pick<SendOutcome, "kind"> & { reason?: string; number?: number },
][] = [
  ["exit 0", { kind: "handed-over" }],
  [
    'echo "error: Can’t get chat. (-1728)" >&2; exit 1',
    { kind: "refused", reason: "CHAT_NOT_FOUND", number: -1728 },
  ],
  [
    'echo "Not authorised. (-1743)" >&2; exit 1',
    { kind: "refused", reason: "AUTOMATION_DENIED", number: -1743 },
  ],
  [
    'echo "AppleEvent timed out. (-1712)" >&2; exit 1',
    { kind: "unknown", reason: "TIMED_OUT", number: -1712 },
  ],
  ['echo "something (1002)" >&2; exit 1', { kind: "unknown", reason: "SCRIPT_FAILED", number: 1002 }],
  ["exit 3", { kind: "unknown", reason: "SCRIPT_FAILED", number: 0 }],
  ["kill -SEGV $$", { kind: "unknown", reason: "SCRIPT_FAILED", number: 0 }],
  // The number on stdout, or not at the end, is not osascript's.
  ['echo "(-1728)"; exit 1', { kind: "unknown", reason: "SCRIPT_FAILED", number: 0 }],
];

for (const [shell, expected] of exits) {
  test(`send() takes \`${shell}\` for ${expected.kind} ${expected.reason ?? ""}`, async (context) => {
    const { sender, killed } = await withProgram(context, shell);
    const { description, ...outcome } = { description: "", ...(await sender.send(message, never)) };
    assert.deepEqual(outcome, expected);
    assert.doesNotMatch(description, /15550100|hello/);
    assert.deepEqual(killed, []);
  });
}

test("send() refuses for certain when the program is not there", async () => {
  const runner = new ScriptRunner(
    { clock: new SystemClock(), killProcessGroup: () => assert.fail("nothing runs") },
    { osascriptPath: "/nowhere/osascript", environment: {}, deadlineMs: 1_000 },
  );
  const outcome = await new ApplescriptSender(runner).send(message, never);
  assert.deepEqual(outcome, {
    kind: "refused",
    reason: "OSASCRIPT_UNAVAILABLE",
    number: 0,
    description: "osascript could not be started (ENOENT)",
  });
});

test("send() kills the whole process group at the deadline and does not know what happened", async (context) => {
  const { sender, directory } = await withProgram(context, 'sleep 60 & echo $! >"$OUT/child"; sleep 60', 200);
  const outcome = await sender.send(message, never);
  assert.deepEqual(outcome, {
    kind: "unknown",
    reason: "TIMED_OUT",
    number: 0,
    description: "The script did not end in time and was killed",
  });
  const child = (await readFile(directory.file("child"), "utf8")).trim();
  await waitFor(
    () => /^(Z|$)/.test(spawnSync("ps", ["-o", "stat=", "-p", child], { encoding: "utf8" }).stdout),
    {
      deadlineMs: 2_000,
      what: "the grandchild to be gone",
    },
  );
});

test("send() ends at once, unknown, when it is told to stop", async (context) => {
  const { sender } = await withProgram(context, "sleep 60", 60_000);
  const stop = new AbortController();
  const sent = sender.send(message, stop.signal);
  stop.abort();
  assert.equal((await sent).kind, "unknown");
});

test("send() does not hang on a grandchild that keeps the pipes open", {
  timeout: 15_000,
}, async (context) => {
  const { sender, killed } = await withProgram(context, 'sleep 30 & echo "gone (-1728)" >&2; exit 1', 60_000);
  const outcome = await sender.send(message, never);
  assert.equal(outcome.kind, "refused");
  assert.deepEqual(killed, []);
});

test("run() keeps the last 64 KiB of a flood, so that the number at its end is seen", async (context) => {
  const { runner } = await withProgram(
    context,
    "head -c 3000000 /dev/zero | tr '\\0' x >&2; head -c 3000000 /dev/zero; echo ' (-1728)' >&2; exit 1",
  );
  const end = await runner.run({ scriptPath: "/dev/null", arguments: [] }, never);
  assert.equal(end.kind, "exited");
  assert.ok(end.kind === "exited" && end.stderr.length === 64 * 1024 && end.stderr.endsWith("x (-1728)\n"));
});

const hostile = [
  '"; do shell script "touch /tmp/owned" --',
  "$(touch owned) `touch owned` $HOME \\ ' \" * ~ !",
  "-e",
  "--help",
  "line one\nline two\r\n\ttab\u2028end",
  "😀 é e\u0301 \u202e rtl \ufffc",
  " leading and trailing ",
  "x".repeat(20_000),
];

test("send() hands over chat and text as they are, as arguments of a fixed script", async (context) => {
  const { sender, directory } = await withProgram(
    context,
    'printf %s "$#" >"$OUT/count"; printf %s "$1" >"$OUT/script"; printf %s "$2" >"$OUT/chat"; printf %s "$3" >"$OUT/text"; env >"$OUT/env"',
  );
  for (const text of hostile) {
    assert.equal((await sender.send({ ...message, text }, never)).kind, "handed-over");
    assert.equal(await readFile(directory.file("text"), "utf8"), text);
    assert.equal(await readFile(directory.file("chat"), "utf8"), message.chatGuid);
    assert.equal(await readFile(directory.file("count"), "utf8"), "3");
  }
  const script = await readFile(directory.file("script"), "utf8");
  assert.equal(script, `${import.meta.dirname}/send-message.applescript`);
  const names = (await readFile(directory.file("env"), "utf8")).split("\n").map((line) => line.split("=")[0]);
  assert.deepEqual(
    new Set(names),
    new Set(["PATH", "OUT", "PWD", "_", ""].filter((name) => names.includes(name))),
  );
});

test("automationReportOf() says which grant is missing and how to give it", () => {
  const denied = automationReportOf({ kind: "exited", code: 1, stderr: "nope (-1743)" });
  assert.equal(denied.kind, "denied");
  assert.ok(
    denied.kind === "denied" && denied.grant === "Automation" && /Privacy & Security/.test(denied.howTo),
  );
  const kinds = [
    automationReportOf({ kind: "exited", code: 0, stderr: "" }),
    automationReportOf({ kind: "exited", code: 1, stderr: "late (-1712)" }),
    automationReportOf({ kind: "killed", why: "deadline" }),
    automationReportOf({ kind: "exited", code: 1, stderr: "not running (-600)" }),
    automationReportOf({ kind: "not-started", code: "ENOENT" }),
  ].map(({ kind }) => kind);
  assert.deepEqual(kinds, ["granted", "no-answer", "no-answer", "failed", "no-osascript"]);
});
