import assert from "node:assert/strict";
import { test } from "node:test";
import { PLAIN } from "../terminal/style.ts";
import { exited, type FakeMachine, fakeDoctorPorts, USER_ID } from "../testing/fake-doctor-ports.ts";
import type { DoctorTarget, Examined, Finding } from "./check.ts";
import { CHECKS, doctorExitCode, examineAll } from "./doctor.ts";
import { findingLines, findingRecord } from "./finding-lines.ts";
import { parsePowerSettings } from "./host-checks.ts";

const TARGET: DoctorTarget = {
  mode: "mac",
  homePath: "/Users/ann/.imesh",
  chatDbPath: "/Users/ann/Library/Messages/chat.db",
  osascriptPath: "/usr/bin/osascript",
  brokerCheck: ["/opt/node", "/imesh/services/lock-broker/src/main.ts", "--check"],
  bridgeCheck: ["/opt/node", "/imesh/services/mac-bridge/src/main.ts", "--check"],
};
const never = new AbortController().signal;

async function examine(
  machine: FakeMachine,
  target: DoctorTarget = TARGET,
): Promise<ReadonlyMap<string, Finding>> {
  const findings = new Map<string, Finding>();
  for await (const { check, finding } of examineAll(fakeDoctorPorts(machine), target, never)) {
    findings.set(check.name, finding);
  }
  return findings;
}

function kinds(findings: ReadonlyMap<string, Finding>): Record<string, string> {
  return Object.fromEntries([...findings].map(([name, finding]) => [name, finding.kind]));
}

test("a healthy Mac passes every check", async () => {
  const findings = await examine({});
  assert.deepEqual(kinds(findings), Object.fromEntries(CHECKS.map((check) => [check.name, "ok"])));
  assert.equal(doctorExitCode([...findings.values()]), 0);
});

test("on Linux everything of macOS is not applicable, and the simulated Mac needs nothing else", async () => {
  const findings = await examine({ platform: { os: "linux" } }, { ...TARGET, mode: "simulated" });
  const expected = CHECKS.map((check) => [check.name, check.platform === "any" ? "ok" : "not-applicable"]);
  assert.deepEqual(kinds(findings), Object.fromEntries(expected));
  assert.equal(doctorExitCode([...findings.values()]), 0);
});

test("real Messages on Linux is refused with 78", async () => {
  const findings = await examine({ platform: { os: "linux" } });
  assert.equal(findings.get("system")?.kind, "failed");
  assert.equal(doctorExitCode([...findings.values()]), 78);
});

test("missing Full Disk Access names the application that must get it, and the place", async () => {
  const cases: readonly [Record<string, string>, RegExp][] = [
    [{ TERM_PROGRAM: "Apple_Terminal" }, /Full Disk Access → switch on Terminal, then quit and reopen it/],
    [{ TERM_PROGRAM: "iTerm.app" }, /switch on iTerm,/],
    [{ TERM_PROGRAM: "Hyper.app" }, /switch on Hyper,/],
    [{}, /switch on node \(\/opt\/node\)/],
    [{ SSH_CONNECTION: "a b" }, /Remote Login \(i\) → Allow full disk access for remote users/],
  ];
  for (const [variables, advice] of cases) {
    const findings = await examine({ platform: { variables }, commands: { "lock-broker": exited(77) } });
    const finding = findings.get("chat-db");
    assert.ok(finding?.kind === "failed");
    assert.equal(finding.exitCode, 77);
    assert.match(finding.advice, advice);
  }
});

test("each way in which the broker cannot read has its own words and code", async () => {
  const cases = [
    [exited(66), 66, /there is no .*chat\.db/],
    [exited(78, "", "lock-broker: Cannot read chat.db (no table message)\nmore"), 78, /no table message\)$/],
    [exited(70, "", "boom"), 69, /exited with 70: boom/],
    [{ kind: "timed-out" }, 69, /did not come back in time/],
    [{ kind: "killed", signal: "SIGKILL" }, 69, /was killed by SIGKILL/],
  ] as const;
  for (const [result, exitCode, detail] of cases) {
    const finding = (await examine({ commands: { "lock-broker": result } })).get("chat-db");
    assert.ok(finding?.kind === "failed");
    assert.equal(finding.exitCode, exitCode);
    assert.match(finding.detail, detail);
  }
});

