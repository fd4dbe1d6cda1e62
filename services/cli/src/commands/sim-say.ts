import { SimulatorServiceClient } from "@imesh/contracts/simulator/v1";
import { EXIT_CODES } from "@imesh/lifecycle";
import { connect } from "@imesh/rpc";
import { HOME_FLAG, simulatorTarget } from "../clients/targets.ts";
import { defineCommand, JSON_FLAG } from "../command.ts";
import { unixNs } from "../events/unix-ns.ts";
import { writtenMessageRecord } from "../events/written-message-record.ts";
import { formatMs } from "../terminal/duration.ts";
import { DEFAULT_CONTACT } from "./contact.ts";

const JOIN_DELAY_MS_MAX = 600_000;
const NANOS_PER_MS = 1_000_000;

/** `imesh sim say`. */
export const simSayCommand = defineCommand({
  name: "sim say",
  summary: "Lets a contact of the simulated Mac say something.",
  operands: [{ name: "TEXT", help: "What is said, 1 to 100000 UTF-16 code units" }],
  flags: {
    from: { type: "string", default: DEFAULT_CONTACT, help: "Address of the contact: E.164 number or mail" },
    chat: { type: "string", default: null, help: "Group to say it in, by guid; without it the direct chat" },
    joinDelay: {
      type: "integer",
      min: 0,
      max: JOIN_DELAY_MS_MAX,
      default: null,
      help: "Milliseconds between the message's row and its chat join",
    },
    ...HOME_FLAG,
    ...JSON_FLAG,
  },
  notes: ['Example: imesh sim say "Are you there?" --from +15557654321 --join-delay 200'],
  run: async ({ flags, operands: [text = ""] }, { output, clock, surroundings, environment }) => {
    await using simulator = connect(SimulatorServiceClient, simulatorTarget(flags.home, surroundings), {
      clock,
    });
    const { message } = await simulator.call(
      "say",
      {
        from: flags.from,
        text,
        chatGuid: flags.chat ?? "",
        ...(flags.joinDelay === null ? {} : { joinDelay: duration(flags.joinDelay) }),
      },
      { signal: environment.stop, deadlineMs: (flags.joinDelay ?? 0) + 10_000 },
    );
    if (message === undefined) return EXIT_CODES.internal;
    if (flags.json) {
      output.json(writtenMessageRecord(message));
      return EXIT_CODES.ok;
    }
    const { style } = output;
    const joinedAfterMs =
      Number((unixNs(message.joinedTime) ?? 0n) - (unixNs(message.insertTime) ?? 0n)) / NANOS_PER_MS;
    output.line(`${style("good", "said")} in ${message.chatGuid}`);
    output.line(
      style("dim", `row ${message.rowid}, joined after ${formatMs(joinedAfterMs)}, guid ${message.guid}`),
    );
    return EXIT_CODES.ok;
  },
});

function duration(ms: number) {
  return { seconds: BigInt(Math.floor(ms / 1000)), nanos: (ms % 1000) * NANOS_PER_MS };
}
