import type { ArrivalClass } from "@imesh/imessage-model";
import {
  type Address,
  EXIT_CODES,
  flagRefused,
  type LogLevel,
  parseAddress,
  parseFlags,
  parseMetricsFlag,
  StartupError,
  VERSION,
} from "@imesh/lifecycle";

/** The settings of one agent. */
export interface Config {
  /** mac-bridge. */
  readonly bridge: Address;
  /** SQLite file of cursor, turns and transcripts. */
  readonly storePath: string;
  /** Unix socket of AgentService. */
  readonly socketPath: string;
  /** Consumer at mac-bridge and first part of every request_id; 1 to 64 of `a-z 0-9 . - _`. */
  readonly name: string;
  readonly model: string;
  /** Base URL of the Messages API. */
  readonly modelEndpoint: string;
  /** Null where the endpoint is on this machine, which wants none. */
  readonly apiKey: string | null;
  /** Null: the built-in one. */
  readonly systemPromptPath: string | null;
  readonly maxTokens: number;
  /** From asking the model until its whole answer, retries included. */
  readonly modelDeadlineMs: number;
  /** Arrival classes that start a turn. */
  readonly answeredClasses: ReadonlySet<ArrivalClass>;
  /** Chats in which a turn is under way at once. */
  readonly turnsMax: number;
  readonly statusPath: string | null;
  /** Null: off. */
  readonly metrics: { readonly host: string; readonly port: number } | null;
  readonly otlpEndpoint: string | null;
  readonly logLevel: LogLevel;
}

/** What the environment may say. Flags win. */
export interface Environment {
  readonly ANTHROPIC_API_KEY?: string | undefined;
  readonly ANTHROPIC_BASE_URL?: string | undefined;
  readonly ANTHROPIC_MODEL?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
}

/** Used when neither --model nor ANTHROPIC_MODEL says otherwise: quick enough for a conversation, and current. */
const MODEL_DEFAULT = "claude-sonnet-5-5";
const ENDPOINT_DEFAULT = "https://api.anthropic.com";

/** About 4,000 characters: longer than any bubble should be. */
const MAX_TOKENS_DEFAULT = 1_024;

const NAME = /^[a-z0-9._-]{1,64}$/;
const CLASSES: readonly ArrivalClass[] = ["live", "catch-up", "backfill"];

const FLAGS = {
  bridge: { type: "address", help: "mac-bridge" },
  store: { type: "string", help: "SQLite file of cursor, turns and transcripts, in a directory of our own" },
  socket: { type: "string", help: "Unix socket to be watched through, in a directory of our own" },
  name: { type: "string", default: "agent", help: "Name at mac-bridge: 1 to 64 of a-z 0-9 . - _" },
  model: { type: "string", default: null, help: `Model (else ANTHROPIC_MODEL, else ${MODEL_DEFAULT})` },
  modelEndpoint: {
    type: "string",
    default: null,
    help: `Base URL of the Messages API (else ANTHROPIC_BASE_URL, else ${ENDPOINT_DEFAULT})`,
  },
  systemPromptFile: { type: "string", default: null, help: "Text file that says who the agent is" },
  maxTokens: {
    type: "integer",
    min: 1,
    max: 64_000,
    default: MAX_TOKENS_DEFAULT,
    help: "Most tokens of a reply",
  },
  modelDeadlineMs: {
    type: "integer",
    min: 1_000,
    max: 900_000,
    default: 180_000,
    help: "Milliseconds until a reply must be whole, retries included",
  },
  answer: {
    type: "string",
    default: "live",
    help: "Which messages are answered: live, catch-up, backfill, with commas between",
  },
  answerGroups: {
    type: "choice",
    choices: ["on", "off"],
    default: "off",
    help: "Whether groups are answered; only off is supported",
  },
  parallelTurns: { type: "integer", min: 1, max: 64, default: 8, help: "Chats answered at once" },
  statusFile: { type: "string", default: null, help: "File that tells the addresses; none without it" },
  metrics: { type: "string", default: "127.0.0.1:0", help: "Loopback host:port of /metrics, or off" },
  logLevel: {
    type: "choice",
    choices: ["debug", "info", "warn", "error", "fatal"],
    default: "info",
    help: "Least level that is logged",
  },
} as const;

/** Parses command line and environment, once. Throws StartupError: 64 for a flag, 78 for a missing key. */
export function parseConfig(argv: readonly string[], environment: Environment): Config {
  const flags = parseFlags(
    { name: "agent", version: VERSION, summary: "Answers messages through Claude.", flags: FLAGS },
    argv,
  );
  if (!NAME.test(flags.name)) throw flagRefused("agent", "--name", flags.name, "1 to 64 of a-z 0-9 . - _");
  if (flags.answerGroups === "on")
    throw flagRefused("agent", "--answer-groups", "on", "off; groups are not supported yet");
  const modelEndpoint = endpointOf(flags.modelEndpoint ?? environment.ANTHROPIC_BASE_URL ?? ENDPOINT_DEFAULT);
  return {
    bridge: flags.bridge,
    storePath: flags.store,
    socketPath: socketPathOf(flags.socket),
    name: flags.name,
    model: flags.model ?? (environment.ANTHROPIC_MODEL || MODEL_DEFAULT),
    modelEndpoint: modelEndpoint.href.replace(/\/$/, ""),
    apiKey: apiKeyOf(environment, modelEndpoint),
    systemPromptPath: flags.systemPromptFile,
    maxTokens: flags.maxTokens,
    modelDeadlineMs: flags.modelDeadlineMs,
    answeredClasses: classesOf(flags.answer),
    turnsMax: flags.parallelTurns,
    statusPath: flags.statusFile,
    metrics: parseMetricsFlag("agent", flags.metrics),
    otlpEndpoint: environment.OTEL_EXPORTER_OTLP_ENDPOINT || null,
    logLevel: flags.logLevel,
  };
}

/** A key in clear text may not leave the machine: http for loopback alone. */
function endpointOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isFit = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url));
  if (url === null || !isFit)
    throw flagRefused("agent", "--model-endpoint", text, "https URL, or http on loopback");
  return url;
}

function isLoopback(url: URL): boolean {
  return /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/.test(url.hostname);
}

function apiKeyOf(environment: Environment, endpoint: URL): string | null {
  const apiKey = environment.ANTHROPIC_API_KEY || null;
  if (apiKey !== null || isLoopback(endpoint)) return apiKey;
  throw new StartupError({
    exitCode: EXIT_CODES.configuration,
    message: "Cannot ask the model: no key (environment variable ANTHROPIC_API_KEY)",
    hint: "Get a key at console.anthropic.com and export ANTHROPIC_API_KEY, or try without one: start claude-stand-in and give its URL with --model-endpoint",
  });
}

function socketPathOf(text: string): string {
  const address = parseAddress(`unix:${text}`);
  if (typeof address === "string") throw flagRefused("agent", "--socket", text, address);
  return text;
}

function classesOf(text: string): ReadonlySet<ArrivalClass> {
  const words = text.split(",").map((word) => word.trim());
  const classes = words.map((word) => CLASSES.find((arrivalClass) => arrivalClass === word));
  if (classes.includes(undefined)) throw flagRefused("agent", "--answer", text, CLASSES.join(", "));
  return new Set(classes.filter((arrivalClass) => arrivalClass !== undefined));
}
