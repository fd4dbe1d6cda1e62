import assert from "node:assert/strict";
import { test } from "node:test";
import { AssertionError } from "@imesh/flow";
import { arrivalOf, JOURNAL } from "../testing/arrivals.ts";
import { advance, type Conversation, type Happening, IDLE, resume, type Step, type Turn } from "./turn.ts";

const OTHER_JOURNAL = "22222222-2222-4222-8222-222222222222";
const decision = { parts: ["hello"] };

function turnOver(...sequences: bigint[]): Turn {
  return {
    chatGuid: "chat-a",
    journalId: JOURNAL,
    firstSequence: sequences[0] ?? 0n,
    lastSequence: sequences.at(-1) ?? 0n,
    sequences,
    traceparent: null,
    isLive: false,
    receivedUnixNs: 1_000n + (sequences.at(-1) ?? 0n),
  };
}

function after(start: Conversation, ...happenings: Happening[]): Step {
  let step: Step = { next: start, effects: [] };
  for (const happening of happenings) step = advance(step.next, happening);
  return step;
}

test("advance() asks for a slot when the first message to be answered arrives", () => {
  const arrival = arrivalOf({ sequence: 1n });
  assert.deepEqual(advance(IDLE, { kind: "arrived", arrival }), {
    next: { stage: { kind: "queued", recovered: null }, waiting: [arrival] },
    effects: [{ kind: "request-slot" }],
  });
});

test("advance() writes down at once what is not to be answered while nothing is under way", () => {
  const arrival = arrivalOf({ sequence: 1n, author: "own", isAnswered: false });
  assert.deepEqual(advance(IDLE, { kind: "arrived", arrival }), {
    next: IDLE,
    effects: [{ kind: "record", arrivals: [arrival] }],
  });
});

test("advance() makes one turn of everything that waits, own messages in between included but not answered", () => {
  const arrivals = [
    arrivalOf({ sequence: 3n }),
    arrivalOf({ sequence: 5n, author: "own", isAnswered: false }),
    arrivalOf({ sequence: 6n }),
    arrivalOf({ sequence: 9n, author: "own", isAnswered: false }),
  ];
  const happenings = arrivals.map((arrival) => ({ kind: "arrived", arrival }) as const);
  const step = after(IDLE, ...happenings, { kind: "slot-granted" });
  const turn = { ...turnOver(3n, 5n, 6n, 9n), lastSequence: 6n, receivedUnixNs: 1_006n };
  assert.deepEqual(step, {
    next: { stage: { kind: "thinking", turn }, waiting: [] },
    effects: [
      { kind: "open", turn, arrivals },
      { kind: "think", turn },
    ],
  });
});

test("advance() keeps what arrives while the model works for the next turn", () => {
  const late = arrivalOf({ sequence: 2n });
  const step = after(
    IDLE,
    { kind: "arrived", arrival: arrivalOf({ sequence: 1n }) },
    { kind: "slot-granted" },
    { kind: "arrived", arrival: late },
    { kind: "thought", thought: { kind: "decided", decision } },
    { kind: "sent", outcome: { kind: "accepted" } },
  );
  assert.deepEqual(step, {
    next: { stage: { kind: "queued", recovered: null }, waiting: [late] },
    effects: [
      { kind: "close", turn: turnOver(1n), end: { kind: "replied" } },
      { kind: "release-slot" },
      { kind: "request-slot" },
    ],
  });
});

test("advance() stores the decision before it sends it (I10)", () => {
  const turn = turnOver(1n);
  const thinking: Conversation = { stage: { kind: "thinking", turn }, waiting: [] };
  assert.deepEqual(advance(thinking, { kind: "thought", thought: { kind: "decided", decision } }), {
    next: { stage: { kind: "replying", turn }, waiting: [] },
    effects: [
      { kind: "decide", turn, decision },
      { kind: "send", turn, decision },
    ],
  });
});

