import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { parseChatGuid, parseRequestId } from "@imesh/imessage-model";
import { silentTelemetry } from "@imesh/telemetry";
import { FakeClock, SeededRandom, temporaryDirectory } from "@imesh/testing";
import type { Journal } from "../journal/journal.ts";
import { JournalError } from "../journal/journal-error.ts";
import { openJournal } from "../testing/journals.ts";
import { CHAT_GUID } from "../testing/rows.ts";
import { FakeHead, FakeSender } from "../testing/send-parts.ts";
import { proveCommand } from "./command-steps.ts";
import { Dispatcher } from "./dispatcher.ts";
import type { SendOutcome } from "./message-sender.ts";
import { Outbox } from "./outbox.ts";

const WINDOW_MS = 15_000;
const OTHER_CHAT = "any;+;chat1";

async function setUp(context: TestContext) {
  const directory = await temporaryDirectory();
  const clock = new FakeClock();
  const opened = openJournal(directory.file("journal.db"), { clock });
  context.after(async () => {
    opened[Symbol.dispose]();
    await directory[Symbol.asyncDispose]();
  });
  const { logger: log, tracer } = silentTelemetry();
  const { journal } = opened;
  const sender = new FakeSender();
  const head = new FakeHead();
  const returned: SendOutcome[] = [];
  const outbox = new Outbox({ journal, clock, tracer });
  const startDispatcher = () =>
    new Dispatcher(
      {
        journal,
        sender,
        head,
        clock,
        random: new SeededRandom(1),
        log,
        tracer,
        onReturned: (outcome) => returned.push(outcome),
      },
      { proofWindowMs: WINDOW_MS },
    );
  const accept = (key: string, text = key, chatGuid = CHAT_GUID) =>
    outbox.accept({
      requestId: parseRequestId(key),
      chatGuid: parseChatGuid(chatGuid),
      text,
      traceparent: "",
    });
  const command = (key: string) => journal.state.command(parseRequestId(key));
  return { clock, journal, sender, head, returned, outbox, startDispatcher, accept, command };
}

/** What intake does when the row of a command comes in. */
function prove(journal: Journal, key: string, nowUnixNs: bigint): void {
  const command = journal.state.command(parseRequestId(key));
  assert.ok(command !== null);
  const proof = { databaseUid: "UID-1", generation: "1:1:0", rowid: 11n, messageGuid: "G" };
  journal.append({ commands: [proveCommand(command, proof, nowUnixNs)] });
}

test("nothing is dispatched before rows come in; then the oldest goes, with the floor on record first (I7)", async (context) => {
  const { clock, journal, sender, startDispatcher, accept, command } = await setUp(context);
  await using dispatcher = startDispatcher();
  sender.outcome = undefined;
  accept("one");
  accept("two", "two", OTHER_CHAT);
  await clock.advance(60_000);
  assert.deepEqual(sender.sent, []);
  let durableAtSend: string | undefined;
  const send = sender.send.bind(sender);
  sender.send = (message, signal) => {
    durableAtSend = journal.state.commandsInFlight()[0]?.state;
    return send(message, signal);
  };
  dispatcher.setLive(true);
  await clock.advance(0);
  assert.equal(durableAtSend, "dispatched");
  assert.deepEqual(
    sender.sent.map(({ text }) => text),
    ["one"],
  );
  assert.deepEqual(command("one")?.floor, { databaseUid: "UID-1", generation: "1:1:0", rowid: 10n });
  // One script at a time, whatever the chat.
  await clock.advance(10_000);
  assert.equal(sender.sent.length, 1);
  sender.finish({ kind: "handed-over" });
  await clock.advance(0);
  assert.deepEqual(
    sender.sent.map(({ text }) => text),
    ["one", "two"],
  );
  sender.finish({ kind: "handed-over" });
});

