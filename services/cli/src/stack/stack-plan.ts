import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type Address,
  EXIT_CODES,
  formatAddress,
  readStatusFile,
  StartupError,
  serviceLaunch,
} from "@imesh/lifecycle";
import type { Clock } from "@imesh/time";
import { probeHealth } from "../clients/health-probe.ts";
import { probeHttp } from "../clients/http-probe.ts";
import { type Home, type ServiceName, socketPath, socketTarget, statusPath } from "../home/home.ts";
import { servicePath } from "../home/service-path.ts";
import type { Readiness, ServicePlan } from "../supervisor/service-plan.ts";

/** What Messages the stack runs against. */
export type Mac =
  | { readonly kind: "simulated"; readonly seed: number }
  | { readonly kind: "real"; readonly chatDbPath: string; readonly osascriptPath: string };

/** What differs from stack to stack. */
export interface StackOptions {
  readonly home: Home;
  readonly mac: Mac;
  /** Where mac-bridge listens beside its socket; null for nowhere. */
  readonly listen: Extract<Address, { kind: "tcp" }> | null;
  /**
   * First of three consecutive ports for metrics (lock-broker, mac-bridge, agent); null for any free ones.
   */
  readonly metricsPort: number | null;
  readonly nodePath: string;
  /** The CLI's own environment; services get it with what they need added. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
}

const KEY_VARIABLE = "ANTHROPIC_API_KEY";

/** Whether the stand-in answers instead of Claude: nobody gave a key. */
export function usesStandIn(variables: Readonly<Record<string, string | undefined>>): boolean {
  return (variables[KEY_VARIABLE] ?? "") === "";
}

/**
 * The services of a stack in the order in which they start. Those that need nothing of each other start side
 * by side: mac-bridge and the agent wait by themselves for whom they talk to.
 */
export function stackPlan(options: StackOptions): ServicePlan[] {
  const isSimulated = options.mac.kind === "simulated";
  const hasStandIn = usesStandIn(options.variables);
  return [
    ...(isSimulated ? [simulatorPlan(options)] : []),
    ...(hasStandIn ? [standInPlan(options)] : []),
    brokerPlan(options, isSimulated ? ["messages-simulator"] : []),
    bridgePlan(options, isSimulated ? ["messages-simulator"] : []),
    agentPlan(options, hasStandIn ? ["claude-stand-in"] : []),
  ];
}

/** Names of the services of `plans`. */
export function serviceNames(plans: readonly ServicePlan[]): readonly ServiceName[] {
  return plans.map((plan) => plan.name as ServiceName);
}

/** chat.db of a stack. */
export function chatDbPath({ home, mac }: Pick<StackOptions, "home" | "mac">): string {
  return mac.kind === "real" ? mac.chatDbPath : join(home.macPath, "Library", "Messages", "chat.db");
}

/** What stands where /usr/bin/osascript stands. */
export function osascriptPath({ home, mac }: Pick<StackOptions, "home" | "mac">): string {
  return mac.kind === "real" ? mac.osascriptPath : join(home.macPath, "usr", "bin", "osascript");
}

function simulatorPlan(options: StackOptions): ServicePlan {
  const { home, mac } = options;
  const seed = mac.kind === "simulated" ? mac.seed : 0;
  return grpcPlan(options, "messages-simulator", [], () => [
    ...["--mac", home.macPath, "--run-dir", home.runPath, "--seed", String(seed)],
  ]);
}

function brokerPlan(options: StackOptions, after: readonly string[]): ServicePlan {
  return grpcPlan(options, "lock-broker", after, () => [
    ...["--chat-db", chatDbPath(options), "--ledger", options.home.ledgerPath],
    ...metricsFlag(options, 0),
  ]);
}

function bridgePlan(options: StackOptions, after: readonly string[]): ServicePlan {
  const { home, listen } = options;
  return grpcPlan(options, "mac-bridge", after, () => [
    ...["--broker", socketTarget(home, "lock-broker"), "--journal", home.journalPath],
    ...["--osascript", osascriptPath(options)],
    ...(listen === null ? [] : ["--listen", formatAddress(listen)]),
    ...metricsFlag(options, 1),
  ]);
}

function agentPlan(options: StackOptions, after: readonly string[]): ServicePlan {
  const { home } = options;
  return grpcPlan(options, "agent", after, async () => [
    ...["--bridge", socketTarget(home, "mac-bridge"), "--store", home.agentStorePath],
    ...(usesStandIn(options.variables) ? ["--model-endpoint", await standInUrl(home)] : []),
    ...metricsFlag(options, 2),
  ]);
}

/** A service that listens on a socket of its own and tells its health there. */
function grpcPlan(
  options: StackOptions,
  service: Exclude<ServiceName, "claude-stand-in">,
  after: readonly string[],
  parameters: () => readonly string[] | Promise<readonly string[]>,
): ServicePlan {
  const { home, clock } = options;
  const status = statusPath(home, service);
  return {
    name: service,
    after,
    prepare: async () => {
      await rm(status, { force: true });
      const own = ["--socket", socketPath(home, service), "--status-file", status];
      return serviceCommand(options, service, [...(await parameters()), ...own]);
    },
    probe: (signal) => probeHealth(socketTarget(home, service), clock, signal),
  };
}

/**
 * The stand-in listens on a free port. Restarted, it takes the same one again, because the agent knows no
 * other.
 */
function standInPlan(options: StackOptions): ServicePlan {
  const status = statusPath(options.home, "claude-stand-in");
  let listen = "127.0.0.1:0";
  return {
    name: "claude-stand-in",
    after: [],
    prepare: async () => {
      await rm(status, { force: true });
      return serviceCommand(options, "claude-stand-in", ["--listen", listen, "--status-file", status]);
    },
    probe: async (signal): Promise<Readiness> => {
      const url = (await readStatusFile(status))?.http;
      if (url === undefined) return { kind: "not-serving", detail: "it does not listen" };
      listen = new URL(url).host;
      return probeHttp(new URL("/healthz", url).href, signal);
    },
  };
}

function serviceCommand(options: StackOptions, service: ServiceName, parameters: readonly string[]) {
  const { [KEY_VARIABLE]: key, ...variables } = options.variables;
  const launch = serviceLaunch(options.home.cachePath);
  return {
    command: [options.nodePath, ...launch.nodeFlags, servicePath(service), ...parameters] as const,
    variables: {
      ...variables,
      // A secret goes to the one process that uses it.
      ...(service === "agent" && key !== undefined && key !== "" ? { [KEY_VARIABLE]: key } : {}),
      ...launch.variables,
    },
  };
}

async function standInUrl(home: Home): Promise<string> {
  const url = (await readStatusFile(statusPath(home, "claude-stand-in")))?.http;
  if (url !== undefined) return url;
  throw new StartupError({
    exitCode: EXIT_CODES.unavailable,
    message: "Cannot find the stand-in for Claude: it told no address",
    hint: `Its log is in ${home.logsPath}`,
  });
}

function metricsFlag({ metricsPort }: StackOptions, offset: number): readonly string[] {
  return metricsPort === null ? [] : ["--metrics", `127.0.0.1:${metricsPort + offset}`];
}
