import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import type { MessagePrint } from "../rows/prints.ts";
import type { MessageReason } from "./changes.ts";
import { decideMessage, type MessageMoment } from "./decide-message.ts";
import type { KnownMessage } from "./known-rows.ts";

const DEADLINE_MS = 30_000;

function print(values: Partial<MessagePrint> = {}): MessagePrint {
  return {
    rowid: 5n,
    guid: "G",
    isJoined: true,
    isRecoverable: false,
    isFinished: true,
    isFromMe: false,
    isOverflowing: false,
    status: 1,
    recordStatus: 77,
    delivered: 1,
    read: 1,
    played: 1,
    schedule: 1,
    chats: 1,
    attachments: 1,
    contentBytes: 1,
    content: 1,
    ...values,
  };
}

function at(nowUnixMs: number, isBaseline = false): MessageMoment {
  return { nowUnixMs, settleDeadlineMs: DEADLINE_MS, isBaseline };
}

/** Looks at one state after the other; what was told, look by look. */
function replay(...looks: readonly (readonly [MessagePrint | undefined, MessageMoment])[]) {
  let known: KnownMessage | undefined;
  const told: MessageReason[][] = [];
  for (const [seen, moment] of looks) {
    const decision = decideMessage(known, seen, moment);
    told.push([...decision.reasons]);
    known = decision.keep;
  }
  return { told, known };
}

const UNJOINED = print({ isJoined: false, chats: 0 });
const DELETED = print({ isJoined: false, chats: 0, isRecoverable: true });

describe("decideMessage()", () => {
  test("tells a row with its chat at once, and the same row again not at all", () => {
    assert.deepEqual(replay([print(), at(0)], [print(), at(1)], [print(), at(99_999)]).told, [
      ["new"],
      [],
      [],
    ]);
  });

  test("tells an incoming row when it is finished, an own one when it has its chat", () => {
    const open = print({ isFinished: false });
    assert.deepEqual(replay([open, at(0)], [print(), at(5)]).told, [[], ["new"]]);
    assert.deepEqual(replay([{ ...open, isFromMe: true }, at(0)]).told, [["new"]]);
  });

  test("tells a row that waited too long as it is, and its chat when that comes, however late", () => {
    const { told } = replay(
      [UNJOINED, at(0)],
      [UNJOINED, at(DEADLINE_MS - 1)],
      [UNJOINED, at(DEADLINE_MS)],
      [UNJOINED, at(DEADLINE_MS * 2)],
      [print(), at(DEADLINE_MS * 9_999)],
      [print({ chats: 2 }), at(DEADLINE_MS * 10_000)],
    );
    assert.deepEqual(told, [[], [], ["unjoined"], [], ["joined"], ["chats"]]);
    assert.deepEqual(
      replay([print({ isFinished: false }), at(0)], [print({ isFinished: false }), at(DEADLINE_MS)]).told,
      [[], ["new"]],
    );
  });

  test("does not wait longer because the wall clock was set back", () => {
    assert.deepEqual(
      replay([UNJOINED, at(1_000_000)], [UNJOINED, at(10)], [UNJOINED, at(10 + DEADLINE_MS)]).told,
      [[], [], ["unjoined"]],
    );
  });

  test("does not tell a row that was deleted before it could be told, but tells its recovery", () => {
    assert.deepEqual(replay([DELETED, at(0)], [DELETED, at(DEADLINE_MS)], [undefined, at(9)]).told, [
      [],
      [],
      [],
    ]);
    assert.deepEqual(replay([UNJOINED, at(0)], [undefined, at(9)]).told, [[], []]);
    assert.deepEqual(replay([UNJOINED, at(0)], [DELETED, at(1)], [print(), at(9)], [print(), at(10)]).told, [
      [],
      [],
      ["recovered"],
      [],
    ]);
  });

  test("tells a move to Recently Deleted and back as that, not as a change of chats", () => {
    const between = print({ isJoined: false, chats: 0 });
    assert.deepEqual(
      replay(
        [print(), at(0)],
        [DELETED, at(1)],
        [between, at(2)],
        [print({ chats: 3 }), at(3)],
        [undefined, at(4)],
      ).told,
      [["new"], ["recently-deleted"], [], ["recovered"], ["deleted"]],
    );
    assert.deepEqual(replay([print(), at(0)], [DELETED, at(1)], [undefined, at(2)]).told, [
      ["new"],
      ["recently-deleted"],
      ["deleted"],
    ]);
  });

  test("keeps a row of the baseline silently and tells what becomes of it", () => {
    assert.deepEqual(replay([print(), at(0, true)], [print({ read: 2 }), at(1)], [undefined, at(2)]).told, [
      [],
      ["read"],
      ["deleted"],
    ]);
    assert.deepEqual(replay([UNJOINED, at(0, true)], [UNJOINED, at(DEADLINE_MS)], [print(), at(1)]).told, [
      [],
      [],
      ["joined"],
    ]);
    assert.deepEqual(replay([DELETED, at(0, true)], [print(), at(1)]).told, [[], ["recovered"]]);
  });

  test("tells content only when it can be seen, and needs it worked out only when the bytes are others", () => {
    const { told, known } = replay(
      [print(), at(0)],
      [print({ contentBytes: 2 }), at(1)],
      [print({ contentBytes: 2, content: undefined }), at(2)],
      [print({ contentBytes: 3, content: 9 }), at(3)],
    );
    assert.deepEqual(told, [["new"], [], [], ["content"]]);
    assert.equal(known?.print.content, 9);
  });

  test("rows of which only the bytes are known tell content once the bytes change, and never before", () => {
    const { told, known } = replay(
      [print({ content: undefined }), at(0, true)],
      [print(), at(1)],
      [print({ contentBytes: 2, content: 1 }), at(2)],
    );
    assert.deepEqual(told, [[], [], []]);
    assert.equal(known?.print.content, 1);
    assert.deepEqual(
      replay([print({ content: undefined }), at(0, true)], [print({ contentBytes: 2 }), at(1)]).told,
      [[], ["content"]],
    );
  });

  test("gives all reasons of one look in a fixed order", () => {
    const other = print({
      guid: "H",
      chats: 2,
      contentBytes: 2,
      content: 2,
      attachments: 2,
      schedule: 2,
      status: 2,
      delivered: 2,
      read: 2,
      played: 2,
    });
    assert.deepEqual(replay([print(), at(0)], [other, at(1)]).told[1], [
      "guid",
      "chats",
      "content",
      "attachments",
      "schedule",
      "status",
      "delivered",
      "read",
      "played",
    ]);
  });
});