test("in one chat the next waits for the proof of the one before", async (context) => {
  const { clock, journal, sender, startDispatcher, accept, command } = await setUp(context);
  await using dispatcher = startDispatcher();
  dispatcher.setLive(true);
  accept("one");
  accept("two");
  await clock.advance(5_000);
  assert.equal(sender.sent.length, 1);
  prove(journal, "one", clock.wallUnixNs());
  await clock.advance(0);
  assert.equal(sender.sent.length, 2);
  assert.equal(command("one")?.state, "written");
  assert.equal(command("two")?.state, "dispatched");
  // A window that was closed by proof never passes.
  prove(journal, "two", clock.wallUnixNs());
  await clock.advance(10 * WINDOW_MS);
  assert.equal(command("one")?.state, "written");
});

test("a refusal is final and lets the next go at once", async (context) => {
  const { clock, sender, startDispatcher, accept, command, returned } = await setUp(context);
  await using dispatcher = startDispatcher();
  dispatcher.setLive(true);
  sender.outcome = { kind: "refused", reason: "CHAT_NOT_FOUND", number: -1728, description: "no chat" };
  accept("one");
  accept("two");
  await clock.advance(0);
  assert.equal(command("one")?.state, "refused");
  assert.deepEqual(command("one")?.fault, {
    reason: "CHAT_NOT_FOUND",
    number: -1728,
    description: "no chat",
  });
  assert.equal(command("two")?.state, "refused");
  assert.equal(returned.length, 2);
});

test("without a row the command is uncertain after the window, and is never sent again", async (context) => {
  const { clock, journal, sender, startDispatcher, accept, command } = await setUp(context);
  await using dispatcher = startDispatcher();
  dispatcher.setLive(true);
  accept("silent");
  await clock.advance(WINDOW_MS - 1);
  assert.equal(command("silent")?.state, "dispatched");
  await clock.advance(1);
  assert.equal(command("silent")?.state, "uncertain");
  assert.equal(command("silent")?.fault?.reason, "NO_ROW_SEEN");
  sender.outcome = { kind: "unknown", reason: "TIMED_OUT", number: -1712, description: "late" };
  accept("late");
  await clock.advance(WINDOW_MS);
  assert.equal(command("late")?.fault?.number, -1712);
  await clock.advance(3_600_000);
  assert.deepEqual(
    sender.sent.map(({ text }) => text),
    ["silent", "late"],
  );
  // Its row settles it, however late.
  prove(journal, "late", clock.wallUnixNs());
  assert.equal(command("late")?.state, "written");
  assert.equal(command("late")?.fault, null);
});

test("a row that comes while the script still runs counts more than what the script says", async (context) => {
  const { clock, journal, sender, startDispatcher, accept, command } = await setUp(context);
  await using dispatcher = startDispatcher();
  dispatcher.setLive(true);
  sender.outcome = undefined;
  accept("one");
  await clock.advance(100);
  prove(journal, "one", clock.wallUnixNs());
  sender.finish({ kind: "refused", reason: "CHAT_NOT_FOUND", number: -1728, description: "no chat" });
  await clock.advance(2 * WINDOW_MS);
  assert.equal(command("one")?.state, "written");
  assert.notEqual(command("one")?.times.returnedUnixNs, null);
});

test("while lock-broker is away nothing is dispatched and no window passes", async (context) => {
  const { clock, head, sender, startDispatcher, accept, command } = await setUp(context);
  await using dispatcher = startDispatcher();
  dispatcher.setLive(true);
  accept("one");
  await clock.advance(WINDOW_MS - 1_000);
  dispatcher.setLive(false);
  accept("two", "two", OTHER_CHAT);
  await clock.advance(10 * WINDOW_MS);
  assert.equal(command("one")?.state, "dispatched");
  assert.equal(command("two")?.state, "accepted");
  // The stream is back, but the head cannot be asked: no floor, no dispatch.
  head.rowid = null;
  dispatcher.setLive(true);
  await clock.advance(WINDOW_MS - 1);
  assert.equal(command("one")?.state, "dispatched");
  assert.equal(sender.sent.length, 1);
  head.rowid = 20n;
  await clock.advance(6_000);
  assert.equal(command("one")?.state, "uncertain");
  assert.equal(command("two")?.floor?.rowid, 20n);
});

