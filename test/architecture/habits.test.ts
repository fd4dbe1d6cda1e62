/** Habits that a tool can hold: injected time and chance, the process edge, names, sizes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HOPS, METRICS } from "@imesh/telemetry";
import { isTest, projectOf, sourceFiles } from "./source-file.ts";

const files = sourceFiles();
const product = files.filter((file) => !isTest(file.path));

function linesMatching(pattern: RegExp, among: typeof files): string[] {
  return among.flatMap((file) =>
    file.code
      .split("\n")
      .flatMap((line, index) => (pattern.test(line) ? [`${file.path}:${index + 1} ${line.trim()}`] : [])),
  );
}

test("clock and chance come in through the door", () => {
  const outside = product.filter(
    ({ path }) =>
      /^(libs|services)\//.test(path) &&
      projectOf(path) !== "libs/time" &&
      // Its watchdog runs when everything else has been released, the clock's timers among it.
      path !== "libs/lifecycle/src/run-service.ts",
  );
  const leak =
    /\b(Date\.now|performance\.now|performance\.timeOrigin|process\.hrtime|Math\.random|randomUUID)\b|\b(setTimeout|setInterval|setImmediate)\(|new Date\(\)|AbortSignal\.timeout/;
  assert.deepEqual(linesMatching(leak, outside), []);
});

test("only the process edge touches process", () => {
  const isEdge = (path: string): boolean =>
    /^services\/[^/]+\/(src\/main\.ts|bin\/)|^libs\/(lifecycle|telemetry)\/|^proto\//.test(path);
  const inside = product.filter((file) => !isEdge(file.path));
  assert.deepEqual(linesMatching(/(?<![.\w])process\.[a-z]\w*(?!\w*["'`])|node:process/, inside), []);
});

test("main.ts only starts", () => {
  const mains = product.filter((file) => /^services\/[^/]+\/src\/main\.ts$/.test(file.path));
  assert.ok(mains.length >= 4);
  assert.deepEqual(
    mains.filter((file) => file.code.split("\n").length > 60).map((file) => file.path),
    [],
  );
});

test("no shell: programs are started with an argument list", () => {
  const takesShell =
    /\bshell:\s*true|import\s*\{[^}]*\bexec(Sync)?\b[^}]*\}\s*from "node:child_process"|import \* as \w+ from "node:child_process"/;
  assert.deepEqual(
    product.filter(({ code }) => takesShell.test(code)).map(({ path }) => path),
    [],
  );
});

test("SQL names its columns", () => {
  assert.deepEqual(linesMatching(/\bSELECT\s+(\w+\.)?\*/i, product), []);
});

test("no file is called after nothing", () => {
  const vague = /(^|\/)(utils?|common|shared|helpers?|core|manager|misc)(\/|\.|-)/;
  assert.deepEqual(
    files.map((file) => file.path).filter((path) => vague.test(path)),
    [],
  );
});

test("files hold one idea: none of the product is longer than 400 lines", () => {
  assert.deepEqual(
    product.filter((file) => file.code.split("\n").length > 400).map((file) => file.path),
    [],
  );
});

test("every metric and every hop of the list is recorded by somebody, and only by one service", () => {
  const recording = product.filter(
    ({ path }) => !/^libs\/telemetry\/src\/(?!rpc-metrics)[a-z-]*-metrics\.ts$/.test(path),
  );
  const unrecorded = Object.keys(METRICS).filter(
    (id) => !recording.some(({ code }) => new RegExp(`\\.${id}\\b`).test(code)),
  );
  assert.deepEqual(unrecorded, []);
  const servicesOf = (hop: string): Set<string> =>
    new Set(recording.filter(({ code }) => code.includes(`"${hop}"`)).map(({ path }) => projectOf(path)));
  assert.deepEqual(
    HOPS.filter((hop) => servicesOf(hop).size !== 1),
    [],
  );
});

test("no test asserts how long something took: machines are noisy, a hang has the test's own timeout", () => {
  const tests = files.filter(
    ({ path }) => path.endsWith(".test.ts") && !path.startsWith("test/architecture/"),
  );
  assert.deepEqual(linesMatching(/assert.*(performance\.now\(\)|startedMs|elapsedMs)[^<]*<[^<]/, tests), []);
});

test("nothing in the product asks whether its Mac is simulated", () => {
  const service = product.filter((file) =>
    /^(libs|services\/(lock-broker|mac-bridge|agent))\//.test(file.path),
  );
  // The name of the service is a label of its own metrics, nothing more.
  assert.deepEqual(linesMatching(/^(?!.*"messages-simulator").*simulat/i, service), []);
});
