import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, SeededRandom, temporaryDirectory } from "@imesh/testing";
import type { Clock } from "@imesh/time";
import type { Journal } from "../journal/journal.ts";
import { messageDraft, openJournal } from "../testing/journals.ts";
import { EventFeed } from "./event-feed.ts";
import type { SubscriptionFrame, WriteFrame } from "./subscription-frame.ts";

const ignore = { streamed: () => {}, subscribersChanged: () => {}, lagChanged: () => {} };

function feedOf(journal: Journal, clock: Clock): EventFeed {
  const feed = new EventFeed({ journal, clock, observer: ignore });
  journal.observe({ appended: () => feed.notify() });
  return feed;
}

/** A subscriber that takes every frame at once, until told otherwise. */
class Subscriber {
  readonly frames: SubscriptionFrame[] = [];
  readonly gone = new AbortController();
  readonly draining = new AbortController();
  /** Frames are taken, and the next is not asked for, while this is set. */
  blocked: PromiseWithResolvers<void> | undefined;

  readonly write: WriteFrame = (frame) => {
    this.frames.push(frame);
    return this.blocked?.promise ?? Promise.resolve();
  };

  get kinds(): string[] {
    return this.frames.map(({ kind }) => kind);
  }

  get sequences(): bigint[] {
    return this.frames.flatMap((frame) =>
      frame.kind === "batch" ? frame.events.map((e) => e.sequence) : [],
    );
  }

  run(feed: EventFeed, afterSequence: bigint, batchItemsMax = 64): Promise<void> {
    const { signal } = this.gone;
    const options = { consumer: "test", afterSequence, batchItemsMax };
    return feed.run(options, { signal, draining: this.draining.signal, write: this.write });
  }
}

test("a subscription catches up in batches, says so once, and goes on live in the tick of the append", async () => {
  await using directory = await temporaryDirectory();
  const clock = new FakeClock();
  using opened = openJournal(directory.file("journal.db"), { clock });
  const { journal } = opened;
  const feed = feedOf(journal, clock);
  for (let rowid = 1n; rowid <= 5n; rowid += 1n) journal.append({ events: [messageDraft(rowid)] });
  const subscriber = new Subscriber();
  const ended = subscriber.run(feed, 1n, 3);
  await clock.advance(0);
  assert.deepEqual(subscriber.kinds, ["batch", "batch", "caught-up"]);
  assert.deepEqual(subscriber.frames.at(-1), { kind: "caught-up", headSequence: 5n });
  journal.append({ events: [messageDraft(6n)] });
  // Only promise jobs run here, no timer and no input: that is what "in the tick" means.
  for (let job = 0; job < 10; job += 1) await Promise.resolve();
  assert.deepEqual(subscriber.sequences, [2n, 3n, 4n, 5n, 6n]);
  subscriber.gone.abort(new Error("left"));
  await assert.rejects(ended, /left/);
  assert.equal(feed.subscribers.length, 0);
  assert.equal(clock.timersPending, 0);
});

test("a quiet subscription hears a heartbeat at least every 5 s, a busy one none", async () => {
  await using directory = await temporaryDirectory();
  const clock = new FakeClock();
  using opened = openJournal(directory.file("journal.db"), { clock });
  const feed = feedOf(opened.journal, clock);
  const subscriber = new Subscriber();
  const ended = subscriber.run(feed, 0n);
  await clock.advance(15_000);
  assert.deepEqual(subscriber.kinds, ["caught-up", "heartbeat", "heartbeat", "heartbeat"]);
  subscriber.frames.length = 0;
  for (let rowid = 1n; rowid <= 10n; rowid += 1n) {
    opened.journal.append({ events: [messageDraft(rowid)] });
    await clock.advance(2_000);
  }
  assert.deepEqual(new Set(subscriber.kinds), new Set(["batch"]));
  subscriber.gone.abort();
  await assert.rejects(ended);
});

test("a drain is the last frame and tells the last sequence sent, in whatever phase", async () => {
  await using directory = await temporaryDirectory();
  const clock = new FakeClock();
  using opened = openJournal(directory.file("journal.db"), { clock });
  const feed = feedOf(opened.journal, clock);
  for (let rowid = 1n; rowid <= 9n; rowid += 1n) opened.journal.append({ events: [messageDraft(rowid)] });
  const live = new Subscriber();
  const liveEnded = live.run(feed, 0n);
  const early = new Subscriber();
  early.draining.abort();
  await early.run(feed, 0n);
  assert.deepEqual(early.frames, [{ kind: "drain", lastSequence: 0n }]);
  await clock.advance(0);
  const slow = new Subscriber();
  slow.blocked = Promise.withResolvers<void>();
  const slowEnded = slow.run(feed, 0n, 4);
  for (const subscriber of [live, slow]) subscriber.draining.abort();
  await liveEnded;
  assert.deepEqual(live.frames.at(-1), { kind: "drain", lastSequence: 9n });
  slow.blocked.resolve();
  await slowEnded;
  assert.deepEqual(slow.kinds, ["batch", "drain"]);
  assert.deepEqual(slow.frames.at(-1), { kind: "drain", lastSequence: 4n });
});

