import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { inRowsWorld, type RowsWorld } from "../fixtures/rows-world.ts";
import type { MessagePosition, MessageWalk } from "./rows.ts";

const ALL = {
  chatRowid: undefined,
  order: "newest-first",
  fromDate: undefined,
  untilDate: undefined,
  after: undefined,
  limit: 10,
} as const;

/** Walks to the end; each step has what its limit allows. */
function walkAll({ ask }: RowsWorld, walk: MessageWalk): readonly MessagePosition[] {
  const found: MessagePosition[] = [];
  let after = walk.after;
  for (let steps = 0; steps < 10_000; steps += 1) {
    const step = ask((reader) => reader.messagesByDate({ ...walk, after }));
    assert(step.entries.length <= walk.limit);
    found.push(...step.entries);
    if (step.next === undefined) return found;
    after = step.next;
  }
  throw new Error("a walk ends");
}

function inOrder(rows: readonly MessagePosition[], order: MessageWalk["order"]): readonly MessagePosition[] {
  const rising = [...rows].sort((left, right) => {
    const isBefore = left.date === right.date ? left.rowid < right.rowid : left.date < right.date;
    return isBefore ? -1 : 1;
  });
  return order === "oldest-first" ? rising : rising.reverse();
}

const DATES = [null, 0n, -5n, 1n, 7n, 7n, 8n, 800_000_000_000_000_000n, 2n ** 63n - 1n];

describe("a walk by date", () => {
  for (const schema of ["11", "26.5.2", "odd"] as const) {
    test(`${schema}: gives each message once, in order, within its time, whatever the steps`, () =>
      inRowsWorld(
        (world) => {
          const random = SeededRandom.fromEnvironment(`walk by date ${schema}`);
          const rows: (MessagePosition & { readonly chats: readonly number[] })[] = [];
          for (let count = 0; count < 120; count += 1) {
            const date = random.pick(DATES);
            const rowid = world.fixture.insert({ date });
            const chats = [1, 2].filter(() => random.chance(0.5));
            for (const chat of chats) world.fixture.join(rowid, chat);
            rows.push({ rowid, date: date ?? 0n, chats });
          }
          for (let round = 0; round < 150; round += 1) {
            const chat = random.pick([undefined, 1, 2, 3]);
            const fromDate = random.pick([undefined, undefined, -5n, 0n, 1n, 7n, 9n]);
            const untilDate = random.pick([undefined, undefined, 0n, 1n, 8n, 2n ** 63n - 1n]);
            const order = random.pick(["newest-first", "oldest-first"] as const);
            const wanted = rows.filter(
              ({ date, chats }) =>
                (chat === undefined || chats.includes(chat)) &&
                (fromDate === undefined || date >= fromDate) &&
                (untilDate === undefined || date < untilDate),
            );
            const chatRowid = chat === undefined ? undefined : BigInt(chat);
            const walk = {
              chatRowid,
              fromDate,
              untilDate,
              order,
              after: undefined,
              limit: random.integer(1, 50),
            };
            assert.deepEqual(
              walkAll(world, walk),
              inOrder(
                wanted.map(({ date, rowid }) => ({ date, rowid })),
                order,
              ),
              `${chat} ${order} ${fromDate} ${untilDate}`,
            );
          }
        },
        { schema },
      ));
  }

  test("neither doubles nor loses messages that arrive or vanish between its steps", () =>
    inRowsWorld(({ fixture, ask }) => {
      for (let date = 1; date <= 6; date += 1) fixture.insertJoined({ date });
      const first = ask((reader) => reader.messagesByDate({ ...ALL, limit: 2 }));
      fixture.insertJoined({ date: 99 });
      fixture.remove(5n);
      fixture.remove(4n);
      fixture.insertJoined({ date: 2 });
      const rest = ask((reader) => reader.messagesByDate({ ...ALL, after: first.next }));
      assert.deepEqual(
        [...first.entries, ...rest.entries].map(({ rowid }) => rowid),
        [6n, 5n, 3n, 8n, 2n, 1n],
      );
    }));

  test("leaves out dates that are none", () =>
    inRowsWorld((world) => {
      for (const date of ["soon", 1.5, Buffer.from("x"), 3n]) world.fixture.insertJoined({ date });
      for (const chatRowid of [undefined, 1n]) {
        for (const order of ["newest-first", "oldest-first"] as const) {
          assert.deepEqual(walkAll(world, { ...ALL, chatRowid, order, limit: 1 }), [{ date: 3n, rowid: 4n }]);
        }
      }
    }));
});

