/**
 * The whole product as real processes in a temporary folder: simulated Mac, lock-broker, mac-bridge, stand-in, agent.
 * Each can be killed and started again; the folder is the only thing that stays.
 */
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AgentServiceClient, type AgentServiceService } from "@imesh/contracts/agent/v1";
import { BridgeServiceClient, type BridgeServiceService } from "@imesh/contracts/bridge/v1";
import { SimulatorServiceClient, type SimulatorServiceService } from "@imesh/contracts/simulator/v1";
import { connect, type RpcClient } from "@imesh/rpc";
import { type TemporaryDirectory, temporaryDirectory } from "@imesh/testing";
import { SystemClock } from "@imesh/time";
import { Child, type ChildStatus } from "./child.ts";

export type ServiceName = "messages-simulator" | "lock-broker" | "mac-bridge" | "claude-stand-in" | "agent";

/** What differs between tests; everything else has the product's defaults. */
export interface FleetOptions {
  /** Which services to start, in order. Default: all. */
  readonly services?: readonly ServiceName[];
  /** More flags for a service, after the fleet's own. */
  readonly flags?: Partial<Record<ServiceName, readonly string[]>>;
  /** How long each may take until it listens, in milliseconds. Default 15 s; a large history takes longer to write. */
  readonly startDeadlineMs?: number;
}

const clock = new SystemClock();

/**
 * Flags of the simulator for tests that look at every step of a send: row, sent and delivered are so far apart that even
 * a busy machine reads each by itself.
 */
export const apartReceipts: readonly string[] = [
  ...["--sent-delay-min-ms", "300", "--sent-delay-max-ms", "300"],
  ...["--delivered-delay-min-ms", "300", "--delivered-delay-max-ms", "300"],
];

const allServices: readonly ServiceName[] = [
  "messages-simulator",
  "lock-broker",
  "mac-bridge",
  "claude-stand-in",
  "agent",
];

/** A running set of services. Disposing ends them in reverse order and removes the folder. */
export class Fleet implements AsyncDisposable {
  readonly home: string;
  readonly #directory: TemporaryDirectory;
  readonly #options: FleetOptions;
  readonly #children = new Map<ServiceName, Child>();
  readonly #statuses = new Map<ServiceName, ChildStatus>();
  readonly #clients: AsyncDisposable[] = [];

  private constructor(directory: TemporaryDirectory, options: FleetOptions) {
    this.#directory = directory;
    this.home = directory.path;
    this.#options = options;
    mkdirSync(this.run, { mode: 0o700 });
  }

  /** Starts what the options name; on failure everything is ended and the error carries the service's output. */
  static async start(options: FleetOptions = {}): Promise<Fleet> {
    const fleet = new Fleet(await temporaryDirectory(), options);
    try {
      for (const name of options.services ?? allServices) await fleet.start(name);
      return fleet;
    } catch (error) {
      await fleet[Symbol.asyncDispose]();
      throw error;
    }
  }

  get run(): string {
    return join(this.home, "run");
  }

  get chatDbPath(): string {
    return join(this.home, "mac/Library/Messages/chat.db");
  }

  get ledgerPath(): string {
    return join(this.home, "ledger.db");
  }

  socket(name: ServiceName): string {
    return join(this.run, `${name}.sock`);
  }

  /** Starts one service, again after kill() or stop(). */
  async start(name: ServiceName): Promise<ChildStatus> {
    const known = this.#children.get(name);
    const child = known ?? new Child(this.#spec(name));
    this.#children.set(name, child);
    const status = await child.start();
    this.#statuses.set(name, status);
    return status;
  }

  async kill(name: ServiceName): Promise<void> {
    await this.#child(name).kill();
  }

  async stop(name: ServiceName): Promise<number | null> {
    return await this.#child(name).stop();
  }

  pid(name: ServiceName): number {
    return this.#child(name).pid;
  }

  /** Last 64 KiB that a service printed, over all its lives. */
  output(name: ServiceName): string {
    return this.#child(name).output;
  }

  /** The service's /metrics now, as text. */
  async metrics(name: ServiceName): Promise<string> {
    const url = this.#statuses.get(name)?.metrics;
    if (url == null) throw new Error(`${name} has no metrics`);
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    return await response.text();
  }

  bridge(): RpcClient<typeof BridgeServiceService> {
    return this.#own(connect(BridgeServiceClient, `unix:${this.socket("mac-bridge")}`, { clock }));
  }

  simulator(): RpcClient<typeof SimulatorServiceService> {
    return this.#own(connect(SimulatorServiceClient, `unix:${this.socket("messages-simulator")}`, { clock }));
  }

  agent(): RpcClient<typeof AgentServiceService> {
    return this.#own(connect(AgentServiceClient, `unix:${this.socket("agent")}`, { clock }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients.splice(0)) await client[Symbol.asyncDispose]();
    for (const child of [...this.#children.values()].reverse()) await child.stop();
    await this.#directory[Symbol.asyncDispose]();
  }

  #own<Client extends AsyncDisposable>(client: Client): Client {
    this.#clients.push(client);
    return client;
  }

  #child(name: ServiceName): Child {
    const child = this.#children.get(name);
    if (child === undefined) throw new Error(`${name} was never started`);
    return child;
  }

  #spec(name: ServiceName): ConstructorParameters<typeof Child>[0] {
    return {
      name,
      flags: [...this.#flags(name), ...(this.#options.flags?.[name] ?? [])],
      statusFile: join(this.run, `${name}.json`),
      startDeadlineMs: this.#options.startDeadlineMs ?? 15_000,
      environment: { ANTHROPIC_API_KEY: "a-key-for-the-stand-in" },
      // One for all fleets, or every test would pay for stripping the types again.
      cachePath: join(tmpdir(), `imesh-test-cache-${process.getuid?.() ?? 0}`),
    };
  }

  #flags(name: ServiceName): string[] {
    const mac = join(this.home, "mac");
    switch (name) {
      case "messages-simulator":
        return ["--mac", mac, "--run-dir", this.run, "--socket", this.socket(name)];
      case "lock-broker":
        return [
          ...["--chat-db", this.chatDbPath, "--socket", this.socket(name)],
          ...["--ledger", this.ledgerPath],
        ];
      case "mac-bridge":
        return [
          ...["--broker", `unix:${this.socket("lock-broker")}`, "--journal", join(this.home, "journal.db")],
          ...["--socket", this.socket(name), "--osascript", join(mac, "usr/bin/osascript")],
        ];
      case "claude-stand-in":
        return ["--listen", "127.0.0.1:0"];
      case "agent":
        return [
          ...["--bridge", `unix:${this.socket("mac-bridge")}`, "--store", join(this.home, "agent.db")],
          ...["--socket", this.socket(name), "--model-endpoint", this.#standInUrl()],
        ];
    }
  }

  #standInUrl(): string {
    const address = this.#statuses.get("claude-stand-in")?.http;
    if (address == null) throw new Error("the stand-in's address is not known");
    return address;
  }
}
