/** The agent as people start it: a process, its command line and environment, its signals, its log. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { AgentServiceClient, type Turn } from "@imesh/contracts/agent/v1";
import { ArrivalClass } from "@imesh/contracts/bridge/v1/event";
import { connect } from "@imesh/rpc";
import { type TemporaryDirectory, temporaryDirectory, waitFor } from "@imesh/testing";
import { SystemClock } from "@imesh/time";
import { JOURNAL } from "./testing/arrivals.ts";
import { FakeBridge } from "./testing/fake-bridge.ts";
import { ServiceProcess } from "./testing/processes.ts";

const chat = "iMessage;-;+15550100";
const DEADLINE_MS = 20_000;
let standInDirectory: TemporaryDirectory;
let standIn: ServiceProcess;
let endpoint: string;

before(async () => {
  standInDirectory = await temporaryDirectory();
  standIn = new ServiceProcess("claude-stand-in", [], standInDirectory.file("stand-in.json"));
  endpoint = (await standIn.ready()).http ?? "";
});

after(async () => {
  await standIn[Symbol.asyncDispose]();
  await standInDirectory[Symbol.asyncDispose]();
});

/** A bridge, and an agent process that follows it. */
class ProcessRig implements AsyncDisposable {
  readonly bridge = new FakeBridge(JOURNAL);
  readonly #directory: TemporaryDirectory;
  #agent: ServiceProcess | undefined;

  constructor(directory: TemporaryDirectory) {
    this.#directory = directory;
  }

  static async start(
    flags: Record<string, string>,
    environment: Record<string, string> = {},
  ): Promise<ProcessRig> {
    const rig = new ProcessRig(await temporaryDirectory());
    await rig.bridge.listen(rig.#directory.file("bridge.sock"));
    rig.spawn(flags, environment);
    await rig.agent.ready();
    await waitFor(() => rig.bridge.subscriptions.length > 0, {
      deadlineMs: DEADLINE_MS,
      what: "a subscription",
    });
    return rig;
  }

  /** Another agent on the same store. */
  spawn(flags: Record<string, string>, environment: Record<string, string> = {}): ServiceProcess {
    const all = {
      bridge: `unix:${this.#directory.file("bridge.sock")}`,
      store: this.#directory.file("agent.db"),
      socket: this.#directory.file("agent.sock"),
      ...flags,
    };
    const argv = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
    const agent = new ServiceProcess("agent", argv, this.#directory.file("agent.json"), environment);
    this.#agent ??= agent;
    return agent;
  }

  get agent(): ServiceProcess {
    assert.ok(this.#agent !== undefined);
    return this.#agent;
  }

  /** The newest turn, once it is over. */
  async ended(): Promise<Turn> {
    const target = { kind: "unix", path: this.#directory.file("agent.sock") } as const;
    await using client = connect(AgentServiceClient, target, { clock: new SystemClock() });
    return await waitFor(
      async () => {
        const { turns } = await client.call("listTurns", { pageSize: 1, pageToken: "" });
        return turns[0]?.state === 3 || turns[0]?.state === 4 ? turns[0] : undefined;
      },
      { deadlineMs: DEADLINE_MS, what: "a turn to end" },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent?.[Symbol.asyncDispose]();
    await this.bridge.stop();
    await this.#directory[Symbol.asyncDispose]();
  }
}

test("the reply belongs to the trace of a live event; of an older one it has a trace of its own", async () => {
  await using rig = await ProcessRig.start({ "model-endpoint": endpoint, answer: "live,catch-up" });
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
  rig.bridge.append({ chat, text: "now", traceparent });
  await waitFor(() => rig.bridge.accepted.length === 1, { deadlineMs: DEADLINE_MS, what: "a reply" });
  rig.bridge.append({ chat, text: "then", traceparent, arrivalClass: ArrivalClass.CATCH_UP });
  await waitFor(() => rig.bridge.accepted.length === 2, { deadlineMs: DEADLINE_MS, what: "another reply" });
  const traceIds = rig.bridge.traceparents.map((given) => given?.split("-")[1]);
  assert.equal(traceIds[0], traceId);
  assert.match(traceIds[1] ?? "", /^[0-9a-f]{32}$/);
  assert.notEqual(traceIds[1], traceId);
});

test("a wrong key: no bubble, a reason that says so, and nothing said in the log", async () => {
  await using rig = await ProcessRig.start(
    { "model-endpoint": endpoint },
    { ANTHROPIC_API_KEY: "wrong-secret-key" },
  );
  rig.bridge.append({ chat, text: "my deepest secret" });
  assert.equal((await rig.ended()).reason, "MODEL_AUTHENTICATION_FAILED");
  assert.deepEqual(rig.bridge.attempts, []);
  await rig.agent.kill("SIGTERM");
  assert.match(rig.agent.output, /"event":"model-failed","fault":"authentication-failed","status":401/);
  assert.doesNotMatch(rig.agent.output, /deepest|wrong-secret-key|15550100/);
});

test("an endpoint that is down: no bubble, and a reason that says so", async () => {
  await using rig = await ProcessRig.start(
    {},
    { ANTHROPIC_BASE_URL: "http://127.0.0.1:1", ANTHROPIC_MODEL: "m" },
  );
  rig.bridge.append({ chat, text: "hello" });
  const { reason, model, requestId } = await rig.ended();
  assert.deepEqual([reason, model, requestId, rig.bridge.attempts], ["MODEL_UNREACHABLE", "", "", []]);
});

test("a refusal is kept to ourselves", async () => {
  await using rig = await ProcessRig.start({ "model-endpoint": endpoint, model: "stand-in/refusal" });
  rig.bridge.append({ chat, text: "hello" });
  const { reason, usage } = await rig.ended();
  assert.deepEqual([reason, usage?.outputTokens, rig.bridge.attempts], ["MODEL_REFUSED", 2n, []]);
});

test("SIGTERM ends it at once, though the model still thinks", async () => {
  await using rig = await ProcessRig.start({ "model-endpoint": endpoint, model: "stand-in/silent" });
  rig.bridge.append({ chat, text: "hello" });
  await waitFor(() => /turn-started/.test(rig.agent.output), { deadlineMs: DEADLINE_MS, what: "a turn" });
  await rig.agent.kill("SIGTERM");
  assert.equal(await rig.agent.ended(), 0);
  assert.deepEqual(rig.bridge.attempts, []);
});

test("a second agent on the same store is refused (75), and the first goes on", async () => {
  await using rig = await ProcessRig.start({ "model-endpoint": endpoint });
  await using second = rig.spawn({ "model-endpoint": endpoint });
  assert.equal(await second.ended(), 75);
  assert.match(second.output, /Cannot open store: .* \(in use\)\n {2}→ /);
  rig.bridge.append({ chat, text: "hello" });
  assert.equal((await rig.ended()).reason, "");
});

test("without a key it does not start (78), and says what to do", async () => {
  await using directory = await temporaryDirectory();
  const argv = [
    "--bridge",
    "unix:/b",
    "--store",
    directory.file("a.db"),
    "--socket",
    directory.file("a.sock"),
  ];
  await using agent = new ServiceProcess("agent", argv, directory.file("agent.json"));
  assert.equal(await agent.ended(), 78);
  assert.match(agent.output, /^agent: Cannot ask the model: no key .*\n {2}→ Get a key /);
});
