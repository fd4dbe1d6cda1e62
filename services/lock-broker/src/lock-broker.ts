import { realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { AssertionError, assert, Signal } from "@imesh/flow";
import { formatAddress, privateDirectory, StatusFile } from "@imesh/lifecycle";
import { HealthRegistry, type RpcObserver, type RpcService, startRpcServer } from "@imesh/rpc";
import { rpcMetrics, type Telemetry } from "@imesh/telemetry";
import type { Clock, Random } from "@imesh/time";
import { AttachmentFiles } from "./attachments/attachment-files.ts";
import { brokerStatistics, observeBroker } from "./broker-statistics.ts";
import { BrokerTally } from "./broker-tally.ts";
import { LogCapture } from "./capture/log-capture.ts";
import { LogFileError, WalFile } from "./capture/log-file.ts";
import { LogProbe } from "./capture/log-probe.ts";
import { CursorExpiredError, CursorInvalidError } from "./changes/change-cursor.ts";
import { ChangeTail } from "./changes/change-tail.ts";
import { LedgerMessages } from "./changes/known-messages.ts";
import { Ledger } from "./changes/ledger.ts";
import { Recorder } from "./changes/recorder.ts";
import type { ScanReason } from "./changes/scan-plan.ts";
import { ToldChanges } from "./changes/told-changes.ts";
import { CommitWatcher } from "./commits/commit-watcher.ts";
import type { HintSource } from "./commits/commits.ts";
import { DirectoryWatchHints } from "./commits/directory-watch-hints.ts";
import { FseventsHints } from "./commits/fsevents-hints.ts";
import type { LockBrokerConfig } from "./config.ts";
import { takeReaderLease } from "./lease/reader-lease.ts";
import { monitorHealth } from "./monitor-health.ts";
import { ReaderThread } from "./reads/reader-thread.ts";
import { ScheduledReads } from "./reads/scheduled-reads.ts";
import { Recording } from "./recording/recording.ts";
import { ChatDb } from "./rows/chat-db.ts";
import { ChatDbError } from "./rows/chat-db-error.ts";
import type { CursorFault, TailPorts } from "./rpc/broker-ports.ts";
import { brokerService } from "./rpc/broker-service.ts";
import { Scanner } from "./scans/scanner.ts";
import { ReadGaps } from "./scheduling/read-gaps.ts";
import { ReadScheduler } from "./scheduling/read-scheduler.ts";
import { startupFault } from "./startup-fault.ts";
import { OpenTails } from "./tail/open-tails.ts";
import { Tail } from "./tail/tail.ts";
import { changeReader, pageShapes, watchedChatDb } from "./watched-chat-db.ts";

/** One consumer is normal; a few more let it reconnect before its old stream has died, and a person look. */
const TAILS_MAX = 8;

/** What a broker is given. */
export interface LockBrokerDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
  readonly process: { readonly pid: number; readonly platform: string };
}

/** A broker that serves. Disposing it drains the streams, then closes what reads, then gives up the lease. */
export interface LockBroker extends AsyncDisposable {
  /** As bound: "unix:/…/lock-broker.sock". */
  readonly address: string;
  /** Never resolves; rejects when a broken assertion of ours was met or the ledger broke, which must end the process. */
  readonly ended: Promise<void>;
}

/**
 * Starts everything, or throws with everything released: StartupError with the exit code that says what is wrong (66 no chat.db, 75
 * another one runs, 77 no Full Disk Access, 78 not Messages' database, 73 the socket's directory or the ledger).
 *
 *     hints ─▶ commit watcher ─▶ capture (-wal) ─▶ recorder (chat.db, ledger) ─▶ tails ─▶ gRPC streams
 *     poll ──┘                      scanner ─────────▶┘ ▲
 *     questions ─▶ scheduler ─▶ reader thread (chat.db) ┘ pages
 */
