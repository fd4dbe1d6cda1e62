import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Event } from "@imesh/contracts/bridge/v1/event";
import { parseChatGuid, parseRequestId } from "@imesh/imessage-model";
import { silentTelemetry } from "@imesh/telemetry";
import { FakeClock, temporaryDirectory } from "@imesh/testing";
import { openJournal } from "../testing/journals.ts";
import { CHAT_GUID } from "../testing/rows.ts";
import { dispatchCommand } from "./command-steps.ts";
import { Outbox, OutboxError, type SendIntent } from "./outbox.ts";

const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

function intent(key: string, facts: Partial<SendIntent> = {}): SendIntent {
  return {
    requestId: parseRequestId(key),
    chatGuid: parseChatGuid(CHAT_GUID),
    text: "hello",
    traceparent: TRACEPARENT,
    ...facts,
  };
}

async function setUp(context: TestContext, openMax?: number) {
  const directory = await temporaryDirectory();
  const clock = new FakeClock();
  const opened = openJournal(directory.file("journal.db"), { clock });
  context.after(async () => {
    opened[Symbol.dispose]();
    await directory[Symbol.asyncDispose]();
  });
  const { journal } = opened;
  return {
    journal,
    clock,
    outbox: new Outbox({ journal, clock, tracer: silentTelemetry().tracer }, openMax),
  };
}

function refusedWith(code: string) {
  return (error: unknown) => error instanceof OutboxError && error.refusal.code === code;
}

test("accept() makes the command and its event durable together, and keeps the caller's trace", async (context) => {
  const { journal, clock, outbox } = await setUp(context);
  const command = outbox.accept(intent("a"));
  assert.deepEqual(journal.state.command(parseRequestId("a")), command);
  assert.equal(command.state, "accepted");
  assert.equal(command.times.acceptedUnixNs, clock.wallUnixNs());
  assert.equal(command.traceparent, TRACEPARENT);
  const [stored] = journal.read({ afterSequence: 0n, itemsMax: 10, bytesMax: 100_000 });
  assert.ok(stored !== undefined);
  const event = Event.decode(stored.payload);
  assert.equal(event.payload?.$case, "command");
  assert.equal(event.traceparent, TRACEPARENT);
  assert.equal(event.chat?.guid, CHAT_GUID);
  assert.equal(event.source, undefined);
});

test("accept() of a known key gives the command as it stands and writes nothing", async (context) => {
  const { journal, outbox } = await setUp(context);
  const first = outbox.accept(intent("a"));
  const floor = { databaseUid: "UID-1", generation: "1:1:0", rowid: 1n };
  const moved = dispatchCommand(first, floor, 1n);
  journal.append({ commands: [moved] });
  const head = journal.head;
  assert.deepEqual(outbox.accept(intent("a")), moved);
  assert.equal(journal.head, head);
});

test("accept() refuses a key that was used for another chat or text", async (context) => {
  const { journal, outbox } = await setUp(context);
  outbox.accept(intent("a"));
  assert.throws(() => outbox.accept(intent("a", { text: "hello " })), refusedWith("request-id-reused"));
  const otherChat = { chatGuid: parseChatGuid("any;+;chat1") };
  assert.throws(() => outbox.accept(intent("a", otherChat)), refusedWith("request-id-reused"));
  assert.equal(journal.head, 1n);
});

test("accept() refuses at the bound, still knows its own, and takes new ones when there is room (I8)", async (context) => {
  const { journal, outbox } = await setUp(context, 2);
  const first = outbox.accept(intent("a"));
  outbox.accept(intent("b"));
  assert.throws(() => outbox.accept(intent("c")), refusedWith("outbox-full"));
  assert.deepEqual(outbox.accept(intent("a")), first);
  journal.append({ commands: [{ ...first, state: "refused" }] });
  assert.equal(outbox.accept(intent("c")).ordinal, 3n);
});
