/** I14: each edit and each unsend is told once, however late and however often its row is read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type MessageRow, RowReason } from "@imesh/contracts/broker/v1";
import { SeededRandom } from "@imesh/testing";
import type { EventDraft } from "../journal/bridge-event.ts";
import { ChangingMessage } from "../testing/content-rows.ts";
import { Telling } from "../testing/telling.ts";

/** One line an event, with the reason in its key. */
function lines(drafts: readonly EventDraft[]): string[] {
  return drafts.map(({ payload, sourceKey }) => {
    const reason = sourceKey?.reason;
    switch (payload.kind) {
      case "edit": {
        const edits = payload.edits.map(({ part, before, after }) => `${part}: ${before}>${after}`);
        return `${reason}: edit ${edits.join(", ")}`;
      }
      case "unsend":
        return `${reason}: unsend ${payload.parts.join()}${payload.isWhole ? " whole" : ""}`;
      case "message-update":
        return `${reason}: update ${payload.message.text}`;
      default:
        return `${reason}: ${payload.kind}`;
    }
  });
}

const NEW = { reason: RowReason.NEW } as const;

/** A message that was told before anybody changed it. */
async function told(texts: readonly string[]) {
  const telling = await Telling.start();
  const message = new ChangingMessage(7n, texts);
  telling.tell(message.row(NEW));
  message.wait(100);
  return { telling, message, [Symbol.asyncDispose]: () => telling[Symbol.asyncDispose]() };
}

test("edits of one part that are read together are one event with each of them", async () => {
  for (const isOneBatch of [true, false]) {
    await using stage = await told(["one"]);
    const { telling, message } = stage;
    message.edit(0, "two");
    message.wait(20);
    message.edit(0, "three");
    const rows = [message.row(), message.row()];
    const events = isOneBatch ? telling.tell(...rows) : rows.flatMap((row) => telling.tell(row));
    assert.deepEqual(lines(events), ["content: edit 0: one>two, 0: two>three"]);
    message.wait(20);
    message.edit(0, "four");
    assert.deepEqual(lines(telling.tell(message.row())), ["content: edit 0: three>four"]);
  }
});

test("edits of several parts come in the order of their dates", async () => {
  await using stage = await told(["a", "b"]);
  const { telling, message } = stage;
  message.edit(1, "B");
  message.wait(20);
  message.edit(0, "A");
  assert.deepEqual(lines(telling.tell(message.row(), message.row())), ["content: edit 1: b>B, 0: a>A"]);
});

test("an edit and an unsend that are read together are two events, in either order", async () => {
  for (const isEditFirst of [true, false]) {
    await using stage = await told(["a", "b"]);
    const { telling, message } = stage;
    if (isEditFirst) message.edit(0, "A");
    else message.unsend(1);
    message.wait(20);
    if (isEditFirst) message.unsend(1);
    else message.edit(0, "A");
    assert.deepEqual(lines(telling.tell(message.row(), message.row())), [
      "content: edit 0: a>A",
      "content-unsent: unsend 1",
    ]);
    assert.deepEqual(telling.tell(message.row()), []);
  }
});

test("a message that is gone is told so once, whatever is read of it after", async () => {
  await using stage = await told(["a", "b"]);
  const { telling, message } = stage;
  message.edit(0, "A");
  const edited = message.row();
  message.unsend(0);
  message.unsend(1);
  assert.deepEqual(lines(telling.tell(message.row(), message.row())), ["content: unsend 0,1 whole"]);
  message.keepUp();
  // Nor does a row that was read before it bring it back.
  assert.deepEqual(lines(telling.tell(message.row(), edited, message.row())), []);
});

