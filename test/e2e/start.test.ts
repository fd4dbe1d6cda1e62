/** `imesh start` as a new user meets it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "@imesh/testing";

const imesh = join(import.meta.dirname, "../../services/cli/bin/imesh.ts");

async function run(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [imesh, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), 60_000);
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  clearTimeout(timer);
  return { code, stdout, stderr };
}

test("start --say runs one exchange, prints it with its hops, labels the stand-in and exits 0", async () => {
  await using directory = await temporaryDirectory();
  const { code, stdout, stderr } = await run(["start", "--say", "hello there", "--home", directory.path]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /hello there/);
  assert.match(stdout, /stand-in/);
  for (const hop of ["detected", "journaled", "first token", "dispatched", "written", "delivered"]) {
    assert.match(stdout, new RegExp(hop), `${hop} in\n${stdout}`);
  }
});

test("start --say exits non-zero and names the hop when Claude cannot be reached", async () => {
  await using directory = await temporaryDirectory();
  const unreachable = { ANTHROPIC_API_KEY: "none", ANTHROPIC_BASE_URL: "http://127.0.0.1:9" };
  const args = ["start", "--say", "hello", "--timeout", "6", "--home", directory.path];
  const { code, stderr, stdout } = await run(args, unreachable);
  assert.notEqual(code, 0);
  assert.match(stderr + stdout, /model|Claude/);
  assert.doesNotMatch(stderr, /\n\s+at /);
});
