import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { AssertionError, assert } from "@imesh/flow";
import { formatAddress, privateDirectory, StatusFile } from "@imesh/lifecycle";
import { HealthRegistry, type RpcObserver, type RpcService, startRpcServer } from "@imesh/rpc";
import { rpcMetrics, type Telemetry } from "@imesh/telemetry";
import type { Clock, Random } from "@imesh/time";
import { type BrokerCounters, brokerCounters } from "./broker-counters.ts";
import { CommitWatcher } from "./commits/commit-watcher.ts";
import type { CommitFeed, HintSource } from "./commits/commits.ts";
import { DirectoryWatchHints } from "./commits/directory-watch-hints.ts";
import { FseventsHints } from "./commits/fsevents-hints.ts";
import type { LockBrokerConfig } from "./config.ts";
import { type BrokerHealth, HealthMonitor } from "./health/broker-health.ts";
import { takeReaderLease } from "./lease/reader-lease.ts";
import { ChatDb } from "./rows/chat-db.ts";
import { ChatDbError } from "./rows/chat-db-error.ts";
import { DatabaseRows } from "./rows/database-rows.ts";
import { CursorInvalidError } from "./rows/row-cursor.ts";
import type { RowSource } from "./rows/rows.ts";
import { brokerService } from "./rpc/broker-service.ts";
import { startupFault } from "./startup-fault.ts";
import { OpenTails } from "./tail/open-tails.ts";
import { Tail } from "./tail/tail.ts";

/** Name of the service in grpc.health.v1. */
export const BROKER_SERVICE = "imesh.broker.v1.BrokerService";

/** One consumer is normal; a few more let it reconnect before its old stream has died, and a person look. */
const TAILS_MAX = 8;

/** What a broker is given. */
export interface LockBrokerDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
  readonly process: { readonly pid: number; readonly platform: string };
}

/** A broker that serves. Disposing it drains the streams, then closes chat.db, then gives up the lease. */
export interface LockBroker extends AsyncDisposable {
  /** As bound: "unix:/…/lock-broker.sock". */
  readonly address: string;
  /** Never resolves; rejects when a broken assertion of ours was met, which must end the process. */
  readonly ended: Promise<void>;
}

/**
 * Starts everything, or throws with everything released: StartupError with the exit code that says what is wrong (66 no chat.db, 75
 * another one runs, 77 no Full Disk Access, 78 not Messages' database, 73 the socket's directory).
 *
 *     hints ─▶ commit watcher ─▶ tail ─▶ gRPC stream        one lease, one connection to chat.db, one timer for the watch
 *     poll ──┘                    └─ rows: chat.db
 */
