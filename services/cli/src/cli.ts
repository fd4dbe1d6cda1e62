import { AssertionError } from "@imesh/flow";
import { EXIT_CODES, InformationRequested, VERSION } from "@imesh/lifecycle";
import { SystemClock, SystemRandom } from "@imesh/time";
import type { CommandContext } from "./command.ts";
import type { Environment } from "./environment.ts";
import { describeFailure, failureLines } from "./failure.ts";
import { findCommand, helpPage, overview, unknownCommand } from "./help.ts";
import { ToldToEnd } from "./interruption.ts";
import { Output, toJson } from "./terminal/output.ts";
import { OutputError } from "./terminal/output-error.ts";

/** What a command exits with that was cut short because nobody reads it any more; signals have their own. */
const INTERRUPTED_EXIT_CODE = 130;

/**
 * The whole of `imesh`: finds the command, runs it, turns whatever goes wrong into one or two lines and an
 * exit code. Never throws and never shows a stack, unless IMESH_DEBUG is set.
 */
export async function runCli(environment: Environment): Promise<number> {
  const output = new Output(environment.stdout, environment.stderr, environment.variables);
  const { workingDirectory, userDirectory, temporaryDirectory, userId, variables } = environment;
  const surroundings = { workingDirectory, userDirectory, temporaryDirectory, userId, variables };
  const context = { environment, surroundings, output, clock: new SystemClock(), random: new SystemRandom() };
  const exitCode = await dispatch(context).catch((error: unknown) => {
    if (!(error instanceof InformationRequested)) return explain(error, environment);
    output.line(error.text);
    return EXIT_CODES.ok;
  });
  await output.flushed();
  // A stream tells of its error a moment after the write that met it.
  await context.clock.sleep(0);
  const { outputLost } = environment;
  return outputLost.aborted ? explain(outputLost.reason, environment) : exitCode;
}

/**
 * Tells on standard error why the process ends because of `error`, and returns its exit code. Never throws.
 */
export function explain(error: unknown, environment: Environment): number {
  const { stdout, stderr, variables, argv, stop } = environment;
  // Told to stop: whatever was cut short because of it is not worth a word.
  if (stop.aborted && !(error instanceof AssertionError || error instanceof OutputError)) {
    return stop.reason instanceof ToldToEnd ? stop.reason.exitCode : INTERRUPTED_EXIT_CODE;
  }
  const output = new Output(stdout, stderr, variables);
  const failure = describeFailure(error);
  if (argv.includes("--json")) output.note(toJson({ kind: "error", ...failure, hint: failure.hint ?? null }));
  else for (const line of failureLines(failure, output.noteStyle)) output.note(line);
  if ((variables.IMESH_DEBUG ?? "") !== "" && error instanceof Error) {
    output.note(error.stack ?? "");
    if (error.cause instanceof Error) output.note(`caused by ${error.cause.stack ?? ""}`);
  }
  return failure.exitCode;
}

async function dispatch(context: CommandContext): Promise<number> {
  const { argv } = context.environment;
  const [first] = argv;
  if (first === undefined || first === "--help" || first === "-h") {
    context.output.line(overview());
    return first === undefined ? EXIT_CODES.usage : EXIT_CODES.ok;
  }
  if (first === "--version" || first === "version") {
    context.output.line(`imesh ${VERSION}`);
    return EXIT_CODES.ok;
  }
  if (first === "help") {
    context.output.line(await helpPage(argv.slice(1).filter((word) => !word.startsWith("-"))));
    return EXIT_CODES.ok;
  }
  const found = findCommand(argv);
  if (found !== undefined) return (await found.entry.load()).run(found.rest, context);
  return runGroup(context);
}

/**
 * `imesh sim` and `imesh sim --help` show what the group has; anything else that is no command is refused.
 */
async function runGroup(context: CommandContext): Promise<number> {
  const { argv } = context.environment;
  const words = argv.filter((word) => !word.startsWith("-"));
  if (words.length !== 1) throw unknownCommand(words.slice(0, 2).join(" ") || (argv[0] ?? ""));
  context.output.line(await helpPage(words));
  return argv.length === 1 ? EXIT_CODES.usage : EXIT_CODES.ok;
}
