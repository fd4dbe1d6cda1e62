import { SimulatorServiceClient } from "@imesh/contracts/simulator/v1";
import { EXIT_CODES, StartupError } from "@imesh/lifecycle";
import { connect } from "@imesh/rpc";
import { HOME_FLAG, simulatorTarget } from "../clients/targets.ts";
import { defineCommand, JSON_FLAG } from "../command.ts";
import { writtenMessageRecord } from "../events/written-message-record.ts";
import { formatMs } from "../terminal/duration.ts";

const MESSAGES_MAX = 1_000_000;

/** `imesh sim burst`. */
export const simBurstCommand = defineCommand({
  name: "sim burst",
  summary: "Lets many contacts of the simulated Mac talk at once.",
  operands: [{ name: "N", help: "Messages in all, 1 to 1000000" }],
  flags: {
    chats: { type: "integer", min: 1, max: 1_000, default: 5, help: "Direct chats they are spread over" },
    rate: {
      type: "integer",
      min: 0,
      max: 100_000,
      default: 0,
      help: "Messages a second over all chats; 0 for as fast as can be",
    },
    seed: { type: "integer", min: 0, max: 2 ** 32 - 1, default: 1, help: "Seed of texts, order and waits" },
    prefix: { type: "string", default: "burst", help: "What each text begins with; a number follows" },
    ...HOME_FLAG,
    ...JSON_FLAG,
  },
  notes: ["With --json each message is one line, as soon as it is committed."],
  run: async ({ flags, operands: [count = ""] }, { output, clock, surroundings, environment }) => {
    const messages = parseCount(count);
    await using simulator = connect(SimulatorServiceClient, simulatorTarget(flags.home, surroundings), {
      clock,
    });
    const request = {
      messages,
      chats: flags.chats,
      ratePerSecond: flags.rate,
      joinDelay: undefined,
      seed: BigInt(flags.seed),
      prefix: flags.prefix,
    };
    const startedMs = clock.monotonicMs();
    let written = 0;
    for await (const { message } of simulator.stream("burst", request, { signal: environment.stop })) {
      written += 1;
      if (message === undefined || !flags.json) continue;
      output.json(writtenMessageRecord(message));
      await output.drained(environment.stop);
    }
    const tookMs = clock.monotonicMs() - startedMs;
    if (!flags.json) {
      const rate = Math.round((written * 1000) / Math.max(tookMs, 1));
      output.line(`${written} messages in ${flags.chats} chats, ${formatMs(tookMs)} (${rate} a second)`);
    }
    return EXIT_CODES.ok;
  },
});

function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= MESSAGES_MAX) return count;
  throw new StartupError({
    exitCode: EXIT_CODES.usage,
    message: `Cannot use N: "${text}" (integer 1..${MESSAGES_MAX})`,
    hint: "See imesh sim burst --help",
  });
}
