/**
 * Fails when proto/ breaks a client of the wire as main has it. On a branch main is compared with; on main itself the
 * commit before. Version 1 packages never change incompatibly: a new field or a new package instead.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");

function git(...args: string[]): string | null {
  const result = spawnSync("git", args, { cwd: root, encoding: "utf8", timeout: 20_000 });
  return result.status === 0 ? result.stdout.trim() : null;
}

function commitToCompareWith(): string | null {
  const head = git("rev-parse", "HEAD");
  const main =
    git("rev-parse", "--verify", "--quiet", "main") ?? git("rev-parse", "--verify", "--quiet", "origin/main");
  if (head === null || main === null) return null;
  const base = git("merge-base", "HEAD", main);
  const isClean = git("status", "--porcelain", "--", "proto") === "";
  return base === head && isClean ? git("rev-parse", "--verify", "--quiet", "HEAD^") : base;
}

const base = commitToCompareWith();
const hasProto = base !== null && git("cat-file", "-e", `${base}:buf.yaml`) !== null;
if (base === null || !hasProto) {
  process.stdout.write("Nothing earlier to compare the wire with.\n");
} else {
  execFileSync("buf", ["breaking", "--against", `.git#ref=${base}`], {
    cwd: root,
    stdio: "inherit",
    timeout: 60_000,
  });
  process.stdout.write(`The wire is compatible with ${base.slice(0, 12)}.\n`);
}
