/**
 * Makes libs/contracts/src from the .proto files: TypeScript by ts-proto, and descriptors.binpb for reflection.
 * `--check` makes it aside instead and fails when the committed files differ, so that what a Mac runs (it has no
 * generators) is what proto/ says.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const committed = join(root, "libs/contracts/src");

function filesBelow(directory: string): Map<string, Buffer> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(files.map((path) => [relative(directory, path), readFileSync(path)]));
}

function generateInto(directory: string): void {
  const buf = (...args: string[]): void => {
    execFileSync("buf", args, { cwd: root, stdio: "inherit", timeout: 60_000 });
  };
  buf("generate", "--output", directory);
  const contracts = join(directory, "libs/contracts/src");
  buf(
    "build",
    "--as-file-descriptor-set",
    "--exclude-source-info",
    "-o",
    join(contracts, "descriptors.binpb"),
  );
}

const scratch = mkdtempSync(join(tmpdir(), "imesh-contracts-"));
try {
  generateInto(scratch);
  const fresh = join(scratch, "libs/contracts/src");
  if (process.argv.includes("--check")) {
    const want = filesBelow(fresh);
    const have = filesBelow(committed);
    const names = new Set([...want.keys(), ...have.keys()]);
    const different = [...names].filter((name) => !want.get(name)?.equals(have.get(name) ?? Buffer.alloc(0)));
    if (different.length > 0) {
      process.stderr.write(
        `libs/contracts differs from proto/: ${different.join(", ")}\n  → npm run generate -w proto, and commit\n`,
      );
      process.exitCode = 1;
    }
  } else {
    rmSync(committed, { recursive: true, force: true });
    cpSync(fresh, committed, { recursive: true });
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
