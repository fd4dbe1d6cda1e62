import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { UNIX_PATH_BYTES_MAX } from "@imesh/lifecycle";

/** The processes that `imesh start` runs, in the order in which they start. */
export const SERVICE_NAMES = [
  "messages-simulator",
  "lock-broker",
  "mac-bridge",
  "claude-stand-in",
  "agent",
] as const;

/** Name of a process of the stack; also its folder, its log and its status file. */
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** Directory of one imesh on this machine: everything it keeps. All paths absolute. */
export interface Home {
  readonly path: string;
  /** Sockets and status files, mode 0700. Elsewhere than in `path` when that is too long for a socket. */
  readonly runPath: string;
  readonly logsPath: string;
  /** Node's compile cache of the services. */
  readonly cachePath: string;
  /** The simulated Mac. */
  readonly macPath: string;
  /** What lock-broker knows of the rows it has told. */
  readonly ledgerPath: string;
  readonly journalPath: string;
  readonly agentStorePath: string;
  /** Where a running supervisor holds its lock and tells who it is. */
  readonly lockPath: string;
  readonly ownerPath: string;
}

/** What the place of a home depends on. */
export interface HomeSurroundings {
  /** Directory the command was called in. */
  readonly workingDirectory: string;
  /** The user's own directory. */
  readonly userDirectory: string;
  /** Where short paths are to be had: /tmp. */
  readonly temporaryDirectory: string;
  readonly userId: number;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** Names the default home of both modes; the environment variable that replaces it. */
export const HOME_VARIABLE = "IMESH_HOME";

const HOME_NAME = ".imesh";
const SOCKET_FILES: Readonly<Record<Exclude<ServiceName, "claude-stand-in">, string>> = {
  "messages-simulator": "simulator.sock",
  "lock-broker": "lock-broker.sock",
  "mac-bridge": "mac-bridge.sock",
  agent: "agent.sock",
};
// The simulator keeps one more socket beside ours.
const LONGEST_SOCKET_FILE = "apple-events.sock";

/** Home at `path`. Pure. */
export function homeAt(path: string, surroundings: HomeSurroundings): Home {
  const home = resolve(surroundings.workingDirectory, path);
  return {
    path: home,
    runPath: runPathOf(home, surroundings),
    logsPath: join(home, "logs"),
    cachePath: join(home, "cache"),
    macPath: join(home, "mac"),
    ledgerPath: join(home, "ledger.db"),
    journalPath: join(home, "journal.db"),
    agentStorePath: join(home, "agent.db"),
    lockPath: join(home, "supervisor.lock"),
    ownerPath: join(home, "supervisor.json"),
  };
}

/**
 * The home that `imesh start` uses: what `--home` says, else IMESH_HOME, else `.imesh` in the user's
 * directory for the real Messages, else `.imesh` in the present directory for the simulated Mac. Pure.
 */
export function homeToStart(
  flag: string | null,
  mode: "mac" | "simulated",
  surroundings: HomeSurroundings,
): Home {
  const told = flag ?? surroundings.variables[HOME_VARIABLE] ?? null;
  if (told !== null && told !== "") return homeAt(told, surroundings);
  const parent = mode === "mac" ? surroundings.userDirectory : surroundings.workingDirectory;
  return homeAt(join(parent, HOME_NAME), surroundings);
}

/**
 * The home that a command talks to: what `--home` says, else IMESH_HOME, else the first of the two defaults
 * (present directory, user's directory) where a bridge has its socket, else the one in the present directory.
 */
export function homeToReach(flag: string | null, surroundings: HomeSurroundings): Home {
  const near = homeToStart(flag, "simulated", surroundings);
  if (existsSync(socketPath(near, "mac-bridge"))) return near;
  const far = homeToStart(flag, "mac", surroundings);
  return existsSync(socketPath(far, "mac-bridge")) ? far : near;
}

/** Where `service` listens. */
export function socketPath(home: Home, service: keyof typeof SOCKET_FILES): string {
  return join(home.runPath, SOCKET_FILES[service]);
}

/** The same as a target for gRPC. */
export function socketTarget(home: Home, service: keyof typeof SOCKET_FILES): string {
  return `unix:${socketPath(home, service)}`;
}

/** Where `service` writes what it listens on. */
export function statusPath(home: Home, service: ServiceName): string {
  return join(home.runPath, `${service}.json`);
}

/**
 * A project may lie deep; a socket path may not be long. The stand-in path depends on the home alone, so
 * every command finds it.
 */
function runPathOf(home: string, surroundings: HomeSurroundings): string {
  const path = join(home, "run");
  if (Buffer.byteLength(join(path, LONGEST_SOCKET_FILE)) <= UNIX_PATH_BYTES_MAX) return path;
  const name = createHash("sha256").update(home).digest("hex").slice(0, 12);
  return join(surroundings.temporaryDirectory, `imesh-${surroundings.userId}-${name}`);
}
