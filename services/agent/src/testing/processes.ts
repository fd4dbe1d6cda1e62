import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readStatusFile, type ServiceStatus } from "@imesh/lifecycle";
import { waitFor } from "@imesh/testing";

const MAIN = { agent: "../main.ts", "claude-stand-in": "../../../claude-stand-in/src/main.ts" } as const;

/** A service as a process of its own. Disposing ends it. */
export class ServiceProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #statusPath: string;
  #output = "";

  /** `args` without the status file, which is `statusPath`. Only PATH and what `environment` says is passed on. */
  constructor(
    name: keyof typeof MAIN,
    args: readonly string[],
    statusPath: string,
    environment: Record<string, string> = {},
  ) {
    this.#statusPath = statusPath;
    const main = new URL(MAIN[name], import.meta.url).pathname;
    const { PATH = "", NODE_COMPILE_CACHE = "" } = process.env;
    this.#child = spawn(process.execPath, [main, ...args, "--status-file", statusPath], {
      env: { PATH, NODE_COMPILE_CACHE, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-100_000);
      });
    }
  }

  /** The end of what it wrote to both its outputs. */
  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** Its status file, as soon as this very process has written it. Throws when it ended instead. */
  async ready(): Promise<ServiceStatus> {
    return await waitFor(
      async () => {
        if (this.#child.exitCode !== null) return { exited: this.#child.exitCode };
        const status = await readStatusFile(this.#statusPath);
        return status?.pid === this.pid ? status : undefined;
      },
      { deadlineMs: 20_000, what: `the status file of ${this.#child.spawnargs[1]}` },
    ).then((status) => {
      if ("exited" in status) throw new Error(`Ended with ${status.exited}: ${this.#output}`);
      return status;
    });
  }

  /** Exit code, once it has ended by itself. */
  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "exit");
    return this.#child.exitCode;
  }

  /** Ends it with `signal` and waits until it is gone. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.kill(signal);
    await gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill("SIGKILL");
  }
}
