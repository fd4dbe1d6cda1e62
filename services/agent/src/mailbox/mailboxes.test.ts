import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as settled } from "node:timers/promises";
import { SeededRandom } from "@imesh/testing";
import type { Arrival } from "../event/event.ts";
import { arrivalOf } from "../testing/arrivals.ts";
import type { Decision, SendOutcome, Thought, Turn, TurnEffects, TurnEnd } from "../turn/turn.ts";
import { Mailboxes } from "./mailboxes.ts";

/** Effects that write down what they are told and wait until the test says how the world answers. */
class ScriptedEffects implements TurnEffects {
  readonly log: string[] = [];
  readonly written: Arrival[] = [];
  readonly answered: Arrival[] = [];
  readonly ended: { turn: Turn; end: TurnEnd }[] = [];
  readonly pending: { turn: Turn; step: "think" | "send"; answer: (value: never) => void }[] = [];
  failAt: string | undefined;

  record(arrivals: readonly Arrival[]): void {
    this.#note("record");
    this.written.push(...arrivals);
  }

  open(turn: Turn, arrivals: readonly Arrival[]): void {
    this.#note("open", turn);
    this.written.push(...arrivals);
    this.answered.push(...arrivals.filter((arrival) => arrival.isAnswered));
  }

  think(turn: Turn, signal: AbortSignal): Promise<Thought> {
    return this.#wait("think", turn, signal);
  }

  decide(turn: Turn, _decision: Decision): void {
    this.#note("decide", turn);
  }

  send(turn: Turn, _decision: Decision, signal: AbortSignal): Promise<SendOutcome> {
    return this.#wait("send", turn, signal);
  }

  close(turn: Turn, end: TurnEnd): void {
    this.#note("close", turn);
    this.ended.push({ turn, end });
  }

  #note(step: string, turn?: Turn): void {
    if (this.failAt === step) throw new Error(`Scripted failure at ${step}`);
    this.log.push(turn === undefined ? step : `${step} ${turn.chatGuid}/${turn.firstSequence}`);
  }

  #wait<T>(step: "think" | "send", turn: Turn, signal: AbortSignal): Promise<T> {
    this.#note(step, turn);
    return new Promise((answer, reject) => {
      this.pending.push({ turn, step, answer });
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  }

  /** Lets the world answer one of those that wait. */
  answer(index: number, value: Thought | SendOutcome): void {
    const [waiting] = this.pending.splice(index, 1);
    waiting?.answer(value as never);
  }
}

const never = new AbortController().signal;
const decided: Thought = { kind: "decided", decision: { parts: ["hello"] } };
const accepted: SendOutcome = { kind: "accepted" };

test("deliver() answers a burst as one turn", async () => {
  const effects = new ScriptedEffects();
  await using mailboxes = new Mailboxes(effects, { turnsMax: 8 });
  await mailboxes.deliver([arrivalOf({ sequence: 1n }), arrivalOf({ sequence: 2n })], never);
  assert.deepEqual(
    effects.pending.map(({ turn }) => turn.sequences),
    [[1n, 2n]],
  );
  assert.equal(mailboxes.waitingItems, 0);
});

test("deliver() waits at a bound until a turn has taken what waits, and loses nothing (I8)", async () => {
  const effects = new ScriptedEffects();
  const chatBounds = { itemsMax: 2, bytesMax: 1_000_000 };
  await using mailboxes = new Mailboxes(effects, { turnsMax: 8, chatBounds });
  await mailboxes.deliver([arrivalOf({ sequence: 1n })], never);
  await mailboxes.deliver([arrivalOf({ sequence: 2n }), arrivalOf({ sequence: 3n })], never);
  let isDelivered = false;
  const blocked = mailboxes.deliver([arrivalOf({ sequence: 4n })], never).then(() => {
    isDelivered = true;
  });
  await settled();
  assert.deepEqual([isDelivered, mailboxes.waitingItems], [false, 2]);
  effects.answer(0, { kind: "failed", reason: "MODEL_UNREACHABLE" });
  await blocked;
  assert.deepEqual(
    effects.pending.map(({ turn }) => turn.sequences),
    [[2n, 3n]],
  );
  assert.equal(mailboxes.waitingItems, 1);
});

test("deliver() counts bytes over all chats, and gives up waiting when told to", async () => {
  const effects = new ScriptedEffects();
  const bounds = { itemsMax: 100, bytesMax: 1_500 };
  await using mailboxes = new Mailboxes(effects, { turnsMax: 1, bounds });
  await mailboxes.deliver([arrivalOf({ sequence: 1n })], never);
  await mailboxes.deliver([arrivalOf({ sequence: 2n, chatGuid: "chat-b", text: "x".repeat(400) })], never);
  const stop = new AbortController();
  const blocked = mailboxes.deliver(
    [arrivalOf({ sequence: 3n, chatGuid: "chat-c", text: "x".repeat(400) })],
    stop.signal,
  );
  stop.abort(new Error("told to"));
  await assert.rejects(blocked, /told to/);
});

