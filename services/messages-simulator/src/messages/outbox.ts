import { directChatGuid } from "./address.ts";
import type { Chores } from "./chores.ts";
import type { WrittenMessage } from "./incoming.ts";
import { Lanes } from "./lanes.ts";
import {
  type Fate,
  finishOutgoing,
  type OutgoingOrder,
  type Recipient,
  type WrittenOutgoing,
  writeOutgoing,
} from "./outgoing.ts";
import type { SeededRandom, WaitRangeMs } from "./seeded-random.ts";
import type { WriterPorts } from "./writer-ports.ts";

/** Own messages whose time of joining is remembered; the database has no column for it. */
const REMEMBERED_MAX = 10_000;

/** Texts accepted whose row is not there yet. Chores bound the items already. */
const LANE_BOUNDS = { itemsMax: 10_000, bytesMax: 64 * 1_024 * 1_024 };

/** Waits the outbox draws from. */
export interface OutboxDelays {
  readonly row: WaitRangeMs;
  readonly sent: WaitRangeMs;
  readonly delivered: WaitRangeMs;
}

/** Collaborators and waits of an {@link Outbox}. */
export interface OutboxOptions {
  readonly chores: Chores;
  readonly random: SeededRandom;
  readonly delays: OutboxDelays;
}

/**
 * What Messages has accepted to send: the row appears after a wait, in the order of acceptance for each recipient, then
 * it is sent and delivered. A kill before the row loses the message, as on a Mac; after it, the next start goes on.
 */
export class Outbox {
  readonly #ports: WriterPorts;
  readonly #options: OutboxOptions;
  readonly #lanes = new Lanes(LANE_BOUNDS);
  readonly #joined = new Map<bigint, bigint>();

  constructor(ports: WriterPorts, options: OutboxOptions) {
    this.#ports = ports;
    this.#options = options;
  }

  /** False when 10,000 messages or 64 MiB of texts are on their way: {@link accept} must not be called. */
  hasRoom(text: string): boolean {
    return this.#options.chores.hasRoom && this.#lanes.hasRoom(bytesOf(text));
  }

  /** Takes a text; returns at once. */
  accept(text: string, to: Recipient, fate: Fate): void {
    const { chores, random, delays } = this.#options;
    const order = this.#draw(text, to, fate);
    const rowAtMs = this.#ports.clock.monotonicMs() + random.waitMs(delays.row);
    const progress = {
      sentDelayMs: random.waitMs(delays.sent),
      deliveredDelayMs: random.waitMs(delays.delivered),
    };
    chores.take(async () => {
      const { unfinished } = await this.#writeRow({ ...order, rowAtMs });
      if (unfinished !== undefined) await finishOutgoing(unfinished, progress, this.#ports);
    });
  }

  /**
   * Writes the row of a text at once, and leaves it there, not yet sent: its receipts are somebody else's. Rejects with
   * LanesFullError, and when stopped while earlier texts to the same recipient are written.
   */
  async write(text: string, to: Recipient, fate: Fate): Promise<WrittenMessage> {
    const { message } = await this.#writeRow({ ...this.#draw(text, to, fate), rowAtMs: 0 });
    return message;
  }

  /** Just after the commit that joined an own message; undefined for those of earlier runs and long ago. */
  joinedUnixNs(rowid: bigint): bigint | undefined {
    return this.#joined.get(rowid);
  }

  /** The database with the rows that are remembered is another one from now on. */
  rowsAreGone(): void {
    this.#joined.clear();
  }

  #draw(text: string, to: Recipient, fate: Fate): Omit<OutgoingOrder, "rowAtMs"> {
    const { random } = this.#options;
    const guid = random.uuid().toUpperCase();
    return { text, to, fate, guid, groupId: random.uuid().toUpperCase() };
  }

  async #writeRow(order: OutgoingOrder): Promise<WrittenOutgoing> {
    const { to, text } = order;
    const lane = to.kind === "chat" ? to.guid : directChatGuid(to.address);
    const { stopping } = this.#ports;
    const written = await this.#lanes.run(lane, bytesOf(text), async () => {
      // It may have waited for its turn while the database with its chat was replaced.
      stopping.throwIfAborted();
      return await writeOutgoing(order, this.#ports);
    });
    const { rowid, joinedUnixNs } = written.message;
    if (joinedUnixNs !== undefined) this.#remember(rowid, joinedUnixNs);
    return written;
  }

  #remember(rowid: bigint, joinedUnixNs: bigint): void {
    this.#joined.set(rowid, joinedUnixNs);
    const [oldest] = this.#joined.keys();
    if (this.#joined.size > REMEMBERED_MAX && oldest !== undefined) this.#joined.delete(oldest);
  }
}

/** In memory a text takes two bytes for each UTF-16 unit. */
function bytesOf(text: string): number {
  return text.length * 2;
}