test("advance() ends a turn without a word when the model fails", () => {
  const turn = turnOver(1n);
  const thinking: Conversation = { stage: { kind: "thinking", turn }, waiting: [] };
  const thought = { kind: "failed", reason: "MODEL_UNREACHABLE" } as const;
  assert.deepEqual(advance(thinking, { kind: "thought", thought }), {
    next: IDLE,
    effects: [{ kind: "close", turn, end: thought }, { kind: "release-slot" }],
  });
});

test("advance() ends a turn as failed when mac-bridge refuses the reply", () => {
  const turn = turnOver(1n);
  const replying: Conversation = { stage: { kind: "replying", turn }, waiting: [] };
  const outcome = { kind: "refused", reason: "REQUEST_ID_REUSED" } as const;
  assert.deepEqual(advance(replying, { kind: "sent", outcome }).effects, [
    { kind: "close", turn, end: { kind: "failed", reason: "REQUEST_ID_REUSED" } },
    { kind: "release-slot" },
  ]);
});

test("advance() writes down what only waits for company once the turn is over", () => {
  const own = arrivalOf({ sequence: 2n, author: "own", isAnswered: false });
  const turn = turnOver(1n);
  const replying: Conversation = { stage: { kind: "replying", turn }, waiting: [own] };
  assert.deepEqual(advance(replying, { kind: "sent", outcome: { kind: "accepted" } }), {
    next: IDLE,
    effects: [
      { kind: "close", turn, end: { kind: "replied" } },
      { kind: "release-slot" },
      { kind: "record", arrivals: [own] },
    ],
  });
});

test("advance() never puts messages of two journals into one turn", () => {
  const before = arrivalOf({ sequence: 900n });
  const later = arrivalOf({ sequence: 1n, journalId: OTHER_JOURNAL });
  const step = after(
    IDLE,
    { kind: "arrived", arrival: before },
    { kind: "arrived", arrival: later },
    { kind: "slot-granted" },
  );
  assert.deepEqual(step.next, { stage: { kind: "thinking", turn: turnOver(900n) }, waiting: [later] });
});

test("resume() takes up a decided turn by sending what was decided, and an undecided one by asking again (I10)", () => {
  const turn = turnOver(7n);
  const decided = resume({ turn, decision });
  assert.deepEqual(decided.effects, [{ kind: "request-slot" }]);
  assert.deepEqual(advance(decided.next, { kind: "slot-granted" }).effects, [
    { kind: "send", turn, decision },
  ]);
  const undecided = resume({ turn, decision: null });
  assert.deepEqual(advance(undecided.next, { kind: "slot-granted" }).effects, [{ kind: "think", turn }]);
});

test("resume() lets the recovered turn go before what arrives", () => {
  const turn = turnOver(7n);
  const late = arrivalOf({ sequence: 8n });
  const step = after(
    resume({ turn, decision: null }).next,
    { kind: "arrived", arrival: late },
    { kind: "slot-granted" },
  );
  assert.deepEqual(step, {
    next: { stage: { kind: "thinking", turn }, waiting: [late] },
    effects: [{ kind: "think", turn }],
  });
});

test("advance() gives a turn the trace of its last answered message that has one", () => {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const step = after(
    IDLE,
    { kind: "arrived", arrival: arrivalOf({ sequence: 1n, traceparent }) },
    { kind: "arrived", arrival: arrivalOf({ sequence: 2n }) },
    { kind: "slot-granted" },
  );
  assert.deepEqual(step.next.stage, {
    kind: "thinking",
    turn: { ...turnOver(1n, 2n), traceparent, isLive: true },
  });
});

test("advance() refuses an answer that nobody waits for", () => {
  const thought = { kind: "decided", decision } as const;
  assert.throws(() => advance(IDLE, { kind: "thought", thought }), AssertionError);
  assert.throws(() => advance(IDLE, { kind: "sent", outcome: { kind: "accepted" } }), AssertionError);
  assert.throws(() => advance(IDLE, { kind: "slot-granted" }), AssertionError);
});
