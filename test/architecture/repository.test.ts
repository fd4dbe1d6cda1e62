/** What a fresh machine and a reader rely on. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { VERSION } from "@imesh/lifecycle";
import { isTest, root, sourceFiles, trackedFiles } from "./source-file.ts";

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

const manifest = JSON.parse(read("package.json"));
const lock = JSON.parse(read("package-lock.json"));
const dependencies = Object.keys({
  ...manifest.dependencies,
  ...manifest.optionalDependencies,
  ...manifest.devDependencies,
});

test("the lock file has the platform packages of Macs and Linux, so that npm ci works on both", () => {
  const wanted = ["darwin-arm64", "darwin-x64", "linux-x64"].flatMap((platform) => [
    `node_modules/@biomejs/cli-${platform}`,
    `node_modules/@bufbuild/buf-${platform}`,
    `node_modules/@typescript/typescript-${platform}`,
  ]);
  const missing = [
    ...wanted,
    "node_modules/@nx/nx-darwin-arm64",
    "node_modules/@nx/nx-darwin-x64",
    "node_modules/fsevents",
  ];
  assert.deepEqual(
    missing.filter((name) => !(name in lock.packages)),
    [],
  );
});

test("the lock file lists every optional platform package that a package asks for", () => {
  const missing = Object.entries<{ optionalDependencies?: Record<string, string> }>(lock.packages).flatMap(
    ([path, entry]) =>
      Object.keys(entry.optionalDependencies ?? {})
        .filter(
          (name) =>
            !(`node_modules/${name}` in lock.packages) && !(`${path}/node_modules/${name}` in lock.packages),
        )
        .map((name) => `${path || "root"} wants ${name}`),
  );
  assert.deepEqual(missing, []);
});

test("the lock file names no registry", () => {
  assert.doesNotMatch(read("package-lock.json"), /"resolved": "http/);
});

test("nothing is compiled at install: better-sqlite3 brings its binaries, and npm must not run node-gyp for it", () => {
  // npm does so for every package with a binding.gyp unless the lock file says otherwise; without a compiler and Node's
  // headers `npm ci` would fail. npm drops the line when it writes the lock file: put it back.
  assert.equal(lock.packages["node_modules/better-sqlite3"].gypfile, false);
  const scripted = Object.entries<{ hasInstallScript?: boolean }>(lock.packages)
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([path]) => path.replace("node_modules/", ""));
  assert.deepEqual(
    scripted.filter((name) => !(name in manifest.allowScripts) && name !== "fsevents"),
    [],
  );
});

test("there is one version, and all programs say it", () => {
  assert.equal(VERSION, manifest.version);
  const others = sourceFiles().filter(
    ({ path, code }) =>
      !isTest(path) && path !== "libs/lifecycle/src/version.ts" && /"\d+\.\d+\.\d+"/.test(code),
  );
  assert.deepEqual(
    others.map(({ path }) => path),
    [],
  );
});

test("versions are pinned exactly", () => {
  const pins = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.devDependencies };
  assert.deepEqual(
    Object.entries<string>(pins).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)),
    [],
  );
});

test("every dependency has its sentence in ARCHITECTURE.md", () => {
  const text = read("ARCHITECTURE.md");
  assert.deepEqual(
    dependencies.filter((name) => !text.includes(`\`${name}\``)),
    [],
  );
});

test("every project and every invariant is in ARCHITECTURE.md", () => {
  const text = read("ARCHITECTURE.md");
  const projects = Object.keys(lock.packages).filter((path) => /^(libs|services)\/[^/]+$/.test(path));
  assert.deepEqual(
    projects.filter((path) => !text.includes(path)),
    [],
  );
  const invariants = Array.from({ length: 14 }, (_, index) => `| I${index + 1} |`);
  assert.deepEqual(
    invariants.filter((row) => !text.includes(row)),
    [],
  );
});

test("links between documents lead somewhere", () => {
  const broken = trackedFiles(/\.md$/).flatMap((document) =>
    [...read(document).matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
      .map((match) => match[1] ?? "")
      .filter((target) => !existsSync(join(root, dirname(document), target)))
      .map((target) => `${document} → ${target}`),
  );
  assert.deepEqual(broken, []);
});

test("the README's two commands are there and .ci/run calls the second", () => {
  const readme = read("README.md");
  assert.ok(readme.includes("npm ci && npm start"));
  assert.ok(readme.includes("npm ci && npm test"));
  assert.ok(read(".ci/run").includes("npm ci && npm test"));
});

test("nothing that is committed names a path of somebody's machine", () => {
  const personal = /\/root\/|\/home\/(?!you\b)[a-z]+\//;
  const here = [root, homedir()].filter((path) => path !== "/").map((path) => `${path}/`);
  const naming = trackedFiles(/\.(ts|md|json|proto|sql|yaml|yml|applescript|plist)$/).filter((path) => {
    const text = read(path);
    // This file has the pattern.
    return here.some((place) => text.includes(place)) || (personal.test(text) && path !== OWN_PATH);
  });
  assert.deepEqual(naming, []);
});

const OWN_PATH = "test/architecture/repository.test.ts";