describe("a walk without an index by date", () => {
  test("goes by ROWID, with dates in seconds, and looks through a bounded number of rows a step", () =>
    inRowsWorld(
      (world) => {
        const { fixture, ask } = world;
        const insert = fixture.db.prepare("INSERT INTO message (guid, date) VALUES (?, ?)");
        const join = fixture.db.prepare("INSERT INTO chat_message_join (chat_id, message_id) VALUES (?, ?)");
        fixture.db.transaction(() => {
          for (let index = 1; index <= 5_000; index += 1) {
            insert.run(`G${index}`, index);
            join.run(1 + (index % 2), index);
          }
        })();
        // The second that begins at 2.5 s is 3, the one that ends before 10.2 s is 10.
        const walk = { ...ALL, fromDate: 2_500_000_000n, untilDate: 10_200_000_000n };
        const first = ask((reader) => reader.messagesByDate(walk));
        assert.deepEqual(first, { entries: [], next: { date: 3_001n, rowid: 3_001n } });
        const seconds = (walked: readonly MessagePosition[]) => walked.map(({ date }) => Number(date));
        assert.deepEqual(seconds(walkAll(world, walk)), [10, 9, 8, 7, 6, 5, 4, 3]);
        assert.deepEqual(
          seconds(walkAll(world, { ...walk, order: "oldest-first", limit: 3 })),
          [3, 4, 5, 6, 7, 8, 9, 10],
        );
        assert.deepEqual(seconds(walkAll(world, { ...walk, chatRowid: 1n })), [10, 8, 6, 4]);
        assert.equal(walkAll(world, { ...ALL, limit: 1_000 }).length, 5_000);
      },
      { schema: "10.11" },
    ));
});

describe("a walk for a search", () => {
  test("gives the texts of its places, and fewer of them when bodies are large", () =>
    inRowsWorld(({ fixture, ask }) => {
      fixture.insertJoined({ date: 1, text: "one", attributedBody: Buffer.from("body") });
      fixture.insertJoined({ date: 2, text: null });
      fixture.insertJoined({ date: 3, text: "x", attributedBody: Buffer.alloc(2 * 1024 * 1024 + 1) });
      for (let count = 0; count < 5; count += 1) {
        fixture.insertJoined({ date: 4, text: null, attributedBody: Buffer.alloc(2 * 1024 * 1024) });
      }
      const first = ask((reader) => reader.messageTextsByDate({ ...ALL, chatRowid: 1n }));
      assert.deepEqual([first.entries.map(({ rowid }) => rowid), first.next?.rowid], [[8n, 7n, 6n], 6n]);
      const second = ask((reader) => reader.messageTextsByDate({ ...ALL, chatRowid: 1n, after: first.next }));
      assert.deepEqual([second.entries.map(({ rowid }) => rowid), second.next?.rowid], [[5n, 4n, 3n], 3n]);
      const last = ask((reader) => reader.messageTextsByDate({ ...ALL, chatRowid: 1n, after: second.next }));
      assert.deepEqual(
        [second.entries.at(-1), ...last.entries],
        [
          { date: 3n, rowid: 3n, text: "x", attributedBody: undefined },
          { date: 2n, rowid: 2n, text: undefined, attributedBody: undefined },
          { date: 1n, rowid: 1n, text: "one", attributedBody: Buffer.from("body") },
        ],
      );
      assert.equal(last.next, undefined);
    }));
});
