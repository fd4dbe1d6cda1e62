import type { Arrival, JournalEvent } from "../event/event.ts";
import type { RecordReason, SkipReason, Verdict } from "../policy/policy.ts";
import type { Progress } from "./progress.ts";

/** Collaborators of {@link Reception}. */
export interface ReceptionPorts {
  readonly progress: Progress;
  /** Who is answered. Pure. */
  readonly judge: (event: JournalEvent) => Verdict;
  /** Whether a message is in a conversation, or waits for one, under whatever sequence. */
  readonly isKnown: (chatGuid: string, messageGuid: string) => boolean;
  /** Changes a message that waits in a mailbox; the message when it waits no more. See Mailboxes. */
  readonly amend: (chatGuid: string, messageGuid: string, text: string | null) => Arrival | null;
  /** Puts arrivals into their mailboxes, in journal order; waits while they are full. */
  readonly deliver: (arrivals: readonly Arrival[], signal: AbortSignal) => Promise<void>;
  /** Told of every event: for metrics. Must not throw. */
  readonly onReceived: (event: JournalEvent) => void;
  /** Told of every event that starts no turn. Must not throw. */
  readonly onIgnored: (reason: SkipReason | RecordReason) => void;
}

/**
 * Takes events from the subscription in journal order, decides what becomes of each, and hands on those that belong to a
 * conversation. What its author edits or takes back before a turn has taken it up is changed where it waits. What was written
 * down before a stop and comes again is passed over; its turn goes on by itself.
 */
export class Reception {
  readonly #ports: ReceptionPorts;

  constructor(ports: ReceptionPorts) {
    this.#ports = ports;
  }

  /**
   * Takes a batch; resolves when every event of it is in a mailbox or passed over. Called by the subscription, one call at a time.
   * Rejects when `signal` aborts, which only the service's own end may do: the stream's would leave half a batch behind.
   */
  async take(events: readonly JournalEvent[], signal: AbortSignal): Promise<void> {
    const { progress, deliver } = this.#ports;
    const arrivals: Arrival[] = [];
    for (const event of events) {
      await progress.waitForRoom(signal);
      this.#ports.onReceived(event);
      if (progress.begin(event.sequence) === "written") continue;
      const arrival = this.#admit(event, arrivals);
      if (arrival === null) progress.pass(event.sequence);
      else arrivals.push(arrival);
    }
    if (arrivals.length > 0) await deliver(arrivals, signal);
  }

  /** What the event brings into a conversation; null when nothing. `before` is what the batch has brought so far. */
  #admit(event: JournalEvent, before: Arrival[]): Arrival | null {
    const verdict = this.#ports.judge(event);
    if (verdict.kind === "amend") {
      const dropped = this.#amend(verdict, before);
      // That of an earlier journal moves no cursor any more.
      if (dropped?.journalId === event.journalId) this.#ports.progress.pass(dropped.sequence);
      this.#ports.onIgnored("not-a-message");
      return null;
    }
    if (verdict.kind === "skip") {
      this.#ports.onIgnored(verdict.reason);
      return null;
    }
    const { chatGuid, messageGuid } = verdict.arrival;
    const isTwice = before.some((arrival) => arrival.messageGuid === messageGuid);
    // A message without a guid cannot be told from another one.
    if (messageGuid !== "" && (isTwice || this.#ports.isKnown(chatGuid, messageGuid))) {
      this.#ports.onIgnored("duplicate");
      return null;
    }
    if (verdict.kind === "record") this.#ports.onIgnored(verdict.reason);
    return verdict.arrival;
  }

  /** Changes a message that no turn has taken up, in this batch or in its mailbox; returns it when nothing is left of it. */
  #amend({ chatGuid, messageGuid, text }: AmendVerdict, before: Arrival[]): Arrival | null {
    const index = before.findIndex(
      (arrival) => arrival.messageGuid === messageGuid && arrival.chatGuid === chatGuid,
    );
    const arrival = before[index];
    if (arrival === undefined) return this.#ports.amend(chatGuid, messageGuid, text);
    if (text === null) return before.splice(index, 1)[0] ?? null;
    before[index] = { ...arrival, text };
    return null;
  }
}

type AmendVerdict = Extract<Verdict, { readonly kind: "amend" }>;
