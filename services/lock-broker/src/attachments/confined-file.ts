import type { BigIntStats } from "node:fs";
import { constants } from "node:fs";
import { type FileHandle, lstat, open, readlink, realpath, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { assert } from "@imesh/flow";
import { attachmentPath } from "./attachment-path.ts";
import { AttachmentError } from "./attachment-stream.ts";

/** Where attachments may be read. */
export interface AttachmentPlace {
  /** chat.db; its directory holds `Attachments`. */
  readonly databasePath: string;
  /** Directory of chat.db, as configured. */
  readonly directory: string;
  /** "darwin", or one with Linux's /proc. */
  readonly platform: string;
}

/** A file that was open when it was last looked at, and lay where it should. */
export interface ConfinedFile {
  readonly handle: FileHandle;
  /** Of the open file. */
  readonly stats: BigIntStats;
  /** Whether its path still leads to it, with the same size and time of writing. Opens nothing. */
  isUnchanged(): Promise<boolean>;
}

/** The chat.db of a directory and its companions: closing another descriptor of them would drop SQLite's locks (I1). */
const DATABASE_SUFFIXES = ["", "-wal", "-shm", "-journal"];

/** macOS: no symbolic link anywhere on the path. Node does not name it. */
const O_NOFOLLOW_ANY = 0x2000_0000;

/**
 * Opens the file that `filename` names, only if it is a regular file below the Attachments directory and no name on the way is a
 * symbolic link. Looking at the names first keeps FIFOs, devices and the database (under whatever name: hard links) from being
 * opened; but names may be swapped between the look and the open, and again after it, so where the open led is asked of the system.
 * Throws {@link AttachmentError}; the caller closes the handle.
 */
export async function openConfinedFile(
  filename: string | undefined,
  place: AttachmentPlace,
): Promise<ConfinedFile> {
  const root = await realRoot(place);
  const path = attachmentPath(filename, [root, join(place.directory, "Attachments")]);
  if (path.kind === "none") throw new AttachmentError("file-missing", "no path");
  if (path.kind === "outside") throw new AttachmentError("outside", "not a path below Attachments");
  const way = await lookAt(root, path.names);
  await refuseDatabase(way.stats, place);
  const handle = await open(way.path, openFlags(place.platform)).catch((error: unknown) => {
    throw faultOf(error);
  });
  try {
    if (place.platform !== "darwin") await refuseElsewhere(handle, root);
    const stats = await handle.stat({ bigint: true });
    if (!isSameFile(stats, way.stats)) throw new AttachmentError("changed", "another file took its place");
    return { handle, stats, isUnchanged: () => isUnchanged(way.path, handle, stats) };
  } catch (error) {
    await handle.close();
    throw error instanceof AttachmentError ? error : faultOf(error);
  }
}

// NONBLOCK: opening a FIFO that took the file's place must not wait for its other end.
function openFlags(platform: string): number {
  const noFollow = platform === "darwin" ? O_NOFOLLOW_ANY : constants.O_NOFOLLOW;
  return constants.O_RDONLY | constants.O_NONBLOCK | noFollow;
}

/** Linux has no flag like {@link O_NOFOLLOW_ANY} in open(2), but tells where an open file lies. */
async function refuseElsewhere(handle: FileHandle, root: string): Promise<void> {
  const path = await readlink(`/proc/self/fd/${handle.fd}`);
  if (!path.startsWith(`${root}${sep}`)) throw new AttachmentError("outside", "it lies elsewhere");
}

/** The file that these facts are of: another one after it was replaced, truncated, or written to. */
export function fileVersionOf(stats: BigIntStats): string {
  return [stats.dev, stats.ino, stats.size, stats.mtimeNs].map((fact) => fact.toString(36)).join(".");
}

/** What the system said, as one of our faults. Throws `error` itself when it is none of the system's. */
export function faultOf(error: unknown): AttachmentError {
  if (!(error instanceof Error && "syscall" in error && "code" in error)) throw error;
  const code = String(error.code);
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
    case "ENAMETOOLONG":
      return new AttachmentError("file-missing", code, error);
    // What O_NOFOLLOW says of a symbolic link that took the file's place after the look.
    case "ELOOP":
    case "EMLINK":
      return new AttachmentError("outside", code, error);
    default:
      return new AttachmentError("unreadable", code, error);
  }
}

/** The Attachments directory itself may be a link (to a larger disk), but not to where the database lies. */
async function realRoot(place: AttachmentPlace): Promise<string> {
  try {
    const root = await realpath(join(place.directory, "Attachments"));
    const databaseDirectory = await realpath(place.directory);
    if (relative(root, databaseDirectory).split(sep)[0] !== "..") {
      throw new AttachmentError("outside", "Attachments holds the database");
    }
    return root;
  } catch (error) {
    throw error instanceof AttachmentError ? error : faultOf(error);
  }
}

interface Found {
  readonly path: string;
  readonly stats: BigIntStats;
}

async function lookAt(root: string, names: readonly string[]): Promise<Found> {
  let found: Found | undefined;
  for (const [index, name] of names.entries()) {
    found = await lookAtName(found?.path ?? root, name);
    if (found.stats.isSymbolicLink()) throw new AttachmentError("outside", "a symbolic link");
    const isExpected = index === names.length - 1 ? found.stats.isFile() : found.stats.isDirectory();
    if (!isExpected) throw new AttachmentError("file-missing", "not a regular file");
  }
  assert(found !== undefined, "a path below Attachments has a name");
  return found;
}

/**
 * A name as the row has it, or in the other normal forms of Unicode: HFS+ stored names decomposed, and a copy on another file
 * system, which compares bytes, keeps either form.
 */
async function lookAtName(directory: string, name: string): Promise<Found> {
  const forms = new Set([name, name.normalize("NFC"), name.normalize("NFD")]);
  let missing: unknown;
  for (const form of forms) {
    const path = join(directory, form);
    try {
      return { path, stats: await lstat(path, { bigint: true }) };
    } catch (error) {
      const fault = faultOf(error);
      if (fault.code !== "file-missing") throw fault;
      missing ??= fault;
    }
  }
  throw missing;
}

async function refuseDatabase(stats: BigIntStats, place: AttachmentPlace): Promise<void> {
  for (const suffix of DATABASE_SUFFIXES) {
    const database = await stat(`${place.databasePath}${suffix}`, { bigint: true }).catch(() => undefined);
    if (database !== undefined && isSameFile(database, stats)) {
      throw new AttachmentError("outside", "the database");
    }
  }
}

async function isUnchanged(path: string, handle: FileHandle, stats: BigIntStats): Promise<boolean> {
  const version = fileVersionOf(stats);
  const isOpenFileUnchanged = fileVersionOf(await handle.stat({ bigint: true })) === version;
  const named = await lstat(path, { bigint: true }).catch(() => undefined);
  return isOpenFileUnchanged && named !== undefined && fileVersionOf(named) === version;
}

function isSameFile(left: BigIntStats, right: BigIntStats): boolean {
  return left.dev === right.dev && left.ino === right.ino;
}
