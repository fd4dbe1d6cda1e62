import { EXIT_CODES, parseFlags, StartupError, VERSION } from "@imesh/lifecycle";
import { BEHAVIOR_MODELS } from "./messages/behavior.ts";

/** The settings of one stand-in. */
export interface Config {
  /** Loopback address to listen on. */
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Where to tell the address, or null. */
  readonly statusFile: string | null;
  /** Wait before the first word of an answer. */
  readonly firstTokenMs: number;
  /** Wait before each later word. */
  readonly tokenDelayMs: number;
}

/** A minute: more would be taken for a hang. */
const DELAY_MS_MAX = 60_000;

const SUMMARY = [
  "Speaks the wire format of Claude's Messages API on loopback and repeats what it was told. For demos and tests.",
  "A request chooses what happens by its model:",
  ...Object.entries(BEHAVIOR_MODELS).map(([model, behavior]) => `  ${model.padEnd(28)}${behavior}`),
  "A key that begins with `wrong` is refused. Any other model, any other key: an answer.",
].join("\n");

/** Hosts that only this machine reaches: whoever can connect gets an answer, so nobody else may. */
const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|::1)$/;

/** Parses the command line. Throws StartupError (64). */
export function parseConfig(argv: readonly string[]): Config {
  const flags = parseFlags(
    {
      name: "claude-stand-in",
      version: VERSION,
      summary: SUMMARY,
      flags: {
        listen: { type: "address", default: "127.0.0.1:0", help: "Loopback address" },
        statusFile: { type: "string", default: null, help: "File that tells the address; none without it" },
        firstTokenMs: {
          type: "integer",
          min: 0,
          max: DELAY_MS_MAX,
          default: 0,
          help: "Milliseconds before the first word",
        },
        tokenDelayMs: {
          type: "integer",
          min: 0,
          max: DELAY_MS_MAX,
          default: 0,
          help: "Milliseconds before each further word",
        },
      },
    },
    argv,
  );
  if (flags.listen.kind !== "tcp" || !LOOPBACK.test(flags.listen.host)) {
    throw new StartupError({
      exitCode: EXIT_CODES.usage,
      message: `Cannot use --listen: "${flags.listen.kind === "tcp" ? flags.listen.host : flags.listen.path}" (a loopback host:port)`,
      hint: "The stand-in answers whoever connects, so it listens on loopback only, for example 127.0.0.1:0",
    });
  }
  return {
    host: flags.listen.host,
    port: flags.listen.port,
    statusFile: flags.statusFile,
    firstTokenMs: flags.firstTokenMs,
    tokenDelayMs: flags.tokenDelayMs,
  };
}
