import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { FakeClock, temporaryDirectory } from "@imesh/testing";
import { homeAt, statusPath } from "../home/home.ts";
import { type Mac, type StackOptions, serviceNames, stackPlan } from "./stack-plan.ts";

const SIMULATED: Mac = { kind: "simulated", seed: 7 };
const REAL: Mac = { kind: "real", chatDbPath: "/m/chat.db", osascriptPath: "/usr/bin/osascript" };

function options(directory: string, more: Partial<StackOptions> = {}): StackOptions {
  const surroundings = {
    workingDirectory: directory,
    userDirectory: directory,
    temporaryDirectory: "/tmp",
    userId: 1,
    variables: {},
  };
  return {
    home: homeAt(directory, surroundings),
    mac: SIMULATED,
    listen: null,
    metricsPort: null,
    nodePath: "/node",
    variables: { PATH: "/bin" },
    clock: new FakeClock(),
    ...more,
  };
}

/** Arguments of each service, after the node flags and the program. */
async function commandLines(stack: StackOptions): Promise<Record<string, string>> {
  const lines: Record<string, string> = {};
  for (const plan of stackPlan(stack)) {
    const { command } = await plan.prepare();
    const program = command.findIndex((word) => word.endsWith(`/${plan.name}/src/main.ts`));
    lines[plan.name] = command
      .slice(program + 1)
      .join(" ")
      .replaceAll(stack.home.path, "~");
  }
  return lines;
}

test("the simulated stack with a key: every service gets what its command line wants", async () => {
  await using directory = await temporaryDirectory();
  const stack = options(directory.path, {
    listen: { kind: "tcp", host: "127.0.0.1", port: 7420 },
    metricsPort: 9464,
    variables: { ANTHROPIC_API_KEY: "secret" },
  });
  assert.deepEqual(await commandLines(stack), {
    "messages-simulator":
      "--mac ~/mac --run-dir ~/run --seed 7 --socket ~/run/simulator.sock --status-file ~/run/messages-simulator.json",
    "lock-broker":
      "--chat-db ~/mac/Library/Messages/chat.db --ledger ~/ledger.db --metrics 127.0.0.1:9464 --socket ~/run/lock-broker.sock --status-file ~/run/lock-broker.json",
    "mac-bridge":
      "--broker unix:~/run/lock-broker.sock --journal ~/journal.db --osascript ~/mac/usr/bin/osascript --listen 127.0.0.1:7420 --metrics 127.0.0.1:9465 --socket ~/run/mac-bridge.sock --status-file ~/run/mac-bridge.json",
    agent:
      "--bridge unix:~/run/mac-bridge.sock --store ~/agent.db --metrics 127.0.0.1:9466 --socket ~/run/agent.sock --status-file ~/run/agent.json",
  });
});

test("real Messages needs no simulator", async () => {
  await using directory = await temporaryDirectory();
  const stack = options(directory.path, { mac: REAL, variables: { ANTHROPIC_API_KEY: "secret" } });
  const lines = await commandLines(stack);
  assert.deepEqual(Object.keys(lines), ["lock-broker", "mac-bridge", "agent"]);
  assert.match(lines["lock-broker"] ?? "", /^--chat-db \/m\/chat\.db /);
  assert.match(lines["mac-bridge"] ?? "", / --osascript \/usr\/bin\/osascript /);
});

test("without a key, or with an empty one, the agent asks the stand-in where it listens", async () => {
  await using directory = await temporaryDirectory();
  for (const variables of [{}, { ANTHROPIC_API_KEY: "" }]) {
    const stack = options(directory.path, { variables });
    assert.ok(serviceNames(stackPlan(stack)).includes("claude-stand-in"));
    const agent = stackPlan(stack).find((plan) => plan.name === "agent");
    assert.deepEqual(agent?.after, ["claude-stand-in"]);
    await assert.rejects(async () => agent?.prepare(), { exitCode: 69 });
    const status = {
      service: "claude-stand-in",
      pid: 1,
      startedAt: "x",
      grpc: [],
      metrics: null,
      http: "http://127.0.0.1:9",
    };
    await mkdir(stack.home.runPath, { recursive: true });
    await writeFile(statusPath(stack.home, "claude-stand-in"), JSON.stringify(status));
    const command = (await agent?.prepare())?.command.join(" ");
    assert.match(command ?? "", / --model-endpoint http:\/\/127\.0\.0\.1:9 /);
    await writeFile(statusPath(stack.home, "claude-stand-in"), "");
  }
});

test("the key goes to the agent and to nobody else", async () => {
  await using directory = await temporaryDirectory();
  const variables = { PATH: "/bin", ANTHROPIC_API_KEY: "secret" };
  for (const plan of stackPlan(options(directory.path, { variables }))) {
    const given = (await plan.prepare()).variables;
    assert.equal(given.ANTHROPIC_API_KEY, plan.name === "agent" ? "secret" : undefined);
    assert.equal(given.PATH, "/bin");
    assert.equal(given.NODE_COMPILE_CACHE, directory.file("cache"));
  }
});