test("what Messages writes into an edited message later is an update, also long after and with the edit's date", async () => {
  await using stage = await told(["a", "b", "c"]);
  const { telling, message } = stage;
  message.edit(0, "A");
  telling.tell(message.row());
  message.keepUp();
  assert.deepEqual(lines(telling.tell(message.row())), ["content: update Abc"]);
  message.unsend(1);
  assert.deepEqual(lines(telling.tell(message.row())), ["content: unsend 1"]);
  message.keepUp();
  message.keepUp();
  assert.deepEqual(lines(telling.tell(message.row())), ["content: update Ac"]);
  // A date of its own, more than a second from date_edited.
  message.wait(60);
  message.edit(2, "C");
  const late = { columns: { dateEdited: 5_000_000_000_000_000n } };
  assert.deepEqual(lines(telling.tell(message.row(late))), ["content: edit 2: c>C"]);
});

test("a message that was read late, with its edits, gets them by the changes that follow", async () => {
  for (const isOneBatch of [true, false]) {
    await using telling = await Telling.start();
    const message = new ChangingMessage(7n, ["one", "x"]);
    message.wait(20);
    message.edit(0, "two");
    message.wait(20);
    message.edit(0, "three");
    message.unsend(1);
    const rows = [message.row(NEW), message.row(), message.row(), message.row()];
    const events = isOneBatch ? telling.tell(...rows) : rows.flatMap((row) => telling.tell(row));
    assert.deepEqual(lines(events), [
      "new: message",
      "content: edit 0: one>two, 0: two>three",
      "content-unsent: unsend 1",
    ]);
  }
  await using telling = await Telling.start();
  const message = new ChangingMessage(7n, ["one"]);
  message.unsend(0);
  const rows = [message.row(NEW), message.row(), message.row()];
  assert.deepEqual(lines(telling.tell(...rows)), ["new: unsend 0 whole"]);
});

test("a message that Messages brought late, with old edits, is edited by later ones only", async () => {
  for (const isOneBatch of [true, false]) {
    await using telling = await Telling.start();
    const message = new ChangingMessage(7n, ["one", "x"]);
    message.edit(0, "two");
    message.unsend(1);
    const brought = message.row({ ...NEW, sentUnixNs: 1_500_000_000_000_000_000n });
    message.keepUp();
    const rows = [brought, message.row()];
    const old = isOneBatch ? telling.tell(...rows) : rows.flatMap((row) => telling.tell(row));
    assert.deepEqual(lines(old), ["new: message", "content: update two"]);
    message.wait(1_000);
    message.edit(0, "three");
    assert.deepEqual(lines(telling.tell(message.row())), ["content: edit 0: two>three"]);
  }
  await using telling = await Telling.start();
  const message = new ChangingMessage(7n, ["one"]);
  message.edit(0, "two");
  telling.tell(message.row({ ...NEW, sentUnixNs: 1_500_000_000_000_000_000n }));
  message.wait(1_000);
  message.edit(0, "three");
  // Between its telling and now, by the date of the edit.
  assert.deepEqual(lines(telling.tell(message.row())), ["content: edit 0: two>three"]);
});

test("of a message that the journal has not told, the newest edit is taken for the change", async () => {
  await using telling = await Telling.start();
  const message = new ChangingMessage(7n, ["one"]);
  message.edit(0, "two");
  message.wait(20);
  message.edit(0, "three");
  assert.deepEqual(lines(telling.tell(message.row())), ["content: edit 0: two>three"]);
  message.keepUp();
  assert.deepEqual(lines(telling.tell(message.row())), ["content: update three"]);
});

test("a journal without states in its keys is read, and is exact from the next change on", async () => {
  await using stage = await told(["one"]);
  const { telling, message } = stage;
  message.edit(0, "two");
  const source = { databaseUid: "UID-1", generation: "1:1:0", rowid: 7n };
  const [first] = telling.tell(message.row({ reason: RowReason.CHATS }));
  assert.ok(first !== undefined);
  telling.append([{ ...first, sourceKey: { ...source, reason: "content", fingerprint: "3" } }]);
  message.wait(20);
  message.edit(0, "three");
  assert.deepEqual(lines(telling.tell(message.row())), ["content: edit 0: two>three"]);
  message.keepUp();
  assert.deepEqual(lines(telling.tell(message.row())), ["content: update three"]);
});

