/** What the stand-in for osascript asks: one line of JSON, then it waits for one line of answer. */
export interface AppleEventRequest {
  readonly source: string;
  readonly args: readonly string[];
  /** `-s s`: print the result as source. */
  readonly isSourceForm: boolean;
}

/** What it gets back: `text` null means that nothing is printed. */
export type AppleEventReply =
  | { readonly kind: "result"; readonly text: string | null }
  | {
      readonly kind: "error";
      readonly phase: "syntax" | "execution";
      readonly number: number;
      readonly message: string;
      /** Offsets in the source, UTF-16 units. */
      readonly start: number;
      readonly end: number;
    };

/** Largest request line: what execve lets a program have as arguments (1 MiB on macOS), with room for JSON's escapes. */
export const REQUEST_BYTES_MAX = 8 * 1_024 * 1_024;

/** Reads a request line; undefined for anything that is none. */
export function parseRequest(line: string): AppleEventRequest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { source, args, isSourceForm } = value as Record<string, unknown>;
  if (typeof source !== "string" || typeof isSourceForm !== "boolean") return undefined;
  if (!Array.isArray(args) || !args.every((arg) => typeof arg === "string")) return undefined;
  return { source, args, isSourceForm };
}
