import { constants } from "node:os";
import { AssertionError } from "@imesh/flow";
import { type Clock, SystemClock, type Timer } from "@imesh/time";
import { EXIT_CODES } from "./exit-codes.ts";
import { InformationRequested } from "./information-requested.ts";
import type { Logger } from "./logger.ts";
import { StartupError } from "./startup-error.ts";
import { stderrLog, writeNow } from "./stderr-log.ts";

/** Time a service has from the first signal until everything is released; then the process exits with 1. */
export const STOP_DEADLINE_MS = 10_000;

/** Time a released process may stay alive by what it leaked before it is ended, with a warning that names the leak. */
const LINGER_MS = 2_000;

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** Set to "1" by a supervisor that holds our standard input as a lifeline: see {@link runService}. */
const SUPERVISED_VARIABLE = "IMESH_SUPERVISED";

/** A started service. Disposing stops taking, cancels, waits and releases, in that order. */
export interface RunningService extends AsyncDisposable {
  /** Its log, used from then on for what the process has to say. */
  readonly log?: Logger;
  /** Rejects when the service cannot go on (a StartupError for what a person can mend); resolves when its work is done. */
  readonly ended?: Promise<void>;
}

/** What {@link runService} runs. */
export interface ServiceRun {
  /** The service's name, prefix of what is said on stderr: "lock-broker". */
  readonly name: string;
  /** Arguments after the script's own name. */
  readonly argv: readonly string[];
  /**
   * Parses `argv` and starts. Throws StartupError for what a person can mend, having released everything. `signal` aborts
   * at the first SIGTERM or SIGINT; a start that gives up because of it may throw anything.
   */
  readonly start: (argv: readonly string[], signal: AbortSignal) => Promise<RunningService>;
  /** Log until the service has its own. Default: JSON lines on stderr. */
  readonly log?: Logger;
}

/**
 * The whole life of a process, called once by a `main.ts` and awaited by nobody else. Starts, waits for SIGTERM, SIGINT or
 * the service's own end, disposes, and lets the process end because nothing is left (exit code 0).
 *
 * - StartupError: its message and hint on stderr (two lines, no stack), its exit code.
 * - Any other error, an unhandled rejection included: one log line with the stack, exit code 1, or 70 for a broken assertion.
 * - Not released {@link STOP_DEADLINE_MS} after the signal: exit code 1. A second signal: exit at once with 128 + its number.
 * - `--help` and `--version` (InformationRequested): the text on stdout, exit code 0.
 * - With IMESH_SUPERVISED=1 in the environment standard input is a pipe that only the supervisor holds: its end, which the
 *   kernel brings about however the supervisor dies, stops the service as SIGTERM does.
 */
export async function runService(run: ServiceRun): Promise<void> {
  const clock = new SystemClock();
  const edge = new ProcessEdge(run.name, run.log ?? stderrLog(run.name, clock), clock);
  let exitCode: number;
  try {
    exitCode = await live(run, edge);
  } catch (error) {
    exitCode = edge.report(error);
  }
  edge.leave(exitCode);
}

async function live(run: ServiceRun, edge: ProcessEdge): Promise<number> {
  const service = await startUnlessStopped(run, edge.signal);
  if (service === undefined) return EXIT_CODES.ok;
  if (service.log !== undefined) edge.log = service.log;
  let exitCode: number = EXIT_CODES.ok;
  try {
    await Promise.race([edge.stopRequested, service.ended ?? edge.stopRequested]);
  } catch (error) {
    exitCode = edge.report(error);
  }
  edge.startDeadline();
  try {
    await service[Symbol.asyncDispose]();
  } catch (error) {
    // The first reason to end decides the code; this one is told all the same.
    const disposeCode = edge.report(error);
    if (exitCode === EXIT_CODES.ok) exitCode = disposeCode;
  }
  return exitCode;
}

async function startUnlessStopped(run: ServiceRun, signal: AbortSignal): Promise<RunningService | undefined> {
  try {
    return await run.start(run.argv, signal);
  } catch (error) {
    // Told to stop while starting: whatever the start threw because of it is not a failure, unless it is our bug.
    if (signal.aborted && !(error instanceof AssertionError)) return undefined;
    throw error;
  }
}

/** Everything that touches `process`: signals in, last words and the exit code out. */
class ProcessEdge {
  log: Logger;
  readonly signal: AbortSignal;
  readonly stopRequested: Promise<void>;
  readonly #name: string;
  readonly #clock: Clock;
  readonly #controller = new AbortController();
  readonly #onSignal = (name: (typeof SIGNALS)[number]) => this.#stop(name);
  readonly #onCrash = (error: unknown) => process.exit(this.report(error));
  #deadline: Timer | undefined;

  constructor(name: string, log: Logger, clock: Clock) {
    this.#name = name;
    this.log = log;
    this.#clock = clock;
    this.signal = this.#controller.signal;
    this.stopRequested = new Promise((resolve) => {
      this.signal.addEventListener("abort", () => resolve(), { once: true });
    });
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
    if (process.env[SUPERVISED_VARIABLE] === "1") this.#holdLifeline();
    process.on("uncaughtException", this.#onCrash);
    process.on("unhandledRejection", this.#onCrash);
  }

  /** Says why the process ends, in the form that fits the error, and returns the exit code. */
  report(error: unknown): number {
    if (error instanceof InformationRequested) {
      writeNow(1, `${error.text}\n`);
      return EXIT_CODES.ok;
    }
    if (error instanceof StartupError) {
      writeNow(2, `${this.#name}: ${oneLine(error.message)}\n`);
      if (error.hint !== undefined) writeNow(2, `  → ${oneLine(error.hint)}\n`);
      return error.exitCode;
    }
    this.log.fatal({ event: "service-crashed", error });
    return error instanceof AssertionError ? EXIT_CODES.internal : EXIT_CODES.unexpected;
  }

  /** From now, the process has {@link STOP_DEADLINE_MS} to be released. Only the first call counts. */
  startDeadline(): void {
    this.#deadline ??= this.#clock.setTimer(STOP_DEADLINE_MS, () => {
      this.log.fatal({ event: "service-stop-timed-out", deadlineMs: STOP_DEADLINE_MS });
      process.exit(EXIT_CODES.unexpected);
    });
  }

  /** Lets the process end by itself with `exitCode`. */
  leave(exitCode: number): void {
    this.#deadline?.cancel();
    process.exitCode = exitCode;
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
    // AbortSignal.timeout and not a Timer: it must fire only if something else keeps the process alive.
    AbortSignal.timeout(LINGER_MS).addEventListener("abort", () => {
      this.log.warn({ event: "service-lingered", resources: process.getActiveResourcesInfo() });
      process.exit(exitCode);
    });
  }

  #stop(name: (typeof SIGNALS)[number]): void {
    if (this.signal.aborted) process.exit(128 + constants.signals[name]);
    this.#beginStop(name);
  }

  /** Only the end matters, nothing is ever written. Unreferenced: a service that is done must not wait for its supervisor. */
  #holdLifeline(): void {
    const { stdin } = process;
    const end = () => {
      if (!this.signal.aborted) this.#beginStop("lifeline");
    };
    stdin.once("end", end).once("error", end).resume();
    if ("unref" in stdin) stdin.unref();
  }

  #beginStop(cause: string): void {
    this.log.info({ event: "service-stopping", cause });
    this.startDeadline();
    this.#controller.abort(new Error(`Stopped by ${cause}`));
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, " ");
}
