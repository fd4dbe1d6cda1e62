import { deepEqual, equal, match, ok } from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { waitFor } from "@imesh/testing";
import type { Behaviour } from "./run-service.fixture.ts";

const FIXTURE = fileURLToPath(new URL("./run-service.fixture.ts", import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running fixture; disposing kills it, so that a failed test leaves no process behind. */
class Fixture implements Disposable {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  #stdout = "";
  #stderr = "";

  constructor(behaviour: Behaviour, environment: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, [FIXTURE, behaviour], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...environment },
    });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    this.ended = once(this.child, "close").then(([code]) => ({
      code,
      stdout: this.#stdout,
      stderr: this.#stderr,
    }));
  }

  async started(): Promise<this> {
    await waitFor(() => this.#stdout.includes("started\n"), {
      deadlineMs: 20_000,
      what: "the fixture to start",
    });
    return this;
  }

  async stopping(): Promise<this> {
    const what = "the first signal to be taken";
    await waitFor(() => this.#stderr.includes("service-stopping"), { deadlineMs: 20_000, what });
    return this;
  }

  [Symbol.dispose](): void {
    this.child.kill("SIGKILL");
  }
}

async function run(behaviour: Behaviour): Promise<Ended> {
  using fixture = new Fixture(behaviour);
  return await fixture.ended;
}

async function signalled(behaviour: Behaviour, signal: NodeJS.Signals): Promise<Ended> {
  using fixture = new Fixture(behaviour);
  await fixture.started();
  fixture.child.kill(signal);
  return await fixture.ended;
}

/** The log lines on stderr, without time and stack. */
function records(stderr: string): unknown[] {
  const lines = stderr.trim().split("\n");
  return lines.map((line) => {
    const { time, error, ...fields } = JSON.parse(line);
    match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    if (error === undefined) return fields;
    ok(error.stack.includes("run-service.fixture.ts"));
    return { ...fields, error: `${error.type}: ${error.message}` };
  });
}

const REFUSAL =
  'fixture: Cannot open chat.db: "/x/chat.db" (no permission)\n  → Grant Full Disk Access to this program\n';

describe("runService()", { concurrency: 4 }, () => {
  test("says a StartupError in two lines without a stack and exits with its code", async () => {
    deepEqual(await run("startup-error"), { code: 77, stdout: "", stderr: REFUSAL });
  });

  test("says a StartupError without a hint in one line, whatever its message holds", async () => {
    const stderr = "fixture: Cannot listen: port taken\n";
    deepEqual(await run("startup-error-multiline"), { code: 75, stdout: "", stderr });
  });

  test("prints what was asked for on stdout and exits with 0", async () => {
    deepEqual(await run("help"), { code: 0, stdout: "Usage: …\n", stderr: "" });
  });

  test("logs an unexpected error of start with its stack and exits with 1, with 70 for our bug", async () => {
    const crash = { level: "fatal", service: "fixture", event: "service-crashed" };
    const surprise = await run("crash-in-start");
    deepEqual([surprise.code, records(surprise.stderr)[0]], [1, { ...crash, error: "Error: surprise" }]);
    const bug = await run("assertion-in-start");
    const error = "AssertionError: sequence gap";
    deepEqual([bug.code, records(bug.stderr)[0]], [70, { ...crash, error }]);
  });

  test("ends at once on an unhandled rejection, and on a throw out of nowhere", async () => {
    const rejection = await run("unhandled-rejection");
    equal(rejection.code, 1);
    match(rejection.stderr, /"event":"service-crashed".*nobody listened/);
    const bug = await run("unhandled-assertion");
    equal(bug.code, 70);
    match(bug.stderr, /"event":"service-crashed".*sequence gap/);
  });

  test("disposes and exits with 0 on SIGTERM and SIGINT", async () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      const { code, stdout, stderr } = await signalled("serve", signal);
      deepEqual([code, stdout], [0, "started\ndisposed\n"]);
      deepEqual(records(stderr), [
        { level: "info", service: "fixture", event: "service-stopping", cause: signal },
      ]);
    }
  });

  test("a signal during start aborts it and exits with 0", async () => {
    deepEqual((await signalled("start-until-signal", "SIGTERM")).code, 0);
  });

  test("a supervised service stops when its standard input ends, another does not care", async () => {
    using supervised = new Fixture("serve", { IMESH_SUPERVISED: "1" });
    using alone = new Fixture("serve");
    await Promise.all([supervised.started(), alone.started()]);
    alone.child.stdin?.end();
    supervised.child.stdin?.end();
    const { code, stdout, stderr } = await supervised.ended;
    deepEqual([code, stdout], [0, "started\ndisposed\n"]);
    match(stderr, /"event":"service-stopping","cause":"lifeline"/);
    equal(alone.child.exitCode, null);
    alone.child.kill("SIGTERM");
    match((await alone.ended).stderr, /"cause":"SIGTERM"/);
  });

  test("a supervised service that is done does not wait for its supervisor", async () => {
    using supervised = new Fixture("ended-by-itself", { IMESH_SUPERVISED: "1" });
    deepEqual(await supervised.ended, { code: 0, stdout: "disposed\n", stderr: "" });
  });

  test("a second signal exits at once", async () => {
    using fixture = new Fixture("stubborn-dispose");
    await fixture.started();
    fixture.child.kill("SIGTERM");
    await fixture.stopping();
    fixture.child.kill("SIGINT");
    equal((await fixture.ended).code, 130);
  });

  test("a service that does not let go is ended with 1 after 10 s", async () => {
    const { code, stderr } = await signalled("stubborn-dispose", "SIGTERM");
    equal(code, 1);
    match(stderr, /"level":"fatal".*"event":"service-stop-timed-out","deadlineMs":10000/);
  });

  test("a service that fails to let go is logged and exits with 1", async () => {
    const { code, stderr } = await signalled("failing-dispose", "SIGTERM");
    equal(code, 1);
    match(stderr, /"event":"service-crashed".*cannot close/);
  });

  test("a service that ends by itself is disposed: 0 when done, its StartupError's code when not", async () => {
    deepEqual(await run("ended-by-itself"), { code: 0, stdout: "disposed\n", stderr: "" });
    deepEqual(await run("ended-with-startup-error"), { code: 77, stdout: "disposed\n", stderr: REFUSAL });
  });

  test("a released process that something keeps alive is ended, and the leak named", async () => {
    const { code, stderr } = await signalled("leak", "SIGTERM");
    equal(code, 0);
    match(stderr, /"event":"service-lingered","resources":\[.*"Timeout".*\]/);
  });
});
