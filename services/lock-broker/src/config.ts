import { homedir } from "node:os";
import { join, resolve } from "node:path";
import {
  type Address,
  flagRefused,
  type LogLevel,
  parseAddress,
  parseFlags,
  parseMetricsFlag,
  VERSION,
} from "@imesh/lifecycle";

/** How lock-broker runs; read once from the command line. */
export interface LockBrokerConfig {
  /** Absolute path of chat.db. */
  readonly databasePath: string;
  /** The Unix socket it serves on; null only with `isCheck`. */
  readonly socket: Extract<Address, { kind: "unix" }> | null;
  /** Bound on lateness without hints, in milliseconds. */
  readonly pollMs: number;
  readonly hasHints: boolean;
  /** How long a row waits for its chat before it is handed on without, in milliseconds. */
  readonly settleDeadlineMs: number;
  /** Absolute path of the broker's own database: what it knows of each row, and the changes it told. */
  readonly ledgerPath: string;
  /** Between two looks through the whole database for changes that the log did not show, in milliseconds; null: never. */
  readonly reconcileMs: number | null;
  readonly statusPath: string | null;
  /** Null: off. */
  readonly metrics: { readonly host: string; readonly port: number } | null;
  readonly logLevel: LogLevel;
  /** Only look whether chat.db can be read, say it, and exit. */
  readonly isCheck: boolean;
}

const HOUR_MS = 3_600_000;

/** As long as a timer can wait: 2^31 - 1 ms. */
const RECONCILE_HOURS_MAX = 596;

const SPEC = {
  name: "lock-broker",
  version: VERSION,
  summary: "Reads Messages' chat.db, as the only program that opens it, and streams its rows to mac-bridge.",
  flags: {
    chatDb: { type: "string", default: null, help: "chat.db to read; default ~/Library/Messages/chat.db" },
    socket: { type: "string", default: null, help: "Unix socket to serve on; required without --check" },
    pollMs: {
      type: "integer",
      min: 5,
      max: 1_000,
      default: 20,
      help: "longest wait until a commit is noticed when every hint is lost, in ms",
    },
    hints: {
      type: "choice",
      choices: ["on", "off"],
      default: "on",
      help: "listen to the file system's notifications",
    },
    settleDeadlineMs: {
      type: "integer",
      min: 0,
      max: 3_600_000,
      default: 30_000,
      help: "how long a row waits for its chat before it is handed on without, in ms",
    },
    ledger: {
      type: "string",
      default: null,
      help: "the broker's own database; default beside the socket: lock-broker.ledger.db",
    },
    reconcileHours: {
      type: "integer",
      min: 0,
      max: RECONCILE_HOURS_MAX,
      default: 24,
      help: "hours between two looks through all rows for changes the log did not show; 0 for never",
    },
    statusFile: { type: "string", default: null, help: "file that says where we listen; default none" },
    metrics: { type: "string", default: "127.0.0.1:0", help: "host:port of /metrics on loopback, or off" },
    logLevel: {
      type: "choice",
      choices: ["debug", "info", "warn", "error", "fatal"],
      default: "info",
      help: "log from this level on",
    },
    check: {
      type: "boolean",
      default: false,
      help: "only say whether chat.db can be read, as one JSON line",
    },
  },
} as const;

/** Reads the command line. Throws StartupError (64) for what is missing or out of range, InformationRequested for `--help`. */
export function parseConfig(argv: readonly string[]): LockBrokerConfig {
  const flags = parseFlags(SPEC, argv);
  const socket = socketOf(flags.socket, flags.check);
  const databasePath = resolve(flags.chatDb ?? join(homedir(), "Library", "Messages", "chat.db"));
  return {
    databasePath,
    socket,
    pollMs: flags.pollMs,
    hasHints: flags.hints === "on",
    settleDeadlineMs: flags.settleDeadlineMs,
    ledgerPath: ledgerOf(flags.ledger, socket?.path ?? "lock-broker.sock", databasePath),
    reconcileMs: flags.reconcileHours === 0 ? null : flags.reconcileHours * HOUR_MS,
    statusPath: flags.statusFile === null ? null : resolve(flags.statusFile),
    metrics: parseMetricsFlag(SPEC.name, flags.metrics),
    logLevel: flags.logLevel,
    isCheck: flags.check,
  };
}

/** Beside the socket by default, and never one of Messages' own files (I1). */
function ledgerOf(path: string | null, socketPath: string, databasePath: string): string {
  const ledgerPath = resolve(path ?? `${socketPath.replace(/\.sock$/, "")}.ledger.db`);
  if (path !== null && [databasePath, `${databasePath}-wal`, `${databasePath}-shm`].includes(ledgerPath)) {
    throw flagRefused(SPEC.name, "--ledger", path, "want a file of the broker's own, not Messages'");
  }
  return ledgerPath;
}

function socketOf(path: string | null, isCheck: boolean): LockBrokerConfig["socket"] {
  if (path === null) {
    if (isCheck) return null;
    throw flagRefused(SPEC.name, "--socket", undefined, "required, want text");
  }
  const address = parseAddress(`unix:${resolve(path)}`);
  if (typeof address === "string") throw flagRefused(SPEC.name, "--socket", path, address);
  return address.kind === "unix" ? address : null;
}
