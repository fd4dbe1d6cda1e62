/** The dependency rule of ARCHITECTURE.md. A failure names the file, the import and the rule's reason. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isTest, projectOf, root, type SourceFile, sourceFiles } from "./source-file.ts";

const files = sourceFiles();
const product = files.filter((file) => !isTest(file.path));

/** A project's layer is the tag in its package.json. */
const layers = new Map(
  ["libs", "services"].flatMap((top) =>
    readdirSync(join(root, top)).map((name) => [`${top}/${name}`, layerOf(`${top}/${name}`)] as const),
  ),
);
const pureLibs = projectsOf("pure");
const kitLibs = projectsOf("kit");

function layerOf(project: string): string {
  const { nx } = JSON.parse(readFileSync(join(root, project, "package.json"), "utf8"));
  const tags: readonly string[] = nx?.tags ?? [];
  return tags.find((tag) => tag.startsWith("layer:"))?.slice("layer:".length) ?? "none";
}

function projectsOf(layer: string): readonly string[] {
  return [...layers].filter(([, own]) => own === layer).map(([project]) => project);
}

function violations(
  among: readonly SourceFile[],
  isForbidden: (imported: string, file: SourceFile) => boolean,
): string[] {
  return among.flatMap((file) =>
    file.imports.filter((name) => isForbidden(name, file)).map((name) => `${file.path} imports ${name}`),
  );
}

test("the walk finds the project", () => {
  assert.ok(files.length > 50);
  assert.ok(files.some((file) => file.imports.some((name) => name === "@imesh/flow")));
});

test("every project has a layer, which says what it may import", () => {
  const known = ["pure", "kit", "contract", "test", "service"];
  assert.deepEqual(
    [...layers].filter(([, layer]) => !known.includes(layer)),
    [],
  );
  assert.ok(pureLibs.includes("libs/wal") && kitLibs.includes("libs/rpc"));
});

test("a name is imported from the file that defines it: only a library's index passes names on", () => {
  const passing = files.filter(
    ({ path, code }) =>
      !/^libs\/[^/]+\/src\/index\.ts$/.test(path) && /^export\s(?:type\s)?[{*][^;]*\bfrom\s"/m.test(code),
  );
  assert.deepEqual(
    passing.map(({ path }) => path),
    [],
  );
});

test("services meet in proto/ only: none imports another", () => {
  const serviceNames = new Set(
    files.filter((f) => f.path.startsWith("services/")).map((f) => projectOf(f.path)),
  );
  assert.deepEqual(
    violations(product, (name, file) =>
      [...serviceNames].some(
        (service) =>
          service !== projectOf(file.path) &&
          (name === `@imesh/${service.split("/")[1]}` || name.startsWith(`${service}/`)),
      ),
    ),
    [],
  );
});

test("pure libs import nothing but pure libs: no node:, no third party, no clock", () => {
  const pureNames = pureLibs.map((lib) => `@imesh/${lib.split("/")[1]}`);
  const pure = product.filter((file) => pureLibs.includes(projectOf(file.path)));
  assert.deepEqual(
    violations(pure, (name, file) => !name.startsWith(projectOf(file.path)) && !pureNames.includes(name)),
    [],
  );
});

test("kit libs know neither services nor what a message is", () => {
  const kit = product.filter((file) => kitLibs.includes(projectOf(file.path)));
  assert.deepEqual(
    violations(
      kit,
      (name) =>
        name.startsWith("services/") ||
        /^@imesh\/(imessage-|contracts\/(broker|bridge|agent|simulator))/.test(name),
    ),
    [],
  );
});

test("wire types stop at rpc/, intake/ and the composition root", () => {
  const inside = product.filter(
    (file) => file.path.startsWith("services/") && projectOf(file.path) !== "services/cli",
  );
  const isEdge = (path: string): boolean => {
    const [, service, , ...rest] = path.split("/");
    return rest.length > 1 ? rest[0] === "rpc" || rest[0] === "intake" : rest[0] === `${service}.ts`;
  };
  assert.deepEqual(
    violations(inside, (name, file) => name.startsWith("@imesh/contracts/") && !isEdge(file.path)),
    [],
  );
});

test("what tests use stays in tests", () => {
  assert.deepEqual(
    violations(product, (name) => name === "@imesh/testing" || isTest(name)),
    [],
  );
});

test("databases belong to services, and chat.db to lock-broker: no lib but the lock opens one, nobody else names it", () => {
  // FileLock locks an empty file, since Node has no flock(2): nothing is stored in it or read from it.
  const isOpener = (path: string) => path.startsWith("services/") || projectOf(path) === "libs/file-lock";
  assert.deepEqual(
    violations(product, (name, file) => name === "better-sqlite3" && !isOpener(file.path)),
    [],
  );
  const others = ["services/mac-bridge", "services/agent", "services/claude-stand-in"];
  const naming = product.filter(
    ({ path, code }) => others.includes(projectOf(path)) && code.includes("chat.db"),
  );
  assert.deepEqual(
    naming.map(({ path }) => path),
    [],
  );
});

test("folders inside a service import neither rpc/ nor its configuration", () => {
  const nouns = product.filter((file) => {
    const parts = file.path.split("/");
    return parts[0] === "services" && parts[1] !== "cli" && parts.length > 4 && parts[3] !== "rpc";
  });
  assert.deepEqual(
    violations(nouns, (name, file) => {
      const own = projectOf(file.path);
      return name.startsWith(`${own}/src/rpc/`) || name === `${own}/src/config.ts`;
    }),
    [],
  );
});
