import { EXIT_CODES } from "@imesh/lifecycle";
import { HOME_FLAG } from "../clients/targets.ts";
import { defineCommand, JSON_FLAG } from "../command.ts";
import { homeToReach } from "../home/home.ts";
import { collectStatus, isWhole } from "../status/stack-status.ts";
import { statusLines, statusRecord } from "../status/status-lines.ts";

/** `imesh status`. */
export const statusCommand = defineCommand({
  name: "status",
  summary: "Tells how every service is and how far it got.",
  operands: [],
  flags: { ...HOME_FLAG, ...JSON_FLAG },
  notes: ["Exit codes: 0 when every service serves, 69 when one does not."],
  run: async ({ flags }, context) => {
    const { output, surroundings } = context;
    const status = await collectStatus(homeToReach(flags.home, surroundings), context);
    if (flags.json) output.json(statusRecord(status));
    else for (const line of statusLines(status, output.style)) output.line(line);
    return isWhole(status) ? EXIT_CODES.ok : EXIT_CODES.unavailable;
  },
});
