import { execFile } from "node:child_process";
import { stat, statfs } from "node:fs/promises";
import { constants } from "node:os";
import { dirname } from "node:path";
import type { CommandResult, CommandRunner, DoctorPorts, FileLook, FileProbe, Platform } from "./ports.ts";

const OUTPUT_BYTES_MAX = 64 * 1024;

/** The real file system. */
export const systemFiles: FileProbe = {
  async look(path: string): Promise<FileLook | undefined> {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) return undefined;
    return { isDirectory: found.isDirectory(), mode: found.mode & 0o777, userId: found.uid };
  },

  async freeBytes(path: string): Promise<number | undefined> {
    // The directory may not exist yet; its disk is that of the nearest parent that does.
    for (let place = path; ; place = dirname(place)) {
      const space = await statfs(place).catch(() => undefined);
      if (space !== undefined) return space.bavail * space.bsize;
      if (dirname(place) === place) return undefined;
    }
  },
};

/** Real commands. */
export const systemCommands: CommandRunner = {
  run(command: readonly [string, ...string[]], timeoutMs: number): Promise<CommandResult> {
    const [program, ...parameters] = command;
    const options = { timeout: timeoutMs, killSignal: "SIGKILL", maxBuffer: OUTPUT_BYTES_MAX } as const;
    return new Promise((resolve) => {
      const child = execFile(program, parameters, options, (error, out, err) => {
        if (error === null) return resolve({ kind: "exited", code: 0, out, err });
        const { code, signal, killed } = error;
        if (code === "ENOENT") return resolve({ kind: "absent" });
        if (typeof code === "number") return resolve({ kind: "exited", code, out, err });
        if (killed === true && signal === "SIGKILL") return resolve({ kind: "timed-out" });
        if (signal !== undefined && signal !== null) return resolve({ kind: "killed", signal });
        // Too much output, or a program that may not be run: it came to no end of its own.
        resolve({ kind: "exited", code: constants.errno.EACCES, out, err: err || String(code) });
      });
      child.stdin?.end();
    });
  },
};

/** What a {@link Platform} is made of. */
export interface PlatformFacts {
  readonly platform: string;
  readonly nodeVersion: string;
  readonly nodePath: string;
  readonly userId: number;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** The machine this runs on. */
export function systemPlatform(facts: PlatformFacts): Platform {
  const { platform, ...rest } = facts;
  return {
    ...rest,
    os: platform === "darwin" ? "macos" : platform === "linux" ? "linux" : "other",
    async loadFault(module): Promise<string | undefined> {
      try {
        if (module === "fsevents") await import(module);
        else await openEmptyDatabase();
        return undefined;
      } catch (error) {
        return error instanceof Error ? (error.message.split("\n")[0] ?? error.name) : "unknown error";
      }
    },
  };
}

/** Opening one loads the native part; importing the module alone would not. */
async function openEmptyDatabase(): Promise<void> {
  const { default: Database } = await import("better-sqlite3");
  new Database(":memory:").close();
}

/** The doctor's ports on this machine. */
export function systemDoctorPorts(facts: PlatformFacts): DoctorPorts {
  return { files: systemFiles, commands: systemCommands, platform: systemPlatform(facts) };
}
