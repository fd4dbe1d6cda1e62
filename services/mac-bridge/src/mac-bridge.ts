import { BrokerServiceClient, type BrokerServiceService } from "@imesh/contracts/broker/v1";
import { type Address, formatAddress, type Logger, type LoopFailure, StatusFile } from "@imesh/lifecycle";
import { connect, HealthRegistry, type RpcClient, type RpcServer, startRpcServer } from "@imesh/rpc";
import { rpcMetrics, type Telemetry } from "@imesh/telemetry";
import type { Clock, Random } from "@imesh/time";
import { PROGRAM, type ServeConfig } from "./config.ts";
import { BrokerDatabaseHead, openTail } from "./intake/broker.ts";
import { type BrokerLink, Intake } from "./intake/intake.ts";
import { Journal } from "./journal/journal.ts";
import { SqliteJournalStore } from "./journal/sqlite-journal-store.ts";
import { BridgeHealth } from "./rpc/bridge-health.ts";
import { bridgeService } from "./rpc/bridge-service.ts";
import { encodeEvent } from "./rpc/event-wire.ts";
import { ApplescriptSender } from "./send/applescript-sender.ts";
import { Dispatcher } from "./send/dispatcher.ts";
import type { SendOutcome } from "./send/message-sender.ts";
import { Outbox } from "./send/outbox.ts";
import { ScriptRunner } from "./send/script-runner.ts";
import { EventFeed } from "./stream/event-feed.ts";
import { JournalMetrics } from "./telemetry/journal-metrics.ts";

/** What the process lends to the service. */
export interface MacBridgeDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
  /** Of this process, for the status file. */
  readonly pid: number;
  /** The whole environment of osascript. */
  readonly environment: Readonly<Record<string, string>>;
  /** Sends SIGKILL to a process group; one that is gone is no error. */
  readonly killProcessGroup: (pid: number) => void;
}

/** The running service. */
export interface MacBridge extends AsyncDisposable {
  /** Where it serves, ports filled in: the Unix socket first. */
  readonly addresses: readonly Address[];
  /** Rejects when it cannot go on. */
  readonly ended: Promise<void>;
}

/** Both together stay within what a service may take to stop, with the dispatcher's grace beside them. */
const DRAIN_LIMITS = { streamDrainMs: 2_000, unaryDrainMs: 3_000 } as const;

/**
 * Builds everything and starts it; resolves once it serves. Throws StartupError with everything released: 73, 75 and 78 for
 * the journal and the addresses. lock-broker need not be there yet.
 *
 * Stopping: no new calls, subscribers get their drain frame, a script that runs may return; then intake, then the journal.
 */
