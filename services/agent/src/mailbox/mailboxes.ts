import { assert, type Bounds, Signal, unreachable } from "@imesh/flow";
import { UnrecoverableError } from "@imesh/lifecycle";
import type { Arrival } from "../event/event.ts";
import {
  advance,
  amend,
  type Conversation,
  type Effect,
  type Happening,
  IDLE,
  type RecoveredTurn,
  resume,
  type Step,
  type TurnEffects,
} from "../turn/turn.ts";
import { Slots } from "./slots.ts";

/** Bounds of {@link Mailboxes}. What is under way is not counted: a slot has at most one turn. */
export interface MailboxOptions {
  /** Chats in which a turn is under way at once. */
  readonly turnsMax: number;
  /** What may wait in all chats together. Default 4,096 messages, 16 MiB. */
  readonly bounds?: Bounds;
  /** What may wait in one chat. Default 1,024 messages, 2 MiB. */
  readonly chatBounds?: Bounds;
}

const BOUNDS: Bounds = { itemsMax: 4_096, bytesMax: 16 * 1_024 * 1_024 };
const CHAT_BOUNDS: Bounds = { itemsMax: 1_024, bytesMax: 2 * 1_024 * 1_024 };

/** Guids, numbers and the object around a text, in bytes: a round figure. */
const ARRIVAL_OVERHEAD_BYTES = 512;

interface Mailbox {
  conversation: Conversation;
  bytes: number;
  /** It waits for a slot with nothing to do: all that waited was taken back. Counts as one item, for what the slots hold of it. */
  isVacant: boolean;
}

/**
 * One mailbox for each chat in which something waits or is under way; made by the first arrival, gone when idle. One turn at a
 * time in a chat, many chats at once (I5). What waits is memory only: the journal has it, and the cursor does not pass it.
 *
 * At the bound (I8) `deliver` waits until there is room: the intake then stops reading, and mac-bridge, which reads from its
 * journal at its client's pace, keeps what it has not sent. One chat at its bound holds up all; the next turn of that
 * chat takes everything that waits there, so this lasts one answer at most.
 */
export class Mailboxes implements AsyncDisposable {
  /** Rejects when an effect failed that must not: the service cannot go on. Never resolves. */
  readonly ended: Promise<never>;
  readonly #effects: TurnEffects;
  readonly #bounds: Bounds;
  readonly #chatBounds: Bounds;
  readonly #slots: Slots;
  readonly #mailboxes = new Map<string, Mailbox>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #room = new Signal();
  readonly #controller = new AbortController();
  readonly #fail: (error: unknown) => void;
  #waiting = { items: 0, bytes: 0 };
  #vacant = 0;

