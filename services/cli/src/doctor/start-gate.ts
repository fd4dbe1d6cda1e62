import { StartupError } from "@imesh/lifecycle";
import type { CommandContext } from "../command.ts";
import type { DoctorTarget, Examined } from "./check.ts";
import { examineAll } from "./doctor.ts";
import { findingLines } from "./finding-lines.ts";
import { systemDoctorPorts } from "./system-ports.ts";

/**
 * Examines everything before real Messages is touched: warnings are told, a failure stops the start. Throws
 * StartupError with the first failure's words, advice and exit code; all of them are told before.
 */
export async function refuseUnlessHealthy(target: DoctorTarget, context: CommandContext): Promise<void> {
  const { environment, output } = context;
  let first: Examined | undefined;
  for await (const examined of examineAll(systemDoctorPorts(environment), target, environment.stop)) {
    const { kind } = examined.finding;
    if (kind !== "failed" && kind !== "warning") continue;
    for (const line of findingLines(examined, output.noteStyle)) output.note(line);
    if (kind === "failed") first ??= examined;
  }
  environment.stop.throwIfAborted();
  if (first?.finding.kind !== "failed") return;
  throw new StartupError({
    exitCode: first.finding.exitCode,
    message: `Cannot start with the real Messages: ${first.finding.detail}`,
    hint: first.finding.advice,
  });
}
