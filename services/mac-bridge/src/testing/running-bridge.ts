import {
  BridgeServiceClient,
  type BridgeServiceService,
  type SubscribeRequest,
} from "@imesh/contracts/bridge/v1";
import type { Event } from "@imesh/contracts/bridge/v1/event";
import type { LogFields } from "@imesh/lifecycle";
import { connect, type RpcClient } from "@imesh/rpc";
import { type SilentTelemetry, silentTelemetry } from "@imesh/telemetry";
import { SystemClock, SystemRandom } from "@imesh/time";
import type { ServeConfig } from "../config.ts";
import { type MacBridge, startMacBridge } from "../mac-bridge.ts";

/** A whole bridge in this process, with a client of it. */
export interface RunningBridge extends AsyncDisposable {
  readonly bridge: MacBridge;
  readonly client: RpcClient<BridgeServiceService>;
  readonly telemetry: SilentTelemetry;
}

/** Starts one below `directory`: `bridge.sock`, `broker.sock`, `journal.db`. */
export async function runBridge(
  directory: string,
  config: Partial<ServeConfig> = {},
  onWarning: (fields: LogFields) => void = () => {},
): Promise<RunningBridge> {
  const clock = new SystemClock();
  const silent = silentTelemetry();
  const telemetry = { ...silent, logger: { ...silent.logger, warn: onWarning } };
  await using resources = new AsyncDisposableStack();
  const bridge = resources.use(
    await startMacBridge(
      {
        kind: "serve",
        broker: { kind: "unix", path: `${directory}/broker.sock` },
        journalPath: `${directory}/journal.db`,
        socket: { kind: "unix", path: `${directory}/bridge.sock` },
        listen: null,
        osascriptPath: "/bin/true",
        sendDeadlineMs: 2_000,
        proofWindowMs: 500,
        liveAgeMsMax: 60_000,
        statusFilePath: null,
        metrics: null,
        logLevel: "info",
        ...config,
      },
      {
        clock,
        random: new SystemRandom(),
        telemetry,
        pid: process.pid,
        environment: { PATH: process.env.PATH ?? "" },
        killProcessGroup: (pid) => process.kill(-pid, "SIGKILL"),
      },
    ),
  );
  const client = resources.use(
    connect<BridgeServiceService>(BridgeServiceClient, `unix:${directory}/bridge.sock`, { clock }),
  );
  const owned = resources.move();
  return { bridge, client, telemetry, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** A subscription's request; everything there is, unless told otherwise. */
export function subscribeRequest(facts: Partial<SubscribeRequest> = {}): SubscribeRequest {
  return {
    consumer: "test",
    start: { $case: "afterSequence", value: 0n },
    journalId: "",
    maxBatchSize: 0,
    ...facts,
  };
}

/** Collects a subscription's events until `isEnough` says so; fails after 10 s. */
export async function collectEvents(
  client: RpcClient<BridgeServiceService>,
  isEnough: (events: readonly Event[]) => boolean,
  request: Partial<SubscribeRequest> = {},
): Promise<Event[]> {
  const events: Event[] = [];
  const signal = AbortSignal.timeout(10_000);
  for await (const { frame } of client.stream("subscribe", subscribeRequest(request), { signal })) {
    if (frame?.$case === "batch") events.push(...frame.value.events);
    if (isEnough(events)) break;
  }
  return events;
}
