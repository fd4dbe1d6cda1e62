import { readFile, rename, unlink, writeFile } from "node:fs/promises";
import { EXIT_CODES } from "./exit-codes.ts";
import { StartupError } from "./startup-error.ts";

/** What a running service tells programs of the same user: where it listens, since port 0 and defaults hide it. */
export interface ServiceStatus {
  /** Name of the service, "mac-bridge". */
  readonly service: string;
  readonly pid: number;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  /** gRPC addresses as bound: "127.0.0.1:43121", "unix:/…/broker.sock". */
  readonly grpc: readonly string[];
  /** "http://127.0.0.1:9464/metrics", or null when metrics are off. */
  readonly metrics: string | null;
  /** Where it speaks HTTP, "http://127.0.0.1:43121"; absent for those that do not. */
  readonly http?: string;
}

/**
 * The status file of one running service, in a private directory. It is a hint, not a lock: after kill -9 it stays, so a
 * reader checks that `pid` lives or that the address answers. Disposing removes it, unless a successor has
 * already written its own.
 */
export class StatusFile implements AsyncDisposable {
  readonly path: string;
  readonly #status: ServiceStatus;

  private constructor(path: string, status: ServiceStatus) {
    this.path = path;
    this.#status = status;
  }

  /** Writes it atomically (a reader sees the old one or the whole new one), mode 0600. Throws StartupError 73. */
  static async write(path: string, status: ServiceStatus): Promise<StatusFile> {
    const freshPath = `${path}.${status.pid}.new`;
    try {
      await writeFile(freshPath, `${JSON.stringify(status)}\n`, { mode: 0o600 });
      await rename(freshPath, path);
    } catch (cause) {
      throw new StartupError({
        exitCode: EXIT_CODES.cannotCreate,
        message: `Cannot write status file: "${path}"`,
        hint: "Check that the directory exists and that the disk is not full",
        cause,
      });
    }
    return new StatusFile(path, status);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const current = await readStatusFile(this.path);
    if (current === undefined || current.pid !== this.#status.pid) return;
    if (current.startedAt !== this.#status.startedAt) return;
    await unlink(this.path);
  }
}

/**
 * The status at `path`; undefined when there is none or when it is not one (another version's, a damaged one): to the
 * reader both mean "ask in another way". Throws only what the file system throws for other reasons than absence.
 */
export async function readStatusFile(path: string): Promise<ServiceStatus | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  return parseStatus(text);
}

function parseStatus(text: string): ServiceStatus | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { service, pid, startedAt, grpc, metrics, http } = value as Record<string, unknown>;
  if (typeof service !== "string" || typeof pid !== "number" || typeof startedAt !== "string")
    return undefined;
  if (!Array.isArray(grpc) || !grpc.every((address) => typeof address === "string")) return undefined;
  if (metrics !== null && typeof metrics !== "string") return undefined;
  if (http !== undefined && typeof http !== "string") return undefined;
  return { service, pid, startedAt, grpc, metrics, ...(http === undefined ? {} : { http }) };
}
