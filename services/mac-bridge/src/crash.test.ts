/** Whatever dies between any two steps: each row one event, each command at most one bubble (I3, I4, I5, I7, I14). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Event } from "@imesh/contracts/bridge/v1/event";
import { type CommandState, canAdvance, parseChatGuid, parseRequestId } from "@imesh/imessage-model";
import { silentTelemetry } from "@imesh/telemetry";
import { FakeClock, SeededRandom, temporaryDirectory } from "@imesh/testing";
import { Intake } from "./intake/intake.ts";
import type { CommandRecord } from "./journal/command-record.ts";
import { Journal } from "./journal/journal.ts";
import { JournalError } from "./journal/journal-error.ts";
import type { JournalStore } from "./journal/journal-store.ts";
import { Dispatcher } from "./send/dispatcher.ts";
import { Outbox } from "./send/outbox.ts";
import { openJournal } from "./testing/journals.ts";
import { type KillPoint, MacWorld, Mortality } from "./testing/mac-world.ts";

const WINDOW_MS = 1_000;
const CHATS = ["any;-;+15550100", "any;-;+15550101"];

interface Intent {
  readonly key: string;
  readonly chatGuid: string;
  readonly text: string;
}

/** A store whose process may die around each append. To the code above, a dead process looks like a dead disk. */
function mortal(store: JournalStore, mortality: Mortality): JournalStore {
  const die = (): never => {
    throw new JournalError("append to", "io-error", "SQLITE_IOERR", undefined);
  };
  return new Proxy(store, {
    get: (target, name) => {
      const value = Reflect.get(target, name, target);
      if (name !== "append") return typeof value === "function" ? value.bind(target) : value;
      return (...args: Parameters<JournalStore["append"]>) => {
        if (mortality.pass("before-append")) die();
        const appended = target.append(...args);
        if (mortality.pass("after-append")) die();
        return appended;
      };
    },
  });
}

/** One life of a bridge: everything in memory is made anew and thrown away. Returns the point at which it died. */
async function live(
  path: string,
  world: MacWorld,
  parts: {
    readonly clock: FakeClock;
    readonly random: SeededRandom;
    readonly mortality: Mortality;
    readonly intents: readonly Intent[];
    readonly lifeMs: number;
  },
): Promise<KillPoint | null> {
  const { clock, random, mortality, intents } = parts;
  using opened = openJournal(path, { clock, tailBounds: { itemsMax: 4, bytesMax: 10_000 } });
  const journal = new Journal(mortal(opened.store, mortality), clock);
  const { logger: log, tracer } = silentTelemetry();
  const ports = { journal, clock, random, log, tracer };
  await using resources = new AsyncDisposableStack();
  const dispatcher = resources.use(
    new Dispatcher(
      { ...ports, sender: mortality, head: world, onReturned: () => {} },
      { proofWindowMs: WINDOW_MS },
    ),
  );
  resources.use(
    new Intake(
      {
        ...ports,
        openTail: (cursor, attempt) => world.tail(cursor, attempt.signal),
        onLink: (link) => dispatcher.setLive(link === "live"),
      },
      { liveAgeMsMax: 60_000 },
    ),
  );
  const outbox = new Outbox({ journal, clock, tracer });
  const stepMs = Math.max(1, Math.floor(parts.lifeMs / (intents.length + 1)));
  for (const { key, chatGuid, text } of intents) {
    try {
      outbox.accept({
        requestId: parseRequestId(key),
        chatGuid: parseChatGuid(chatGuid),
        text,
        traceparent: "",
      });
    } catch (error) {
      if (!(error instanceof JournalError)) throw error;
    }
    await clock.advance(stepMs);
  }
  await clock.advance(stepMs);
  const { diedAt } = mortality;
  // What lives only in memory ends here; the clock moves so that graces pass.
  const disposed = resources.disposeAsync();
  await clock.advance(4_000);
  await disposed;
  return diedAt;
}

