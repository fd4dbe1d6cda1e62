/** kill -9 at random moments: a real agent process, a real socket, the real SDK, and a stand-in for Claude. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AgentServiceClient } from "@imesh/contracts/agent/v1";
import { connect, unavailable } from "@imesh/rpc";
import { SeededRandom, type TemporaryDirectory, temporaryDirectory, waitFor } from "@imesh/testing";
import { SystemClock } from "@imesh/time";
import Database from "better-sqlite3";
import { JOURNAL } from "./testing/arrivals.ts";
import { FakeBridge } from "./testing/fake-bridge.ts";
import { ServiceProcess } from "./testing/processes.ts";

const ROUNDS = Number(process.env.IMESH_KILL_ROUNDS ?? 8);
const DEADLINE_MS = 30_000;

/** When a round's agent is killed. The last three are the moments around the one that must not happen twice. */
const MOMENTS = ["any time", "before it is sent", "when accepted", "when accepted"] as const;

interface TurnRow {
  readonly requestId: string;
  readonly state: string;
  readonly replyParts: string | null;
  readonly chatGuid: string;
  readonly firstSequence: number;
}

function turnsIn(path: string): TurnRow[] {
  const database = new Database(path, { readonly: true });
  try {
    const columns =
      "request_id AS requestId, state, reply_parts AS replyParts, chat_guid AS chatGuid, first_sequence AS firstSequence";
    return database.prepare<[], TurnRow>(`SELECT ${columns} FROM turns ORDER BY turn_number`).all();
  } finally {
    database.close();
  }
}

/** Sequences of the messages that were taken up to be answered, as the store has them. */
function answeredIn(path: string): number[] {
  const database = new Database(path, { readonly: true });
  try {
    const sql = "SELECT sequence FROM transcript WHERE is_answered = 1 ORDER BY sequence";
    return database.prepare<[], number>(sql).pluck().all();
  } finally {
    database.close();
  }
}

function startAgentProcess(directory: TemporaryDirectory, modelEndpoint: string): ServiceProcess {
  const args = {
    bridge: `unix:${directory.file("bridge.sock")}`,
    store: directory.file("agent.db"),
    socket: directory.file("agent.sock"),
    "model-endpoint": modelEndpoint,
    "model-deadline-ms": "20000",
    metrics: "off",
  };
  const argv = Object.entries(args).flatMap(([name, value]) => [`--${name}`, value]);
  // What the first start compiled, written when it ends in peace, halves the time of the others.
  const environment = { NODE_COMPILE_CACHE: directory.file("compiled") };
  return new ServiceProcess("agent", argv, directory.file("agent.json"), environment);
}

/** Decisions seen so far; none may ever be another one. */
function checkDecisions(decisions: Map<string, string>, path: string): void {
  for (const { requestId, replyParts } of turnsIn(path)) {
    if (replyParts === null) continue;
    assert.equal(decisions.get(requestId) ?? replyParts, replyParts, `the decision of ${requestId}`);
    decisions.set(requestId, replyParts);
  }
}

test("kill -9 at random moments: each message is answered by exactly one request_id, no decision changes (I10)", async () => {
  const random = SeededRandom.fromEnvironment("kill");
  await using directory = await temporaryDirectory();
  await using bridge = new FakeBridge(JOURNAL);
  await bridge.listen(directory.file("bridge.sock"));
  const pace = ["--first-token-ms", "40", "--token-delay-ms", "5"];
  await using standIn = new ServiceProcess("claude-stand-in", pace, directory.file("stand-in.json"));
  const { http } = await standIn.ready();
  assert.ok(http !== undefined);
  const storePath = directory.file("agent.db");
  const sent: bigint[] = [];
  const decisions = new Map<string, string>();
  const say = () => {
    const chat = `chat-${random.integer(1, 4)}`;
    sent.push(bridge.append({ chat, text: `message ${sent.length + 1}` }));
  };
  await begin(directory, http);
  for (let round = 0; round < ROUNDS; round += 1) {
    bridge.beforeSend = () => undefined;
    bridge.afterSend = () => undefined;
    await using agent = startAgentProcess(directory, http);
    await agent.ready();
    const moment = random.pick(MOMENTS);
    for (let index = random.integer(1, 4); index > 0; index -= 1) say();
    await killAt(moment, agent, bridge, random, say);
    checkDecisions(decisions, storePath);
  }
  bridge.beforeSend = () => undefined;
  bridge.afterSend = () => undefined;
  await using agent = startAgentProcess(directory, http);
  await finish(directory, bridge);
  await agent.kill("SIGTERM");
  checkDecisions(decisions, storePath);
  checkEnd(bridge, storePath, sent);
});

