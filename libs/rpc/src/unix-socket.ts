import { chmod, lstat, open, stat, unlink } from "node:fs/promises";
import { connect } from "node:net";
import { dirname } from "node:path";
import { type Address, parseAddress, privateDirectory } from "@imesh/lifecycle";
import type { Clock } from "@imesh/time";
import { AddressInUseError, ListenError } from "./listen-error.ts";

type UnixAddress = Extract<Address, { kind: "unix" }>;

/** A lock this old was left by a process that was killed while binding, which takes milliseconds. */
const LOCK_AGE_MS_MAX = 10_000;

/**
 * Binds a Unix socket through `bind`, in a directory that is ours alone (made when it is missing,
 * PrivateDirectoryError when others may enter it), and closes it to everybody else. A socket file that a
 * killed process left behind is removed first; one that somebody answers on is not. Throws {@link
 * AddressInUseError} for that, also while another process is just binding there, and {@link ListenError} when
 * the path is too long or holds something that is no socket. Used by startRpcServer, and by who listens there
 * with another protocol.
 */
export async function bindUnixSocket(
  address: UnixAddress,
  clock: Pick<Clock, "wallUnixNs">,
  bind: () => Promise<unknown>,
): Promise<void> {
  const { path } = address;
  const parsed = parseAddress(`unix:${path}`);
  if (typeof parsed === "string") throw new ListenError("bad-socket-path", address, parsed);
  await privateDirectory(dirname(path));
  // Without a lock, of two processes that find the same dead socket the slower would unlink what the faster
  // has bound.
  const lock = `${path}.lock`;
  await takeLock(lock, address, clock);
  try {
    await removeStale(address);
    await bind();
    // The directory covers the moment before.
    await chmod(path, 0o600);
  } finally {
    await unlinkIfThere(lock);
  }
}

async function takeLock(lock: string, address: UnixAddress, clock: Pick<Clock, "wallUnixNs">): Promise<void> {
  try {
    const file = await open(lock, "wx", 0o600);
    await file.close();
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
    if (!(await isAbandoned(lock, clock))) throw new AddressInUseError(address, error);
    await unlinkIfThere(lock);
    await takeLock(lock, address, clock);
  }
}

async function isAbandoned(lock: string, clock: Pick<Clock, "wallUnixNs">): Promise<boolean> {
  try {
    const { mtimeNs } = await stat(lock, { bigint: true });
    return (clock.wallUnixNs() - mtimeNs) / 1_000_000n > LOCK_AGE_MS_MAX;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return true;
    throw error;
  }
}

async function removeStale(address: UnixAddress): Promise<void> {
  const { path } = address;
  const found = await lstat(path).catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  });
  if (found === undefined) return;
  if (!found.isSocket())
    throw new ListenError("not-a-socket", address, "a file that is no socket is in the way");
  if (await isAnswered(path)) throw new AddressInUseError(address);
  await unlinkIfThere(path);
}

/** Whether a process listens there. Only "connection refused" and "no such file" prove that none does. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", (error) => {
      if (hasCode(error, "ECONNREFUSED") || hasCode(error, "ENOENT")) resolve(false);
      // EAGAIN: a live listener with a full backlog.
      else if (hasCode(error, "EAGAIN")) resolve(true);
      else reject(error);
    });
  });
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
