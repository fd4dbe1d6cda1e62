import { lstat, mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { EXIT_CODES } from "./exit-codes.ts";
import { StartupError } from "./startup-error.ts";

const OTHERS_MODE = 0o077;

/** Why a directory cannot be trusted with a socket or a journal. */
export type PrivateDirectoryFault = "cannot-create" | "not-a-directory" | "foreign-owner" | "open-to-others";

/** Exit code 73 for what cannot be made, 77 for what is not ours alone. */
export class PrivateDirectoryError extends StartupError {
  override readonly name = "PrivateDirectoryError";
  readonly code: PrivateDirectoryFault;
  readonly path: string;

  constructor(
    code: PrivateDirectoryFault,
    path: string,
    detail: string,
    options: { hint: string; cause?: unknown },
  ) {
    const exitCode =
      code === "cannot-create" || code === "not-a-directory"
        ? EXIT_CODES.cannotCreate
        : EXIT_CODES.noPermission;
    super({ exitCode, message: `Cannot use directory: "${path}" (${detail})`, ...options });
    this.code = code;
    this.path = path;
  }
}

/**
 * Makes the directory `path` (with its parents; all new ones mode 0700) unless it is there, and returns when it is
 * known to be ours alone: owned by this user, no permission for group or others, not a link that somebody else placed.
 * Called at start-up for each directory that will hold a socket, a journal or a token: those who can open such a file
 * need no other right (file permissions are the whole identity of a Unix socket's caller). Throws {@link PrivateDirectoryError}.
 */
export async function privateDirectory(path: string): Promise<void> {
  await makeDirectory(resolve(path), path);
  const link = await lstat(path);
  const target = await stat(path);
  const userId = process.getuid?.();
  if (userId !== undefined && (link.uid !== userId || target.uid !== userId)) {
    throw new PrivateDirectoryError("foreign-owner", path, `owned by user ${target.uid}, not ${userId}`, {
      hint: `Choose a directory of your own, or give it to this user: chown ${userId} "${path}"`,
    });
  }
  const mode = target.mode & 0o777;
  if ((mode & OTHERS_MODE) !== 0) {
    throw new PrivateDirectoryError("open-to-others", path, `mode 0${mode.toString(8)}, must be 0700`, {
      hint: `Close it to others: chmod 700 "${path}"`,
    });
  }
}

/**
 * One `mkdir` for each part that is missing, from the last part that is there. Not `recursive`: Node's own way up never ends
 * where a parent is there and yet says ENOENT to whatever is made in it, as /proc does. `wanted` is what refusals name.
 */
async function makeDirectory(path: string, wanted: string): Promise<void> {
  const fault = await makeOne(path);
  if (fault === undefined) return;
  const parent = dirname(path);
  if (errorCode(fault) !== "ENOENT" || parent === path) throw cannotCreate(wanted, fault);
  await makeDirectory(parent, wanted);
  const again = await makeOne(path);
  if (again === undefined) return;
  const detail = errorCode(again) === "ENOENT" ? `nothing can be made in "${parent}"` : undefined;
  throw cannotCreate(wanted, again, detail);
}

/** Undefined when it is there afterwards. */
async function makeOne(path: string): Promise<unknown> {
  try {
    await mkdir(path, { mode: 0o700 });
    return undefined;
  } catch (fault) {
    // EISDIR is what macOS says of "/".
    const isThere = ["EEXIST", "EISDIR"].includes(errorCode(fault)) && (await isDirectory(path));
    return isThere ? undefined : fault;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

function cannotCreate(path: string, cause: unknown, detail?: string): PrivateDirectoryError {
  const code = errorCode(cause);
  if (code === "EEXIST" || code === "ENOTDIR") {
    return new PrivateDirectoryError("not-a-directory", path, "a file is in the way", {
      hint: "Move the file away or choose another directory",
      cause,
    });
  }
  return new PrivateDirectoryError("cannot-create", path, detail ?? code, {
    hint: "Choose a directory that this user can make",
    cause,
  });
}

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}
