import type { Readable, Writable } from "node:stream";
import type { TextSink } from "./terminal/output.ts";

/** Everything the CLI sees of its process and machine. Only `main.ts` makes the real one. */
export interface Environment {
  /** Arguments after the script's own name. */
  readonly argv: readonly string[];
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** The user's own directory. */
  readonly userDirectory: string;
  readonly temporaryDirectory: string;
  readonly userId: number;
  readonly pid: number;
  /** "linux", "darwin" and so on, as Node names it. */
  readonly platform: string;
  /** Path of the running node; services run on the same one. */
  readonly nodePath: string;
  readonly nodeVersion: string;
  /** Whether a process of this user with this id lives. */
  readonly isAlive: (pid: number) => boolean;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & TextSink & { readonly columns?: number };
  readonly stderr: Writable & TextSink;
  /** Aborts at the first SIGINT, SIGTERM or SIGHUP, and when the reader of standard output goes away. */
  readonly stop: AbortSignal;
  /** Aborts at the second signal: whoever waits for an orderly end has lost patience. */
  readonly kill: AbortSignal;
  /**
   * Until it is disposed, the process is given the time to end in order after a signal; without, it has seconds. For what
   * must not be cut short and has a deadline of its own.
   */
  readonly hold: () => Disposable;
  /** Aborts, with an OutputError, when standard output takes nothing more though somebody would read it. */
  readonly outputLost: AbortSignal;
}
