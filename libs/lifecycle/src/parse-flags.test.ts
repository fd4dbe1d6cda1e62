import { deepEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import type { Address } from "./address.ts";
import { InformationRequested } from "./information-requested.ts";
import { parseFlags } from "./parse-flags.ts";

const SPEC = {
  name: "lock-broker",
  version: "1.2.3",
  summary: "Reads chat.db.",
  flags: {
    chatDb: { type: "string", help: "Path of chat.db" },
    pollMs: { type: "integer", min: 1, max: 1000, default: 25, help: "Longest time between two looks" },
    retainDays: { type: "integer", min: 1, max: 90, default: null, help: "Days kept; all without it" },
    logLevel: { type: "choice", choices: ["debug", "info"], default: "info", help: "Mildest level logged" },
    listen: { type: "address", multiple: true, help: "Where to listen" },
    metrics: { type: "address", default: "127.0.0.1:0", help: "Where metrics are served" },
    hints: { type: "boolean", default: true, help: "Ask the platform for hints" },
    loopbackOnly: { type: "boolean", default: false, help: "No tailnet" },
  },
} as const;

function parse(...argv: string[]) {
  return parseFlags(SPEC, argv);
}

test("parseFlags() fills in defaults and types every value", () => {
  const values = parse("--chat-db", "/tmp/chat.db");
  // The annotations are the test: they fail to compile when a type is lost.
  const pollMs: number = values.pollMs;
  const retainDays: number | null = values.retainDays;
  const logLevel: "debug" | "info" = values.logLevel;
  const listen: readonly Address[] = values.listen;
  const hints: boolean = values.hints;
  deepEqual(
    { ...values, pollMs, retainDays, logLevel, listen, hints },
    {
      chatDb: "/tmp/chat.db",
      pollMs: 25,
      retainDays: null,
      logLevel: "info",
      listen: [],
      metrics: { kind: "tcp", host: "127.0.0.1", port: 0 },
      hints: true,
      loopbackOnly: false,
    },
  );
});

test("parseFlags() reads both spellings of a value, repeated flags and negation", () => {
  const line = "--chat-db=a --poll-ms 1000 --retain-days=7 --log-level debug --no-hints --loopback-only";
  deepEqual(parse(...line.split(" "), "--listen", "localhost:1", "--listen=unix:/a/b"), {
    chatDb: "a",
    pollMs: 1000,
    retainDays: 7,
    logLevel: "debug",
    listen: [
      { kind: "tcp", host: "localhost", port: 1 },
      { kind: "unix", path: "/a/b" },
    ],
    metrics: { kind: "tcp", host: "127.0.0.1", port: 0 },
    hints: false,
    loopbackOnly: true,
  });
});

test("parseFlags() refuses with exit code 64, naming the flag, the value and the bound", () => {
  const table: [argv: string, message: string][] = [
    ["", "Cannot use --chat-db (required, want text)"],
    ["--chat-db=", 'Cannot use --chat-db: "" (value missing, want text)'],
    ["--chat-db", "Cannot use --chat-db (value missing, want text)"],
    ["--chat-db --no-hints", 'Cannot use --chat-db: "--no-hints" (value missing, want text)'],
    ["--chat-db=a --chat-db=b", 'Cannot use --chat-db: "b" (given twice)'],
    ["--chat-db=a --poll-ms=0", 'Cannot use --poll-ms: "0" (integer 1..1000)'],
    ["--chat-db=a --poll-ms=1001", 'Cannot use --poll-ms: "1001" (integer 1..1000)'],
    ["--chat-db=a --poll-ms=-5", 'Cannot use --poll-ms: "-5" (integer 1..1000)'],
    ["--chat-db=a --poll-ms=1e2", 'Cannot use --poll-ms: "1e2" (integer 1..1000)'],
    ["--chat-db=a --poll-ms=2.5", 'Cannot use --poll-ms: "2.5" (integer 1..1000)'],
    ["--chat-db=a --log-level=loud", 'Cannot use --log-level: "loud" (debug|info)'],
    [
      "--chat-db=a --metrics=0.0.0.0:1",
      'Cannot use --metrics: "0.0.0.0:1" (every interface; name one address, such as 127.0.0.1)',
    ],
    ["--chat-db=a --hints=yes", 'Cannot use --hints: "yes" (takes no value)'],
    ["--chat-db=a --hints --no-hints", "Cannot use --hints (given twice)"],
    ["--chat-db=a --no-poll-ms", "Cannot use --poll-ms (value missing, want integer 1..1000)"],
    ["--chat-db=a --pol-ms=5", "Cannot use --pol-ms (no such flag)"],
    ["--chat-db=a --chatDb=5", "Cannot use --chatDb (no such flag)"],
    ["--chat-db=a -v", "Cannot use -v (no such flag)"],
    ["--chat-db=a stray", 'Cannot use argument: "stray" (flags only)'],
    ["--chat-db=a --constructor", "Cannot use --constructor (no such flag)"],
  ];
  for (const [argv, message] of table) {
    const refused = { name: "StartupError", exitCode: 64, message, hint: "See lock-broker --help" };
    throws(() => parse(...argv.split(" ").filter(Boolean)), refused, argv);
  }
});

test("--help and --version win over everything else on the line", () => {
  for (const argv of [["--help"], ["-h"], ["--poll-ms=0", "--nonsense", "--help"]]) {
    throws(
      () => parse(...argv),
      (error) => error instanceof InformationRequested && error.text === HELP,
    );
  }
  throws(() => parse("--version"), { text: "lock-broker 1.2.3" });
});

test("a default outside its own bound is our bug", () => {
  const flags = { pollMs: { type: "integer", min: 1, max: 9, default: 10, help: "" } } as const;
  throws(() => parseFlags({ ...SPEC, flags }, []), { name: "AssertionError" });
});

const HELP = `Usage: lock-broker [flags]

Reads chat.db.

Flags:
  --chat-db <text>                  Path of chat.db (required)
  --poll-ms <integer 1..1000>       Longest time between two looks (default 25)
  --retain-days <integer 1..90>     Days kept; all without it
  --log-level <debug|info>          Mildest level logged (default info)
  --listen <host:port|unix:/path>   Where to listen (may be repeated)
  --metrics <host:port|unix:/path>  Where metrics are served (default 127.0.0.1:0)
  --[no-]hints                      Ask the platform for hints (default on)
  --loopback-only                   No tailnet
  --help                            Print this and exit
  --version                         Print the version and exit`;
