/** What the doctor asks of the file system (port). */
export interface FileProbe {
  /**
   * Owner and permission bits of `path`; undefined when there is nothing. Never throws: an unreadable parent
   * is nothing.
   */
  look(path: string): Promise<FileLook | undefined>;
  /** Bytes that this user may still write to the disk of `path`; undefined when the system does not tell. */
  freeBytes(path: string): Promise<number | undefined>;
}

/** What {@link FileProbe.look} sees. */
export interface FileLook {
  readonly isDirectory: boolean;
  /** Permission bits, 0 to 0o777. */
  readonly mode: number;
  readonly userId: number;
}

/** Runs short commands to their end (port). No shell; standard input is empty. */
export interface CommandRunner {
  /** Never throws. The command is killed after `timeoutMs`; output beyond 64 KiB is dropped. */
  run(
    command: readonly [program: string, ...parameters: string[]],
    timeoutMs: number,
  ): Promise<CommandResult>;
}

/** How a command ended. */
export type CommandResult =
  | { readonly kind: "exited"; readonly code: number; readonly out: string; readonly err: string }
  /** There is no such program. */
  | { readonly kind: "absent" }
  | { readonly kind: "timed-out" }
  | { readonly kind: "killed"; readonly signal: string };

/** The machine and this process (port). */
export interface Platform {
  readonly os: "macos" | "linux" | "other";
  /** "24.21.0". */
  readonly nodeVersion: string;
  /** Path of the running node. */
  readonly nodePath: string;
  readonly userId: number;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Loads a module of ours as the services do; the reason when that fails, undefined when it works. */
  loadFault(module: "better-sqlite3" | "fsevents"): Promise<string | undefined>;
}

/** Everything the doctor sees the world through. */
export interface DoctorPorts {
  readonly files: FileProbe;
  readonly commands: CommandRunner;
  readonly platform: Platform;
}
