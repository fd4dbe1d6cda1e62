import type { ArrivalClass, CommandState } from "@imesh/imessage-model";
import type { Hop, Metrics } from "@imesh/telemetry";
import type { AppendedEvent } from "../journal/bridge-event.ts";
import type { CommandTimes } from "../journal/command-record.ts";
import type { EventPayload } from "../journal/event-payload.ts";
import type { Journal, JournalObserver } from "../journal/journal.ts";
import { JournalError } from "../journal/journal-error.ts";
import type { JournalAppended } from "../journal/journal-store.ts";

const NS_PER_S = 1e9;

/** Records what became durable: events by kind, every hop up to the journal, commands by state, the head. */
export class JournalMetrics implements JournalObserver {
  readonly #metrics: Metrics;
  readonly #journal: Journal;

  constructor(metrics: Metrics, journal: Journal) {
    this.#metrics = metrics;
    this.#journal = journal;
    this.#metrics.bridgeJournalHead.set(journal.head);
    this.#gauges();
  }

  appended(appended: JournalAppended, durationMs: number): void {
    const { events, commands, journaledUnixNs } = appended;
    this.#metrics.bridgeJournalAppendDuration.record(durationMs / 1_000);
    for (const event of events) this.#event(event, journaledUnixNs);
    if (events.length > 0) {
      this.#metrics.bridgeJournalHead.set(this.#journal.head);
      this.#metrics.bridgeLastEventTime.set(Number(journaledUnixNs) / NS_PER_S);
    }
    if (events.length > 0 || commands.length > 0) this.#gauges();
  }

  #gauges(): void {
    try {
      this.#metrics.bridgeJournalBytes.set(this.#journal.state.bytes());
      this.#metrics.bridgeCommandsOpen.set(this.#journal.state.countOpenCommands());
    } catch (error) {
      // What was appended is durable, and a gauge that keeps its last value must not make that look like a failure.
      if (!(error instanceof JournalError)) throw error;
    }
  }

  #event({ draft }: AppendedEvent, journaledUnixNs: bigint): void {
    const arrivalClass = ARRIVAL_LABELS[draft.arrivalClass];
    const { hopTimes, payload } = draft;
    this.#metrics.bridgeEvents.add(1, { kind: KIND_LABELS[payload.kind], arrival_class: arrivalClass });
    if (payload.kind === "command") {
      this.#metrics.bridgeCommands.add(1, { state: payload.command.state });
      this.#commandHop(payload.command.state, payload.command.times);
      return;
    }
    // Only what was just read tells how fast we are; the hops of a catch-up measure how long we were away.
    if (draft.arrivalClass === "live") {
      this.#hop("read_to_received", hopTimes.readUnixNs, hopTimes.receivedUnixNs);
      this.#hop("received_to_journaled", hopTimes.receivedUnixNs, journaledUnixNs);
    }
    const lagS = payload.kind === "message" ? secondsBetween(hopTimes.sentUnixNs, journaledUnixNs) : null;
    if (lagS !== null) this.#metrics.bridgeIngestLag.record(lagS, { arrival_class: arrivalClass });
  }

  #commandHop(state: CommandState, times: CommandTimes): void {
    const moments: Partial<Record<CommandState, readonly [Hop, bigint | null, bigint | null]>> = {
      dispatched: ["accepted_to_dispatched", times.acceptedUnixNs, times.dispatchedUnixNs],
      written: ["dispatched_to_written", times.dispatchedUnixNs, times.writtenUnixNs],
      sent: ["written_to_sent", times.writtenUnixNs, times.sentUnixNs],
      delivered: ["sent_to_delivered", times.sentUnixNs, times.deliveredUnixNs],
    };
    const hop = moments[state];
    if (hop !== undefined) this.#hop(...hop);
  }

  #hop(hop: Hop, fromUnixNs: bigint | null, toUnixNs: bigint | null): void {
    const seconds = secondsBetween(fromUnixNs, toUnixNs);
    if (seconds !== null) this.#metrics.hopDuration.record(seconds, { hop });
  }
}

/** Clocks of two processes and of a file system: what comes out below zero is zero within their precision. */
function secondsBetween(fromUnixNs: bigint | null, toUnixNs: bigint | null): number | null {
  if (fromUnixNs === null || toUnixNs === null) return null;
  return Math.max(0, Number(toUnixNs - fromUnixNs) / NS_PER_S);
}

const ARRIVAL_LABELS = {
  live: "live",
  "catch-up": "catch_up",
  backfill: "backfill",
} as const satisfies Record<ArrivalClass, string>;

const KIND_LABELS = {
  message: "message",
  "message-status": "message_status",
  command: "command",
  edit: "edit",
  unsend: "unsend",
  reaction: "reaction",
  receipt: "receipt",
  "group-change": "group_change",
  "location-share": "location_share",
  "kept-audio": "kept_audio",
  call: "call",
  "poll-vote": "poll_vote",
  "poll-update": "poll_update",
  "scheduled-message": "scheduled_message",
  deletion: "deletion",
  "message-update": "message_update",
  "attachment-update": "attachment_update",
  "chat-update": "chat_update",
  unsupported: "unsupported",
  undecodable: "undecodable",
} as const satisfies Record<EventPayload["kind"], string>;
