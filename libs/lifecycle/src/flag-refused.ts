import { EXIT_CODES } from "./exit-codes.ts";
import { StartupError } from "./startup-error.ts";

/**
 * The refusal of a flag of `command`: exit code 64, naming the flag (`--socket`), its value (undefined where none was given) and what
 * would be accepted.
 */
export function flagRefused(
  command: string,
  flag: string,
  value: string | undefined,
  bound: string,
): StartupError {
  const shown = value === undefined ? "" : `: "${value}"`;
  return new StartupError({
    exitCode: EXIT_CODES.usage,
    message: `Cannot use ${flag}${shown} (${bound})`,
    hint: `See ${command} --help`,
  });
}
