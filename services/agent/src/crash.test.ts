/** Crashes between any two steps, in one process: everything but the store's file and the world outside is thrown away. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as settled } from "node:timers/promises";
import { silentTelemetry } from "@imesh/telemetry";
import { FakeClock, SeededRandom, temporaryDirectory } from "@imesh/testing";
import type { JournalEvent } from "./event/event.ts";
import { Progress } from "./intake/progress.ts";
import { Reception } from "./intake/reception.ts";
import { Mailboxes } from "./mailbox/mailboxes.ts";
import { judge } from "./policy/policy.ts";
import { AgentStore } from "./store/store.ts";
import { TurnTelemetry } from "./telemetry/telemetry.ts";
import { JOURNAL, messageEvent } from "./testing/arrivals.ts";
import { replyOf } from "./testing/scripted-model.ts";
import { type Reply, TurnRunner, type TurnRunnerPorts } from "./turn/turn-runner.ts";

const RUNS = 25;
const CRASHES_MAX = 12;
const never = new AbortController().signal;

class Crash extends Error {}

/** What survives a crash: the file, the journal, what mac-bridge accepted; and chance. */
class World {
  readonly random: SeededRandom;
  readonly path: string;
  readonly events: JournalEvent[];
  /** Accepted bubbles by key. */
  readonly accepted = new Map<string, Reply>();
  thoughts = 0;

  constructor(random: SeededRandom, path: string) {
    this.random = random;
    this.path = path;
    this.events = Array.from({ length: random.integer(1, 14) }, (_, index) => {
      const kind = random.integer(1, 10);
      const chatGuid = `chat-${random.integer(1, 3)}`;
      if (kind === 1)
        return messageEvent(BigInt(index + 1), {}, { payload: { kind: "other", what: "command" } });
      return messageEvent(BigInt(index + 1), { chatGuid, direction: kind === 2 ? "own" : "incoming" });
    });
  }
}

/** One life of the process: ends at the step that chance chose. What was on its way out at that moment still arrives. */
class Life {
  #stepsLeft: number;

  /** `stepsMax`: steps until it dies; Infinity for never. */
  constructor(stepsMax: number) {
    this.#stepsLeft = stepsMax;
  }

  /** A place where the process may die. */
  step(): void {
    this.#stepsLeft -= 1;
    if (this.#stepsLeft === 0) throw new Crash();
  }

  /** The same object, dying at times just before or just after a call. */
  mortal<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, name) => {
        const value = Reflect.get(object, name);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          this.step();
          const result = Reflect.apply(value, object, args);
          this.step();
          return result;
        };
      },
    });
  }
}

/** One life of the agent's inside: takes what the journal has after its cursor, until all is finished or it dies. */
async function live(world: World, stepsMax: number): Promise<"finished" | "crashed"> {
  const clock = new FakeClock();
  using store = AgentStore.open(world.path);
  const life = new Life(stepsMax);
  const mortalStore = life.mortal(store);
  try {
    if (store.cursor() === null) store.beginJournal({ journalId: JOURNAL, finishedSequence: 0n }, 0n);
    const progress = new Progress(mortalStore, clock);
    const mailboxes = new Mailboxes(runnerOf(world, life, mortalStore, progress, clock), { turnsMax: 2 });
    let failure: unknown;
    mailboxes.ended.catch((error: unknown) => {
      failure = error;
    });
    try {
      await follow(world, store, progress, mailboxes, () => failure);
      progress[Symbol.dispose]();
    } finally {
      await mailboxes[Symbol.asyncDispose]();
    }
    return "finished";
  } catch (error) {
    const reason = error instanceof Error && error.cause instanceof Crash ? error.cause : error;
    if (!(reason instanceof Crash)) throw error;
    return "crashed";
  }
}

async function follow(
  world: World,
  store: AgentStore,
  progress: Progress,
  mailboxes: Mailboxes,
  failure: () => unknown,
): Promise<void> {
  for (const recovered of store.recoverTurns()) mailboxes.resume(recovered);
  const reception = new Reception({
    progress,
    judge: (event) => judge(event, { agentName: "agent", answeredClasses: new Set(["live"]) }),
    isKnown: (chatGuid, guid) => mailboxes.hasWaiting(chatGuid, guid) || store.hasMessage(guid),
    amend: (chatGuid, guid, text) => mailboxes.amend(chatGuid, guid, text),
    deliver: (arrivals, signal) => mailboxes.deliver(arrivals, signal),
    onReceived: () => {},
    onIgnored: () => {},
  });
  let taken = Number(progress.position?.sequence ?? 0n);
  while (progress.cursor?.finishedSequence !== BigInt(world.events.length)) {
    const batch = world.events.slice(taken, taken + world.random.integer(1, 4));
    taken += batch.length;
    if (batch.length > 0 && world.random.chance(0.6)) await reception.take(batch, never);
    else taken -= batch.length;
    await settled();
    if (failure() !== undefined) throw failure();
  }
}

