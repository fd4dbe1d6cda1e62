import { dirname } from "node:path";
import { AgentServiceService } from "@imesh/contracts/agent/v1";
import { BridgeServiceClient, type BridgeServiceService } from "@imesh/contracts/bridge/v1";
import { formatAddress, type Logger, privateDirectory, StatusFile } from "@imesh/lifecycle";
import {
  backoffTo,
  connect,
  HealthRegistry,
  type RpcClient,
  type RpcService,
  serviceName,
  startRpcServer,
} from "@imesh/rpc";
import { type Readiness, rpcMetrics, type Telemetry } from "@imesh/telemetry";
import type { Clock, Random } from "@imesh/time";
import type { Config } from "./config.ts";
import { BridgeSender } from "./intake/bridge-sender.ts";
import { BridgeSubscription } from "./intake/bridge-subscription.ts";
import { ConnectionHealth } from "./intake/connection-health.ts";
import { Progress } from "./intake/progress.ts";
import { Reception } from "./intake/reception.ts";
import { Mailboxes } from "./mailbox/mailboxes.ts";
import { AnthropicModel } from "./model/anthropic-model.ts";
import type { Model } from "./model/model.ts";
import { readSystemPrompt } from "./model/system-prompt.ts";
import { judge } from "./policy/policy.ts";
import { agentService } from "./rpc/agent-service.ts";
import { AgentStore } from "./store/store.ts";
import type { TurnRecord } from "./store/turn-table.ts";
import { EventMetrics } from "./telemetry/event-metrics.ts";
import { TurnTelemetry } from "./telemetry/telemetry.ts";
import { SILENT_REASONS } from "./turn/thought.ts";
import { TurnFeed } from "./turn/turn-feed.ts";
import { TurnRunner } from "./turn/turn-runner.ts";

/** What the agent needs from its process. */
export interface AgentDeps {
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly random: Random;
  readonly pid: number;
  /** Default: Claude, as configured. */
  readonly model?: Model;
}

/** A running agent. Disposing stops reading, aborts what the model is asked, and leaves every turn where the store has it. */
export interface Agent extends AsyncDisposable {
  readonly log: Logger;
  /** Rejects when the agent cannot go on; never resolves. */
  readonly ended: Promise<void>;
}

/** Stands for a key where the endpoint is on this machine and asks for none in particular. */
const LOOPBACK_KEY = "stand-in";

/**
 * Starts an agent: opens its store, takes up what a stop left open, and follows mac-bridge, which need not be there yet.
 * Resolves when its own socket listens. Throws StartupError with everything released.
 */
