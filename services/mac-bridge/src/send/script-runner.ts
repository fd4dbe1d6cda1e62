import { type ChildProcess, spawn } from "node:child_process";
import type { Clock, Timer } from "@imesh/time";

/** How a run of a script ended. `stderr` is its last 64 KiB as text. */
export type ScriptEnd =
  | { readonly kind: "exited"; readonly code: number; readonly stderr: string }
  /** Ended by a signal that was not ours. */
  | { readonly kind: "signalled"; readonly signal: string; readonly stderr: string }
  /** We killed it: its time was up, or the caller's signal aborted. It may have had its effect. */
  | { readonly kind: "killed"; readonly why: "deadline" | "aborted" }
  /** It never ran; `code` is the system's, ENOENT for a program that is not there. */
  | { readonly kind: "not-started"; readonly code: string };

/** One run. */
export interface ScriptRun {
  /** Absolute path of a script file; never script text. */
  readonly scriptPath: string;
  /** Handed over as they are: no shell, no quoting, nothing spliced. */
  readonly arguments: readonly string[];
}

/** Collaborators of {@link ScriptRunner}. */
export interface ScriptRunnerPorts {
  readonly clock: Clock;
  /** Sends SIGKILL to the process group `pid` leads; a group that is gone already is no error. */
  readonly killProcessGroup: (pid: number) => void;
}

/** What every run has in common. */
export interface ScriptRunnerOptions {
  /** Absolute path of osascript. */
  readonly osascriptPath: string;
  /** The whole environment of the child. */
  readonly environment: Readonly<Record<string, string>>;
  /** From the start of a run until it is killed, in milliseconds. */
  readonly deadlineMs: number;
}

/** Kept of each of stdout and stderr; the rest is read and thrown away, so that the child never blocks on a full pipe. */
const OUTPUT_BYTES_MAX = 64 * 1024;

/** After the child has ended, how long its pipes may stay open in a grandchild's hands before we stop listening. */
const PIPES_CLOSE_MS = 1_000;

/**
 * Runs osascript as a child that cannot hurt us: in a process group of its own, so that what it started dies with it; with
 * a deadline; with bounded output (an Apple event can hang for ever).
 */
export class ScriptRunner {
  readonly #ports: ScriptRunnerPorts;
  readonly #options: ScriptRunnerOptions;

  constructor(ports: ScriptRunnerPorts, options: ScriptRunnerOptions) {
    this.#ports = ports;
    this.#options = options;
  }

  /** Resolves when the child is gone, at the latest a second after the deadline. Never rejects. */
  async run(run: ScriptRun, signal: AbortSignal): Promise<ScriptEnd> {
    if (signal.aborted) return { kind: "not-started", code: "ABORTED" };
    let child: ChildProcess;
    try {
      child = spawn(this.#options.osascriptPath, [run.scriptPath, ...run.arguments], {
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...this.#options.environment },
      });
    } catch (error) {
      // An argument list that is too long throws where other failures are told by an event.
      return { kind: "not-started", code: systemCode(error) };
    }
    return new RunningScript(child, this.#ports, this.#options.deadlineMs, signal).ended;
  }
}

/** One child until it is gone. Whatever happens first decides how it ended. */
class RunningScript {
  readonly ended: Promise<ScriptEnd>;
  readonly #child: ChildProcess;
  readonly #ports: ScriptRunnerPorts;
  readonly #signal: AbortSignal;
  readonly #stderr = new OutputTail(OUTPUT_BYTES_MAX);
  readonly #abort = () => this.#kill("aborted");
  readonly #deadline: Timer;
  #pipesTimer: Timer | undefined;
  #killed: "deadline" | "aborted" | undefined;

  constructor(child: ChildProcess, ports: ScriptRunnerPorts, deadlineMs: number, signal: AbortSignal) {
    this.#child = child;
    this.#ports = ports;
    this.#signal = signal;
    child.stdout?.resume();
    child.stderr?.on("data", (chunk: Buffer) => this.#stderr.push(chunk));
    this.#deadline = ports.clock.setTimer(deadlineMs, () => this.#kill("deadline"));
    signal.addEventListener("abort", this.#abort);
    this.ended = new Promise((resolve) => this.#listen(resolve));
  }

  #listen(resolve: (end: ScriptEnd) => void): void {
    const finish = (end: ScriptEnd) => {
      this.#release();
      resolve(end);
    };
    this.#child.on("error", (error) => {
      // With a pid it runs, and the error is about a signal that could not be sent: its end will still come.
      if (this.#child.pid === undefined) finish({ kind: "not-started", code: systemCode(error) });
    });
    this.#child.on("exit", (code, signal) => {
      this.#pipesTimer = this.#ports.clock.setTimer(PIPES_CLOSE_MS, () => finish(this.#end(code, signal)));
    });
    this.#child.on("close", (code, signal) => finish(this.#end(code, signal)));
  }

  #end(code: number | null, signal: string | null): ScriptEnd {
    if (this.#killed !== undefined) return { kind: "killed", why: this.#killed };
    const stderr = this.#stderr.text();
    return code === null
      ? { kind: "signalled", signal: signal ?? "", stderr }
      : { kind: "exited", code, stderr };
  }

  #kill(why: "deadline" | "aborted"): void {
    if (this.#child.pid === undefined || this.#killed !== undefined) return;
    this.#killed = why;
    this.#ports.killProcessGroup(this.#child.pid);
  }

  #release(): void {
    this.#deadline.cancel();
    this.#pipesTimer?.cancel();
    this.#signal.removeEventListener("abort", this.#abort);
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }
}

/** The last bytes of a stream; the end is kept because that is where osascript puts the number. */
class OutputTail {
  readonly #bytesMax: number;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  push(chunk: Buffer): void {
    const bytes = Buffer.concat([this.#bytes, chunk]);
    this.#bytes = bytes.length > this.#bytesMax ? Buffer.from(bytes.subarray(-this.#bytesMax)) : bytes;
  }

  text(): string {
    return this.#bytes.toString("utf8");
  }
}

function systemCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "UNKNOWN";
}
