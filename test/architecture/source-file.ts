/** The project's TypeScript files and what each imports, as the architecture tests see them. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "../..");

/** One file: its path from the root, its text without comments, and every module name it imports. */
export interface SourceFile {
  readonly path: string;
  readonly code: string;
  readonly imports: readonly string[];
}

const importPattern =
  /^\s*(?:import|export)\s[^"'`;]*?\bfrom\s+"([^"]+)"|^\s*import\s+"([^"]+)"|\bimport\(\s*"([^"]+)"/gm;

/** Comments and nothing else removed: a rule about code must not trip over a word in a doc comment. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/[^\n]*/g, "$1");
}

/** A relative import as a path from the root, anything else as it is written. */
function resolveImport(from: string, name: string): string {
  return name.startsWith(".") ? relative(root, resolve(root, dirname(from), name)) : name;
}

/** Every .ts file below libs/, services/, proto/ and test/, generated code left out. */
export function sourceFiles(): SourceFile[] {
  return ["libs", "services", "proto", "test"].flatMap((top) =>
    readdirSync(join(root, top), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      .filter((path) => !path.includes("node_modules") && !path.startsWith("libs/contracts/"))
      .map((path) => {
        const code = withoutComments(readFileSync(join(root, path), "utf8"));
        const imports = [...code.matchAll(importPattern)].map(
          (match) => match[1] ?? match[2] ?? match[3] ?? "",
        );
        return { path, code, imports: imports.map((name) => resolveImport(path, name)) };
      }),
  );
}

/** Paths of all files that are committed or staged and still there, of those whose path fits. */
export function trackedFiles(name: RegExp): readonly string[] {
  return execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8", timeout: 20_000 })
    .split("\0")
    .filter((path) => name.test(path) && existsSync(join(root, path)));
}

const testPath = /^(test|libs\/testing)\/|\/(testing|fixtures)\/|(\.test|\.fixture|-compliance)\.ts$/;

/** True for a file that only tests run: `x.test.ts`, `x.fixture.ts`, `x-compliance.ts`, what is in `fixtures/` or `testing/`. */
export function isTest(path: string): boolean {
  return testPath.test(path);
}

/** `services/mac-bridge` or `libs/wal`: the project a path belongs to. */
export function projectOf(path: string): string {
  return path.split("/").slice(0, 2).join("/");
}