test("missing Automation says where it is switched on and how to be asked again", async () => {
  const finding = (await examine({ commands: { "mac-bridge": exited(77) } })).get("automation");
  assert.ok(finding?.kind === "failed");
  assert.equal(finding.exitCode, 77);
  assert.match(finding.advice, /Privacy & Security → Automation → Terminal → switch on Messages/);
  assert.match(finding.advice, /tccutil reset AppleEvents/);
});

test("a session without a desktop fails, one over SSH is warned of", async () => {
  const background = (await examine({ commands: { launchctl: exited(0, "Background\n") } })).get(
    "gui-session",
  );
  assert.equal(background?.detail, "this is a Background session, not a desktop session (Aqua)");
  assert.equal(background?.kind, "failed");
  const ssh = await examine({ platform: { variables: { SSH_CONNECTION: "1.2.3.4 22" } } });
  assert.equal(ssh.get("gui-session")?.kind, "warning");
});

test("what only endangers a night's run is a warning and no failure", async () => {
  const findings = await examine({
    commands: {
      pgrep: exited(1),
      pmset: exited(0, " sleep   10 (sleep prevented by powerd)\n autorestart 0\n"),
      fdesetup: exited(0, "FileVault is On.\n"),
    },
    platform: { loadFault: async (module) => (module === "fsevents" ? "no such module" : undefined) },
    freeBytes: 1024 ** 3,
  });
  const warned = [...findings].filter(([, finding]) => finding.kind === "warning").map(([name]) => name);
  assert.deepEqual(warned, [
    "fsevents",
    "free-disk",
    "messages-running",
    "sleep",
    "restart-after-power-loss",
    "automatic-login",
  ]);
  assert.equal(doctorExitCode([...findings.values()]), 0);
});

test("a laptop has no setting for power loss, and a Mac that never sleeps needs none for sleep", async () => {
  const findings = await examine({ commands: { pmset: exited(0, " SleepDisabled 1\n sleep 1\n") } });
  assert.equal(findings.get("sleep")?.kind, "ok");
  assert.equal(findings.get("restart-after-power-loss")?.kind, "not-applicable");
});

test("the machine itself: old node, broken SQLite, full disk, a home of somebody else's", async () => {
  const home = (mode: number, userId: number, isDirectory = true) => ({
    files: { [TARGET.homePath]: { mode, userId, isDirectory } },
  });
  const cases: readonly [FakeMachine, string, number][] = [
    [{ platform: { nodeVersion: "20.20.2" } }, "node-version", 78],
    [{ platform: { loadFault: async () => "wrong ABI" } }, "sqlite", 78],
    [{ freeBytes: 1024 }, "free-disk", 73],
    [home(0o755, USER_ID), "home", 77],
    [home(0o700, USER_ID + 1), "home", 77],
    [home(0o700, USER_ID, false), "home", 77],
  ];
  for (const [machine, name, exitCode] of cases) {
    const finding = (await examine(machine)).get(name);
    assert.ok(finding?.kind === "failed", name);
    assert.equal(finding.exitCode, exitCode, name);
  }
  assert.equal((await examine(home(0o700, USER_ID))).get("home")?.kind, "ok");
});

test("parsePowerSettings() reads what pmset -g prints and skips the rest", () => {
  const text = [
    "System-wide power settings:",
    "Currently in use:",
    " SleepDisabled\t\t0",
    " womp                 1",
    " sleep                15 (sleep prevented by coreaudiod)",
    " hibernatefile        /var/vm/sleepimage",
  ].join("\n");
  assert.deepEqual(
    [...parsePowerSettings(text)],
    [
      ["sleepdisabled", 0],
      ["womp", 1],
      ["sleep", 15],
    ],
  );
});

test("a finding is one line, with what to do below it; as JSON it has stable keys", () => {
  const check = CHECKS.find((each) => each.name === "automation");
  assert.ok(check !== undefined);
  const examined: Examined = {
    check,
    finding: { kind: "failed", detail: "it is missing", advice: "grant it", exitCode: 77 },
  };
  assert.deepEqual(findingLines(examined, PLAIN), [
    "failed   Automation           it is missing",
    "                              → grant it",
  ]);
  assert.deepEqual(findingRecord(examined), {
    check: "automation",
    result: "failed",
    detail: "it is missing",
    advice: "grant it",
  });
});

test("the visit ends early when it is told to", async () => {
  const stop = new AbortController();
  const seen: string[] = [];
  for await (const { check } of examineAll(fakeDoctorPorts(), TARGET, stop.signal)) {
    seen.push(check.name);
    if (seen.length === 2) stop.abort();
  }
  assert.equal(seen.length, 2);
});
