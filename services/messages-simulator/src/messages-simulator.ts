import { fileURLToPath } from "node:url";
import { formatAddress, type RunningService, type ServiceStatus, StatusFile } from "@imesh/lifecycle";
import { HealthRegistry, type RpcObserver, serviceName, startRpcServer } from "@imesh/rpc";
import { rpcMetrics, type Telemetry } from "@imesh/telemetry";
import type { Clock, Random } from "@imesh/time";
import type { Config } from "./config.ts";
import { Disturbances } from "./disturbances/disturbances.ts";
import type { DatabaseBirth } from "./mac/database-birth.ts";
import { type Mac, openMac } from "./mac/mac.ts";
import { maintainForever } from "./maintenance/constant-maintenance.ts";
import { maintain } from "./maintenance/maintenance.ts";
import { makeAccount } from "./messages/account.ts";
import { writeHistory } from "./messages/history.ts";
import { writeLongHistory } from "./messages/long-history.ts";
import { Messages } from "./messages/messages.ts";
import { SeededRandom } from "./messages/seeded-random.ts";
import { startOsascript } from "./osascript/osascript.ts";
import { Player } from "./play/player.ts";
import { type SimulatorParts, simulatorService } from "./rpc/simulator-service.ts";

/** What the simulator needs from its process. */
export interface MessagesSimulatorDeps {
  readonly clock: Clock;
  /** Only for a seed nobody gave. */
  readonly random: Random;
  /** Disposed with the simulator, also when it cannot start. */
  readonly telemetry: Telemetry;
  readonly pid: number;
  /** Absolute path of the node binary, for the stand-in of osascript. */
  readonly nodePath: string;
}

/** A running simulator. `ended` rejects when it cannot go on. */
export interface MessagesSimulator extends RunningService {
  readonly seed: bigint;
  readonly chatDbPath: string;
  readonly osascriptPath: string;
  /** Where the control service listens: "unix:/…". */
  readonly endpoint: string;
}

const SERVICE_NAME = "messages-simulator";
const OSASCRIPT_PROGRAM = fileURLToPath(new URL("../bin/osascript.ts", import.meta.url));
const KILLED_WRITER_PROGRAM = fileURLToPath(new URL("../bin/killed-writer.ts", import.meta.url));

/**
 * Starts it: opens or makes the Mac, ends what a kill interrupted, puts osascript in its place, listens, tells the status
 * file. Throws StartupError with everything released. Disposing ends every wait; rows left without a join are joined by the next start.
 */
