import { EXIT_CODES } from "@imesh/lifecycle";
import { EXIT_MEANINGS } from "../supervisor/exit-meaning.ts";
import { cell, tableLines } from "../terminal/table.ts";

/** What `imesh send` exits with beside the codes that every command has: how the message fared. */
export const SEND_EXIT_CODES = {
  /** Certain: no bubble appeared; it may be sent again under another request id. */
  refused: 10,
  /** Messages took it and reports that it could not be sent. */
  failed: 11,
  /** It may or may not have gone out; nothing may send it again before a person looked. */
  uncertain: 12,
  /**
   * Accepted, and not proven as far as asked within `--timeout`; `imesh send` with the same request id goes
   * on watching.
   */
  unproven: 13,
} as const;

const SEND_MEANINGS: Readonly<Record<keyof typeof SEND_EXIT_CODES, string>> = {
  refused: "imesh send: refused; no bubble appeared, it may be sent again",
  failed: "imesh send: Messages took it and could not send it",
  uncertain: "imesh send: it may have gone out; look before sending it again",
  unproven: "imesh send: accepted, not yet proven as far as --wait asks",
};

/** What `imesh decode` exits with beside the codes that every command has. */
const DECODE_MEANINGS: readonly { readonly code: number; readonly text: string }[] = [
  {
    code: EXIT_CODES.dataError,
    text: "imesh decode: what was given is no body, or breaks the format of one",
  },
  { code: EXIT_CODES.noInput, text: "imesh decode: no such file" },
];

/** The text of `imesh help exit-codes`. */
export function exitCodesHelp(): string {
  const shared = EXIT_MEANINGS.map(({ code, meaning, advice }) => ({
    code,
    text: advice === undefined ? meaning : `${meaning}: ${advice}`,
  }));
  const own = Object.entries(SEND_EXIT_CODES).map(([name, code]) => ({
    code,
    text: SEND_MEANINGS[name as keyof typeof SEND_EXIT_CODES],
  }));
  const interrupted = { code: 130, text: "cut short by Ctrl-C before it was done; 143 by SIGTERM" };
  const rows = [...shared, ...own, ...DECODE_MEANINGS, interrupted].sort(
    (left, right) => left.code - right.code,
  );
  const lines = tableLines(
    rows.map(({ code, text }) => [cell(String(code).padStart(3)), cell(text)]),
    "  ",
  );
  return [
    "Exit codes, the same for every imesh process where not said otherwise:",
    "",
    ...lines,
    "",
    "With IMESH_DEBUG=1 imesh also shows where in its code an unexpected failure came from.",
  ].join("\n");
}
