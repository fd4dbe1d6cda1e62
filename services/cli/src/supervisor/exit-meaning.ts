import { unreachable } from "@imesh/flow";
import { EXIT_CODES } from "@imesh/lifecycle";
import type { ChildExit } from "./child-process.ts";

/** What an exit code of an imesh process says. */
export interface ExitMeaning {
  readonly code: number;
  /** A few words: "no permission". */
  readonly meaning: string;
  /** What a person can do; undefined where nothing is to be done. */
  readonly advice?: string;
}

/** Exit codes that every imesh process shares, rising. */
export const EXIT_MEANINGS: readonly ExitMeaning[] = [
  { code: EXIT_CODES.ok, meaning: "done" },
  { code: EXIT_CODES.unexpected, meaning: "unexpected failure; the log has the reason" },
  { code: EXIT_CODES.usage, meaning: "wrong command line", advice: "see the command's --help" },
  {
    code: EXIT_CODES.noInput,
    meaning: "no chat.db",
    advice: "open Messages on this Mac once and sign in, or start without --mac for the simulated one",
  },
  {
    code: EXIT_CODES.unavailable,
    meaning: "a peer is not available",
    advice: "imesh status shows which service is down",
  },
  { code: EXIT_CODES.internal, meaning: "a bug in imesh", advice: "report it together with the log" },
  {
    code: EXIT_CODES.cannotCreate,
    meaning: "a file or directory cannot be made",
    advice: "check the home directory's owner, its mode and the free disk space",
  },
  {
    code: EXIT_CODES.outputLost,
    meaning: "the output cannot be written",
    advice: "what was asked for may have been done all the same",
  },
  {
    code: EXIT_CODES.temporary,
    meaning: "already running, or an address is taken",
    advice: "stop the other one, or choose another --home or --listen",
  },
  {
    code: EXIT_CODES.noPermission,
    meaning: "no permission",
    advice: "imesh doctor tells which one is missing and how to grant it",
  },
  {
    code: EXIT_CODES.configuration,
    meaning: "wrong configuration, or a database of another version",
    advice: "the log names the setting or the file",
  },
];

/** The meaning of `code`; undefined for a code that no imesh process uses. */
export function exitMeaning(code: number): ExitMeaning | undefined {
  return EXIT_MEANINGS.find((entry) => entry.code === code);
}

/** How a child ended, for a sentence: "exited with 77 (no permission)", "was killed by SIGSEGV". */
export function describeExit(exit: ChildExit): string {
  switch (exit.kind) {
    case "code": {
      const meaning = exitMeaning(exit.code)?.meaning;
      return meaning === undefined ? `exited with ${exit.code}` : `exited with ${exit.code} (${meaning})`;
    }
    case "signal":
      return `was killed by ${exit.signal}`;
    case "not-started":
      return `could not be started (${exit.reason})`;
    default:
      return unreachable(exit);
  }
}
