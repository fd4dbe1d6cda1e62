import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@imesh/testing";
import type { Arrival, JournalEvent } from "../event/event.ts";
import { judge } from "../policy/policy.ts";
import type { WrittenEvent } from "../store/transcript-table.ts";
import { arrivalOf, JOURNAL, messageEvent } from "../testing/arrivals.ts";
import { Progress } from "./progress.ts";
import { Reception } from "./reception.ts";

const never = new AbortController().signal;

function receptionOf(known: readonly string[] = [], written: WrittenEvent[] = []) {
  const progress = new Progress(
    {
      cursor: () => ({ journalId: JOURNAL, finishedSequence: 0n }),
      beginJournal: () => {},
      moveCursor: () => {},
      writtenAfter: () => written,
    },
    new FakeClock(),
  );
  const delivered: (readonly Arrival[])[] = [];
  const ignored: string[] = [];
  const waiting = new Map<string, Arrival>();
  const reception = new Reception({
    progress,
    judge: (event) => judge(event, { agentName: "agent", answeredClasses: new Set(["live"]) }),
    isKnown: (_chatGuid, messageGuid) => known.includes(messageGuid),
    amend: (_chatGuid, messageGuid, text) => {
      const arrival = waiting.get(messageGuid);
      if (arrival === undefined) return null;
      waiting.delete(messageGuid);
      if (text !== null) waiting.set(messageGuid, { ...arrival, text });
      return text === null ? arrival : null;
    },
    deliver: async (arrivals) => {
      delivered.push(arrivals);
      for (const arrival of arrivals) waiting.set(arrival.messageGuid, arrival);
    },
    onReceived: () => {},
    onIgnored: (reason) => ignored.push(reason),
  });
  return { progress, delivered, ignored, reception, waiting };
}

test("take() delivers what belongs to conversations and passes over the rest", async () => {
  const { progress, delivered, ignored, reception } = receptionOf();
  await reception.take(
    [
      messageEvent(1n, {}, { payload: { kind: "other", what: "command" } }),
      messageEvent(2n),
      messageEvent(3n, { direction: "own" }),
      messageEvent(4n, { chatStyle: "group" }),
    ],
    never,
  );
  assert.deepEqual(delivered, [
    [arrivalOf({ sequence: 2n }), arrivalOf({ sequence: 3n, author: "own", isAnswered: false })],
  ]);
  assert.deepEqual(ignored, ["not-a-message", "own-message", "group-chat"]);
  assert.deepEqual(progress.cursor, { journalId: JOURNAL, finishedSequence: 1n });
});

test("take() passes over a message that came before under another sequence, in this batch or earlier", async () => {
  const { delivered, ignored, reception } = receptionOf(["known"]);
  await reception.take(
    [
      messageEvent(1n, { messageGuid: "known" }),
      messageEvent(2n, { messageGuid: "new" }),
      messageEvent(3n, { messageGuid: "new" }),
      messageEvent(4n, { messageGuid: "" }),
      messageEvent(5n, { messageGuid: "" }),
    ],
    never,
  );
  assert.deepEqual(
    delivered[0]?.map(({ sequence }) => sequence),
    [2n, 4n, 5n],
  );
  assert.deepEqual(ignored, ["duplicate", "duplicate"]);
});

test("take() leaves alone what is in the transcript since before a stop", async () => {
  const { delivered, reception } = receptionOf([], [{ sequence: 1n, turnState: "thinking" }]);
  await reception.take([messageEvent(1n), messageEvent(2n)], never);
  assert.deepEqual(delivered, [[arrivalOf({ sequence: 2n })]]);
});

function amendmentEvent(sequence: bigint, messageGuid: string, text: string): JournalEvent {
  const amendment = { chatGuid: "chat-a", messageGuid, text };
  return messageEvent(sequence, {}, { payload: { kind: "amendment", amendment } });
}

test("take() changes and drops messages of the same batch that were edited and taken back", async () => {
  const { progress, delivered, ignored, reception } = receptionOf();
  await reception.take(
    [
      messageEvent(1n),
      messageEvent(2n),
      amendmentEvent(3n, "guid-2", "new words"),
      amendmentEvent(4n, "guid-1", ""),
      amendmentEvent(5n, "guid-9", "of a message that nobody knows"),
    ],
    never,
  );
  assert.deepEqual(delivered, [[arrivalOf({ sequence: 2n, text: "new words" })]]);
  assert.deepEqual(ignored, ["not-a-message", "not-a-message", "not-a-message"]);
  // What was dropped is finished; what is to be answered is not (I6).
  assert.equal(progress.cursor?.finishedSequence, 1n);
});

test("take() changes and drops messages that wait since an earlier batch, and finishes those dropped", async () => {
  const { progress, reception, waiting } = receptionOf();
  await reception.take([messageEvent(1n), messageEvent(2n)], never);
  await reception.take([amendmentEvent(3n, "guid-2", "new words"), amendmentEvent(4n, "guid-1", "")], never);
  assert.deepEqual([...waiting.values()], [arrivalOf({ sequence: 2n, text: "new words" })]);
  assert.equal(progress.cursor?.finishedSequence, 1n);
});
