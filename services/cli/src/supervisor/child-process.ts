import { spawn } from "node:child_process";

/** What to run. No shell is involved: arguments are passed as they are. */
export interface Launch {
  /** Program and arguments. */
  readonly command: readonly [program: string, ...parameters: string[]];
  /** The child's whole environment. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Open file, in append mode, that takes the child's standard output and standard error. */
  readonly logFd: number;
}

/** How a child ended. */
export type ChildExit =
  | { readonly kind: "code"; readonly code: number }
  | { readonly kind: "signal"; readonly signal: string }
  /** It never ran; `reason` is the system's code, "ENOENT". */
  | { readonly kind: "not-started"; readonly reason: string };

/** A child that was started. */
export interface RunningChild {
  /** Undefined when it never ran. */
  readonly pid: number | undefined;
  /** Resolves once, when the process is gone; never rejects. */
  readonly exited: Promise<ChildExit>;
  /** Sends a signal; harmless when the child is gone. */
  signal(name: "SIGTERM" | "SIGKILL"): void;
}

/** Tells a child that its standard input is a lifeline: when it ends, whoever started the child is gone. */
export const SUPERVISED_VARIABLE = "IMESH_SUPERVISED";

/**
 * Starts a child that cannot outlive this process. Its standard input is a pipe whose only writer is this
 * process, so the kernel closes it however this process dies, kill -9 included, and `runService` ends the
 * child then. It gets a session of its own: Ctrl-C in the terminal reaches only the supervisor, which stops
 * the children in order.
 */
export function startChild(launch: Launch): RunningChild {
  const [program, ...parameters] = launch.command;
  const child = spawn(program, parameters, {
    env: { ...launch.variables, [SUPERVISED_VARIABLE]: "1" },
    stdio: ["pipe", launch.logFd, launch.logFd],
    detached: true,
  });
  // A write never happens, but the pipe may report that its reader is gone.
  child.stdin?.on("error", () => {});
  const exited = new Promise<ChildExit>((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) =>
      resolve({ kind: "not-started", reason: error.code ?? error.name }),
    );
    child.once("exit", (code, signal) =>
      resolve(signal === null ? { kind: "code", code: code ?? 0 } : { kind: "signal", signal }),
    );
  });
  return { pid: child.pid, exited, signal: (name) => void child.kill(name) };
}
