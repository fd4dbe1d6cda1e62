import { constants, homedir, tmpdir } from "node:os";
import { explain, runCli } from "./cli.ts";
import type { Environment } from "./environment.ts";

const stop = new AbortController();
const kill = new AbortController();

for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(name, () => {
    // Once: an orderly end. Twice: the services are killed. Three times: something of ours hangs.
    if (kill.signal.aborted) process.exit(128 + constants.signals[name]);
    if (stop.signal.aborted) kill.abort(new Error(`Told twice to end: ${name}`));
    stop.abort(new Error(`Told to end: ${name}`));
  });
}
// `imesh tail | head`: nobody reads any more, so there is nothing left to do.
process.stdout.on("error", () => stop.abort(new Error("Nobody reads the output")));
process.stderr.on("error", () => {});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const environment: Environment = {
  argv: process.argv.slice(2),
  variables: process.env,
  workingDirectory: process.cwd(),
  userDirectory: homedir(),
  temporaryDirectory: tmpdir(),
  userId: process.getuid?.() ?? 0,
  pid: process.pid,
  platform: process.platform,
  nodePath: process.execPath,
  nodeVersion: process.versions.node,
  isAlive,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  stop: stop.signal,
  kill: kill.signal,
};

// What escaped every await is our bug; a person is told in one line all the same.
process.on("uncaughtException", (error) => process.exit(explain(error, environment)));

process.exitCode = await runCli(environment);
