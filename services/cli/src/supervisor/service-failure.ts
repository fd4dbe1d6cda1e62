import { EXIT_CODES, type ExitCode, StartupError } from "@imesh/lifecycle";
import { formatMs } from "../terminal/duration.ts";
import type { ChildExit } from "./child-process.ts";
import { describeExit, exitMeaning } from "./exit-meaning.ts";

/** Why a service could not be kept running. */
export type ServiceFault =
  /** It ended with a code that a restart cannot change. */
  | { readonly kind: "ended"; readonly exit: ChildExit }
  /** It ended `quickRuns` times in a row, each time soon after its start. */
  | { readonly kind: "crash-loop"; readonly exit: ChildExit; readonly quickRuns: number }
  /** It runs, and does not serve. */
  | { readonly kind: "not-serving"; readonly detail: string; readonly waitedMs: number };

/**
 * A service cannot be kept running; the whole stack stops because of it. Its exit code is the service's own
 * where that is one of ours.
 */
export class ServiceFailure extends StartupError {
  override readonly name = "ServiceFailure";
  readonly service: string;
  readonly fault: ServiceFault;
  /** The service's last lines for people, newest last. */
  readonly lastWords: readonly string[];

  constructor(
    service: string,
    fault: ServiceFault,
    log: { readonly path: string; readonly words: readonly string[] },
  ) {
    const advice = adviceFor(fault);
    const where = `its log is ${log.path}`;
    super({
      exitCode: exitCodeFor(fault),
      message: `Cannot keep ${service} running: it ${describeFault(fault)}`,
      hint: advice === undefined ? where : `${advice}; ${where}`,
    });
    this.service = service;
    this.fault = fault;
    this.lastWords = log.words;
  }
}

function describeFault(fault: ServiceFault): string {
  switch (fault.kind) {
    case "ended":
      return describeExit(fault.exit);
    case "crash-loop":
      return `ended ${fault.quickRuns} times in a row soon after its start, and last ${describeExit(fault.exit)}`;
    case "not-serving":
      return `does not serve after ${formatMs(fault.waitedMs)} (${fault.detail})`;
  }
}

function adviceFor(fault: ServiceFault): string | undefined {
  if (fault.kind === "not-serving") return "a busy machine may need a longer --timeout";
  return fault.exit.kind === "code" ? exitMeaning(fault.exit.code)?.advice : undefined;
}

function exitCodeFor(fault: ServiceFault): ExitCode {
  if (fault.kind === "not-serving" || fault.exit.kind !== "code") return EXIT_CODES.unavailable;
  const { code } = fault.exit;
  switch (code) {
    case EXIT_CODES.noInput:
    case EXIT_CODES.cannotCreate:
    case EXIT_CODES.temporary:
    case EXIT_CODES.noPermission:
    case EXIT_CODES.configuration:
      return code;
    case EXIT_CODES.usage:
    case EXIT_CODES.internal:
      // The person did not type that command line; we did.
      return EXIT_CODES.internal;
    default:
      return EXIT_CODES.unavailable;
  }
}