export async function startAgent(config: Config, deps: AgentDeps): Promise<Agent> {
  const { clock, telemetry } = deps;
  await using resources = new AsyncDisposableStack();
  const system = await readSystemPrompt(config.systemPromptPath);
  for (const path of [config.storePath, config.socketPath]) await privateDirectory(dirname(path));
  const store = resources.use(AgentStore.open(config.storePath));
  const progress = resources.use(new Progress(store, clock));
  const observer = rpcMetrics(telemetry);
  const client = resources.use(connect(BridgeServiceClient, config.bridge, { clock, observer }));
  const model = deps.model ?? (await claude(config));
  const feed = new TurnFeed();
  const wired: Wired = { config, deps, store, progress, client, model, feed, system };
  const mailboxes = resources.use(new Mailboxes(createRunner(wired), { turnsMax: config.turnsMax }));
  const health = new HealthRegistry();
  const connection = resources.use(new ConnectionHealth(health, clock, serviceName(AgentServiceService)));
  resources.use(telemetry.health.register("mac-bridge", () => readiness(connection)));
  const services = [createService(wired, connection)];
  const listen = [{ kind: "unix", path: config.socketPath } as const];
  const server = resources.use(await startRpcServer({ services, listen, health, observer, clock }));
  if (config.statusPath !== null) {
    const grpc = server.addresses.map(formatAddress);
    const startedAt = new Date(Number(clock.wallUnixNs() / 1_000_000n)).toISOString();
    const facts = { service: "agent", pid: deps.pid, startedAt, grpc, metrics: telemetry.metricsUrl };
    resources.use(await StatusFile.write(config.statusPath, facts));
  }
  // Before the stream opens: what comes again of these turns must find them.
  for (const recovered of store.recoverTurns()) mailboxes.resume(recovered);
  const subscription = resources.use(follow(wired, createReception(wired, mailboxes), connection));
  // The host alone: the rest of a URL may hold a secret.
  const modelEndpoint = new URL(config.modelEndpoint).host;
  telemetry.logger.info({ event: "service-started", model: model.name, modelEndpoint });
  const owned = resources.move();
  return {
    log: telemetry.logger,
    ended: Promise.race([mailboxes.ended, subscription.ended]),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** What the parts below are made of. */
interface Wired {
  readonly config: Config;
  readonly deps: AgentDeps;
  readonly store: AgentStore;
  readonly progress: Progress;
  readonly client: RpcClient<BridgeServiceService>;
  readonly model: Model;
  readonly feed: TurnFeed;
  readonly system: string;
}

function readiness(connection: ConnectionHealth): Readiness {
  return connection.isConnected
    ? { kind: "ready" }
    : { kind: "not-ready", reason: "no stream from mac-bridge" };
}

async function claude(config: Config): Promise<Model> {
  const { model, maxTokens, modelEndpoint: endpoint } = config;
  const claude = new AnthropicModel({ model, maxTokens, endpoint, apiKey: config.apiKey ?? LOOPBACK_KEY });
  await claude.load();
  return claude;
}

function createRunner({ config, deps, store, progress, client, model, feed, system }: Wired): TurnRunner {
  const { clock, random, telemetry } = deps;
  const ports = {
    store,
    model,
    sender: new BridgeSender(client),
    finish: (journalId: string, sequences: readonly bigint[]) => progress.finish(journalId, sequences),
    onTurnChanged: (turn: TurnRecord) => {
      telemetry.metrics.agentFinishedSequence.set(progress.cursor?.finishedSequence ?? 0n);
      feed.publish(turn);
    },
    telemetry: new TurnTelemetry({ telemetry, clock, modelName: model.name, silentReasons: SILENT_REASONS }),
    clock,
    random,
  };
  const { name: agentName, modelDeadlineMs } = config;
  return new TurnRunner(ports, { agentName, systemPrompt: system, modelDeadlineMs });
}

function createService(
  { config, deps, store, progress, model, feed }: Wired,
  connection: ConnectionHealth,
): RpcService {
  return agentService({
    turns: { openTurns: () => store.openTurns(), listen: (listener) => feed.listen(listener) },
    listTurns: (before, turnsMax) => store.listTurns(before, turnsMax),
    status: () => ({
      journalId: progress.cursor?.journalId ?? "",
      finishedSequence: progress.cursor?.finishedSequence ?? 0n,
      openTurns: store.openTurns().length,
      connected: connection.isConnected,
      model: model.name,
      modelEndpoint: new URL(config.modelEndpoint).host,
    }),
    clock: deps.clock,
  });
}

function createReception({ config, deps, store, progress }: Wired, mailboxes: Mailboxes): Reception {
  const events = new EventMetrics(deps.telemetry.metrics);
  const policy = { agentName: config.name, answeredClasses: config.answeredClasses };
  return new Reception({
    progress,
    judge: (event) => judge(event, policy),
    isKnown: (chatGuid, guid) => mailboxes.hasWaiting(chatGuid, guid) || store.hasMessage(guid),
    amend: (chatGuid, guid, text) => mailboxes.amend(chatGuid, guid, text),
    deliver: (arrivals, signal) => mailboxes.deliver(arrivals, signal),
    onReceived: (event) => events.received(event),
    onIgnored: (reason) => events.ignored(reason),
  });
}

function follow(wired: Wired, reception: Reception, connection: ConnectionHealth): BridgeSubscription {
  const { client, progress } = wired;
  const { clock, random, telemetry } = wired.deps;
  const { metrics, logger: log } = telemetry;
  let connections = 0;
  const onConnected = (isConnected: boolean) => {
    connection.set(isConnected);
    metrics.agentConnected.set(isConnected ? 1 : 0);
    if (isConnected && connections > 0) metrics.agentReconnects.add(1);
    if (isConnected) connections += 1;
  };
  const onHead = (headSequence: bigint) => {
    metrics.agentHeadSequence.set(headSequence);
    metrics.agentFinishedSequence.set(progress.cursor?.finishedSequence ?? 0n);
  };
  const onFailure = (loop: string) => metrics.loopStepFailures.add(1, { loop });
  const ports = { client, progress, reception, clock, random, log, onConnected, onFailure, onHead };
  return new BridgeSubscription(ports, { consumer: wired.config.name, backoff: backoffTo(client.target) });
}
