/** A real process of the product, started, killed and started again by tests. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { serviceLaunch } from "@imesh/lifecycle";

const root = join(import.meta.dirname, "../..");

/** How to start it: as the supervisor does, `services/<name>/src/main.ts` with these flags, plus `--status-file`. */
export interface ChildSpec {
  readonly name: string;
  readonly flags: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly statusFile: string;
  readonly cachePath: string;
  /** How long it may take until it listens. */
  readonly startDeadlineMs: number;
}

/** What a service writes about itself once it listens. */
export interface ChildStatus {
  readonly pid: number;
  readonly grpc: readonly string[];
  readonly metrics: string | null;
  readonly http?: string;
}

/** At most one process of a spec at a time; everything it printed is kept for the failure message. */
export class Child {
  readonly #spec: ChildSpec;
  #process: ChildProcess | null = null;
  #output = "";

  constructor(spec: ChildSpec) {
    this.#spec = spec;
  }

  get pid(): number {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error(`${this.#spec.name} is not running`);
    return pid;
  }

  get output(): string {
    return this.#output;
  }

  /** Starts it and waits until it listens; throws with its output when it exits or takes longer than it may. */
  async start(): Promise<ChildStatus> {
    const { name, flags, statusFile, environment, cachePath, startDeadlineMs } = this.#spec;
    const { nodeFlags, variables } = serviceLaunch(cachePath);
    rmSync(statusFile, { force: true });
    const main = join(root, "services", name, "src/main.ts");
    const child = spawn(process.execPath, [...nodeFlags, main, ...flags, "--status-file", statusFile], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...variables, ...environment },
    });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-65_536);
      });
    }
    for (let waitedMs = 0; waitedMs < startDeadlineMs; waitedMs += 10) {
      if (child.exitCode !== null || child.signalCode !== null) break;
      const status = readStatus(statusFile);
      if (status !== null && status.pid === child.pid) return status;
      await sleep(10);
    }
    await this.kill();
    throw new Error(`${name} did not start (exit ${child.exitCode}):\n${this.#output}`);
  }

  /** SIGKILL: nothing in the process gets a chance. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** SIGTERM and wait for the exit code; SIGKILL after 15 s. */
  async stop(): Promise<number | null> {
    return await this.#end("SIGTERM");
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null)
      return child?.exitCode ?? null;
    const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), 15_000);
    await exited;
    clearTimeout(timer);
    return child.exitCode;
  }
}

function readStatus(path: string): ChildStatus | null {
  if (!existsSync(path)) return null;
  try {
    return JSON.parse(readFileSync(path, "utf8")) as ChildStatus;
  } catch {
    return null;
  }
}
