import {
  type Address,
  flagRefused,
  type LogLevel,
  parseAddress,
  parseFlags,
  parseMetricsFlag,
  VERSION,
} from "@imesh/lifecycle";

/** What mac-bridge is told on its command line, checked. */
export type Config = ServeConfig | CheckConfig;

/** How osascript is run. */
export interface ScriptConfig {
  readonly osascriptPath: string;
  readonly sendDeadlineMs: number;
}

/** Only ask whether Messages may be controlled, say so in one line of JSON, and end. */
export interface CheckConfig extends ScriptConfig {
  readonly kind: "check";
}

/** Run the service. */
export interface ServeConfig extends ScriptConfig {
  readonly kind: "serve";
  /** Where lock-broker serves: a Unix socket, because who may open it is who may read chat.db. */
  readonly broker: Extract<Address, { kind: "unix" }>;
  readonly journalPath: string;
  readonly socket: Extract<Address, { kind: "unix" }>;
  /** Loopback port for development without a tailnet; null for none. */
  readonly listen: Extract<Address, { kind: "tcp" }> | null;
  readonly proofWindowMs: number;
  readonly liveAgeMsMax: number;
  readonly statusFilePath: string | null;
  readonly metrics: { readonly host: string; readonly port: number } | null;
  readonly logLevel: LogLevel;
}

const SPEC = {
  name: "mac-bridge",
  version: VERSION,
  summary: "Keeps the durable journal of what happens in Messages, streams it, and is the only sender.",
  flags: {
    broker: { type: "address", default: null, help: "lock-broker's socket, unix:/path" },
    journal: { type: "string", default: null, help: "journal file, made if absent" },
    socket: { type: "string", default: null, help: "absolute path of the Unix socket to serve on" },
    listen: {
      type: "address",
      default: null,
      help: "also serve on this loopback port; local development without a tailnet",
    },
    osascript: { type: "string", default: "/usr/bin/osascript", help: "path of osascript" },
    sendDeadlineMs: {
      type: "integer",
      min: 100,
      max: 600_000,
      default: 30_000,
      help: "longest run of one send in ms, then its process group is killed",
    },
    proofWindowMs: {
      type: "integer",
      min: 100,
      max: 600_000,
      default: 15_000,
      help: "how long after a send its row may take in ms, then the command is uncertain",
    },
    liveAgeMaxMs: {
      type: "integer",
      min: 1_000,
      max: 86_400_000,
      default: 60_000,
      help: "how old a message may be and still be live, in ms",
    },
    statusFile: { type: "string", default: null, help: "write addresses and pid here once listening" },
    metrics: { type: "string", default: "127.0.0.1:0", help: 'host:port of /metrics, or "off"' },
    logLevel: {
      type: "choice",
      choices: ["debug", "info", "warn", "error", "fatal"],
      default: "info",
      help: "mildest level that is logged",
    },
    check: {
      type: "boolean",
      default: false,
      help: "only ask whether Messages may be controlled; prints one line of JSON",
    },
  },
} as const;

/** This program's name and version as it calls itself. */
export const PROGRAM = { name: SPEC.name, version: SPEC.version } as const;

/** Reads the command line. Throws StartupError 64 for what cannot be, InformationRequested for --help and --version. */
export function parseConfig(argv: readonly string[]): Config {
  const flags = parseFlags(SPEC, argv);
  const script: ScriptConfig = { osascriptPath: flags.osascript, sendDeadlineMs: flags.sendDeadlineMs };
  if (flags.check) return { kind: "check", ...script };
  return {
    kind: "serve",
    ...script,
    broker: unixOnly("--broker", flags.broker),
    journalPath: given("--journal", flags.journal),
    socket: socketOf(flags.socket),
    listen: flags.listen === null ? null : loopbackOnly(flags.listen),
    proofWindowMs: flags.proofWindowMs,
    liveAgeMsMax: flags.liveAgeMaxMs,
    statusFilePath: flags.statusFile,
    metrics: parseMetricsFlag(SPEC.name, flags.metrics),
    logLevel: flags.logLevel,
  };
}

function given(name: string, value: string | null): string {
  if (value === null) throw flagRefused(SPEC.name, name, undefined, "required");
  return value;
}

function unixOnly(name: string, address: Address | null): Extract<Address, { kind: "unix" }> {
  if (address === null) throw flagRefused(SPEC.name, name, undefined, "required, want unix:/path");
  if (address.kind !== "unix")
    throw flagRefused(SPEC.name, name, `${address.host}:${address.port}`, "want unix:/path");
  return address;
}

function socketOf(path: string | null): Extract<Address, { kind: "unix" }> {
  const text = given("--socket", path);
  const address = parseAddress(`unix:${text}`);
  if (typeof address === "string") throw flagRefused(SPEC.name, "--socket", text, address);
  return unixOnly("--socket", address);
}

function loopbackOnly(address: Address): Extract<Address, { kind: "tcp" }> {
  if (address.kind === "tcp" && (address.host === "127.0.0.1" || address.host === "::1")) return address;
  const text = address.kind === "tcp" ? `${address.host}:${address.port}` : `unix:${address.path}`;
  throw flagRefused(SPEC.name, "--listen", text, "loopback only, 127.0.0.1:port or [::1]:port");
}
