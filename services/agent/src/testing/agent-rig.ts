import { AgentServiceClient, type AgentServiceService, type Turn } from "@imesh/contracts/agent/v1";
import { connect, type RpcClient } from "@imesh/rpc";
import { type SilentTelemetry, silentTelemetry } from "@imesh/telemetry";
import { SeededRandom, type TemporaryDirectory, temporaryDirectory, waitFor } from "@imesh/testing";
import { SystemClock } from "@imesh/time";
import { type Agent, startAgent } from "../agent.ts";
import type { Config } from "../config.ts";
import { FakeBridge } from "./fake-bridge.ts";
import { ScriptedModel } from "./scripted-model.ts";

const JOURNAL = "11111111-1111-4111-8111-111111111111";
const DEADLINE_MS = 10_000;

/** An agent in this process, with a scripted model and a bridge on a real socket. */
export class AgentRig implements AsyncDisposable {
  readonly bridge = new FakeBridge(JOURNAL);
  readonly model = new ScriptedModel();
  readonly telemetry: SilentTelemetry = silentTelemetry();
  readonly client: RpcClient<AgentServiceService>;
  readonly #directory: TemporaryDirectory;
  readonly #overrides: Partial<Config>;
  #agent: Agent | undefined;

  private constructor(directory: TemporaryDirectory, overrides: Partial<Config>) {
    this.#directory = directory;
    this.#overrides = overrides;
    const clock = new SystemClock();
    this.client = connect(
      AgentServiceClient,
      { kind: "unix", path: directory.file("agent.sock") },
      { clock },
    );
  }

  /** Starts both, and waits until the agent follows the bridge's journal. */
  static async start(overrides: Partial<Config> = {}): Promise<AgentRig> {
    const rig = new AgentRig(await temporaryDirectory(), overrides);
    await rig.startBridge();
    await rig.startAgent();
    await rig.until("the agent to follow the journal", async () => (await rig.status()).journalId !== "");
    return rig;
  }

  async startBridge(): Promise<void> {
    await this.bridge.listen(this.#directory.file("bridge.sock"));
  }

  /** Starts the agent, again if it was stopped, on the same store. */
  async startAgent(): Promise<void> {
    const config: Config = {
      bridge: { kind: "unix", path: this.#directory.file("bridge.sock") },
      storePath: this.#directory.file("agent.db"),
      socketPath: this.#directory.file("agent.sock"),
      name: "agent",
      model: "scripted",
      modelEndpoint: "http://127.0.0.1:1",
      apiKey: null,
      systemPromptPath: null,
      maxTokens: 100,
      modelDeadlineMs: 5_000,
      answeredClasses: new Set(["live"]),
      turnsMax: 4,
      statusPath: null,
      metrics: null,
      otlpEndpoint: null,
      logLevel: "error",
      ...this.#overrides,
    };
    const random = new SeededRandom(7);
    const { telemetry, model } = this;
    this.#agent = await startAgent(config, {
      telemetry,
      clock: new SystemClock(),
      random,
      pid: process.pid,
      model,
    });
  }

  async stopAgent(): Promise<void> {
    await this.#agent?.[Symbol.asyncDispose]();
    this.#agent = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]();
    await this.stopAgent();
    await this.bridge.stop();
    await this.#directory[Symbol.asyncDispose]();
  }

  /** Waits for something to become true of the outside. */
  async until(what: string, predicate: () => boolean | Promise<boolean>): Promise<void> {
    await waitFor(predicate, { deadlineMs: DEADLINE_MS, what });
  }

  /** Waits until the bridge has accepted that many bubbles, and gives their texts. */
  async bubbles(count: number): Promise<string[]> {
    await this.until(`${count} bubbles`, () => this.bridge.accepted.length >= count);
    return this.bridge.accepted.map(({ text }) => text);
  }

  /** Waits until every event of the bridge's journal is finished. */
  async finished(): Promise<void> {
    await this.until("everything to be finished", async () => {
      const { finishedSequence, journalId } = await this.status();
      return journalId === this.bridge.journalId && finishedSequence === this.bridge.headSequence;
    });
  }

  status() {
    return this.client.call("getStatus", {});
  }

  /** Turns, newest first. */
  async turns(): Promise<Turn[]> {
    return (await this.client.call("listTurns", { pageSize: 0, pageToken: "" })).turns;
  }
}