  constructor(effects: TurnEffects, options: MailboxOptions) {
    this.#effects = effects;
    this.#bounds = options.bounds ?? BOUNDS;
    this.#chatBounds = options.chatBounds ?? CHAT_BOUNDS;
    // Who waits for a slot has at least one message waiting, counts as vacant, or is a recovered turn, of which there was
    // one a slot.
    this.#slots = new Slots({
      slotsMax: options.turnsMax,
      waitersMax: this.#bounds.itemsMax + RECOVERED_TURNS_MAX,
    });
    const { promise, reject } = Promise.withResolvers<never>();
    this.ended = promise;
    this.#fail = (error) => {
      this.#controller.abort(new UnrecoverableError("Cannot go on with conversations", { cause: error }));
      reject(error);
    };
  }

  /** Stops every turn where it is: thinking and sending are aborted and waited for; the store knows how far they were. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#controller.abort(new Error("Mailboxes disposed"));
    await Promise.all(this.#tasks);
  }

  /** Messages that wait, in all chats. */
  get waitingItems(): number {
    return this.#waiting.items;
  }

  /** Takes up a turn that a stop left open. Called at start, before any delivery, in the order of the turns' starts. */
  resume(recovered: RecoveredTurn): void {
    const { chatGuid } = recovered.turn;
    assert(!this.#mailboxes.has(chatGuid), "a chat has one open turn at most");
    const mailbox: Mailbox = { conversation: IDLE, bytes: 0, isVacant: false };
    this.#mailboxes.set(chatGuid, mailbox);
    this.#take(chatGuid, mailbox, resume(recovered));
  }

  /**
   * Puts arrivals, in journal order, into their chats' mailboxes; resolves when they are there, which is at once unless a bound
   * is reached. Turns start when all are there, so that a burst is answered as one. Called by the intake only, one call at
   * a time. Rejects when `signal` aborts or the service cannot go on.
   */
  async deliver(arrivals: readonly Arrival[], signal: AbortSignal): Promise<void> {
    this.#slots.hold();
    try {
      for (const arrival of arrivals) {
        while (!this.#hasRoom(arrival)) {
          this.#slots.resume();
          await this.#room.wait(signal);
          this.#slots.hold();
        }
        this.#put(arrival);
      }
    } finally {
      this.#slots.resume();
    }
  }

  /** Whether this message waits in its chat, under whatever sequence. */
  hasWaiting(chatGuid: string, messageGuid: string): boolean {
    const waiting = this.#mailboxes.get(chatGuid)?.conversation.waiting ?? [];
    return waiting.some((arrival) => arrival.messageGuid === messageGuid);
  }

  /**
   * Changes a message that waits: `text` is what it says now, null when it was taken back. Returns the message when it waits no
   * more, so that its event can be finished; null otherwise, also when it does not wait: then it is in a turn, or was never here.
   * A text for which a mailbox has no room is left as it was (I8). Called by the intake only, not while it delivers.
   */
  amend(chatGuid: string, messageGuid: string, text: string | null): Arrival | null {
    const mailbox = this.#mailboxes.get(chatGuid);
    const known = mailbox?.conversation.waiting.find((arrival) => arrival.messageGuid === messageGuid);
    if (mailbox === undefined || known === undefined) return null;
    const amended = text === null ? null : { ...known, text };
    const bytes = (amended === null ? 0 : bytesOf(amended)) - bytesOf(known);
    const isTooMuch =
      this.#waiting.bytes + bytes > this.#bounds.bytesMax ||
      mailbox.bytes + bytes > this.#chatBounds.bytesMax;
    if (bytes > 0 && isTooMuch) return null;
    mailbox.conversation = amend(mailbox.conversation, known, amended);
    const { stage, waiting } = mailbox.conversation;
    this.#setVacant(mailbox, waiting.length === 0 && stage.kind === "queued" && stage.recovered === null);
    mailbox.bytes += bytes;
    const items = this.#waiting.items - (amended === null ? 1 : 0);
    this.#waiting = { items, bytes: this.#waiting.bytes + bytes };
    this.#room.notify();
    return amended === null ? known : null;
  }

  #hasRoom(arrival: Arrival): boolean {
    const bytes = bytesOf(arrival);
    assert(
      bytes <= this.#chatBounds.bytesMax && bytes <= this.#bounds.bytesMax,
      "one message fits a mailbox",
    );
    const mailbox = this.#mailboxes.get(arrival.chatGuid);
    const chatItems = mailbox?.conversation.waiting.length ?? 0;
    return (
      this.#waiting.items + this.#vacant < this.#bounds.itemsMax &&
      this.#waiting.bytes + bytes <= this.#bounds.bytesMax &&
      chatItems < this.#chatBounds.itemsMax &&
      (mailbox?.bytes ?? 0) + bytes <= this.#chatBounds.bytesMax
    );
  }

  #put(arrival: Arrival): void {
    this.#controller.signal.throwIfAborted();
    const bytes = bytesOf(arrival);
    const mailbox = this.#mailboxes.get(arrival.chatGuid) ?? {
      conversation: IDLE,
      bytes: 0,
      isVacant: false,
    };
    this.#mailboxes.set(arrival.chatGuid, mailbox);
    this.#setVacant(mailbox, false);
    mailbox.bytes += bytes;
    this.#waiting = { items: this.#waiting.items + 1, bytes: this.#waiting.bytes + bytes };
    this.#tell(arrival.chatGuid, mailbox, { kind: "arrived", arrival });
  }

  #tell(chatGuid: string, mailbox: Mailbox, happening: Happening): void {
    // Once stopped, what comes back late is dropped: the store knows how far the turn is.
    if (this.#controller.signal.aborted) return;
    try {
      this.#take(chatGuid, mailbox, advance(mailbox.conversation, happening));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The new state first: an effect may at once lead to the next happening. */
  #take(chatGuid: string, mailbox: Mailbox, step: Step): void {
    mailbox.conversation = step.next;
    for (const effect of step.effects) this.#perform(chatGuid, mailbox, effect);
    if (mailbox.conversation === IDLE) this.#mailboxes.delete(chatGuid);
  }

  #perform(chatGuid: string, mailbox: Mailbox, effect: Effect): void {
    const { signal } = this.#controller;
    switch (effect.kind) {
      case "request-slot":
        this.#slots.request(() => {
          this.#setVacant(mailbox, false);
          this.#tell(chatGuid, mailbox, { kind: "slot-granted" });
        });
        break;
      case "release-slot":
        this.#slots.release();
        break;
      case "record":
        this.#effects.record(effect.arrivals);
        this.#free(mailbox, effect.arrivals);
        break;
      case "open":
        this.#effects.open(effect.turn, effect.arrivals);
        this.#free(mailbox, effect.arrivals);
        break;
      case "think":
        this.#run(this.#effects.think(effect.turn, signal), (thought) =>
          this.#tell(chatGuid, mailbox, { kind: "thought", thought }),
        );
        break;
      case "decide":
        this.#effects.decide(effect.turn, effect.decision);
        break;
      case "send":
        this.#run(this.#effects.send(effect.turn, effect.decision, signal), (outcome) =>
          this.#tell(chatGuid, mailbox, { kind: "sent", outcome }),
        );
        break;
      case "close":
        this.#effects.close(effect.turn, effect.end);
        break;
      default:
        unreachable(effect);
    }
  }

  #free(mailbox: Mailbox, arrivals: readonly Arrival[]): void {
    const bytes = arrivals.reduce((sum, arrival) => sum + bytesOf(arrival), 0);
    mailbox.bytes -= bytes;
    this.#waiting = { items: this.#waiting.items - arrivals.length, bytes: this.#waiting.bytes - bytes };
    this.#room.notify();
  }

  #setVacant(mailbox: Mailbox, isVacant: boolean): void {
    if (mailbox.isVacant === isVacant) return;
    mailbox.isVacant = isVacant;
    this.#vacant += isVacant ? 1 : -1;
    this.#room.notify();
  }

  /** Owns the promise of an effect: waited for at the end, its failure told. */
  #run<T>(work: Promise<T>, then: (result: T) => void): void {
    const task = work.then(then, (error: unknown) => {
      if (!this.#controller.signal.aborted) this.#fail(error);
    });
    this.#tasks.add(task);
    const forget = () => this.#tasks.delete(task);
    task.then(forget, forget);
  }
}

/** Turns a stop can leave open: one a slot, and a start may allow fewer slots than the one before. */
const RECOVERED_TURNS_MAX = 64;

function bytesOf(arrival: Arrival): number {
  return Buffer.byteLength(arrival.text) + ARRIVAL_OVERHEAD_BYTES;
}