test("a row whose bodies are too large is told at each change, since nobody can tell them apart", async () => {
  await using stage = await told(["one"]);
  const { telling, message } = stage;
  const large = { text: "x", columns: { text: "x", isOversized: true, messageSummaryInfo: undefined } };
  const rows = [message.row(large), message.row(large)];
  assert.deepEqual(lines(telling.tell(...rows)), ["content: update one", "content: update one"]);
});

test("whatever happens to a message and whenever it is read, each edit and each unsend is told once", async () => {
  const random = SeededRandom.fromEnvironment("told once");
  for (let round = 0; round < 60; round += 1) await playRound(random);
});

/** A random life of a message, read by a bridge that is sometimes behind, and sometimes far. */
async function playRound(random: SeededRandom): Promise<void> {
  await using telling = await Telling.start();
  const message = new ChangingMessage(7n, ["zero", "one", "two"].slice(0, random.integer(1, 3)));
  const steps: string[] = [];
  const unsent: number[] = [];
  const states: MessageRow[] = [message.row()];
  const texts = new Map<number, string>([
    [0, "zero"],
    [1, "one"],
    [2, "two"],
  ]);
  for (let count = random.integer(1, 12); count > 0 && message.left.length > 0; count -= 1) {
    message.wait(random.pick([0, 0.4, 5, 400]));
    const part = random.pick(message.left);
    const kind = random.pick(["edit", "edit", "edit", "upkeep", "upkeep", "unsend"]);
    if (kind === "edit") {
      const text = `${part} ${states.length}`;
      steps.push(`${part}: ${texts.get(part)}>${text}`);
      texts.set(part, text);
      message.edit(part, text);
    } else if (kind === "unsend") {
      unsent.push(part);
      message.unsend(part);
    } else message.keepUp();
    states.push(message.row());
  }
  const last = states.length - 1;
  const isReadLate = random.chance(0.5);
  const events = [
    ...telling.tell({ ...(states[isReadLate ? random.integer(0, last) : 0] as MessageRow), ...NEW }),
  ];
  for (let at = 1; at <= last; ) {
    const size = random.integer(1, 4);
    const batch: MessageRow[] = [];
    for (const end = Math.min(at + size, last + 1); at < end; at += 1) {
      batch.push(states[random.chance(0.4) ? at : random.integer(at, last)] as MessageRow);
    }
    events.push(...telling.tell(...batch));
  }
  checkTold(events, steps, unsent, message.left);
}

function checkTold(
  events: readonly EventDraft[],
  steps: readonly string[],
  unsent: readonly number[],
  left: readonly number[],
): void {
  const all = lines(events).join("\n");
  const edits = events.flatMap(({ payload }) => (payload.kind === "edit" ? payload.edits : []));
  const told = edits.map(({ part, before, after }) => `${part}: ${before}>${after}`);
  // Of a part that went, edits may not have been read; none is told twice, and each part's are in their order.
  assert.equal(new Set(told).size, told.length, all);
  for (const part of [0, 1, 2]) {
    const ofPart = (list: readonly string[]) => list.filter((step) => step.startsWith(`${part}: `));
    if (left.includes(part)) assert.deepEqual(ofPart(told), ofPart(steps), all);
    else assert.deepEqual(ofPart(told), ofPart(steps).slice(0, ofPart(told).length), all);
  }
  let gone = new Set<number>();
  for (const { payload } of events) {
    if (payload.kind !== "unsend") continue;
    const parts = new Set(payload.parts);
    assert.ok([...gone].every((part) => parts.has(part)) && parts.size > gone.size, all);
    gone = parts;
  }
  assert.deepEqual([...gone].sort(), [...unsent].sort(), all);
}
