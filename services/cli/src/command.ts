import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import {
  EXIT_CODES,
  type Flags,
  type FlagValues,
  flagLines,
  InformationRequested,
  parseFlags,
  StartupError,
} from "@imesh/lifecycle";
import type { Clock, Random } from "@imesh/time";
import type { Environment } from "./environment.ts";
import type { HomeSurroundings } from "./home/home.ts";
import type { Output } from "./terminal/output.ts";

/** What a command works with. */
export interface CommandContext {
  readonly environment: Environment;
  readonly surroundings: HomeSurroundings;
  readonly output: Output;
  readonly clock: Clock;
  readonly random: Random;
}

/** An argument that is no flag. All are required. */
export interface Operand {
  /** As usage shows it: "CHAT_GUID". */
  readonly name: string;
  /** One line for `--help`. */
  readonly help: string;
}

/** One command of `imesh`. */
export interface CommandDefinition<F extends Flags> {
  /** As typed after `imesh`: "sim say". */
  readonly name: string;
  /** One sentence with a full stop. */
  readonly summary: string;
  readonly operands: readonly Operand[];
  readonly flags: F;
  /** Lines of `--help` after the flags: examples, exit codes. */
  readonly notes: readonly string[];
  /** Does it; resolves with the exit code. Throws StartupError for what a person can mend. */
  readonly run: (call: CommandCall<F>, context: CommandContext) => Promise<number>;
}

/** The command line of one call, parsed. */
export interface CommandCall<F extends Flags> {
  readonly flags: FlagValues<F>;
  /** One for each operand of the definition. */
  readonly operands: readonly string[];
}

/** A command whose flags' types are its own affair. */
export interface Command {
  readonly name: string;
  readonly help: string;
  /**
   * Parses `argv` and does it. Throws InformationRequested for `--help`, StartupError (64) for a wrong
   * command line.
   */
  readonly run: (argv: readonly string[], context: CommandContext) => Promise<number>;
}

/** Every command has these. */
export const JSON_FLAG = {
  json: { type: "boolean", default: false, help: "One JSON object a line instead of text" },
} as const satisfies Flags;

/** Makes a command of its definition. */
export function defineCommand<const F extends Flags>(definition: CommandDefinition<F>): Command {
  const help = commandHelp(definition);
  return {
    name: definition.name,
    help,
    run: async (argv, context) => definition.run(parseCall(definition, help, argv), context),
  };
}

/** The text of `imesh help <command>`. */
function commandHelp(definition: Omit<CommandDefinition<Flags>, "run">): string {
  const { name, summary, operands, flags, notes } = definition;
  const usage = ["imesh", name, ...operands.map((operand) => operand.name), "[flags]"].join(" ");
  const width = Math.max(0, ...operands.map((operand) => operand.name.length));
  const sections = [
    `Usage: ${usage}`,
    summary,
    operands.map((operand) => `  ${operand.name.padEnd(width)}  ${operand.help}`).join("\n"),
    ["Flags:", ...flagLines(flags, { "--help": "Print this and exit" })].join("\n"),
    notes.join("\n"),
  ];
  return sections.filter((section) => section !== "").join("\n\n");
}

function parseCall<F extends Flags>(
  definition: CommandDefinition<F>,
  help: string,
  argv: readonly string[],
): CommandCall<F> {
  const { operands, rest, dashed } = splitOperands(definition.flags, argv);
  if (rest.includes("--help") || rest.includes("-h")) throw new InformationRequested(help);
  if (dashed !== undefined && definition.operands.length > 0) {
    const hint = `Put -- before a text that begins with a dash: imesh ${definition.name} -- "${dashed}"`;
    throw usageError(definition.name, `${dashed} (no such flag)`, hint);
  }
  const spec = {
    name: `imesh ${definition.name}`,
    version: "",
    summary: definition.summary,
    flags: definition.flags,
  };
  const flags = parseFlags(spec, rest);
  const missing = definition.operands[operands.length];
  if (missing !== undefined) throw usageError(definition.name, `${missing.name} (required)`);
  const surplus = operands[definition.operands.length];
  if (surplus !== undefined) {
    const count = definition.operands.length;
    const wanted =
      count === 0 ? "it takes flags only" : `only ${count} wanted; put a text with blanks in quotes`;
    throw usageError(definition.name, `argument: "${surplus}" (${wanted})`);
  }
  return { flags, operands };
}

/**
 * Tells operands from flags and their values, without judging either; everything after `--` is an operand.
 */
function splitOperands(
  flags: Flags,
  argv: readonly string[],
): {
  readonly operands: readonly string[];
  readonly rest: readonly string[];
  /** The first that begins with a dash and looks like no flag at all: no flag of ours has one dash, or blanks. */
  readonly dashed: string | undefined;
} {
  const options: ParseArgsOptionsConfig = {};
  for (const [property, flag] of Object.entries(flags)) {
    const name = property.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    options[name] = { type: flag.type === "boolean" ? "boolean" : "string" };
  }
  const { tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    allowNegative: true,
    tokens: true,
  });
  const taken = new Set<number>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "option") continue;
    taken.add(token.index);
    if (token.kind === "positional") operands.push(token.value);
  }
  const dashed = tokens
    .filter((token) => token.kind === "option")
    .map(({ index }) => argv[index] ?? "")
    .find((text) => text !== "-h" && (!text.startsWith("--") || /^--[^=]*\s/.test(text)));
  return { operands, rest: argv.filter((_text, index) => !taken.has(index)), dashed };
}

function usageError(command: string, what: string, hint = `See imesh ${command} --help`): StartupError {
  return new StartupError({
    exitCode: EXIT_CODES.usage,
    message: `Cannot use ${what}`,
    hint,
  });
}
