import assert from "node:assert/strict";
import { test } from "node:test";
import { StartupError } from "@imesh/lifecycle";
import { parseConfig } from "./config.ts";

const required = ["--bridge", "unix:/run/b.sock", "--store", "/run/a.db", "--socket", "/run/a.sock"];
const key = { ANTHROPIC_API_KEY: "key" };

function refusal(argv: readonly string[], environment: Parameters<typeof parseConfig>[1] = key) {
  try {
    parseConfig([...required, ...argv], environment);
  } catch (error) {
    assert.ok(error instanceof StartupError);
    return [error.exitCode, error.message];
  }
  throw new assert.AssertionError({ message: "it was accepted" });
}

test("parseConfig() has a default for all but where things are", () => {
  assert.deepEqual(parseConfig(required, key), {
    bridge: { kind: "unix", path: "/run/b.sock" },
    storePath: "/run/a.db",
    socketPath: "/run/a.sock",
    name: "agent",
    model: "claude-sonnet-5-5",
    modelEndpoint: "https://api.anthropic.com",
    apiKey: "key",
    systemPromptPath: null,
    maxTokens: 1_024,
    modelDeadlineMs: 180_000,
    answeredClasses: new Set(["live"]),
    turnsMax: 8,
    statusPath: null,
    metrics: { host: "127.0.0.1", port: 0 },
    otlpEndpoint: null,
    logLevel: "info",
  });
});

test("parseConfig() takes model and endpoint from the environment, and flags over it", () => {
  const environment = {
    ANTHROPIC_MODEL: "claude-opus-5-5",
    ANTHROPIC_BASE_URL: "http://127.0.0.1:9/",
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318",
  };
  const { model, modelEndpoint, apiKey, otlpEndpoint } = parseConfig(required, environment);
  assert.deepEqual(
    [model, modelEndpoint, apiKey, otlpEndpoint],
    ["claude-opus-5-5", "http://127.0.0.1:9", null, "http://127.0.0.1:4318"],
  );
  const flags = ["--model", "m", "--model-endpoint", "http://localhost:8/api", "--answer", "live, catch-up"];
  const config = parseConfig([...required, ...flags, "--metrics", "off"], environment);
  assert.deepEqual(
    [config.model, config.modelEndpoint, config.answeredClasses, config.metrics],
    ["m", "http://localhost:8/api", new Set(["live", "catch-up"]), null],
  );
});

test("parseConfig() asks for a key, with a hint, unless the endpoint is on this machine", () => {
  assert.deepEqual(refusal([], {}), [
    78,
    "Cannot ask the model: no key (environment variable ANTHROPIC_API_KEY)",
  ]);
  assert.equal(parseConfig([...required, "--model-endpoint", "http://[::1]:5"], {}).apiKey, null);
});

test("parseConfig() refuses what it cannot do, by name and bound", () => {
  assert.deepEqual(refusal(["--answer", "live,all"]), [
    64,
    'Cannot use --answer: "live,all" (live, catch-up, backfill)',
  ]);
  assert.deepEqual(refusal(["--answer-groups", "on"]), [
    64,
    'Cannot use --answer-groups: "on" (off; groups are not supported yet)',
  ]);
  assert.deepEqual(refusal(["--name", "My Agent"]), [
    64,
    'Cannot use --name: "My Agent" (1 to 64 of a-z 0-9 . - _)',
  ]);
  assert.deepEqual(refusal(["--model-endpoint", "http://example.org"]), [
    64,
    'Cannot use --model-endpoint: "http://example.org" (https URL, or http on loopback)',
  ]);
  assert.deepEqual(refusal(["--max-tokens", "0"]), [64, 'Cannot use --max-tokens: "0" (integer 1..64000)']);
  assert.equal(refusal(["--metrics", "unix:/m"])[0], 64);
});
