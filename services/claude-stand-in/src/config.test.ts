import assert from "node:assert/strict";
import { test } from "node:test";
import { StartupError } from "@imesh/lifecycle";
import { parseConfig } from "./config.ts";

test("parseConfig() listens on loopback, on any port, and does not dawdle", () => {
  assert.deepEqual(parseConfig([]), {
    host: "127.0.0.1",
    port: 0,
    statusFile: null,
    firstTokenMs: 0,
    tokenDelayMs: 0,
  });
});

test("parseConfig() refuses to listen where others can reach it (64)", () => {
  for (const listen of ["100.64.0.1:80", "example.org:80", "0.0.0.0:80", "unix:/tmp/x.sock"]) {
    assert.throws(
      () => parseConfig(["--listen", listen]),
      (error) => error instanceof StartupError && error.exitCode === 64,
      listen,
    );
  }
  assert.equal(parseConfig(["--listen", "[::1]:8080"]).host, "::1");
});
