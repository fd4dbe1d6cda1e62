import { join } from "node:path";
import { defineCommand, JSON_FLAG } from "../command.ts";
import type { DoctorTarget, Finding } from "../doctor/check.ts";
import { doctorExitCode, examineAll } from "../doctor/doctor.ts";
import { doctorTarget } from "../doctor/doctor-target.ts";
import { findingLines, findingRecord } from "../doctor/finding-lines.ts";
import { systemDoctorPorts } from "../doctor/system-ports.ts";
import { homeToStart } from "../home/home.ts";

/** `imesh doctor`. */
export const doctorCommand = defineCommand({
  name: "doctor",
  summary:
    "Examines what imesh needs on this machine and tells how to mend what is missing. Changes nothing.",
  operands: [],
  flags: {
    mode: {
      type: "choice",
      choices: ["mac", "simulated"],
      default: null,
      help: "What to examine for: real Messages, or the simulated Mac. Default mac on macOS",
    },
    home: {
      type: "string",
      default: null,
      help: "Home directory to examine; default as imesh start chooses it",
    },
    chatDb: { type: "string", default: null, help: "Messages' database; default ~/Library/Messages/chat.db" },
    ...JSON_FLAG,
  },
  notes: [
    "Exit codes: 0 without a failure, else that of the first failure: 66, 73, 77, 78; warnings do not count.",
  ],
  run: async ({ flags }, { environment, surroundings, output }) => {
    const mode: DoctorTarget["mode"] =
      flags.mode ?? (environment.platform === "darwin" ? "mac" : "simulated");
    const home = homeToStart(flags.home, mode, surroundings);
    const chatDbPath = flags.chatDb ?? join(surroundings.userDirectory, "Library", "Messages", "chat.db");
    const target = doctorTarget({ mode, home, chatDbPath, nodePath: environment.nodePath });
    const findings: Finding[] = [];
    for await (const examined of examineAll(systemDoctorPorts(environment), target, environment.stop)) {
      findings.push(examined.finding);
      if (flags.json) output.json(findingRecord(examined));
      else for (const line of findingLines(examined, output.style)) output.line(line);
    }
    return doctorExitCode(findings);
  },
});
