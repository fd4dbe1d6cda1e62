import { SimulatorServiceClient } from "@imesh/contracts/simulator/v1";
import { EXIT_CODES } from "@imesh/lifecycle";
import { connect } from "@imesh/rpc";
import { callerDirectory } from "../caller-directory.ts";
import { HOME_FLAG, simulatorTarget } from "../clients/targets.ts";
import { defineCommand, JSON_FLAG } from "../command.ts";
import { readContent } from "../decode/body-input.ts";
import { actExamples } from "../simulator/act-examples.ts";
import { parseActRequest } from "../simulator/act-request.ts";

/** A backfill of 100,000 messages takes about so long. */
const DEADLINE_MS = 120_000;

/** `imesh sim act`. */
export const simActCommand = defineCommand({
  name: "sim act",
  summary: "Lets something happen to what is there: an edit, an unsend, a reaction, a poll, a new name.",
  operands: [
    { name: "ACT", help: "What happens, as JSON; or the path of a file with it, or - for standard input" },
  ],
  flags: { ...HOME_FLAG, ...JSON_FLAG },
  notes: [
    "Rows are those that imesh sim say prints; imesh chats lists the guids of chats. Acts, with an example of each:",
    "",
    ...actExamples().map(({ json }) => `'${json}'`),
    "",
    "All fields: proto/imesh/simulator/v1/simulator.proto, ActRequest. Exit codes: 64 for an act that cannot be,",
    "66 when what it names is not there, 78 when it cannot happen to it.",
  ],
  run: async ({ flags, operands: [operand = ""] }, { output, clock, surroundings, environment }) => {
    const { stdin, stop } = environment;
    const sources = { stdin, workingDirectory: callerDirectory(environment), signal: stop };
    const isJson = operand.trimStart().startsWith("{");
    const text = isJson ? operand : Buffer.from(await readContent(operand, sources)).toString("utf8");
    const request = parseActRequest(text);
    await using simulator = connect(SimulatorServiceClient, simulatorTarget(flags.home, surroundings), {
      clock,
    });
    const { messageRowids, lastChangeSequence } = await simulator.call("act", request, {
      signal: stop,
      deadlineMs: DEADLINE_MS,
    });
    const act = request.action?.$case ?? "";
    if (flags.json) {
      output.json({ act, messageRowids, lastChangeSequence });
      return EXIT_CODES.ok;
    }
    const rows = messageRowids.length === 0 ? "no message" : `row ${messageRowids.join(", ")}`;
    output.line(`${output.style("good", act)}  ${rows}`);
    output.line(output.style("dim", `visible changes so far: ${lastChangeSequence}`));
    return EXIT_CODES.ok;
  },
});