export async function startMessagesSimulator(
  config: Config,
  deps: MessagesSimulatorDeps,
): Promise<MessagesSimulator> {
  const { clock, telemetry } = deps;
  await using resources = new AsyncDisposableStack();
  resources.use(telemetry);
  const startUnixNs = clock.wallUnixNs();
  const seed = config.seed ?? freshSeed(deps.random);
  const mac = resources.use(openMac(config.macDirectory, () => birth(config, seed, startUnixNs), clock));
  const messages = resources.use(
    new Messages(
      { database: mac.database, clock },
      { seed, accountAddress: config.accountAddress, delays: config.delays },
    ),
  );
  const repaired = messages.repair();
  const faults = Promise.withResolvers<never>();
  faults.promise.catch(() => {});
  resources.use(
    await startOsascript(
      {
        path: mac.paths.osascript,
        nodePath: deps.nodePath,
        programPath: OSASCRIPT_PROGRAM,
        runDirectory: config.runDirectory,
      },
      { clock, application: (signal) => messages.application(signal), onFault: faults.reject },
    ),
  );
  const parts = makeParts(mac, messages, deps);
  const server = resources.use(
    await serve(config, deps, { parts, mac, seed, startUnixNs, fail: faults.reject }),
  );
  if (config.maintenancePerSecond > 0) {
    const ports = { database: mac.database, clock, signal: messages.stopping };
    const options = { perSecond: config.maintenancePerSecond, seed };
    const maintaining = maintainForever(options, ports).catch(faults.reject);
    resources.defer(() => maintaining);
  }
  // Disposed first: calls that wait for a join end at once instead of holding up the server's drain.
  resources.defer(() => messages.quit());
  const endpoint = formatAddress(config.socket);
  if (config.statusFile !== null) {
    const grpc = server.addresses.map(formatAddress);
    const status = statusOf({ pid: deps.pid, startUnixNs, grpc, metrics: telemetry.metricsUrl });
    resources.use(await StatusFile.write(config.statusFile, status));
  }
  telemetry.logger.info({ event: "simulator-started", seed: String(seed), endpoint, ...repaired });
  const owned = resources.move();
  return {
    log: telemetry.logger,
    ended: Promise.race([messages.failed, faults.promise]),
    seed,
    chatDbPath: mac.paths.chatDb,
    osascriptPath: mac.paths.osascript,
    endpoint,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function statusOf(facts: {
  pid: number;
  startUnixNs: bigint;
  grpc: ServiceStatus["grpc"];
  metrics: ServiceStatus["metrics"];
}): ServiceStatus {
  const { pid, startUnixNs, grpc, metrics } = facts;
  const startedAt = new Date(Number(startUnixNs / 1_000_000n)).toISOString();
  return { service: SERVICE_NAME, pid, startedAt, grpc, metrics };
}

function makeParts(mac: Mac, messages: Messages, { clock, nodePath }: MessagesSimulatorDeps): SimulatorParts {
  const ports = { database: mac.database, clock };
  const disturbances = new Disturbances({
    ...ports,
    rowsAreGone: () => messages.rowsAreGone(),
    pause: blockFor,
    killedWriter: { nodePath, programPath: KILLED_WRITER_PROGRAM },
  });
  const player = new Player({ messages, mac, disturbances, clock });
  return { messages, disturbances, player, maintain: (order) => maintain(order, ports) };
}

/** Stops the whole process: for the moment in which a Mac has no database nobody may write. */
function blockFor(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function freshSeed(random: Random): bigint {
  return BigInt(`0x${random.uuid().replaceAll("-", "").slice(0, 16)}`);
}

/** The time of birth is part of the identity: a second database from the same seed is another one, and known as such. */
function birth(config: Config, seed: bigint, nowUnixNs: bigint): DatabaseBirth {
  const random = new SeededRandom(seed, `birth ${nowUnixNs}`);
  const count = config.historyMessages;
  return {
    uniqueIdentifier: random.uuid().toUpperCase(),
    accountGuid: random.uuid().toUpperCase(),
    fill: (tables, accountGuid) => {
      const account = makeAccount(config.accountAddress, accountGuid);
      writeHistory(tables, { account, nowUnixNs, random });
    },
    fillInBulk: (chats, bulk, accountGuid) => {
      if (count === 0) return;
      const account = makeAccount(config.accountAddress, accountGuid);
      // A stream of its own: the rest is the same with a long history and without.
      const past = new SeededRandom(seed, `long history ${nowUnixNs}`);
      writeLongHistory({ chats, bulk }, { count, account, nowUnixNs, random: past });
    },
  };
}

async function serve(
  config: Config,
  { clock, telemetry }: MessagesSimulatorDeps,
  facts: {
    parts: SimulatorParts;
    mac: Mac;
    seed: bigint;
    startUnixNs: bigint;
    fail: (error: unknown) => void;
  },
) {
  const { parts, mac, seed, startUnixNs, fail } = facts;
  const service = simulatorService(parts, { paths: mac.paths, truth: mac.truth, seed, startUnixNs });
  const health = new HealthRegistry();
  health.set(serviceName(service.definition), "SERVING");
  telemetry.health.register("chat-db", () => {
    // Throws when the database can no longer be read, which counts as not ready.
    mac.database.saves;
    return { kind: "ready" };
  });
  const observer: RpcObserver = {
    ...rpcMetrics(telemetry),
    unexpectedError: (method, error) => {
      telemetry.logger.error({ event: "rpc-failed", method, error });
      fail(error);
    },
  };
  return await startRpcServer({ services: [service], listen: [config.socket], health, observer, clock });
}
