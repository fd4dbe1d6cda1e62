import { EXIT_CODES, readStatusFile } from "@imesh/lifecycle";
import { followEvents } from "../clients/event-feed.ts";
import type { CommandContext } from "../command.ts";
import { STAND_IN_NOTICE } from "../conversation/exchange-view.ts";
import { eventLine } from "../events/event-line.ts";
import { statusPath } from "../home/home.ts";
import { formatMs } from "../terminal/duration.ts";
import { untilAborted } from "../until-aborted.ts";
import type { RunningStack } from "./running-stack.ts";

/** How to serve. */
export interface ServeOptions {
  readonly isMac: boolean;
  readonly isJson: boolean;
}

/**
 * Runs until told to end; with the real Messages and a terminal it shows what happens. Throws ServiceFailure.
 */
export async function serve(
  stack: RunningStack,
  options: ServeOptions,
  context: CommandContext,
): Promise<number> {
  const { environment, output } = context;
  // Its own word, because --listen may have left the port to the system.
  const bridge = (await readStatusFile(statusPath(stack.home, "mac-bridge")))?.grpc ?? [stack.targets.bridge];
  announce(stack, bridge, options, context);
  const told = untilAborted(environment.stop);
  const shown = options.isMac && output.isTerminal && !options.isJson ? showEvents(stack, context) : told;
  await Promise.race([told, stack.ended, shown]);
  return EXIT_CODES.ok;
}

function announce(
  stack: RunningStack,
  bridge: readonly string[],
  options: ServeOptions,
  { output }: CommandContext,
): void {
  const { isMac } = options;
  if (options.isJson) {
    output.json({
      kind: "ready",
      readyMs: stack.readyMs,
      home: stack.home.path,
      mode: isMac ? "mac" : "simulated",
      answeredBy: stack.answerer,
      bridge,
    });
    return;
  }
  const { style } = output;
  const what = isMac ? "with the real Messages" : "with a simulated Mac";
  output.line(`${style("strong", `imesh is ready in ${formatMs(stack.readyMs)}`)}  ${style("dim", what)}`);
  if (stack.answerer === "stand-in") output.line(style("warning", STAND_IN_NOTICE));
  output.line(`mac-bridge serves on ${bridge.join(" and ")}`);
  output.line(style("dim", "Ctrl-C ends it."));
}

function showEvents(stack: RunningStack, context: CommandContext): Promise<void> {
  const { clock, random, output, environment } = context;
  return followEvents({
    target: stack.targets.bridge,
    consumer: "imesh-start",
    start: { kind: "from-head" },
    onEvents: async (events) => {
      for (const event of events) output.line(eventLine(event, output.style));
      await output.drained(environment.stop);
    },
    clock,
    random,
    signal: environment.stop,
  });
}
