import { EXIT_CODES, StartupError } from "@imesh/lifecycle";
import { hexDump } from "./hex-dump.ts";

/** Where a body breaks. */
export interface BodyBreak {
  /** The decoder's message, which quotes no content. */
  readonly message: string;
  /** Stable code of what is wrong. */
  readonly code: string;
  /** Where in the bytes; null where it is about all of them. */
  readonly offset: number | null;
  readonly bytes: Uint8Array;
  /** What to do about it. */
  readonly hint: string;
}

/**
 * A body that cannot be decoded, with a look at the bytes around the place where it breaks. Unlike other failures it
 * shows content, to the person who gave it.
 */
export class BodyFailure extends StartupError {
  override readonly name = "BodyFailure";
  /** The dump. */
  readonly details: readonly string[];
  /** For machines. */
  readonly facts: { readonly code: string; readonly offset: number | null; readonly bytes: number };

  constructor({ message, code, offset, bytes, hint }: BodyBreak) {
    super({ exitCode: EXIT_CODES.dataError, message, hint });
    this.details = hexDump(bytes, offset);
    this.facts = { code, offset, bytes: bytes.length };
  }
}
