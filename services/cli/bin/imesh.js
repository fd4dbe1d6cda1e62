#!/usr/bin/env node
// What `npx imesh` runs. The program itself is TypeScript and wants the Node that package.json names; this file is for whatever
// Node finds it first (20 or later) and hands over to that one.
import { spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("./imesh.ts", import.meta.url));

/** The Node of the npm package "node"; the running one where npm was told not to install it. */
function pinnedNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve("node/package.json");
    return realpathSync(join(dirname(manifest), "bin", "node"));
  } catch {
    return process.execPath;
  }
}

const node = pinnedNode();
if (node === realpathSync(process.execPath)) await import("./imesh.ts");
else handOver();

/** Signals go on to the program; the program's end is ours. */
function handOver() {
  const child = spawn(node, [program, ...process.argv.slice(2)], { stdio: "inherit" });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const name of signals) process.on(name, () => child.kill(name));
  child.once("error", (error) => {
    process.stderr.write(`imesh: Cannot start ${node}: ${error.message}\n`);
    process.exitCode = 69;
  });
  child.once("exit", (code, signal) => {
    if (signal === null) {
      process.exitCode = code ?? 1;
      return;
    }
    for (const name of signals) process.removeAllListeners(name);
    process.kill(process.pid, signal);
    process.exitCode = 128 + constants.signals[signal];
  });
}
