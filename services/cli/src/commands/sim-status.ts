import { SimulatorServiceClient } from "@imesh/contracts/simulator/v1";
import { EXIT_CODES } from "@imesh/lifecycle";
import { connect } from "@imesh/rpc";
import { HOME_FLAG, simulatorTarget } from "../clients/targets.ts";
import { defineCommand, JSON_FLAG } from "../command.ts";
import { unixNs } from "../events/unix-ns.ts";
import { formatLocalTime, formatRfc3339 } from "../terminal/duration.ts";
import { cell, tableLines } from "../terminal/table.ts";

/** `imesh sim status`. */
export const simStatusCommand = defineCommand({
  name: "sim status",
  summary: "Tells what the simulated Mac holds.",
  operands: [],
  flags: { ...HOME_FLAG, ...JSON_FLAG },
  notes: [],
  run: async ({ flags }, { output, clock, surroundings, environment }) => {
    await using simulator = connect(SimulatorServiceClient, simulatorTarget(flags.home, surroundings), {
      clock,
    });
    const status = await simulator.call("getStatus", {}, { signal: environment.stop });
    const startNs = unixNs(status.startTime);
    const record = {
      chatDbPath: status.chatDbPath,
      osascriptPath: status.osascriptPath,
      incoming: status.incoming,
      own: status.own,
      chats: status.chats,
      headRowid: status.headRowid,
      seed: status.seed,
      startTime: formatRfc3339(startNs),
    };
    if (flags.json) {
      output.json(record);
      return EXIT_CODES.ok;
    }
    const rows = [
      ["chat.db", status.chatDbPath],
      ["osascript", status.osascriptPath],
      ["messages", `${status.incoming} incoming, ${status.own} own, in ${status.chats} chats`],
      ["head", `row ${status.headRowid}`],
      ["seed", String(status.seed)],
      ["since", startNs === undefined ? "unknown" : formatLocalTime(startNs)],
    ];
    for (const line of tableLines(rows.map(([name = "", value = ""]) => [cell(name), cell(value)]))) {
      output.line(line);
    }
    return EXIT_CODES.ok;
  },
});