export async function startMacBridge(config: ServeConfig, deps: MacBridgeDeps): Promise<MacBridge> {
  const { clock, telemetry } = deps;
  const { logger: log, metrics } = telemetry;
  await using resources = new AsyncDisposableStack();
  const store = resources.use(
    new SqliteJournalStore({ clock, random: deps.random, encodeEvent }, { path: config.journalPath }),
  );
  const journal = new Journal(store, clock);
  const observer = rpcMetrics(telemetry);
  const broker = resources.use(
    connect<BrokerServiceService>(BrokerServiceClient, config.broker, { clock, observer }),
  );
  const feed = new EventFeed({ journal, clock, observer: feedMetrics(telemetry) });
  // First of the observers: what is durable is streamed before anything is counted.
  journal.observe({ appended: () => feed.notify() });
  journal.observe(new JournalMetrics(metrics, journal));
  const health = new HealthRegistry();
  const bridgeHealth = new BridgeHealth(health, log);
  journal.observe(bridgeHealth);
  const parts = { config, deps, journal, broker, feed };
  const dispatcher = startDispatcher(parts);
  resources.use(dispatcher);
  const intake = startIntake(parts, (link) => {
    bridgeHealth.linkChanged(link);
    metrics.bridgeBrokerConnected.set(link === "disconnected" ? 0 : 1);
    dispatcher.setLive(link === "live");
  });
  resources.use(intake);
  resources.use(observeState(telemetry, journal, intake));
  const server = await startRpcServer({
    services: [
      bridgeService({
        journal,
        feed,
        intake,
        broker,
        outbox: new Outbox({ journal, clock, tracer: telemetry.tracer }),
        clock,
        log,
        onEnded: (reason) => metrics.bridgeSubscriptionsEnded.add(1, { reason }),
      }),
    ],
    listen: config.listen === null ? [config.socket] : [config.socket, config.listen],
    health,
    observer,
    clock,
    limits: DRAIN_LIMITS,
  });
  // Side by side: the script that runs may need seconds, and so may a subscriber.
  resources.defer(async () => {
    await Promise.all([server.drain(), dispatcher[Symbol.asyncDispose]()]);
  });
  announce(server, config, log);
  if (config.statusFilePath !== null) resources.use(await writeStatus(config.statusFilePath, server, deps));
  const ended = Promise.race([intake.ended, dispatcher.ended]);
  const owned = resources.move();
  return { addresses: server.addresses, ended, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

interface Parts {
  readonly config: ServeConfig;
  readonly deps: MacBridgeDeps;
  readonly journal: Journal;
  readonly broker: RpcClient<BrokerServiceService>;
}

function startDispatcher({ config, deps, journal, broker }: Parts): Dispatcher {
  const { clock, random, telemetry } = deps;
  const runner = new ScriptRunner(deps, {
    osascriptPath: config.osascriptPath,
    environment: deps.environment,
    deadlineMs: config.sendDeadlineMs,
  });
  return new Dispatcher(
    {
      journal,
      sender: new ApplescriptSender(runner),
      head: new BrokerDatabaseHead(broker),
      clock,
      random,
      log: telemetry.logger,
      tracer: telemetry.tracer,
      onReturned: (outcome, durationMs) =>
        telemetry.metrics.bridgeDispatchDuration.record(durationMs / 1_000, {
          outcome: OUTCOMES[outcome.kind],
        }),
      onLoopError: loopErrors(telemetry, "dispatch"),
    },
    { proofWindowMs: config.proofWindowMs },
  );
}

function startIntake({ config, deps, journal, broker }: Parts, onLink: (link: BrokerLink) => void): Intake {
  const { clock, random, telemetry } = deps;
  return new Intake(
    {
      journal,
      openTail: (cursor, attempt) => openTail(broker, cursor, attempt),
      clock,
      random,
      log: telemetry.logger,
      tracer: telemetry.tracer,
      onLink,
      onLoopError: loopErrors(telemetry, "intake"),
    },
    { liveAgeMsMax: config.liveAgeMsMax },
  );
}

function loopErrors({ metrics }: Telemetry, loop: string): (failure: LoopFailure) => void {
  return () => metrics.loopStepFailures.add(1, { loop });
}

function feedMetrics({ metrics }: Telemetry): ConstructorParameters<typeof EventFeed>[0]["observer"] {
  return {
    streamed: (events, journaledToStreamedMs) => {
      metrics.bridgeEventsStreamed.add(events);
      if (journaledToStreamedMs === null) return;
      metrics.hopDuration.record(journaledToStreamedMs / 1_000, { hop: "journaled_to_streamed" });
    },
    subscribersChanged: (subscribers) => metrics.bridgeSubscribers.set(subscribers),
    lagChanged: (consumer, lag) => metrics.bridgeSubscriberLag.set(lag, { consumer }),
  };
}

const OUTCOMES = {
  "handed-over": "returned",
  refused: "refused",
  unknown: "unknown",
} as const satisfies Record<SendOutcome["kind"], string>;

/** What /readyz shows. */
function observeState({ health }: Telemetry, journal: Journal, intake: Intake): Disposable {
  const checks = new DisposableStack();
  checks.use(
    health.register("journal", () =>
      journal.fault === null ? { kind: "ready" } : { kind: "not-ready", reason: journal.fault.code },
    ),
  );
  checks.use(
    health.register("lock-broker", () =>
      intake.link === "disconnected" ? { kind: "not-ready", reason: "no stream" } : { kind: "ready" },
    ),
  );
  return checks;
}

function announce(server: RpcServer, config: ServeConfig, log: Logger): void {
  log.info({ event: "service-listening", endpoints: server.addresses.map(formatAddress) });
  if (config.listen === null) return;
  log.warn({
    event: "local-development-mode",
    endpoints: server.addresses.filter(({ kind }) => kind === "tcp").map(formatAddress),
    meaning: "every program of this machine may read all messages and send; no tailnet, no caller identity",
  });
}

async function writeStatus(path: string, server: RpcServer, deps: MacBridgeDeps): Promise<StatusFile> {
  return StatusFile.write(path, {
    service: PROGRAM.name,
    pid: deps.pid,
    startedAt: new Date(Number(deps.clock.wallUnixNs() / 1_000_000n)).toISOString(),
    grpc: server.addresses.map(formatAddress),
    metrics: deps.telemetry.metricsUrl,
  });
}
