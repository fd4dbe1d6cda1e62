import { EXIT_CODES } from "@imesh/lifecycle";
import type { Check, Finding } from "./check.ts";

const NODE_MAJOR_MIN = 24;
const GIB = 1024 ** 3;
// A day of logs at their bound and a journal of a few million events take less than this.
const FREE_BYTES_WARNING = 2 * GIB;
// SQLite cannot even checkpoint reliably below; a full disk stops the journal, and with it everything.
const FREE_BYTES_MIN = 0.25 * GIB;

/** What any imesh needs, on whatever machine. */
export const RUNTIME_CHECKS: readonly Check[] = [
  {
    name: "system",
    title: "System",
    platform: "any",
    examine: async ({ platform }, { mode }) => {
      if (platform.os === "macos" || mode === "simulated") return { kind: "ok", detail: platform.os };
      return {
        kind: "failed",
        detail: `${platform.os}: real Messages runs on macOS only`,
        advice: "Start without --mac for the simulated one",
        exitCode: EXIT_CODES.configuration,
      };
    },
  },
  {
    name: "node-version",
    title: "Node.js",
    platform: "any",
    examine: async ({ platform }) => nodeFinding(platform.nodeVersion, platform.nodePath),
  },
  {
    name: "sqlite",
    title: "SQLite",
    platform: "any",
    examine: async ({ platform }) => {
      const fault = await platform.loadFault("better-sqlite3");
      if (fault === undefined) return { kind: "ok", detail: "better-sqlite3 loads" };
      return {
        kind: "failed",
        detail: `better-sqlite3 does not load: ${fault}`,
        advice: "Run npm ci in the project with the same node, or npm rebuild better-sqlite3",
        exitCode: EXIT_CODES.configuration,
      };
    },
  },
  {
    name: "fsevents",
    title: "File notifications",
    platform: "macos",
    examine: async ({ platform }) => {
      const fault = await platform.loadFault("fsevents");
      if (fault === undefined) return { kind: "ok", detail: "fsevents loads" };
      return {
        kind: "warning",
        detail: `fsevents does not load: ${fault}`,
        advice: "Messages are still noticed by polling; npm ci installs it",
      };
    },
  },
  {
    name: "home",
    title: "Home directory",
    platform: "any",
    examine: async ({ files, platform }, { homePath }) => {
      const look = await files.look(homePath);
      if (look === undefined) return { kind: "ok", detail: `${homePath} will be made` };
      if (!look.isDirectory) return homeFailure(`${homePath} is not a directory`, "Move that file away");
      if (look.userId !== platform.userId) {
        return homeFailure(
          `${homePath} belongs to user ${look.userId}`,
          `Run: sudo chown -R ${platform.userId} "${homePath}"`,
        );
      }
      const mode = `mode 0${look.mode.toString(8)}`;
      if ((look.mode & 0o077) !== 0) {
        return homeFailure(`${homePath} is open to others (${mode})`, `Run: chmod 700 "${homePath}"`);
      }
      return { kind: "ok", detail: `${homePath} (${mode})` };
    },
  },
  {
    name: "free-disk",
    title: "Free disk space",
    platform: "any",
    examine: async ({ files }, { homePath }) => diskFinding(await files.freeBytes(homePath)),
  },
];

function nodeFinding(version: string, path: string): Finding {
  const major = Number(version.split(".")[0]);
  if (major >= NODE_MAJOR_MIN) return { kind: "ok", detail: `${version} (${path})` };
  return {
    kind: "failed",
    detail: `${version} (${path}) is older than ${NODE_MAJOR_MIN}`,
    advice: "Start imesh with npm, which takes the node that npm ci installed: npm start",
    exitCode: EXIT_CODES.configuration,
  };
}

function diskFinding(bytes: number | undefined): Finding {
  if (bytes === undefined) return { kind: "not-applicable", detail: "the system does not tell" };
  const detail = `${(bytes / GIB).toFixed(1)} GiB free`;
  const advice = "Free some space: System Settings → General → Storage";
  if (bytes < FREE_BYTES_MIN) return { kind: "failed", detail, advice, exitCode: EXIT_CODES.cannotCreate };
  return bytes < FREE_BYTES_WARNING ? { kind: "warning", detail, advice } : { kind: "ok", detail };
}

function homeFailure(detail: string, advice: string): Finding {
  return { kind: "failed", detail, advice, exitCode: EXIT_CODES.noPermission };
}