export async function startLockBroker(config: LockBrokerConfig, deps: LockBrokerDeps): Promise<LockBroker> {
  const { clock, telemetry } = deps;
  const { socket } = config;
  assert(socket !== null, "a broker that serves has a socket");
  await using resources = new AsyncDisposableStack();
  await privateDirectory(dirname(socket.path));
  resources.use(takeReaderLease(`${socket.path}.lease`));
  const counters = brokerCounters(telemetry.metrics);
  const db = resources.use(openChatDb(config.databasePath, deps, counters));
  const rows = new DatabaseRows({ db, clock }, { settleDeadlineMs: config.settleDeadlineMs });
  const watcher = resources.use(commitWatcher(config, deps, db, counters));
  const tails = new OpenTails({ tailsMax: TAILS_MAX });
  const health = new HealthRegistry();
  resources.use(monitorHealth({ deps, db, watcher, tails, health }));
  const ended = Promise.withResolvers<never>();
  // Whoever runs us listens to it; without a listener the broken fact has still been logged.
  ended.promise.catch(() => {});
  watcher.start();
  const server = resources.use(
    await startRpcServer({
      services: [service({ deps, rows, watcher, tails, counters })],
      listen: [socket],
      health,
      observer: rpcObserver(telemetry, ended.reject),
      clock,
    }),
  );
  const address = server.addresses.map(formatAddress).join();
  if (config.statusPath !== null) {
    resources.use(await StatusFile.write(config.statusPath, status(deps, address)));
  }
  const { pollMs, hasHints } = config;
  telemetry.logger.info({ event: "broker-started", endpoint: address, pollMs, hasHints });
  const owned = resources.move();
  return { address, ended: ended.promise, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function openChatDb(path: string, deps: LockBrokerDeps, counters: BrokerCounters): ChatDb {
  const { clock, telemetry } = deps;
  const onReplaced = (identity: { readonly generation: string }) => {
    counters.onReplaced();
    telemetry.logger.warn({ event: "database-replaced", generation: identity.generation });
  };
  try {
    return ChatDb.open(path, { clock, onRead: counters.onRead, onReplaced });
  } catch (error) {
    throw startupFault(error);
  }
}

function commitWatcher(
  config: LockBrokerConfig,
  deps: LockBrokerDeps,
  probe: ChatDb,
  counters: BrokerCounters,
): CommitWatcher {
  const { clock, random, telemetry } = deps;
  const hints = config.hasHints ? hintSource(config.databasePath, deps.process.platform) : undefined;
  const watchCounters = counters.forWatch(hints?.watcher ?? "none");
  return new CommitWatcher(
    { probe, hints, clock, random, counters: watchCounters, log: telemetry.logger },
    { pollMs: config.pollMs },
  );
}

/** What the platform offers. The directory's real path, because FSEvents reports real paths; resolving it opens no file. */
function hintSource(databasePath: string, platform: string): HintSource {
  const path = join(realpathSync(dirname(databasePath)), basename(databasePath));
  return platform === "darwin" ? new FseventsHints(path) : new DirectoryWatchHints(path);
}

/** Health as grpc.health.v1, `/readyz` and the metrics tell it, looked at twice a second and when the watch fails. */
function monitorHealth(parts: {
  readonly deps: LockBrokerDeps;
  readonly db: ChatDb;
  readonly watcher: CommitWatcher;
  readonly tails: OpenTails;
  readonly health: HealthRegistry;
}): Disposable {
  const { deps, db, watcher, tails, health } = parts;
  const { clock, telemetry } = deps;
  const { metrics, logger: log } = telemetry;
  let last: BrokerHealth["kind"] | undefined;
  const onHealth = (now: BrokerHealth) => {
    const isServing = now.kind === "serving";
    health.set(BROKER_SERVICE, isServing ? "SERVING" : "NOT_SERVING", isServing ? "" : now.reason);
    metrics.brokerDatabaseReadable.set(watcher.state.kind === "watching" ? 1 : 0);
    metrics.brokerWalBytes.set(db.walBytes());
    metrics.brokerTails.set(tails.size);
    if (last === now.kind) return;
    if (!isServing) log.warn({ event: "health-lost", reason: now.reason });
    else if (last !== undefined) log.info({ event: "health-regained" });
    last = now.kind;
  };
  const monitor = new HealthMonitor({
    clock,
    watchState: () => watcher.state,
    unreadForMs: () => tails.unreadForMs(),
    onHealth,
  });
  const subscription = watcher.subscribe((event) => {
    // A commit while all is well is not worth a look: it comes before every read.
    if (event.kind === "failed" || last !== "serving") monitor.check();
  });
  const registration = telemetry.health.register("chat-db", () => {
    const now = monitor.check();
    return now.kind === "serving" ? { kind: "ready" } : { kind: "not-ready", reason: now.reason };
  });
  const stack = new DisposableStack();
  stack.use(monitor);
  stack.use(subscription);
  stack.use(registration);
  return stack;
}

function service(parts: {
  readonly deps: LockBrokerDeps;
  readonly rows: RowSource;
  readonly watcher: CommitFeed;
  readonly tails: OpenTails;
  readonly counters: BrokerCounters;
}): RpcService {
  const { deps, rows, watcher, tails, counters } = parts;
  const { clock, telemetry } = deps;
  const { logger: log, metrics } = telemetry;
  return brokerService({
    rows,
    hasRoomForTail: () => tails.hasRoom,
    runTail: async (tailRows, write, signal, draining) => {
      const tail = new Tail({ rows: tailRows, commits: watcher, clock, counters: counters.tail });
      using _open = tails.add(tail);
      log.info({ event: "tail-opened", tails: tails.size });
      try {
        await tail.run(write, signal, draining);
      } finally {
        log.info({ event: "tail-closed", tails: tails.size - 1 });
      }
    },
    unreadableFault: (error) => (error instanceof ChatDbError ? error.code : undefined),
    cursorFault: (error) => (error instanceof CursorInvalidError ? error.detail : undefined),
    onRefused: (queue) => metrics.brokerRequestsRefused.add(1, { queue }),
  });
}

function rpcObserver(telemetry: Telemetry, end: (error: unknown) => void): RpcObserver {
  const observer = rpcMetrics(telemetry);
  return {
    ...observer,
    unexpectedError: (method, error) => {
      observer.unexpectedError(method, error);
      // What we rely on is broken: going on could hand out wrong rows.
      if (error instanceof AssertionError) end(error);
    },
  };
}

function status(deps: LockBrokerDeps, address: string) {
  const { clock, telemetry } = deps;
  return {
    service: "lock-broker",
    pid: deps.process.pid,
    startedAt: new Date(Number(clock.wallUnixNs() / 1_000_000n)).toISOString(),
    grpc: [address],
    metrics: telemetry.metricsUrl,
  };
}