function runnerOf(
  world: World,
  life: Life,
  store: AgentStore,
  progress: Progress,
  clock: FakeClock,
): TurnRunner {
  const telemetry = silentTelemetry();
  const ports: TurnRunnerPorts = {
    store,
    model: life.mortal({
      name: "scripted",
      reply: async () => {
        await settled();
        life.step();
        world.thoughts += 1;
        // Never the same words twice: a turn that is thought again would show.
        return replyOf(`thought ${world.thoughts}`);
      },
    }),
    sender: life.mortal({
      send: async (reply: Reply) => {
        await settled();
        life.step();
        const known = world.accepted.get(reply.requestId) ?? reply;
        assert.equal(
          known.text,
          reply.text,
          "a key comes with the same words, whatever happened in between (I10)",
        );
        world.accepted.set(reply.requestId, known);
        await settled();
        life.step();
        return { kind: "accepted" as const };
      },
    }),
    finish: (journalId, sequences) => progress.finish(journalId, sequences),
    onTurnChanged: () => {},
    telemetry: new TurnTelemetry({ telemetry, clock, modelName: "scripted", silentReasons: new Set() }),
    clock,
    random: world.random,
  };
  return new TurnRunner(ports, { agentName: "agent", systemPrompt: "be kind", modelDeadlineMs: 1_000 });
}

test("whatever two steps a crash falls between, each message is answered by one key with one decision (I6, I10)", async () => {
  const random = SeededRandom.fromEnvironment("crash");
  let crashes = 0;
  for (let run = 0; run < RUNS; run += 1) {
    await using directory = await temporaryDirectory();
    const world = new World(random, directory.file("agent.db"));
    for (let left = CRASHES_MAX; left > 0; left -= 1) {
      if ((await live(world, random.integer(1, 60))) === "crashed") crashes += 1;
    }
    assert.equal(await live(world, Number.POSITIVE_INFINITY), "finished");
    check(world);
  }
  assert.ok(crashes > RUNS, `only ${crashes} crashes`);
});

/** Every answerable message is in one turn, every turn was accepted once with what was decided, in order in each chat. */
function check(world: World): void {
  using store = AgentStore.open(world.path);
  const turns = store.listTurns(null, 500).reverse();
  const keys = turns.map(({ requestId, state }) => [state, requestId]);
  assert.deepEqual(
    keys,
    turns.map(({ firstSequence }) => ["replied", `agent/${JOURNAL}/${firstSequence}/0`]),
  );
  assert.deepEqual([...world.accepted.keys()].sort(), turns.map(({ requestId }) => requestId).sort());
  const chats = Map.groupBy(
    world.events.filter(({ payload }) => payload.kind === "message"),
    ({ payload }) => (payload.kind === "message" ? payload.message.chatGuid : null),
  );
  for (const [chatGuid, events] of chats) {
    const said = store.conversation(chatGuid ?? "", 500);
    const texts = said.flatMap(({ author, text }) => (author === "agent" ? [] : [text]));
    assert.deepEqual(
      texts,
      events.map(({ payload }) => (payload.kind === "message" ? payload.message.text : "")),
    );
    const mine = turns.filter((turn) => turn.chatGuid === chatGuid);
    const answered = events.filter(
      ({ payload }) => payload.kind === "message" && payload.message.direction === "incoming",
    );
    const covering = answered.map(
      ({ sequence }) =>
        mine.filter((turn) => turn.firstSequence <= sequence && sequence <= turn.lastSequence).length,
    );
    assert.deepEqual(
      covering,
      answered.map(() => 1),
    );
    assert.deepEqual(
      mine.map(({ firstSequence }) => firstSequence).toSorted(compare),
      mine.map(({ firstSequence }) => firstSequence),
    );
    const replies = said.flatMap(({ author, text }) => (author === "agent" ? [text] : []));
    assert.deepEqual(
      replies,
      mine.map(({ requestId }) => world.accepted.get(requestId)?.text),
    );
  }
}

function compare(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