test("a failure to store ends everything, and says so", async () => {
  const effects = new ScriptedEffects();
  await using mailboxes = new Mailboxes(effects, { turnsMax: 8 });
  effects.failAt = "open";
  await mailboxes.deliver([arrivalOf({ sequence: 1n })], never);
  await assert.rejects(mailboxes.ended, /Scripted failure at open/);
  await assert.rejects(mailboxes.deliver([arrivalOf({ sequence: 2n })], never), /Cannot go on/);
});

test("disposing aborts what is under way and waits for it", async () => {
  const effects = new ScriptedEffects();
  const mailboxes = new Mailboxes(effects, { turnsMax: 8 });
  await mailboxes.deliver([arrivalOf({ sequence: 1n })], never);
  await mailboxes[Symbol.asyncDispose]();
  assert.deepEqual(effects.log, ["open chat-a/1", "think chat-a/1"]);
});

test("resume() sends what was decided and asks what was not, before anything new of the chat", async () => {
  const effects = new ScriptedEffects();
  await using mailboxes = new Mailboxes(effects, { turnsMax: 1 });
  const base = { journalId: "j", traceparent: null, isLive: false, receivedUnixNs: 0n };
  const turnOf = (chatGuid: string, sequence: bigint): Turn => {
    return { ...base, chatGuid, firstSequence: sequence, lastSequence: sequence, sequences: [sequence] };
  };
  mailboxes.resume({ turn: turnOf("chat-a", 1n), decision: { parts: ["hello"] } });
  mailboxes.resume({ turn: turnOf("chat-b", 2n), decision: null });
  await mailboxes.deliver([arrivalOf({ sequence: 3n })], never);
  effects.answer(0, accepted);
  await settled();
  effects.answer(0, { kind: "failed", reason: "MODEL_UNREACHABLE" });
  await settled();
  assert.deepEqual(effects.log, [
    "send chat-a/1",
    "close chat-a/1",
    "think chat-b/2",
    "close chat-b/2",
    "open chat-a/3",
    "think chat-a/3",
  ]);
});

test("whatever the order of the world's answers, each message is answered once, in order, and own ones never (I5, I11)", async () => {
  const random = SeededRandom.fromEnvironment("mailboxes");
  for (let run = 0; run < 150; run += 1) await interleave(random);
});

/** One random history: messages come in random batches, the model and mac-bridge answer when and how chance says. */
async function interleave(random: SeededRandom): Promise<void> {
  const effects = new ScriptedEffects();
  const turnsMax = random.integer(1, 3);
  const chatBounds = { itemsMax: random.integer(1, 4), bytesMax: 1_000_000 };
  await using mailboxes = new Mailboxes(effects, { turnsMax, chatBounds });
  const arrivals = Array.from({ length: random.integer(1, 40) }, (_, index) => {
    const isAnswered = random.chance(0.7);
    const author = isAnswered || random.chance(0.3) ? "contact" : "own";
    const chatGuid = `chat-${random.integer(1, 4)}`;
    return arrivalOf({ sequence: BigInt(index + 1), chatGuid, isAnswered, author });
  });
  const answerOne = () => {
    const index = random.integer(0, effects.pending.length - 1);
    const isThinking = effects.pending[index]?.step === "think";
    const failure = { reason: "SCRIPTED" };
    const thought: Thought = random.chance(0.8) ? decided : { kind: "failed", ...failure };
    const outcome: SendOutcome = random.chance(0.9) ? accepted : { kind: "refused", ...failure };
    effects.answer(index, isThinking ? thought : outcome);
  };
  let delivered = 0;
  while (delivered < arrivals.length || effects.pending.length > 0) {
    checkNow(effects, turnsMax);
    if (delivered < arrivals.length && random.chance(0.5)) {
      const batch = arrivals.slice(delivered, delivered + random.integer(1, 5));
      delivered += batch.length;
      const delivery = mailboxes.deliver(batch, never);
      while (!(await Promise.race([delivery.then(() => true), settled(false)]))) answerOne();
    } else if (effects.pending.length > 0) {
      answerOne();
      await settled();
    }
  }
  checkEnd(effects, arrivals);
  assert.equal(mailboxes.waitingItems, 0);
}

function checkNow(effects: ScriptedEffects, turnsMax: number): void {
  const chats = effects.pending.map(({ turn }) => turn.chatGuid);
  assert.equal(new Set(chats).size, chats.length, "one turn at a time in a chat");
  assert.ok(chats.length <= turnsMax, "no more turns than slots");
}