/** What a consumer has of the row: exactly the columns that were told. */
interface Seen {
  guid: string;
  place: "nowhere" | "recently-deleted" | number;
  columns: Record<Column, number>;
}

const COLUMNS = ["status", "delivered", "read", "played", "schedule", "attachments", "content"] as const;
type Column = (typeof COLUMNS)[number];

function consumerOf(seen: MessagePrint): Seen {
  const columns = Object.fromEntries(COLUMNS.map((column) => [column, seen[column] ?? 0]));
  const isHidden = seen.isRecoverable && !seen.isJoined;
  const place = isHidden ? "recently-deleted" : seen.isJoined ? seen.chats : "nowhere";
  return { guid: seen.guid, place, columns: columns as Record<Column, number> };
}

/** Takes in told changes as a consumer that believes nothing else; undefined: it has no such row. */
function consume(
  before: Seen | undefined,
  reasons: readonly MessageReason[],
  row: MessagePrint | undefined,
): Seen | undefined {
  let seen = before;
  for (const reason of reasons) {
    if (reason === "deleted") {
      assert(seen !== undefined, "deleted before it was told");
      seen = undefined;
      continue;
    }
    assert(row !== undefined);
    const now = consumerOf(row);
    if (reason === "new" || reason === "unjoined") {
      assert.equal(seen, undefined, `${reason} twice`);
      seen = now;
    } else if (reason === "recovered" && seen === undefined) {
      seen = now;
    } else {
      assert(seen !== undefined, `${reason} before it was told`);
      seen = takeOver(seen, reason, now);
    }
  }
  return seen;
}

