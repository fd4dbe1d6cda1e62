import type { Check, Finding } from "./check.ts";
import type { DoctorPorts } from "./ports.ts";

const PROGRAM_TIMEOUT_MS = 5_000;

/** What a Mac needs to hear and speak day and night. None of it stops a start: all are warnings. */
export const HOST_CHECKS: readonly Check[] = [
  { name: "sleep", title: "Sleep", platform: "macos", examine: examineSleep },
  { name: "restart-after-power-loss", title: "Power loss", platform: "macos", examine: examineAutorestart },
  { name: "automatic-login", title: "Login after restart", platform: "macos", examine: examineLogin },
];

/** Settings of `pmset -g`: name → value. Lines that are no pair of word and number are left out. Pure. */
export function parsePowerSettings(text: string): ReadonlyMap<string, number> {
  const settings = new Map<string, number>();
  for (const line of text.split("\n")) {
    const match = /^\s*(?<name>[A-Za-z]+)\s+(?<value>\d+)(?:\s|$)/.exec(line);
    if (match?.groups?.name !== undefined)
      settings.set(match.groups.name.toLowerCase(), Number(match.groups.value));
  }
  return settings;
}

async function examineSleep(ports: DoctorPorts): Promise<Finding> {
  const settings = await powerSettings(ports);
  const minutes = settings?.get("sleep");
  if (settings === undefined || minutes === undefined) return unknown("pmset -g");
  if (settings.get("sleepdisabled") === 1 || minutes === 0)
    return { kind: "ok", detail: "this Mac does not sleep" };
  return {
    kind: "warning",
    detail: `this Mac sleeps after ${minutes} min; a sleeping Mac neither hears nor speaks`,
    advice: "Run: sudo pmset -a sleep 0 (on a laptop the closed lid still sleeps)",
  };
}

async function examineAutorestart(ports: DoctorPorts): Promise<Finding> {
  const settings = await powerSettings(ports);
  const isOn = settings?.get("autorestart");
  // Laptops have no such setting: their battery is the answer.
  if (isOn === undefined) return { kind: "not-applicable", detail: "no such setting on this Mac" };
  if (isOn === 1) return { kind: "ok", detail: "starts again after a power loss" };
  return {
    kind: "warning",
    detail: "stays off after a power loss",
    advice: "Run: sudo pmset -a autorestart 1",
  };
}

async function examineLogin({ commands }: DoctorPorts): Promise<Finding> {
  const vault = await commands.run(["/usr/bin/fdesetup", "status"], PROGRAM_TIMEOUT_MS);
  if (vault.kind === "exited" && /FileVault is On/i.test(vault.out)) {
    return {
      kind: "warning",
      detail: "FileVault is on: after a restart somebody must type a password before Messages runs",
      advice: "For a Mac that nobody sits at: System Settings → Privacy & Security → FileVault → Turn Off",
    };
  }
  const login = await commands.run(
    ["/usr/bin/defaults", "read", "/Library/Preferences/com.apple.loginwindow", "autoLoginUser"],
    PROGRAM_TIMEOUT_MS,
  );
  if (login.kind !== "exited") return unknown("defaults read");
  if (login.code === 0 && login.out.trim() !== "")
    return { kind: "ok", detail: "somebody is logged in by itself" };
  return {
    kind: "warning",
    detail: "nobody is logged in after a restart, so Messages does not run",
    advice: "System Settings → Users & Groups → Automatically log in as …",
  };
}

async function powerSettings({ commands }: DoctorPorts): Promise<ReadonlyMap<string, number> | undefined> {
  const result = await commands.run(["/usr/bin/pmset", "-g"], PROGRAM_TIMEOUT_MS);
  return result.kind === "exited" && result.code === 0 ? parsePowerSettings(result.out) : undefined;
}

function unknown(source: string): Finding {
  return { kind: "not-applicable", detail: `${source} does not tell` };
}