test("a subscriber that does not read is given one frame and no more, however much is journaled (I8)", async () => {
  await using directory = await temporaryDirectory();
  const clock = new FakeClock();
  using opened = openJournal(directory.file("journal.db"), {
    clock,
    tailBounds: { itemsMax: 8, bytesMax: 4_096 },
  });
  const feed = feedOf(opened.journal, clock);
  const slow = new Subscriber();
  slow.blocked = Promise.withResolvers<void>();
  opened.journal.append({ events: [messageDraft(1n)] });
  const ended = slow.run(feed, 0n);
  for (let rowid = 2n; rowid <= 500n; rowid += 1n) opened.journal.append({ events: [messageDraft(rowid)] });
  await clock.advance(60_000);
  assert.deepEqual(slow.sequences, [1n]);
  assert.equal(feed.subscribers[0]?.lag, 499n);
  slow.blocked.resolve();
  slow.blocked = undefined;
  await clock.advance(0);
  assert.deepEqual(
    slow.sequences,
    Array.from({ length: 500 }, (_, index) => BigInt(index + 1)),
  );
  assert.deepEqual(
    slow.kinds.filter((kind) => kind !== "batch"),
    ["caught-up"],
  );
  slow.gone.abort();
  await assert.rejects(ended);
});

/** One client over many streams: resumes after the last event it finished, as clients do. */
class ResumingClient {
  readonly seen: bigint[] = [];
  readonly #random: SeededRandom;
  readonly #feed: EventFeed;
  #stream: { readonly gone: AbortController; readonly ended: Promise<void> } | undefined;

  constructor(feed: EventFeed, random: SeededRandom) {
    this.#feed = feed;
    this.#random = random;
  }

  get isConnected(): boolean {
    return this.#stream !== undefined;
  }

  connect(clock: Clock): void {
    const gone = new AbortController();
    let isCaughtUp = false;
    let next = (this.seen.at(-1) ?? 0n) + 1n;
    const afterSequence = next - 1n;
    const write: WriteFrame = async (frame) => {
      assert.ok(!gone.signal.aborted, "nothing is written to a subscriber that left");
      if (frame.kind === "caught-up") {
        assert.ok(!isCaughtUp, "caught-up comes once a stream");
        assert.equal(frame.headSequence, next - 1n, "caught-up comes when everything before it was sent");
        isCaughtUp = true;
      }
      if (frame.kind === "batch") {
        for (const { sequence } of frame.events) {
          assert.equal(sequence, next, "events come in order, each once, without a gap");
          next += 1n;
          this.seen.push(sequence);
        }
      }
      if (this.#random.chance(0.3)) await clock.sleep(this.#random.integer(0, 50), gone.signal);
    };
    const options = { consumer: "prop", afterSequence, batchItemsMax: this.#random.integer(1, 9) };
    const call = { signal: gone.signal, draining: new AbortController().signal, write };
    const ended = this.#feed.run(options, call).then(
      () => assert.fail("no drain in this test"),
      (error: unknown) => {
        if (!gone.signal.aborted) throw error;
      },
    );
    this.#stream = { gone, ended };
  }

  async disconnect(): Promise<void> {
    this.#stream?.gone.abort(new Error("disconnected"));
    await this.#stream?.ended;
    this.#stream = undefined;
  }
}

test("subscribers that come and go see 1..n once and in order, whatever was evicted", async () => {
  const random = SeededRandom.fromEnvironment("subscription resume");
  for (let round = 0; round < 15; round += 1) {
    await using directory = await temporaryDirectory();
    const clock = new FakeClock();
    using opened = openJournal(directory.file("journal.db"), {
      clock,
      tailBounds: { itemsMax: random.integer(1, 12), bytesMax: random.integer(200, 4_000) },
    });
    const feed = feedOf(opened.journal, clock);
    const clients = Array.from({ length: 4 }, () => new ResumingClient(feed, random));
    let rowid = 0n;
    for (let step = 0; step < 120; step += 1) {
      const client = random.pick(clients);
      if (random.chance(0.5)) {
        const events = Array.from({ length: random.integer(1, 6) }, () => {
          rowid += 1n;
          return messageDraft(rowid);
        });
        opened.journal.append({ events });
      } else if (!client.isConnected) client.connect(clock);
      else if (random.chance(0.3)) await client.disconnect();
      if (random.chance(0.4)) await clock.advance(random.integer(0, 30));
    }
    for (const client of clients) if (!client.isConnected) client.connect(clock);
    await clock.advance(20_000);
    const everything = Array.from({ length: Number(rowid) }, (_, index) => BigInt(index + 1));
    for (const client of clients) {
      assert.deepEqual(client.seen, everything);
      await client.disconnect();
    }
    assert.equal(clock.timersPending, 0);
  }
});
