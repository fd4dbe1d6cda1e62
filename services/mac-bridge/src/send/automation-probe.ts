import { unreachable } from "@imesh/flow";
import { scriptErrorNumber } from "./script-error.ts";
import type { ScriptEnd, ScriptRunner } from "./script-runner.ts";

const PROBE_SCRIPT_PATH = `${import.meta.dirname}/probe-automation.applescript`;

/** Whether this program may and can control Messages, and if not, what is missing and how a person gives it. */
export type AutomationReport =
  | { readonly kind: "granted" }
  /** macOS says no (-1743). */
  | { readonly kind: "denied"; readonly grant: "Automation"; readonly number: number; readonly howTo: string }
  /** No answer: often the consent dialog waits on the screen, or Messages hangs. */
  | {
      readonly kind: "no-answer";
      readonly grant: "Automation";
      readonly number: number;
      readonly howTo: string;
    }
  /** osascript is not there or cannot be started; this is hardly a Mac. */
  | { readonly kind: "no-osascript"; readonly code: string; readonly howTo: string }
  /** Messages answered with an error that is not about the grant. */
  | { readonly kind: "failed"; readonly number: number; readonly howTo: string };

const GIVE_GRANT =
  "System Settings → Privacy & Security → Automation: find the program that runs mac-bridge and switch Messages on. " +
  "If it is not listed, run the check once in a Terminal of the Mac's own screen (not over SSH) and allow it when asked";

/** Sends Messages a harmless Apple event, which needs the same grant as sending does. Never sends a message. */
export async function probeAutomation(
  runner: Pick<ScriptRunner, "run">,
  signal: AbortSignal,
): Promise<AutomationReport> {
  return automationReportOf(await runner.run({ scriptPath: PROBE_SCRIPT_PATH, arguments: [] }, signal));
}

/** What the end of the probe means. Pure. */
export function automationReportOf(end: ScriptEnd): AutomationReport {
  switch (end.kind) {
    case "exited":
      return end.code === 0 ? { kind: "granted" } : failedReport(scriptErrorNumber(end.stderr));
    case "killed":
      return noAnswer(0);
    case "signalled":
      return failedReport(0);
    case "not-started":
      return {
        kind: "no-osascript",
        code: end.code,
        howTo: "Check --osascript; on a Mac it is /usr/bin/osascript",
      };
    default:
      return unreachable(end);
  }
}

function failedReport(number: number): AutomationReport {
  if (number === -1743) return { kind: "denied", grant: "Automation", number, howTo: GIVE_GRANT };
  if (number === -1712) return noAnswer(number);
  return {
    kind: "failed",
    number,
    howTo: "Open Messages on the Mac's screen, sign in, and run the check again",
  };
}

function noAnswer(number: number): AutomationReport {
  return {
    kind: "no-answer",
    grant: "Automation",
    number,
    howTo: `Look at the Mac's screen: a consent dialog may be waiting there, or Messages hangs. ${GIVE_GRANT}`,
  };
}
