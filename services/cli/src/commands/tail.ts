import { EXIT_CODES, StartupError } from "@imesh/lifecycle";
import type { SubscriptionState } from "@imesh/rpc";
import { type FeedStart, followEvents } from "../clients/event-feed.ts";
import { BRIDGE_FLAGS, bridgeTarget } from "../clients/targets.ts";
import { defineCommand, JSON_FLAG } from "../command.ts";
import { eventLine } from "../events/event-line.ts";
import { eventRecord } from "../events/event-record.ts";
import type { Output } from "../terminal/output.ts";

/** `imesh tail`. */
export const tailCommand = defineCommand({
  name: "tail",
  summary: "Follows what happens in Messages, across restarts of everything, until it is told to end.",
  operands: [],
  flags: {
    after: {
      type: "integer",
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      default: null,
      help: "Begin after this sequence; 0 for everything there is",
    },
    fromHead: { type: "boolean", default: false, help: "Begin with what comes from now on (the default)" },
    limit: { type: "integer", min: 1, max: 1_000_000_000, default: null, help: "End after this many events" },
    follow: { type: "boolean", default: true, help: "End when everything there is was shown" },
    ...BRIDGE_FLAGS,
    ...JSON_FLAG,
  },
  notes: [
    "Columns: sequence, time of journaling, how it arrived, what it is, details, in brackets what more there is.",
    "To go on later where it ended: imesh tail --json --after <last sequence>.",
  ],
  run: async ({ flags }, { output, clock, random, surroundings, environment }) => {
    const enough = new AbortController();
    const signal = AbortSignal.any([environment.stop, enough.signal]);
    let left = flags.limit ?? Number.POSITIVE_INFINITY;
    await followEvents({
      target: bridgeTarget(flags, surroundings),
      consumer: "imesh-tail",
      start: startOf(flags),
      onEvents: async (events) => {
        for (const event of events.slice(0, left)) {
          if (flags.json) output.json(eventRecord(event));
          else output.line(eventLine(event, output.style));
        }
        left -= events.length;
        await output.drained(signal);
        if (left <= 0) enough.abort(new Error("The limit is reached"));
      },
      onCaughtUp: () => {
        if (!flags.follow) enough.abort(new Error("The head is reached"));
      },
      onState: connectionNotes(output),
      clock,
      random,
      signal,
    });
    return EXIT_CODES.ok;
  },
});

function startOf(flags: { readonly after: number | null; readonly fromHead: boolean }): FeedStart {
  if (flags.after === null) return { kind: "from-head" };
  if (!flags.fromHead) return { kind: "after", sequence: BigInt(flags.after) };
  throw new StartupError({
    exitCode: EXIT_CODES.usage,
    message: `Cannot use --after: "${flags.after}" (together with --from-head)`,
    hint: "See imesh tail --help",
  });
}

/** Tells on standard error when the bridge goes and when it is back; a first connection is no news. */
function connectionNotes(output: Output): (state: SubscriptionState) => void {
  let isLost = false;
  return (state) => {
    if (state.kind === "waiting" && state.end.kind !== "ended" && !isLost) {
      isLost = true;
      const why = state.end.kind === "failed" ? state.end.error.reason : state.end.kind;
      output.note(`${output.noteStyle("warning", "no connection")} to mac-bridge (${why}); trying again`);
    }
    if (state.kind === "streaming" && isLost) {
      isLost = false;
      output.note(`${output.noteStyle("good", "connected")} to mac-bridge`);
    }
  };
}