function takeOver(seen: Seen, reason: MessageReason, now: Seen): Seen {
  switch (reason) {
    case "guid":
      assert.notEqual(seen.guid, now.guid);
      return { ...seen, guid: now.guid };
    case "joined":
    case "chats":
    case "recovered":
    case "recently-deleted":
      assert.notDeepEqual(seen.place, now.place, `${reason} without a difference`);
      return { ...seen, place: now.place };
    default: {
      const column = COLUMNS.find((name) => name === reason);
      assert(column !== undefined, reason);
      assert.notEqual(seen.columns[column], now.columns[column], `${reason} without a difference`);
      return { ...seen, columns: { ...seen.columns, [column]: now.columns[column] } };
    }
  }
}

test("any sequence of states: a consumer has every visible difference exactly once, and upkeep tells nothing", () => {
  const random = SeededRandom.fromEnvironment("decide-message");
  for (let round = 0; round < 3_000; round += 1) {
    let known: KnownMessage | undefined;
    let consumer: Seen | undefined;
    let nowUnixMs = 0;
    let state: MessagePrint | undefined = print({ isJoined: random.chance(0.5), content: 1 });
    if (!state.isJoined) state = { ...state, chats: 0 };
    for (let look = 0; look < 20; look += 1) {
      nowUnixMs += random.pick([0, 1, 20_000, 40_000]);
      const asked: MessagePrint | undefined =
        state !== undefined && known?.print.contentBytes === state.contentBytes
          ? { ...state, content: undefined }
          : state;
      const moment = at(nowUnixMs, look === 0 && random.chance(0.2));
      const { reasons, keep } = decideMessage(known, asked, moment);
      assert.equal(new Set(reasons).size, reasons.length);
      if (moment.isBaseline) consumer = state === undefined ? undefined : consumerOf(state);
      consumer = consume(consumer, reasons, state);
      known = keep;
      check(known, consumer, state);
      const again = decideMessage(known, asked, at(nowUnixMs));
      assert.deepEqual(
        [again.reasons, again.keep === known],
        [[], true],
        "the same look again tells and writes nothing",
      );
      state = mutate(state, random);
    }
  }
});

/** What a consumer must have of a state. */
function check(
  known: KnownMessage | undefined,
  consumer: Seen | undefined,
  state: MessagePrint | undefined,
): void {
  if (state === undefined || known === undefined || known.stage === "waiting" || known.stage === "hidden") {
    assert.equal(consumer, undefined);
    return;
  }
  const want = consumerOf(state);
  assert(consumer !== undefined);
  // On its way back from Recently Deleted it is nowhere for a moment, and that is nobody's news.
  const isBetween = consumer.place === "recently-deleted" && want.place === "nowhere";
  assert.deepEqual(consumer, isBetween ? { ...want, place: "recently-deleted" } : want);
}

function mutate(state: MessagePrint | undefined, random: SeededRandom): MessagePrint | undefined {
  if (state === undefined) return undefined;
  switch (random.integer(0, 9)) {
    case 0:
      return random.chance(0.2) ? undefined : state;
    case 1:
      return { ...state, isJoined: true, isRecoverable: false, chats: random.integer(1, 3) };
    case 2:
      return { ...state, isJoined: false, isRecoverable: true, chats: 0 };
    case 3:
      return { ...state, isJoined: false, isRecoverable: false, chats: 0 };
    case 4:
      return {
        ...state,
        isFinished: random.chance(0.5),
        isFromMe: random.chance(0.5),
        status: random.integer(1, 9),
      };
    case 5:
      return { ...state, guid: random.pick(["G", "H"]) };
    case 6:
      return { ...state, contentBytes: state.contentBytes + 1, content: (state.content ?? 0) + 1 };
    case 7:
      // Upkeep: other bytes, same content; another page.
      return { ...state, contentBytes: state.contentBytes + 1, isOverflowing: !state.isOverflowing };
    default: {
      const column = random.pick(COLUMNS.filter((name) => name !== "content"));
      return { ...state, [column]: random.integer(1, 3) };
    }
  }
}