function checkEnd(effects: ScriptedEffects, arrivals: readonly Arrival[]): void {
  const byChat = (list: readonly Arrival[]) =>
    Object.fromEntries(
      Map.groupBy(list, ({ chatGuid }) => chatGuid)
        .entries()
        .map(([chat, group]) => [chat, group.map(({ sequence }) => sequence)]),
    );
  assert.deepEqual(byChat(effects.written), byChat(arrivals));
  assert.deepEqual(byChat(effects.answered), byChat(arrivals.filter(({ isAnswered }) => isAnswered)));
  assert.ok(effects.answered.every(({ author }) => author === "contact"));
  const opened = effects.log.filter((line) => line.startsWith("open"));
  const closed = effects.log.filter((line) => line.startsWith("close"));
  assert.deepEqual(
    [...closed].map((line) => line.slice(6)).sort(),
    opened.map((line) => line.slice(5)).sort(),
  );
  const sent = effects.log.filter((line) => line.startsWith("send")).map((line) => line.slice(5));
  assert.equal(new Set(sent).size, sent.length, "a turn is sent once");
}

test("amend() changes what waits, drops what was taken back, and leaves a turn alone", async () => {
  const effects = new ScriptedEffects();
  await using mailboxes = new Mailboxes(effects, { turnsMax: 1 });
  const [first, second, third] = [
    arrivalOf({ sequence: 1n }),
    arrivalOf({ sequence: 2n }),
    arrivalOf({ sequence: 3n }),
  ];
  await mailboxes.deliver([first], never);
  await mailboxes.deliver([second, third], never);
  assert.equal(mailboxes.amend("chat-a", "guid-1", null), null);
  assert.equal(mailboxes.amend("chat-b", "guid-2", null), null);
  assert.deepEqual(mailboxes.amend("chat-a", "guid-2", null), second);
  assert.equal(mailboxes.amend("chat-a", "guid-3", "new words"), null);
  assert.equal(mailboxes.waitingItems, 1);
  effects.answer(0, { kind: "failed", reason: "NO" });
  await settled();
  assert.deepEqual(effects.written, [first, { ...third, text: "new words" }]);
});

test("amend() of all that waits for a slot gives the slot back without a turn", async () => {
  const effects = new ScriptedEffects();
  await using mailboxes = new Mailboxes(effects, { turnsMax: 1 });
  await mailboxes.deliver([arrivalOf({ sequence: 1n, chatGuid: "chat-b" })], never);
  await mailboxes.deliver([arrivalOf({ sequence: 2n })], never);
  assert.notEqual(mailboxes.amend("chat-a", "guid-2", null), null);
  await mailboxes.deliver([arrivalOf({ sequence: 3n, chatGuid: "chat-c" })], never);
  effects.answer(0, { kind: "failed", reason: "NO" });
  await settled();
  assert.deepEqual(effects.log, [
    "open chat-b/1",
    "think chat-b/1",
    "close chat-b/1",
    "open chat-c/3",
    "think chat-c/3",
  ]);
  assert.equal(mailboxes.waitingItems, 0);
});

test("amend() leaves a message as it was where its new words have no room, and lets in what waits for room (I8)", async () => {
  const effects = new ScriptedEffects();
  const chatBounds = { itemsMax: 8, bytesMax: 1_100 };
  await using mailboxes = new Mailboxes(effects, { turnsMax: 1, chatBounds });
  await mailboxes.deliver([arrivalOf({ sequence: 1n })], never);
  await mailboxes.deliver([arrivalOf({ sequence: 2n }), arrivalOf({ sequence: 3n })], never);
  const late = mailboxes.deliver([arrivalOf({ sequence: 4n })], never);
  assert.equal(mailboxes.amend("chat-a", "guid-2", "x".repeat(100)), null);
  assert.notEqual(mailboxes.amend("chat-a", "guid-3", null), null);
  await late;
  effects.answer(0, { kind: "failed", reason: "NO" });
  await settled();
  assert.deepEqual(
    effects.written.map(({ text }) => text),
    ["text 1", "text 2", "text 4"],
  );
});

test("amend() leaves no more waiting for slots than the bound, however much is taken back (I8)", async () => {
  const effects = new ScriptedEffects();
  const bounds = { itemsMax: 2, bytesMax: 100_000 };
  await using mailboxes = new Mailboxes(effects, { turnsMax: 1, bounds });
  await mailboxes.deliver([arrivalOf({ sequence: 1n, chatGuid: "chat-0" })], never);
  for (const sequence of [2n, 3n]) {
    await mailboxes.deliver([arrivalOf({ sequence, chatGuid: `chat-${sequence}` })], never);
    assert.notEqual(mailboxes.amend(`chat-${sequence}`, `guid-${sequence}`, null), null);
  }
  let isDelivered = false;
  const late = mailboxes.deliver([arrivalOf({ sequence: 4n })], never).then(() => {
    isDelivered = true;
  });
  await settled();
  assert.equal(isDelivered, false);
  effects.answer(0, { kind: "failed", reason: "NO" });
  await late;
  await settled();
  assert.deepEqual(effects.log.slice(3), ["open chat-a/4", "think chat-a/4"]);
});
