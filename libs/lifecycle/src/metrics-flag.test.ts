import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMetricsFlag } from "./metrics-flag.ts";
import { StartupError } from "./startup-error.ts";

test("parseMetricsFlag() takes host:port and off, and refuses all else by the flag's name and the program's help", () => {
  assert.equal(parseMetricsFlag("agent", "off"), null);
  assert.deepEqual(parseMetricsFlag("agent", "127.0.0.1:9464"), { host: "127.0.0.1", port: 9_464 });
  for (const text of ["unix:/run/m.sock", "9464", "127.0.0.1:70000", ""]) {
    assert.throws(
      () => parseMetricsFlag("agent", text),
      (error) =>
        error instanceof StartupError &&
        error.exitCode === 64 &&
        error.message.startsWith(`Cannot use --metrics: "${text}" (`) &&
        error.hint === "See agent --help",
      text,
    );
  }
});
