import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseConfig } from "./config.ts";

const REQUIRED = ["--mac", "/sim/mac", "--socket", "/sim/run/simulator.sock"];

describe("parseConfig()", () => {
  test("needs a Mac and a socket only", () => {
    assert.deepEqual(parseConfig(REQUIRED), {
      macDirectory: "/sim/mac",
      socket: { kind: "unix", path: "/sim/run/simulator.sock" },
      runDirectory: "/sim/run",
      seed: undefined,
      accountAddress: "+15550000000",
      delays: {
        join: { minMs: 0, maxMs: 20 },
        row: { minMs: 15, maxMs: 25 },
        sent: { minMs: 20, maxMs: 60 },
        delivered: { minMs: 30, maxMs: 120 },
        appleEventMs: 5,
        appleEventTimeoutMs: 500,
      },
      historyMessages: 0,
      maintenancePerSecond: 0,
      statusFile: null,
      metrics: { host: "127.0.0.1", port: 0 },
      logLevel: "info",
    });
  });

  test("takes the largest seed and no metrics", () => {
    const config = parseConfig([...REQUIRED, "--seed", "18446744073709551615", "--metrics", "off"]);
    assert.deepEqual([config.seed, config.metrics], [2n ** 64n - 1n, null]);
  });

  const REFUSED: readonly (readonly [readonly string[], RegExp])[] = [
    [["--seed", "18446744073709551616"], /Cannot use --seed/],
    [["--seed", "-1"], /Cannot use --seed/],
    [["--account", "nobody"], /Cannot use --account/],
    [
      ["--join-delay-min-ms", "30"],
      /Cannot use --join-delay-min-ms: "30" \(at most --join-delay-max-ms, which is 20\)/,
    ],
    [["--row-delay-max-ms", "3600001"], /Cannot use --row-delay-max-ms/],
    [["--run-dir", `/${"d".repeat(100)}`], /Cannot use --run-dir.*at most 103/],
    [["--history-messages", "3000001"], /Cannot use --history-messages/],
    [["--maintenance-per-second", "501"], /Cannot use --maintenance-per-second/],
    [["--metrics", "0.0.0.0:1"], /Cannot use --metrics/],
    [["--unknown", "1"], /--unknown/],
  ];
  for (const [flags, message] of REFUSED) {
    test(`refuses ${flags.join(" ").slice(0, 40)}`, () => {
      assert.throws(() => parseConfig([...REQUIRED, ...flags]), {
        name: "StartupError",
        exitCode: 64,
        message,
      });
    });
  }

  test("refuses a socket path that is too long for macOS", () => {
    const argv = ["--mac", "/m", "--socket", `/${"s".repeat(103)}`];
    assert.throws(() => parseConfig(argv), { exitCode: 64, message: /Cannot use --socket/ });
  });
});
