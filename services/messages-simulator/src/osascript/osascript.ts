import { chmodSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EXIT_CODES, StartupError } from "@imesh/lifecycle";
import { type AppleEventPorts, listenForAppleEvents } from "./apple-event-server.ts";
import { wrapperScript } from "./wrapper-script.ts";

/** Where the stand-in is put and what it is made of. */
export interface OsascriptOptions {
  /** Path of the wrapper, where a Mac has /usr/bin/osascript. */
  readonly path: string;
  /** Absolute path of the node binary that runs it. */
  readonly nodePath: string;
  /** Absolute path of bin/osascript.ts. */
  readonly programPath: string;
  /** Private directory for the socket and the compile cache. */
  readonly runDirectory: string;
}

/**
 * Puts the stand-in for osascript in its place and answers it. Throws StartupError (73, 75, 77). Disposing stops the
 * answers; the wrapper stays and then reports -600, as osascript does while Messages cannot be started.
 */
export async function startOsascript(
  options: OsascriptOptions,
  ports: Omit<AppleEventPorts, "socketPath">,
): Promise<AsyncDisposable> {
  const socketPath = join(options.runDirectory, "apple-events.sock");
  const server = await listenForAppleEvents({ ...ports, socketPath });
  const script = wrapperScript({
    nodePath: options.nodePath,
    programPath: options.programPath,
    socketPath,
    cachePath: join(options.runDirectory, "osascript-cache"),
  });
  try {
    install(options.path, script);
  } catch (cause) {
    await server[Symbol.asyncDispose]();
    throw new StartupError({
      exitCode: EXIT_CODES.cannotCreate,
      message: `Cannot write program: "${options.path}"`,
      hint: "Check that the disk is not full and that the directory can be written",
      cause,
    });
  }
  return server;
}

/** Atomically: a process that starts it meanwhile gets the old one or the new one. */
function install(path: string, script: string): void {
  const fresh = `${path}.new`;
  writeFileSync(fresh, script, { mode: 0o755 });
  chmodSync(fresh, 0o755);
  renameSync(fresh, path);
}
