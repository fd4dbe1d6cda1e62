import { dirname, join, resolve } from "node:path";
import {
  type Address,
  flagRefused,
  type IntegerFlag,
  type LogLevel,
  parseAddress,
  parseFlags,
  parseMetricsFlag,
  VERSION,
} from "@imesh/lifecycle";
import { canonicalAddress } from "./messages/address.ts";
import type { MessagesDelays } from "./messages/messages.ts";
import type { WaitRangeMs } from "./messages/seeded-random.ts";

/** The settings of one simulator. */
export interface Config {
  /** Absolute path of the directory that stands for the Mac's disk. */
  readonly macDirectory: string;
  /** Where the control service listens. */
  readonly socket: Extract<Address, { kind: "unix" }>;
  /** Private directory for the socket of the Apple events. */
  readonly runDirectory: string;
  /** Undefined: a fresh one. */
  readonly seed: bigint | undefined;
  /** Canonical address of the account Messages is signed in to. */
  readonly accountAddress: string;
  readonly delays: MessagesDelays;
  /** Old messages that a new database holds from the beginning, beside the few it always has. */
  readonly historyMessages: number;
  /** Commits of upkeep per second that go on all the time; 0 for none. */
  readonly maintenancePerSecond: number;
  readonly statusFile: string | null;
  /** Null: none served. */
  readonly metrics: { readonly host: string; readonly port: number } | null;
  readonly logLevel: LogLevel;
}

const SUMMARY =
  "A Mac for machines that are none: writes a chat.db as Messages does and stands in for osascript. For demos and tests.";

/** An hour; a longer wait is asked for message by message. */
const DELAY_MS_MAX = 3_600_000;

/** Three times what a reader must be able to cope with; about 4 GB. */
const HISTORY_MESSAGES_MAX = 3_000_000;

/** A Mac has a few; each costs about a millisecond of the process. */
const MAINTENANCE_PER_SECOND_MAX = 500;

const SEED_MAX = 2n ** 64n - 1n;

/** Parses the command line. Throws StartupError (64). */
export function parseConfig(argv: readonly string[]): Config {
  const flags = parseFlags(
    {
      name: "messages-simulator",
      version: VERSION,
      summary: SUMMARY,
      flags: {
        mac: { type: "string", help: "Directory that stands for the Mac's disk; made if missing" },
        socket: { type: "string", help: "Path of the Unix socket of the control service" },
        runDir: {
          type: "string",
          default: null,
          help: "Private directory for further sockets; that of --socket without it",
        },
        seed: {
          type: "string",
          default: null,
          help: "Seed of everything random, 0 to 2^64-1; a fresh one without it",
        },
        account: { type: "string", default: "+15550000000", help: "Own address, E.164 or mail" },
        joinDelayMinMs: delayFlag(0, "Least milliseconds between an incoming row and its join"),
        joinDelayMaxMs: delayFlag(20, "Most milliseconds between an incoming row and its join"),
        rowDelayMinMs: delayFlag(15, "Least milliseconds between an accepted send and its row"),
        rowDelayMaxMs: delayFlag(25, "Most milliseconds between an accepted send and its row"),
        sentDelayMinMs: delayFlag(20, "Least milliseconds between an own row and is_sent"),
        sentDelayMaxMs: delayFlag(60, "Most milliseconds between an own row and is_sent"),
        deliveredDelayMinMs: delayFlag(30, "Least milliseconds between is_sent and is_delivered"),
        deliveredDelayMaxMs: delayFlag(120, "Most milliseconds between is_sent and is_delivered"),
        appleEventLatencyMs: delayFlag(5, "Milliseconds Messages takes to accept a send (a Mac: about 100)"),
        appleEventTimeoutMs: delayFlag(500, "Milliseconds until osascript reports a timeout (a Mac: 120000)"),
        historyMessages: {
          type: "integer",
          min: 0,
          max: HISTORY_MESSAGES_MAX,
          default: 0,
          help: "Old messages in 200 chats that a new database is made with (a million: half a minute, 1.2 GB)",
        },
        maintenancePerSecond: {
          type: "integer",
          min: 0,
          max: MAINTENANCE_PER_SECOND_MAX,
          default: 0,
          help: "Commits of upkeep per second that no person sees, all the time",
        },
        statusFile: { type: "string", default: null, help: "File that tells the addresses; none without it" },
        metrics: { type: "string", default: "127.0.0.1:0", help: 'Loopback address of /metrics, or "off"' },
        logLevel: {
          type: "choice",
          choices: ["debug", "info", "warn", "error", "fatal"],
          default: "info",
          help: "Least level that is logged",
        },
      },
    },
    argv,
  );
  const socket = socketAddress(resolve(flags.socket));
  const range = (name: string, minMs: number, maxMs: number): WaitRangeMs => {
    if (minMs > maxMs)
      throw flagRefused(
        "messages-simulator",
        `--${name}-min-ms`,
        String(minMs),
        `at most --${name}-max-ms, which is ${maxMs}`,
      );
    return { minMs, maxMs };
  };
  return {
    macDirectory: resolve(flags.mac),
    socket,
    runDirectory: runDirectory(flags.runDir, socket.path),
    seed: flags.seed === null ? undefined : parseSeed(flags.seed),
    accountAddress:
      canonicalAddress(flags.account) ?? refuse("--account", flags.account, "E.164 or a mail address"),
    delays: {
      join: range("join-delay", flags.joinDelayMinMs, flags.joinDelayMaxMs),
      row: range("row-delay", flags.rowDelayMinMs, flags.rowDelayMaxMs),
      sent: range("sent-delay", flags.sentDelayMinMs, flags.sentDelayMaxMs),
      delivered: range("delivered-delay", flags.deliveredDelayMinMs, flags.deliveredDelayMaxMs),
      appleEventMs: flags.appleEventLatencyMs,
      appleEventTimeoutMs: flags.appleEventTimeoutMs,
    },
    historyMessages: flags.historyMessages,
    maintenancePerSecond: flags.maintenancePerSecond,
    statusFile: flags.statusFile,
    metrics: parseMetricsFlag("messages-simulator", flags.metrics),
    logLevel: flags.logLevel as LogLevel,
  };
}

function delayFlag(defaultMs: number, help: string) {
  return {
    type: "integer",
    min: 0,
    max: DELAY_MS_MAX,
    default: defaultMs,
    help,
  } as const satisfies IntegerFlag;
}

function socketAddress(path: string): Config["socket"] {
  const address = parseAddress(`unix:${path}`);
  if (typeof address === "string") return refuse("--socket", path, address);
  return address.kind === "unix" ? address : refuse("--socket", path, "a Unix socket");
}

/** The Apple-event socket inside it has the same bound of 103 bytes. */
function runDirectory(flag: string | null, socketPath: string): string {
  const directory = resolve(flag ?? dirname(socketPath));
  const address = parseAddress(`unix:${join(directory, "apple-events.sock")}`);
  return typeof address === "string" ? refuse("--run-dir", directory, address) : directory;
}

function parseSeed(text: string): bigint {
  const seed = /^\d{1,20}$/.test(text) ? BigInt(text) : -1n;
  return seed < 0n || seed > SEED_MAX ? refuse("--seed", text, "integer 0..2^64-1") : seed;
}

function refuse(flag: string, value: string, bound: string): never {
  throw flagRefused("messages-simulator", flag, value, bound);
}
