import { AgentServiceClient } from "@imesh/contracts/agent/v1";
import { BridgeServiceClient } from "@imesh/contracts/bridge/v1";
import { BrokerServiceClient } from "@imesh/contracts/broker/v1";
import { readStatusFile } from "@imesh/lifecycle";
import { connect, RpcError } from "@imesh/rpc";
import type { Clock } from "@imesh/time";
import { probeHealth } from "../clients/health-probe.ts";
import { probeHttp } from "../clients/http-probe.ts";
import type { CommandContext } from "../command.ts";
import { type Home, type ServiceName, socketTarget, statusPath } from "../home/home.ts";
import { type HomeOwner, readHomeOwner } from "../home/home-lock.ts";
import type { Readiness } from "../supervisor/service-plan.ts";

/** One service as it is now. */
export interface ServiceState {
  readonly service: ServiceName;
  readonly health: Readiness;
  /** By its own word; undefined when it told nothing. */
  readonly pid: number | undefined;
  readonly startedAt: string | undefined;
  /** Where it listens: gRPC addresses and URLs. */
  readonly addresses: readonly string[];
  readonly metricsUrl: string | undefined;
}

/** How far lock-broker reaches; undefined when it does not answer. */
export interface BrokerState {
  readonly headRowid: bigint;
  readonly clientVersion: string;
  readonly sqliteVersion: string;
}

/** How far mac-bridge is; undefined when it does not answer. */
export interface BridgeState {
  readonly journalId: string;
  readonly headSequence: bigint;
  readonly databaseHeadRowid: bigint;
  readonly subscribers: number;
  readonly openCommands: number;
  /** The wire's BrokerConnection: 1 disconnected, 2 catching up, 3 live. */
  readonly broker: number;
}

/** How far the agent is; undefined when it does not answer. */
export interface AgentState {
  readonly journalId: string;
  readonly finishedSequence: bigint;
  readonly openTurns: number;
  readonly connected: boolean;
  readonly model: string;
  readonly modelEndpoint: string;
}

/** Everything that `imesh status` tells. */
export interface StackStatus {
  readonly home: Home;
  /** Who says to run the home; undefined when nobody does. */
  readonly owner: HomeOwner | undefined;
  readonly services: readonly ServiceState[];
  readonly broker: BrokerState | undefined;
  readonly bridge: BridgeState | undefined;
  readonly agent: AgentState | undefined;
}

/** What a stack without an owner is expected to have. */
const CORE_SERVICES: readonly ServiceName[] = ["lock-broker", "mac-bridge", "agent"];
const CALL_DEADLINE_MS = 2_000;

/** Asks every service of `home`, side by side. Never throws because one is down. */
export async function collectStatus(home: Home, context: CommandContext): Promise<StackStatus> {
  const { clock, environment } = context;
  const signal = environment.stop;
  const told = await readHomeOwner(home);
  // Whoever was killed could not take back its word.
  const owner = told !== undefined && environment.isAlive(told.pid) ? told : undefined;
  const names = owner?.services ?? CORE_SERVICES;
  const [services, broker, bridge, agent] = await Promise.all([
    Promise.all(names.map((name) => serviceState(home, name, clock, signal))),
    askBroker(home, clock, signal),
    askBridge(home, clock, signal),
    askAgent(home, clock, signal),
  ]);
  return { home, owner, services, broker, bridge, agent };
}

/** Whether every service serves. */
export function isWhole(status: StackStatus): boolean {
  return status.services.every((service) => service.health.kind === "serving");
}

/**
 * What is still on its way: rows that the database has and the bridge has not heard of, events that the agent
 * has not finished. Undefined where one of the two did not answer. Pure.
 */
export function lagOf({ broker, bridge, agent }: StackStatus): {
  readonly rows: bigint | undefined;
  readonly events: bigint | undefined;
} {
  const isSameJournal =
    agent !== undefined && (agent.journalId === "" || agent.journalId === bridge?.journalId);
  return {
    rows: broker && bridge && atLeastZero(broker.headRowid - bridge.databaseHeadRowid),
    events: isSameJournal && bridge ? atLeastZero(bridge.headSequence - agent.finishedSequence) : undefined,
  };
}

async function serviceState(
  home: Home,
  service: ServiceName,
  clock: Clock,
  signal: AbortSignal,
): Promise<ServiceState> {
  const told = await readStatusFile(statusPath(home, service));
  const health = await healthOf(home, service, told?.http, clock, signal);
  return {
    service,
    health,
    pid: told?.pid,
    startedAt: told?.startedAt,
    addresses: [...(told?.grpc ?? []), ...(told?.http === undefined ? [] : [told.http])],
    metricsUrl: told?.metrics ?? undefined,
  };
}

async function healthOf(
  home: Home,
  service: ServiceName,
  url: string | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<Readiness> {
  if (service !== "claude-stand-in") return probeHealth(socketTarget(home, service), clock, signal);
  if (url === undefined) return { kind: "not-serving", detail: "it does not listen" };
  return probeHttp(new URL("/healthz", url).href, signal);
}

async function askBroker(home: Home, clock: Clock, signal: AbortSignal): Promise<BrokerState | undefined> {
  await using broker = connect(BrokerServiceClient, socketTarget(home, "lock-broker"), { clock });
  return await answerOf(broker.call("getDatabase", {}, { deadlineMs: CALL_DEADLINE_MS, signal }));
}

async function askBridge(home: Home, clock: Clock, signal: AbortSignal): Promise<BridgeState | undefined> {
  await using bridge = connect(BridgeServiceClient, socketTarget(home, "mac-bridge"), { clock });
  return await answerOf(bridge.call("getStatus", {}, { deadlineMs: CALL_DEADLINE_MS, signal }));
}

async function askAgent(home: Home, clock: Clock, signal: AbortSignal): Promise<AgentState | undefined> {
  await using agent = connect(AgentServiceClient, socketTarget(home, "agent"), { clock });
  return await answerOf(agent.call("getStatus", {}, { deadlineMs: CALL_DEADLINE_MS, signal }));
}

/** Undefined for a service that does not answer: its line in the list says so already. */
async function answerOf<Answer>(call: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof RpcError) return undefined;
    throw error;
  }
}

function atLeastZero(value: bigint): bigint {
  return value < 0n ? 0n : value;
}
