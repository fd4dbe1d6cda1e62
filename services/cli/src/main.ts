import { constants, homedir, tmpdir } from "node:os";
import { SystemClock } from "@imesh/time";
import { explain, runCli } from "./cli.ts";
import type { Environment } from "./environment.ts";
import { Interruption, type SignalName } from "./interruption.ts";
import { OutputError } from "./terminal/output-error.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const lost = new AbortController();

const interruption = new Interruption(new SystemClock(), (name) => {
  deafen();
  // By the kernel: process.exit waits for threads, and one that is stuck in a system call never comes.
  process.kill(process.pid, name);
  process.exit(128 + constants.signals[name]);
});
const listeners = SIGNALS.map((name) => [name, () => interruption.told(name)] as const);
for (const [name, listener] of listeners) process.on(name, listener);

/** From now on a signal ends the process as it ends any other. */
function deafen(): void {
  for (const [name, listener] of listeners) process.off(name satisfies SignalName, listener);
}

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // `imesh tail | head`: nobody reads any more, so there is nothing left to do, and nothing to tell.
  if (error.code !== "EPIPE") lost.abort(new OutputError(error));
  interruption.stopFor(error);
});
process.stderr.on("error", () => {});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const { argv, env, pid, platform, execPath, versions, stdin, stdout, stderr } = process;
const environment: Environment = {
  ...{ argv: argv.slice(2), variables: env, workingDirectory: process.cwd() },
  ...{ userDirectory: homedir(), temporaryDirectory: tmpdir(), userId: process.getuid?.() ?? 0 },
  ...{ pid, platform, nodePath: execPath, nodeVersion: versions.node, isAlive, stdin, stdout, stderr },
  ...{ stop: interruption.stop, kill: interruption.kill, hold: () => interruption.hold() },
  outputLost: lost.signal,
};

// What escaped every await is our bug; a person is told in one line all the same.
process.on("uncaughtException", (error) => process.exit(explain(error, environment)));

process.exitCode = await runCli(environment);
interruption.over();
deafen();
if (interruption.stop.aborted) process.exit();