function checkJournal(path: string, world: MacWorld, intents: readonly Intent[]): void {
  using opened = openJournal(path);
  const { store } = opened;
  const stored = store.read({ afterSequence: 0n, itemsMax: 1_000_000, bytesMax: 1_000_000_000 });
  const events = stored.map(({ payload }) => Event.decode(payload));
  assert.deepEqual(
    events.map(({ sequence }) => sequence),
    events.map((_, index) => BigInt(index + 1)),
    "sequences are gapless",
  );
  const rows = world.log.filter(({ reason }) => reason === 1).map(({ rowid }) => rowid);
  const messages = events.filter(({ payload }) => payload?.$case === "message");
  assert.deepEqual(
    messages.map(({ source }) => source?.messageRowid),
    rows,
    "each row is one event, in order",
  );
  for (const intent of intents)
    checkCommand(store.command(parseRequestId(intent.key)), events, world, intent);
}

function checkCommand(
  command: CommandRecord | null,
  events: readonly Event[],
  world: MacWorld,
  { key, text }: Intent,
): void {
  const handed = world.handed.filter((handedText) => handedText === text).length;
  assert.ok(handed <= 1, `${key} was handed over ${handed} times`);
  // A request whose acceptance never became durable was answered with an error.
  if (command === null) {
    assert.equal(handed, 0);
    return;
  }
  const states = events.flatMap(({ payload }) =>
    payload?.$case === "command" && payload.value.requestId === key ? [payload.value.state] : [],
  );
  const names: CommandState[] = states.map((state) => STATES[state] ?? "accepted");
  assert.equal(names[0], "accepted");
  for (const [index, state] of names.entries()) {
    const before = names[index - 1];
    if (before !== undefined) assert.ok(canAdvance(before, state), `${key}: ${names.join(" → ")}`);
  }
  assert.equal(names.at(-1), command.state, "the last event tells the command's state");
  const isProven = command.proof !== null;
  assert.equal(isProven, world.written.includes(text), `${key} is proven exactly if its row is there`);
  if (!isProven) assert.ok(command.state === "uncertain" || command.state === "refused", command.state);
  if (command.state === "refused") assert.equal(handed, 0);
}

const STATES: Readonly<Record<number, CommandState>> = {
  1: "accepted",
  2: "dispatched",
  3: "written",
  4: "sent",
  5: "delivered",
  6: "read",
  7: "refused",
  8: "failed",
  9: "uncertain",
};

test("a bridge that dies at any point: each row is one event, each command at most one bubble", async () => {
  const random = SeededRandom.fromEnvironment("bridge crashes");
  const deaths = new Map<KillPoint, number>();
  // With 12 rounds one seed in fifty never met the rarest death.
  for (let round = 0; round < 30; round += 1) {
    await using directory = await temporaryDirectory();
    const path = directory.file("journal.db");
    const clock = new FakeClock();
    const world = new MacWorld(random, clock);
    const intents: Intent[] = [];
    for (let life = 0; life < 8; life += 1) {
      for (let index = random.integer(0, 4); index > 0; index -= 1) world.say(`contact ${world.log.length}`);
      for (let index = random.integer(0, 3); index > 0; index -= 1) {
        const key = `k${intents.length}`;
        intents.push({ key, chatGuid: random.pick(CHATS), text: `reply ${key}` });
      }
      const mortality = new Mortality(world, random, random.integer(1, 25));
      // A client that got no answer asks again with the same key.
      const diedAt = await live(path, world, {
        clock,
        random,
        mortality,
        intents,
        lifeMs: random.integer(50, 6_000),
      });
      if (diedAt !== null) deaths.set(diedAt, (deaths.get(diedAt) ?? 0) + 1);
    }
    const immortal = new Mortality(world, random, 1_000_000);
    await live(path, world, {
      clock,
      random,
      mortality: immortal,
      intents: [],
      lifeMs: intents.length * 20_000,
    });
    checkJournal(path, world, intents);
  }
  assert.deepEqual(
    [...deaths.keys()].sort(),
    ["after-append", "before-act", "before-append", "during-act"],
    "every kind of death was seen",
  );
});
