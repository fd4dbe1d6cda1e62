import { EXIT_CODES, StartupError } from "@imesh/lifecycle";
import type { SubscriptionState } from "@imesh/rpc";
import { type FeedStart, followEvents } from "../clients/event-feed.ts";
import { BRIDGE_FLAGS, bridgeTarget } from "../clients/targets.ts";
import { defineCommand, JSON_FLAG } from "../command.ts";
import { DayLines } from "../events/day-lines.ts";
import { eventLine } from "../events/event-line.ts";
import { eventRecord } from "../events/event-record.ts";
import { IS_IT_RUNNING } from "../failure.ts";
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
    follow: { type: "boolean", default: true, help: "Go on when everything there is was shown" },
    ...BRIDGE_FLAGS,
    ...JSON_FLAG,
  },
  notes: [
    "Columns: sequence, time of journaling, how it arrived, what it is, details, in brackets what more there is.",
    "Times are local, with a line for each new day; in JSON they are UTC.",
    "Without a bridge it waits for one; with --no-follow it ends with 69.",
    "To go on later where it ended: imesh tail --json --after <last sequence>.",
  ],
  run: async ({ flags }, { output, clock, random, surroundings, environment }) => {
    const enough = new AbortController();
    const signal = AbortSignal.any([environment.stop, enough.signal]);
    let left = flags.limit ?? Number.POSITIVE_INFINITY;
    const target = bridgeTarget(flags, surroundings);
    const days = new DayLines(clock.wallUnixNs());
    await followEvents({
      target,
      consumer: "imesh-tail",
      start: startOf(flags),
      onEvents: async (events) => {
        for (const event of events.slice(0, left)) {
          if (flags.json) {
            output.json(eventRecord(event));
            continue;
          }
          const day = days.newDay(event);
          if (day !== undefined) output.line(output.style("dim", day));
          output.line(eventLine(event, output.style));
        }
        left -= events.length;
        await output.drained(signal);
        if (left <= 0) enough.abort(new Error("The limit is reached"));
      },
      onCaughtUp: () => {
        if (!flags.follow) enough.abort(new Error("The head is reached"));
      },
      onState: flags.follow ? connectionNotes(target, output) : () => {},
      failsAtOnce: !flags.follow,
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

/**
 * Tells on standard error when the bridge goes and when it is back; a first connection is no news. Where it was looked for
 * and what to do about it is said once.
 */
function connectionNotes(target: string, output: Output): (state: SubscriptionState) => void {
  const style = output.noteStyle;
  let isLost = false;
  let isKnown = false;
  return (state) => {
    if (state.kind === "waiting" && state.end.kind !== "ended" && !isLost) {
      isLost = true;
      const why = state.end.kind === "failed" ? state.end.error.reason : state.end.kind;
      const where = isKnown ? "" : ` at ${target}`;
      output.note(`${style("warning", "no connection")} to mac-bridge${where} (${why}); trying again`);
      if (!isKnown) output.note(`  ${style("accent", "→")} ${IS_IT_RUNNING}`);
      isKnown = true;
    }
    if (state.kind === "streaming" && isLost) {
      isLost = false;
      output.note(`${style("good", "connected")} to mac-bridge`);
    }
  };
}
