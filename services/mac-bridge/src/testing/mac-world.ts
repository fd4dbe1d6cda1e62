import {
  RowBatch,
  RowReason,
  type TailResponse,
  type MessageRow as WireRow,
} from "@imesh/contracts/broker/v1";
import { Signal } from "@imesh/flow";
import type { FakeClock, SeededRandom } from "@imesh/testing";
import type { DatabaseHead } from "../send/database-head.ts";
import type { MessageSender, OutgoingMessage, SendOutcome } from "../send/message-sender.ts";
import { type RowFacts, wireRow } from "./rows.ts";

/**
 * A Mac that outlives every bridge on it: rows that were committed stay, bubbles that went out stay out. It is chat.db with
 * its lock-broker, and Messages with its moods; one bridge after another runs against it.
 */
export class MacWorld implements DatabaseHead {
  /** Everything lock-broker has to tell, in order; a cursor is a place in it. */
  readonly log: WireRow[] = [];
  /** Every text that was handed to Messages, once for each time. */
  readonly handed: string[] = [];
  /** Texts of which a row was committed. */
  readonly written: string[] = [];
  readonly #random: SeededRandom;
  readonly #clock: FakeClock;
  readonly #wakes = new Set<Signal>();
  #rowid = 0n;

  constructor(random: SeededRandom, clock: FakeClock) {
    this.#random = random;
    this.#clock = clock;
  }

  /** A contact writes. */
  say(text: string): void {
    this.#commit({ text });
  }

  async read() {
    return { databaseUid: "UID-1", generation: "1:1:0", rowid: this.#rowid };
  }

  /** Messages in a mood: says no, acts and says so, acts and says nothing of use, or does nothing and says the same. */
  async act(message: OutgoingMessage): Promise<SendOutcome> {
    this.handed.push(message.text);
    const mood = this.#random.next();
    if (mood < 0.1) {
      this.handed.pop();
      return { kind: "refused", reason: "CHAT_NOT_FOUND", number: -1728, description: "test" };
    }
    const unknown = { kind: "unknown", reason: "TIMED_OUT", number: -1712, description: "test" } as const;
    if (mood < 0.2) return unknown;
    await this.#clock.sleep(this.#random.integer(0, 400));
    this.#write(message);
    return mood < 0.4 ? unknown : { kind: "handed-over" };
  }

  /** What lock-broker streams after a cursor, until `signal` aborts. */
  async *tail(cursor: Uint8Array, signal: AbortSignal): AsyncGenerator<TailResponse> {
    const text = Buffer.from(cursor).toString();
    // Other than lock-broker, an empty cursor starts at 0 here: then every row must show up.
    let position = text === "" ? 0 : Number(text);
    const wake = new Signal();
    this.#wakes.add(wake);
    try {
      while (!signal.aborted) {
        const rows = this.log.slice(position, position + this.#random.integer(1, 5));
        position += rows.length;
        yield rows.length > 0 ? this.#batch(rows, position) : this.#heartbeat(position);
        if (position === this.log.length) await wake.wait(signal);
      }
    } finally {
      this.#wakes.delete(wake);
    }
  }

  #write({ text, chatGuid }: OutgoingMessage): void {
    const own = { text, chatGuid, isFromMe: true };
    const rowid = this.#commit(own);
    this.written.push(text);
    const status = { ...own, rowid, reason: RowReason.STATUS, isSent: true };
    this.#later(() => this.#commit(this.#random.chance(0.2) ? { ...status, error: 22 } : status));
    this.#later(() => this.#commit({ ...status, reason: RowReason.DELIVERED, isDelivered: true }));
  }

  #later(work: () => void): void {
    if (this.#random.chance(0.6)) this.#clock.setTimer(this.#random.integer(0, 2_000), work);
  }

  #commit(facts: Omit<RowFacts, "rowid"> & { readonly rowid?: bigint }): bigint {
    if (facts.rowid === undefined) this.#rowid += 1n;
    const rowid = facts.rowid ?? this.#rowid;
    const sequence = BigInt(this.log.length + 1);
    this.log.push(wireRow({ ...facts, rowid, sequence, sentUnixNs: this.#clock.wallUnixNs() }));
    for (const wake of this.#wakes) wake.notify();
    return rowid;
  }

  #batch(rows: WireRow[], position: number): TailResponse {
    return {
      frame: {
        $case: "batch",
        value: RowBatch.fromPartial({
          rows,
          nextCursor: Buffer.from(String(position)),
          database: { databaseUid: "UID-1", generation: "1:1:0" },
          committedTime: undefined,
          detectedTime: undefined,
          readTime: undefined,
          detectionSource: 2,
          catchingUp: position < this.log.length,
        }),
      },
    };
  }

  #heartbeat(position: number): TailResponse {
    return {
      frame: {
        $case: "heartbeat",
        value: {
          headRowid: this.#rowid,
          nextCursor: Buffer.from(String(position)),
          pendingRows: 0,
          serverTime: undefined,
          database: { databaseUid: "UID-1", generation: "1:1:0" },
        },
      },
    };
  }
}

/** A moment at which a process may die: around a write, around handing over. */
export type KillPoint = "before-append" | "after-append" | "before-act" | "during-act";

/** Decides when the process that holds it dies; from then on it can do nothing any more. */
export class Mortality implements MessageSender {
  readonly #world: MacWorld;
  readonly #random: SeededRandom;
  #pointsLeft: number;
  /** Where it died; null while it lives. */
  diedAt: KillPoint | null = null;

  constructor(world: MacWorld, random: SeededRandom, pointsLeft: number) {
    this.#world = world;
    this.#random = random;
    this.#pointsLeft = pointsLeft;
  }

  /** True when the process is dead at this point. */
  pass(point: KillPoint): boolean {
    if (this.diedAt !== null) return true;
    this.#pointsLeft -= 1;
    if (this.#pointsLeft <= 0) this.diedAt = point;
    return this.diedAt !== null;
  }

  async send(message: OutgoingMessage, signal: AbortSignal): Promise<SendOutcome> {
    if (this.pass("before-act")) return untilStopped(signal);
    // Dying during the act: Messages goes on without us.
    const acted = this.#world.act(message);
    if (this.#random.chance(0.5) && this.pass("during-act")) return untilStopped(signal);
    return acted;
  }
}

function untilStopped(signal: AbortSignal): Promise<SendOutcome> {
  return new Promise((resolve) => {
    const stop = () => resolve({ kind: "unknown", reason: "TIMED_OUT", number: 0, description: "dead" });
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop);
  });
}
