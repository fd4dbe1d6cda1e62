import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { copyFile, rename, stat, truncate } from "node:fs/promises";
import { join } from "node:path";

/** Old logs kept beside the current one: `lock-broker.log`, then `.1` (newest) to `.5`. */
export const OLD_LOGS_MAX = 5;

/**
 * Size at which a log is put aside while its service runs. With five old ones, a service takes at most 96 MiB
 * of disk.
 */
export const LOG_BYTES_MAX = 16 * 1024 * 1024;

const TAIL_BYTES = 32 * 1024;
const ERROR_LEVEL = 50;

/**
 * The log file of one service: its standard output and standard error, appended by the service itself through
 * an inherited descriptor, so that not a line is lost when the supervisor dies. Rotated when opened, and by
 * {@link bound} when it outgrows its bound.
 */
export class ServiceLog implements Disposable {
  readonly path: string;
  /** For the child's stdio; valid until disposed. */
  readonly fd: number;
  #markBytes = 0;

  private constructor(path: string, fd: number) {
    this.path = path;
    this.fd = fd;
  }

  /**
   * Opens `<directory>/<service>.log`, having put aside what an earlier run left there. Throws what the file
   * system throws.
   */
  static async open(directory: string, service: string): Promise<ServiceLog> {
    const path = join(directory, `${service}.log`);
    if ((await sizeOf(path)) > 0) {
      await shiftOld(path);
      await rename(path, `${path}.1`);
    }
    return new ServiceLog(path, openSync(path, "a", 0o600));
  }

  /** From here on a new run of the service writes: {@link lastWords} starts here. */
  async mark(): Promise<void> {
    this.#markBytes = await sizeOf(this.path);
  }

  /**
   * Puts the log aside when it is over `bytesMax` and empties it in place, since the service keeps its
   * descriptor (which appends, so it goes on at the new end). What is written between the copy and the cut is
   * lost: the price of not carrying every line through the supervisor.
   */
  async bound(bytesMax: number = LOG_BYTES_MAX): Promise<void> {
    if ((await sizeOf(this.path)) <= bytesMax) return;
    await shiftOld(this.path);
    await copyFile(this.path, `${this.path}.1`);
    await truncate(this.path);
    this.#markBytes = 0;
  }

  /**
   * What the service said last for people, newest last, at most `linesMax` lines since {@link mark}: plain
   * lines (those on standard error are plain) and the event of each log record of level error or worse.
   */
  lastWords(linesMax: number): string[] {
    const lines = readTail(this.path, this.#markBytes).split("\n");
    return lines.flatMap(wordsOf).slice(-linesMax);
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }
}

async function shiftOld(path: string): Promise<void> {
  for (let index = OLD_LOGS_MAX - 1; index >= 1; index -= 1) {
    if ((await sizeOf(`${path}.${index}`)) > 0) await rename(`${path}.${index}`, `${path}.${index + 1}`);
  }
}

/** 0 for a file that is not there. */
async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found?.size ?? 0;
}

function readTail(path: string, fromBytes: number): string {
  const fd = openSync(path, "r");
  try {
    const endBytes = fstatSync(fd).size;
    const startBytes = Math.max(fromBytes, endBytes - TAIL_BYTES);
    const buffer = Buffer.alloc(Math.max(0, endBytes - startBytes));
    const length = readSync(fd, buffer, 0, buffer.length, startBytes);
    return buffer.toString("utf8", 0, length);
  } finally {
    closeSync(fd);
  }
}

/**
 * What Node prints of an uncaught error beside its words: frames, a code excerpt's marks, its own version.
 */
const STACK_LINE = /^\s+at |^Node\.js v|^\s*[\^{}]*\s*$|^(file|node):/;

function wordsOf(line: string): string[] {
  if (STACK_LINE.test(line)) return [];
  if (!line.startsWith("{")) return [line];
  try {
    return wordsOfRecord(JSON.parse(line));
  } catch {
    // Cut off at the start of the tail: not a record any more, and nothing for a person.
    return [];
  }
}

function wordsOfRecord(record: Record<string, unknown>): string[] {
  const { level, event } = record;
  const isError =
    level === "error" || level === "fatal" || (typeof level === "number" && level >= ERROR_LEVEL);
  if (!isError || typeof event !== "string") return [];
  const error = record.error ?? record.err;
  const message =
    typeof error === "object" && error !== null && "message" in error ? `: ${String(error.message)}` : "";
  return [`${event}${message}`];
}
