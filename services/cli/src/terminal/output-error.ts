import { EXIT_CODES, StartupError } from "@imesh/lifecycle";

/** Standard output takes nothing more, for another reason than that nobody reads it: a full disk, a lost terminal. */
export class OutputError extends StartupError {
  override readonly name = "OutputError";

  constructor(cause: NodeJS.ErrnoException) {
    super({
      exitCode: EXIT_CODES.outputLost,
      message: `Cannot write output: ${cause.code ?? cause.name}`,
      hint: "What was asked for may have been done all the same; only its report is lost",
      cause,
    });
  }
}
