import { unreachable } from "@imesh/flow";
import { EXIT_CODES, StartupError } from "@imesh/lifecycle";
import type { Clock } from "@imesh/time";
import type { ScriptConfig } from "./config.ts";
import { type AutomationReport, probeAutomation } from "./send/automation-probe.ts";
import { ScriptRunner, type ScriptRunnerPorts } from "./send/script-runner.ts";

/** What a check found. */
export interface CheckResult {
  /** One line of JSON. */
  readonly line: string;
  /** What to end the process with; null when all is well. */
  readonly failure: StartupError | null;
}

/** `--check`: whether this program may control Messages. Sends one harmless Apple event and never a message. */
export async function checkAutomation(
  config: ScriptConfig,
  deps: {
    readonly clock: Clock;
    readonly killProcessGroup: ScriptRunnerPorts["killProcessGroup"];
    readonly environment: Readonly<Record<string, string>>;
  },
  signal: AbortSignal,
): Promise<CheckResult> {
  const runner = new ScriptRunner(deps, {
    osascriptPath: config.osascriptPath,
    environment: deps.environment,
    deadlineMs: config.sendDeadlineMs,
  });
  const automation = await probeAutomation(runner, signal);
  return { line: JSON.stringify({ check: "automation", ...automation }), failure: failureOf(automation) };
}

function failureOf(report: AutomationReport): StartupError | null {
  switch (report.kind) {
    case "granted":
      return null;
    case "denied":
      return failure(EXIT_CODES.noPermission, "macOS does not allow it", report.howTo);
    case "no-answer":
      return failure(EXIT_CODES.unavailable, "no answer", report.howTo);
    case "no-osascript":
      return failure(EXIT_CODES.unavailable, `osascript cannot be started, ${report.code}`, report.howTo);
    case "failed":
      return failure(EXIT_CODES.unavailable, `error ${report.number}`, report.howTo);
    default:
      return unreachable(report);
  }
}

function failure(exitCode: StartupError["exitCode"], detail: string, hint: string): StartupError {
  return new StartupError({ exitCode, message: `Cannot control Messages: (${detail})`, hint });
}
