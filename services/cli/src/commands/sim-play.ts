import { SimulatorServiceClient } from "@imesh/contracts/simulator/v1";
import { EXIT_CODES } from "@imesh/lifecycle";
import { connect } from "@imesh/rpc";
import { HOME_FLAG, simulatorTarget } from "../clients/targets.ts";
import { defineCommand, JSON_FLAG } from "../command.ts";

/** `imesh sim play`. */
export const simPlayCommand = defineCommand({
  name: "sim play",
  summary: "Lets random things happen in the simulated Mac, the same ones for the same seed.",
  operands: [],
  flags: {
    steps: { type: "integer", min: 1, max: 1_000_000, default: 20, help: "How many" },
    seed: { type: "integer", min: 0, max: 2 ** 32 - 1, default: 1, help: "Seed of what happens" },
    rate: {
      type: "integer",
      min: 0,
      max: 100_000,
      default: 0,
      help: "Steps a second; 0 for as fast as can be",
    },
    disturbances: { type: "boolean", default: false, help: "Checkpoints and killed writers as well" },
    replacements: { type: "boolean", default: false, help: "Other databases in place of this one as well" },
    ...HOME_FLAG,
    ...JSON_FLAG,
  },
  notes: ["Each step is one line, as soon as it is committed."],
  run: async ({ flags }, { output, clock, surroundings, environment }) => {
    await using simulator = connect(SimulatorServiceClient, simulatorTarget(flags.home, surroundings), {
      clock,
    });
    const request = {
      seed: BigInt(flags.seed),
      steps: flags.steps,
      ratePerSecond: flags.rate,
      hasDisturbances: flags.disturbances,
      hasReplacements: flags.replacements,
    };
    for await (const { step, label, lastChangeSequence } of simulator.stream("play", request, {
      signal: environment.stop,
    })) {
      if (flags.json) output.json({ step, label, lastChangeSequence });
      else output.line(`${output.style("dim", String(step).padStart(6))}  ${label}`);
      await output.drained(environment.stop);
    }
    return EXIT_CODES.ok;
  },
});
