import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryDirectory, waitFor } from "@imesh/testing";
import { SystemClock, SystemRandom } from "@imesh/time";
import { journalPlans, readJournal } from "../testing/journal-plans.ts";
import type { ServiceReport } from "./managed-service.ts";
import { ServiceFailure } from "./service-failure.ts";
import { type SupervisorOptions, startSupervisor } from "./supervisor.ts";

const DEADLINE_MS = 30_000;
const QUICK = { backoff: { baseMs: 1, maxMs: 5 }, quickRunMs: 10_000, quickRunsMax: 3 };
const never = new AbortController().signal;
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, fatal: () => {} };

function ports(reports: ServiceReport[] = []) {
  const report = (each: ServiceReport) => void reports.push(each);
  return { clock: new SystemClock(), random: new SystemRandom(), log: silent, report };
}

function options(logsPath: string, more: Partial<SupervisorOptions> = {}): SupervisorOptions {
  return { logsPath, readyDeadlineMs: DEADLINE_MS, policy: QUICK, ...more };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test("services start after those they need and stop in reverse order", async () => {
  await using directory = await temporaryDirectory();
  const journal = directory.file("journal");
  const plans = journalPlans(journal, { first: "fine", second: "fine", third: "fine" });
  const supervisor = await startSupervisor(ports(), plans, options(directory.path), never);
  await supervisor[Symbol.asyncDispose]();
  await supervisor.ended;
  const lines = await readJournal(journal);
  assert.deepEqual(
    lines.map(({ name, what }) => `${name} ${what}`),
    ["first up", "second up", "third up", "third down", "second down", "first down"],
  );
  assert.deepEqual(
    lines.filter(({ pid }) => isAlive(pid)),
    [],
  );
});

test("a crash loop is given up, with the exit that it always had, and everything else is stopped", async () => {
  await using directory = await temporaryDirectory();
  const journal = directory.file("journal");
  const reports: ServiceReport[] = [];
  const plans = journalPlans(journal, { first: "fine", second: "crash" });
  await assert.rejects(
    startSupervisor(ports(reports), plans, options(directory.path), never),
    (error: unknown) => {
      assert.ok(error instanceof ServiceFailure);
      assert.deepEqual(error.fault, {
        kind: "crash-loop",
        exit: { kind: "signal", signal: "SIGABRT" },
        quickRuns: 3,
      });
      assert.match(error.message, /Cannot keep second running: it ended 3 times in a row/);
      assert.equal(error.exitCode, 69);
      return true;
    },
  );
  assert.equal(reports.filter((report) => report.kind === "restarting").length, 2);
  const lines = await readJournal(journal);
  assert.equal(lines.at(-1)?.what, "down");
});

test("a refusal is not tried again; its words, its code and what to do reach the person", async () => {
  await using directory = await temporaryDirectory();
  const reports: ServiceReport[] = [];
  const plans = journalPlans(directory.file("journal"), { door: "refuse" });
  await assert.rejects(
    startSupervisor(ports(reports), plans, options(directory.path), never),
    (error: unknown) => {
      assert.ok(error instanceof ServiceFailure);
      assert.equal(error.exitCode, 77);
      assert.equal(error.message, "Cannot keep door running: it exited with 77 (no permission)");
      assert.deepEqual(error.lastWords, ["door: Cannot open the door", "  → Bring the key"]);
      assert.match(error.hint ?? "", /imesh doctor .*door\.log/);
      return true;
    },
  );
  assert.equal(reports.filter((report) => report.kind === "started").length, 1);
});

test("a service that runs and does not serve in time is ended and named", async () => {
  await using directory = await temporaryDirectory();
  const plans = journalPlans(directory.file("journal"), { slow: "idle" });
  await assert.rejects(
    startSupervisor(ports(), plans, options(directory.path, { readyDeadlineMs: 700 }), never),
    /Cannot keep slow running: it does not serve after 700 ms \(it is not up\)/,
  );
});

test("a service that was serving and crashes is started again", async () => {
  await using directory = await temporaryDirectory();
  const journal = directory.file("journal");
  const reports: ServiceReport[] = [];
  const plans = journalPlans(journal, { only: "fine" });
  await using _supervisor = await startSupervisor(ports(reports), plans, options(directory.path), never);
  const [first] = await readJournal(journal);
  process.kill(first?.pid ?? 0, "SIGKILL");
  const second = await waitFor(async () => (await readJournal(journal))[1], {
    deadlineMs: DEADLINE_MS,
    what: "the service to come back",
  });
  assert.equal(second.what, "up");
  assert.notEqual(second.pid, first?.pid);
  const restart = reports.find((report) => report.kind === "restarting");
  assert.deepEqual(restart?.kind === "restarting" && restart.exit, { kind: "signal", signal: "SIGKILL" });
});

test("a service that ignores SIGTERM is killed at the deadline", async () => {
  await using directory = await temporaryDirectory();
  const journal = directory.file("journal");
  const reports: ServiceReport[] = [];
  const plans = journalPlans(journal, { deaf: "deaf" });
  const patience = options(directory.path, { stopDeadlineMs: 300 });
  const supervisor = await startSupervisor(ports(reports), plans, patience, never);
  await supervisor[Symbol.asyncDispose]();
  assert.deepEqual(
    reports.slice(-2).map((report) => report.kind),
    ["killed", "stopped"],
  );
  const lines = await readJournal(journal);
  assert.equal(isAlive(lines[0]?.pid ?? 0), false);
});

test("a stop while services start ends what was started and gives the reason", async () => {
  await using directory = await temporaryDirectory();
  const journal = directory.file("journal");
  const stop = new AbortController();
  const plans = journalPlans(journal, { first: "fine", second: "idle" });
  const starting = startSupervisor(ports(), plans, options(directory.path), stop.signal);
  await waitFor(async () => (await readJournal(journal)).length > 0, {
    deadlineMs: DEADLINE_MS,
    what: "the first service",
  });
  stop.abort(new Error("enough"));
  await assert.rejects(starting, /enough/);
  const lines = await readJournal(journal);
  assert.ok(lines.some(({ name, what }) => name === "first" && what === "down"));
});

test("kill -9 of the supervisor leaves no orphan", async () => {
  await using directory = await temporaryDirectory();
  const journal = directory.file("journal");
  const script = fileURLToPath(new URL("../testing/supervisor-process.ts", import.meta.url));
  const supervisor = spawn(process.execPath, [script, directory.path, "first", "second"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(supervisor.stdout, "data");
  const pids = (await readJournal(journal)).map(({ pid }) => pid);
  assert.equal(pids.filter(isAlive).length, 2);
  supervisor.kill("SIGKILL");
  await waitFor(() => !pids.some(isAlive), { deadlineMs: DEADLINE_MS, what: "the orphans to end" });
  const downs = (await readJournal(journal)).filter(({ what }) => what === "down");
  assert.equal(downs.length, 2);
});