/** The first start begins at the head: nothing may be said before it has. */
async function begin(directory: TemporaryDirectory, http: string): Promise<void> {
  await using agent = startAgentProcess(directory, http);
  await agent.ready();
  await statusOf(directory, ({ journalId }) => journalId === JOURNAL, "the first start to find the head");
  await agent.kill("SIGTERM");
}

async function finish(directory: TemporaryDirectory, bridge: FakeBridge): Promise<void> {
  await statusOf(
    directory,
    (status) => status.finishedSequence === bridge.headSequence,
    "everything to be finished",
  );
}

async function statusOf(
  directory: TemporaryDirectory,
  isReached: (status: { journalId: string; finishedSequence: bigint }) => boolean,
  what: string,
): Promise<void> {
  await using client = connect(
    AgentServiceClient,
    { kind: "unix", path: directory.file("agent.sock") },
    { clock: new SystemClock() },
  );
  await waitFor(async () => isReached(await client.call("getStatus", {})), { deadlineMs: DEADLINE_MS, what });
}

async function killAt(
  moment: (typeof MOMENTS)[number],
  agent: ServiceProcess,
  bridge: FakeBridge,
  random: SeededRandom,
  say: () => void,
): Promise<void> {
  let isKilled = false;
  const die = () => {
    if (!isKilled) process.kill(agent.pid, "SIGKILL");
    isKilled = true;
    return unavailable({ reason: "GONE", message: "Cannot answer: the caller is gone" });
  };
  bridge.beforeSend = () => (moment === "before it is sent" ? die() : undefined);
  bridge.afterSend = () => (moment === "when accepted" ? die() : undefined);
  if (moment === "any time") {
    const pause = new SystemClock();
    await pause.sleep(random.integer(0, 150));
    say();
    await pause.sleep(random.integer(0, 150));
    await agent.kill("SIGKILL");
  } else {
    await waitFor(() => isKilled, { deadlineMs: DEADLINE_MS, what: `a kill ${moment}` });
    await agent.ended();
  }
}

function checkEnd(bridge: FakeBridge, storePath: string, sent: readonly bigint[]): void {
  const turns = turnsIn(storePath);
  assert.deepEqual(answeredIn(storePath), sent.map(Number), "every message is in exactly one turn");
  assert.deepEqual(new Set(turns.map(({ state }) => state)), new Set(["replied"]));
  const accepted = new Map(bridge.accepted.map((send) => [send.requestId, send]));
  assert.equal(accepted.size, bridge.accepted.length);
  assert.deepEqual([...accepted.keys()].sort(), turns.map(({ requestId }) => requestId).sort());
  for (const { requestId, replyParts } of turns) {
    assert.deepEqual([accepted.get(requestId)?.text], JSON.parse(replyParts ?? "[]"));
  }
  const byKey = Map.groupBy(bridge.attempts, ({ requestId }) => requestId);
  for (const attempts of byKey.values()) assert.equal(new Set(attempts.map(({ text }) => text)).size, 1);
  for (const mine of Map.groupBy(turns, ({ chatGuid }) => chatGuid).values()) {
    const order = bridge.accepted
      .filter(({ chatGuid }) => chatGuid === mine[0]?.chatGuid)
      .map(({ requestId }) => requestId);
    assert.deepEqual(
      order,
      mine.map(({ requestId }) => requestId),
      "answers come in order in a chat",
    );
  }
}