test("what is found in flight after a start is not sent again: reconciled, then uncertain", async (context) => {
  const { clock, sender, startDispatcher, accept, command } = await setUp(context);
  sender.outcome = undefined;
  {
    await using dispatcher = startDispatcher();
    dispatcher.setLive(true);
    accept("one");
    accept("two");
    await clock.advance(0);
    assert.equal(sender.sent.length, 1);
    // The script hangs; the bridge stops and kills it after its grace.
    const stopped = dispatcher[Symbol.asyncDispose]();
    await clock.advance(3_000);
    await stopped;
  }
  assert.equal(command("one")?.state, "dispatched");
  assert.equal(command("one")?.times.returnedUnixNs, null);
  sender.outcome = { kind: "handed-over" };
  await using dispatcher = startDispatcher();
  await clock.advance(10 * WINDOW_MS);
  assert.equal(command("one")?.state, "dispatched");
  dispatcher.setLive(true);
  await clock.advance(WINDOW_MS - 1);
  // The other one waits: a row now could be either's.
  assert.deepEqual(sender.sent.length, 1);
  await clock.advance(1);
  assert.equal(command("one")?.state, "uncertain");
  assert.equal(command("one")?.fault?.reason, "CRASHED_WHILE_SENDING");
  assert.deepEqual(
    sender.sent.map(({ text }) => text),
    ["one", "two"],
  );
});

test("a journal that cannot be written keeps Messages untouched", async (context) => {
  const { clock, journal, sender, startDispatcher, accept, command } = await setUp(context);
  await using dispatcher = startDispatcher();
  accept("one");
  const append = journal.append.bind(journal);
  let attempts = 0;
  journal.append = () => {
    attempts += 1;
    throw new JournalError("append to", "disk-full", "SQLITE_FULL", undefined);
  };
  dispatcher.setLive(true);
  await clock.advance(30_000);
  assert.ok(attempts > 3);
  assert.deepEqual(sender.sent, []);
  journal.append = append;
  await clock.advance(6_000);
  assert.equal(sender.sent.length, 1);
  assert.equal(command("one")?.state, "dispatched");
});

test("a return that cannot be written down is written down later, and the script is not run again", async (context) => {
  const { clock, journal, sender, startDispatcher, accept, command } = await setUp(context);
  await using dispatcher = startDispatcher();
  dispatcher.setLive(true);
  sender.outcome = undefined;
  accept("one");
  await clock.advance(0);
  const append = journal.append.bind(journal);
  journal.append = () => {
    throw new JournalError("append to", "disk-full", "SQLITE_FULL", undefined);
  };
  sender.finish({ kind: "refused", reason: "CHAT_NOT_FOUND", number: -1728, description: "no chat" });
  await clock.advance(10_000);
  assert.equal(command("one")?.state, "dispatched");
  journal.append = append;
  await clock.advance(2_000);
  assert.equal(command("one")?.state, "refused");
  assert.equal(sender.sent.length, 1);
});

test("a sender that breaks its word leaves the command in doubt, not in flight for ever", async (context) => {
  const { clock, sender, startDispatcher, accept, command } = await setUp(context);
  await using dispatcher = startDispatcher();
  dispatcher.setLive(true);
  sender.send = () => Promise.reject(new TypeError("bug"));
  accept("one");
  await clock.advance(WINDOW_MS);
  assert.equal(command("one")?.state, "uncertain");
});

test("rows that stop coming while the head is asked for keep the command waiting", async (context) => {
  const { clock, head, sender, startDispatcher, accept, command } = await setUp(context);
  await using dispatcher = startDispatcher();
  const read = head.read.bind(head);
  head.read = () => {
    dispatcher.setLive(false);
    return read();
  };
  dispatcher.setLive(true);
  accept("one");
  await clock.advance(60_000);
  assert.deepEqual(sender.sent, []);
  assert.equal(command("one")?.state, "accepted");
  head.read = read;
  dispatcher.setLive(true);
  await clock.advance(0);
  assert.equal(sender.sent.length, 1);
});
