import type { CommandResult, DoctorPorts, FileLook, Platform } from "../doctor/ports.ts";

/** A machine as a test describes it; what is not said is a healthy Mac in Terminal. */
export interface FakeMachine {
  readonly platform?: Partial<Platform>;
  readonly files?: Readonly<Record<string, FileLook>>;
  readonly freeBytes?: number | undefined;
  /** Results by the last word of the program's path, or of the service's folder for our own; see HEALTHY. */
  readonly commands?: Readonly<Record<string, CommandResult>>;
}

export const USER_ID = 501;

/** A command that ended with `code` and said `out`. */
export function exited(code: number, out = "", err = ""): CommandResult {
  return { kind: "exited", code, out, err };
}

const HEALTHY: Readonly<Record<string, CommandResult>> = {
  "lock-broker": exited(0),
  "mac-bridge": exited(0),
  launchctl: exited(0, "Aqua\n"),
  pgrep: exited(0, "412\n"),
  pmset: exited(
    0,
    "System-wide power settings:\nCurrently in use:\n sleep                0 (sleep prevented by x)\n autorestart          1\n",
  ),
  fdesetup: exited(0, "FileVault is Off.\n"),
  defaults: exited(0, "ann\n"),
};

/** The doctor's ports on `machine`. */
export function fakeDoctorPorts(machine: FakeMachine = {}): DoctorPorts {
  const commands = { ...HEALTHY, ...machine.commands };
  return {
    files: {
      look: async (path) => machine.files?.[path],
      freeBytes: async () => ("freeBytes" in machine ? machine.freeBytes : 100 * 1024 ** 3),
    },
    commands: {
      run: async (command) => commands[programName(command)] ?? { kind: "absent" },
    },
    platform: {
      os: "macos",
      nodeVersion: "24.21.0",
      nodePath: "/opt/node",
      userId: USER_ID,
      variables: { TERM_PROGRAM: "Apple_Terminal" },
      loadFault: async () => undefined,
      ...machine.platform,
    },
  };
}

/** "/usr/bin/pmset" → "pmset"; node with ".../lock-broker/src/main.ts" → "lock-broker". */
function programName([program, script]: readonly string[]): string {
  const service = /([a-z-]+)\/src\/main\.ts$/.exec(script ?? "")?.[1];
  return service ?? program?.split("/").at(-1) ?? "";
}
