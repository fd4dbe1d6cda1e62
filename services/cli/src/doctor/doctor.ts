import { EXIT_CODES, type ExitCode } from "@imesh/lifecycle";
import type { Check, DoctorTarget, Examined, Finding } from "./check.ts";
import { HOST_CHECKS } from "./host-checks.ts";
import { MESSAGES_CHECKS } from "./messages-checks.ts";
import type { DoctorPorts } from "./ports.ts";
import { RUNTIME_CHECKS } from "./runtime-checks.ts";

/** Every check, in the order in which a person would mend what they find. */
export const CHECKS: readonly Check[] = [...RUNTIME_CHECKS, ...MESSAGES_CHECKS, ...HOST_CHECKS];

/**
 * Examines everything, one after the other (two questions of macOS at once would confuse), and hands each
 * finding over as it comes. Stops early when `signal` aborts.
 */
export async function* examineAll(
  ports: DoctorPorts,
  target: DoctorTarget,
  signal: AbortSignal,
): AsyncGenerator<Examined, void, void> {
  for (const check of CHECKS) {
    if (signal.aborted) return;
    yield { check, finding: await examine(check, ports, target) };
  }
}

/**
 * The code that a doctor's visit ends with: that of the first failure, 0 without one. Warnings do not count.
 */
export function doctorExitCode(findings: readonly Finding[]): ExitCode {
  const failure = findings.find((finding) => finding.kind === "failed");
  return failure === undefined ? EXIT_CODES.ok : failure.exitCode;
}

async function examine(check: Check, ports: DoctorPorts, target: DoctorTarget): Promise<Finding> {
  if (check.platform === "macos" && ports.platform.os !== "macos") {
    return { kind: "not-applicable", detail: "only on macOS" };
  }
  if (check.platform === "macos" && target.mode !== "mac") {
    return { kind: "not-applicable", detail: "only with --mac" };
  }
  return check.examine(ports, target);
}