export async function startLockBroker(config: LockBrokerConfig, deps: LockBrokerDeps): Promise<LockBroker> {
  const { clock, telemetry } = deps;
  const { socket } = config;
  assert(socket !== null, "a broker that serves has a socket");
  await using resources = new AsyncDisposableStack();
  await privateDirectory(dirname(socket.path));
  resources.use(takeReaderLease(`${socket.path}.lease`));
  const ended = Promise.withResolvers<never>();
  // Whoever runs us listens to it; without a listener the broken fact has still been logged.
  ended.promise.catch(() => {});
  const parts = assemble(config, deps, resources, (error) => {
    telemetry.logger.error({ event: "recording-broken", error });
    ended.reject(error);
  });
  const health = new HealthRegistry();
  resources.use(monitorHealth({ clock, telemetry, health, ...parts }));
  parts.recording.start();
  parts.watcher.start();
  // Last to begin of what reads and first to end.
  resources.use(parts.scanner).start().catch(ended.reject);
  const server = resources.use(
    await startRpcServer({
      services: [service(config, deps, parts)],
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

type Parts = ReturnType<typeof assemble>;

/** Everything between chat.db and the tails, in the order in which each needs the one before. */
function assemble(
  config: LockBrokerConfig,
  deps: LockBrokerDeps,
  resources: AsyncDisposableStack,
  onBroken: (error: unknown) => void,
) {
  const { clock, random, telemetry } = deps;
  const { logger: log, metrics } = telemetry;
  const tally = new BrokerTally(metrics);
  const db = resources.use(openChatDb(config.databasePath, deps, tally));
  const ledger = resources.use(openLedger(config, deps));
  const reader = changeReader(db);
  const told = new ToldChanges({ ledger, reader, clock });
  const walFile = new WalFile(config.databasePath);
  const known = new LedgerMessages(ledger);
  const capture = resources.use(new LogCapture({ log: walFile, clock, shapes: () => pageShapes(db), known }));
  const scanWanted = new Signal();
  const requestScan = (reason: ScanReason) => {
    if (reason === "reset") capture.forget();
    scanWanted.notify();
  };
  const recorder = resources.use(
    new Recorder(
      { ledger, reader, told, clock, counters: tally.recorder, requestScan },
      { settleDeadlineMs: config.settleDeadlineMs },
    ),
  );
  beginRecorder(recorder);
  capture.begin(recorder.logPlace);
  const probe = new LogProbe(
    { capture, log: walFile, database: watchedChatDb(db), clock },
    { pollMs: config.pollMs },
  );
  const hints = config.hasHints ? hintSource(config.databasePath, deps.process.platform) : undefined;
  const watcher = resources.use(
    new CommitWatcher(
      { probe, hints, clock, random, counters: tally.forWatch(hints?.watcher ?? "none"), log },
      { pollMs: config.pollMs },
    ),
  );
  resources.use(
    watcher.subscribe((event) => {
      if (event.kind === "committed") tally.onCommit(event.notice);
    }),
  );
  const { gaps, scheduler, questions } = assembleReads(config, deps, resources, { db, tally });
  const scanner = new Scanner(
    { reads: questions, recorder, wanted: scanWanted, counters: tally.scanner, clock, random, log },
    { reconcileMs: config.reconcileMs ?? undefined },
  );
  const recording = resources.use(
    new Recording({
      capture,
      recorder,
      commits: watcher,
      pauses: gaps,
      clock,
      onStep: () => scanner.committed(),
      onBroken,
    }),
  );
  const tails = new OpenTails({ tailsMax: TAILS_MAX });
  const walBytes = () => statSync(walFile.path, { throwIfNoEntry: false })?.size ?? 0;
  const asked = { db, capture, ledger, recorder, recording, scheduler, tails, tally, walBytes };
  resources.use(observeBroker(asked, metrics));
  const statistics = () => brokerStatistics(asked);
  return { ...asked, reader, told, watcher, gaps, scanner, questions, statistics };
}

/** What answers questions and reads pages of scans: the other thread, and who may ask it when. */
function assembleReads(
  config: LockBrokerConfig,
  deps: LockBrokerDeps,
  resources: AsyncDisposableStack,
  { db, tally }: { readonly db: ChatDb; readonly tally: BrokerTally },
) {
  const { clock, random, telemetry } = deps;
  const thread = resources.use(
    new ReaderThread(
      {
        clock,
        random,
        onReads: (readsMs, statements) => tally.onThreadReads(readsMs, statements),
        onEvent: (event) => telemetry.logger.info({ event: `reader-thread-${event.kind}` }),
      },
      { databasePath: config.databasePath },
    ),
  );
  const gaps = resources.use(
    new ReadGaps({
      frames: () => framesOf(db),
      isPageOut: () => thread.isPageOut,
      endPage: () => thread.endPage(),
      clock,
    }),
  );
  const scheduler = resources.use(
    new ReadScheduler({ clock, gaps, onRefused: (queue) => tally.onRefused(queue) }),
  );
  const questions = new ScheduledReads({
    scheduler,
    readPage: (kind, request) => thread.read(kind, request),
    describe: () => db.describe(),
    clock,
  });
  return { gaps, scheduler, questions };
}

/** While chat.db cannot be read, nobody reads, and no gap is needed. */
function framesOf(db: ChatDb): number {
  try {
    return db.visibleFrames();
  } catch (error) {
    if (!db.isUnreadable(error)) throw error;
    return 0;
  }
}

function openChatDb(path: string, deps: LockBrokerDeps, tally: BrokerTally): ChatDb {
  const { clock, telemetry } = deps;
  const onReplaced = (identity: { readonly generation: string }) => {
    tally.onReplaced();
    telemetry.logger.warn({ event: "database-replaced", generation: identity.generation });
  };
  try {
    return ChatDb.open(path, { clock, onRead: (durationMs) => tally.onRead(durationMs), onReplaced });
  } catch (error) {
    throw startupFault(error);
  }
}

function openLedger(config: LockBrokerConfig, deps: LockBrokerDeps): Ledger {
  const { telemetry } = deps;
  const ledger = openLedgerOrRefuse(config.ledgerPath, deps);
  const { origin } = ledger;
  if (origin.kind === "begun-anew") {
    telemetry.metrics.brokerLedgersSetAside.add(1);
    telemetry.logger.error({ event: "ledger-set-aside", reason: origin.reason, path: origin.setAsidePath });
  }
  return ledger;
}

function openLedgerOrRefuse(path: string, { random, clock }: LockBrokerDeps): Ledger {
  try {
    return Ledger.open({ random, clock }, { path });
  } catch (error) {
    throw startupFault(error);
  }
}

function beginRecorder(recorder: Recorder): void {
  try {
    recorder.begin();
  } catch (error) {
    throw startupFault(error);
  }
}

/** What the platform offers. The directory's real path, because FSEvents reports real paths; resolving it opens no file. */
function hintSource(databasePath: string, platform: string): HintSource {
  const path = join(realpathSync(dirname(databasePath)), basename(databasePath));
  return platform === "darwin" ? new FseventsHints(path) : new DirectoryWatchHints(path);
}

function service(config: LockBrokerConfig, deps: LockBrokerDeps, parts: Parts): RpcService {
  const { clock, telemetry } = deps;
  const { tally, questions, statistics } = parts;
  return brokerService({
    clock,
    tails: tailPorts(config, deps, parts),
    questions,
    attachments: new AttachmentFiles({
      databasePath: config.databasePath,
      platform: deps.process.platform,
    }),
    statistics,
    onRefused: (queue) => tally.onRefused(queue),
    onAttachmentBytes: (bytes) => telemetry.metrics.brokerAttachmentBytes.add(bytes),
  });
}

function tailPorts(config: LockBrokerConfig, deps: LockBrokerDeps, parts: Parts): TailPorts {
  const { clock, telemetry } = deps;
  const { ledger, reader, told, recorder, watcher, gaps, tails, tally } = parts;
  return {
    hasRoom: () => tails.hasRoom,
    lastingSequence: (sequence) => ledger.log.lastingSequence(sequence),
    run: async ({ cursor, changesMax }, write, signal, draining) => {
      // What was told is known without chat.db, but nobody would be told anything new.
      if (watcher.state.kind === "failing") throw unreadable(config.databasePath, watcher.state.error);
      const source = ChangeTail.open({ ledger, reader, told, recorder, clock }, cursor);
      const tail = new Tail(
        { source, changes: recorder, commits: watcher, pauses: gaps, clock, counters: tally.tail },
        { changesMax },
      );
      using _open = tails.add(tail);
      telemetry.logger.info({ event: "tail-opened", tails: tails.size });
      try {
        await tail.run(write, signal, draining);
      } catch (error) {
        throw unreadable(config.databasePath, error);
      } finally {
        telemetry.logger.info({ event: "tail-closed", tails: tails.size - 1 });
      }
    },
    cursorFault,
  };
}

/** A log that cannot be read is a database that cannot be read; every other error is passed on as it is. */
function unreadable(path: string, error: unknown): unknown {
  if (!(error instanceof LogFileError)) return error;
  const code = error.code === "no-permission" ? "no-permission" : "io-error";
  return new ChatDbError({ code, path, detail: error.detail, cause: error });
}

function cursorFault(error: unknown): CursorFault | undefined {
  if (error instanceof CursorInvalidError) return { kind: "invalid", detail: error.detail };
  if (!(error instanceof CursorExpiredError)) return undefined;
  return { kind: "expired", detail: `the oldest change kept is ${error.oldestSequence}` };
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
