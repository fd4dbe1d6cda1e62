import { privateDirectory } from "@imesh/lifecycle";
import type { CommandContext } from "../command.ts";
import type { Answerer } from "../conversation/exchange-view.ts";
import type { ExchangeTargets } from "../exchange/exchange-follower.ts";
import { type Home, socketTarget } from "../home/home.ts";
import { HomeLock } from "../home/home-lock.ts";
import { describeExit } from "../supervisor/exit-meaning.ts";
import type { ServiceReport } from "../supervisor/managed-service.ts";
import { startSupervisor } from "../supervisor/supervisor.ts";
import { formatMs } from "../terminal/duration.ts";
import { noteLog } from "../terminal/note-log.ts";
import type { Style } from "../terminal/style.ts";
import { refuseUnlessFree } from "./listen-address.ts";
import { type StackOptions, serviceNames, stackPlan, usesStandIn } from "./stack-plan.ts";

const NS_PER_MS = 1_000_000n;

/** Every service of a home, serving. Disposing stops them in reverse order and gives the home free. */
export interface RunningStack extends AsyncDisposable {
  readonly home: Home;
  readonly targets: ExchangeTargets;
  readonly answerer: Answerer;
  /** From the call until every service served, in milliseconds. */
  readonly readyMs: number;
  /** Rejects with ServiceFailure when a service cannot be kept running. */
  readonly ended: Promise<void>;
  /** From now on `show` gets what is worth telling (a service was restarted) instead of standard error. */
  onNote(show: (line: string) => void): void;
}

/**
 * Takes the home, starts its services and returns when all serve. Throws StartupError: 75 when somebody runs
 * the home already or listens where mac-bridge is to, 73 and 77 for its directories, ServiceFailure for a service; everything is released by
 * then.
 */
export async function startStack(
  options: StackOptions,
  readyDeadlineMs: number,
  context: CommandContext,
): Promise<RunningStack> {
  const { clock, random, output, environment } = context;
  const { home } = options;
  const startedMs = clock.monotonicMs();
  for (const path of [home.path, home.runPath, home.logsPath, home.cachePath]) await privateDirectory(path);
  await using resources = new AsyncDisposableStack();
  resources.use(environment.hold());
  const plans = stackPlan(options);
  const startedAt = new Date(Number(clock.wallUnixNs() / NS_PER_MS)).toISOString();
  const mode = options.mac.kind === "real" ? "mac" : "simulated";
  const owner = { pid: environment.pid, startedAt, mode, services: serviceNames(plans) } as const;
  resources.use(await HomeLock.take(home, owner));
  // A service that meets it would be started again and again in the hope that it passes.
  if (options.listen !== null) await refuseUnlessFree(options.listen, clock);
  let note = (line: string) => output.note(line);
  const report = (each: ServiceReport) => {
    const line = reportLine(each, output.noteStyle);
    if (line !== undefined) note(line);
  };
  const ports = { clock, random, log: noteLog(output), report };
  const patience = { logsPath: home.logsPath, readyDeadlineMs };
  const supervisor = resources.use(await startSupervisor(ports, plans, patience, environment.stop));
  const kill = () => supervisor.kill();
  environment.kill.addEventListener("abort", kill);
  resources.defer(() => {
    note = (line: string) => output.note(line);
  });
  const readyMs = clock.monotonicMs() - startedMs;
  const owned = resources.move();
  return {
    home,
    targets: {
      simulator: socketTarget(home, "messages-simulator"),
      bridge: socketTarget(home, "mac-bridge"),
      agent: socketTarget(home, "agent"),
    },
    answerer: usesStandIn(options.variables) ? "stand-in" : "claude",
    readyMs,
    ended: supervisor.ended,
    onNote: (show) => {
      note = show;
    },
    [Symbol.asyncDispose]: async () => {
      await owned.disposeAsync();
      environment.kill.removeEventListener("abort", kill);
    },
  };
}

/** What of a service's life is worth a line; undefined for the ordinary. */
function reportLine(report: ServiceReport, style: Style): string | undefined {
  switch (report.kind) {
    case "restarting": {
      const { service, exit, delayMs } = report;
      const what = `${service} ${describeExit(exit)}; starting it again in ${formatMs(delayMs)}`;
      return `${style("warning", "imesh:")} ${what}`;
    }
    case "killed":
      return `${style("warning", "imesh:")} ${report.service} did not end in ${formatMs(report.waitedMs)} and was killed`;
    case "started":
    case "serving":
    case "stopped":
      return undefined;
  }
}
