import { readFile, rm, writeFile } from "node:fs/promises";
import { FileLock, FileLockHeldError } from "@imesh/file-lock";
import { EXIT_CODES, StartupError } from "@imesh/lifecycle";
import { localTimeOf } from "../terminal/duration.ts";
import { type Home, SERVICE_NAMES, type ServiceName } from "./home.ts";

/** Who runs a home. */
export interface HomeOwner {
  readonly pid: number;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  readonly mode: "simulated" | "mac";
  /** What it runs. */
  readonly services: readonly ServiceName[];
}

/**
 * The right to run a home: one supervisor at a time, however the last one died. Who holds it stands in a file
 * beside it, for people only.
 */
export class HomeLock implements AsyncDisposable {
  readonly #lock: FileLock;
  readonly #ownerPath: string;

  private constructor(lock: FileLock, ownerPath: string) {
    this.#lock = lock;
    this.#ownerPath = ownerPath;
  }

  /** Takes the lock or throws StartupError 75, naming the holder. The home directory exists. */
  static async take(home: Home, owner: HomeOwner): Promise<HomeLock> {
    const lock = new HomeLock(await takeLock(home), home.ownerPath);
    await writeFile(home.ownerPath, `${JSON.stringify(owner)}\n`, { mode: 0o600 });
    return lock;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#ownerPath, { force: true });
    this.#lock[Symbol.dispose]();
  }
}

/**
 * Who says to run `home`; undefined when nobody does. A hint: after kill -9 it may name a process that is
 * gone.
 */
export async function readHomeOwner(home: Home): Promise<HomeOwner | undefined> {
  const text = await readFile(home.ownerPath, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return parseOwner(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function parseOwner(value: Partial<HomeOwner>): HomeOwner | undefined {
  const { pid, startedAt, mode, services } = value;
  if (typeof pid !== "number" || typeof startedAt !== "string" || !Array.isArray(services)) return undefined;
  if (mode !== "simulated" && mode !== "mac") return undefined;
  return { pid, startedAt, mode, services: SERVICE_NAMES.filter((name) => services.includes(name)) };
}

async function takeLock(home: Home): Promise<FileLock> {
  try {
    return FileLock.take(home.lockPath);
  } catch (cause) {
    if (cause instanceof FileLockHeldError) throw await alreadyRunning(home, cause);
    throw new StartupError({
      exitCode: EXIT_CODES.cannotCreate,
      message: `Cannot lock the home directory: ${home.lockPath}`,
      hint: "Check the directory's owner and the free disk space, or choose another --home",
      cause,
    });
  }
}

async function alreadyRunning(home: Home, cause: unknown): Promise<StartupError> {
  const owner = await readHomeOwner(home);
  const who = owner === undefined ? "" : ` (pid ${owner.pid}, since ${localTimeOf(owner.startedAt)})`;
  return new StartupError({
    exitCode: EXIT_CODES.temporary,
    message: `Cannot start: imesh is already running in ${home.path}${who}; stop it or choose another --home`,
    cause,
  });
}
