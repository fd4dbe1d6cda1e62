import { Signal } from "@imesh/flow";
import { type Logger, Loop, type LoopFailure } from "@imesh/lifecycle";
import { contextFromTraceparent, type StartedSpan, startSpan } from "@imesh/telemetry";
import { type Backoff, backoffDelayMs, type Clock, type Random } from "@imesh/time";
import type { Tracer } from "@opentelemetry/api";
import type { CommandFault, CommandRecord } from "../journal/command-record.ts";
import type { Journal } from "../journal/journal.ts";
import { JournalError } from "../journal/journal-error.ts";
import { commandEvent } from "./command-event.ts";
import { dispatchCommand, doubtCommand, refuseCommand, returnCommand } from "./command-steps.ts";
import type { DatabaseHead } from "./database-head.ts";
import type { MessageSender, SendOutcome } from "./message-sender.ts";
import { ProofWindows } from "./proof-windows.ts";

/** Collaborators of a {@link Dispatcher}. */
export interface DispatcherPorts {
  readonly journal: Journal;
  readonly sender: MessageSender;
  readonly head: DatabaseHead;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly tracer: Tracer;
  /** After each hand-over; for metrics. Must not throw. */
  readonly onReturned: (outcome: SendOutcome, durationMs: number) => void;
  readonly onLoopError?: (failure: LoopFailure) => void;
}

/** How a {@link Dispatcher} waits. */
export interface DispatcherOptions {
  /** From the return of a script until a command without a row is uncertain, in milliseconds. */
  readonly proofWindowMs: number;
}

/** What a command is uncertain for when the bridge died with it in flight. */
export const CRASHED_WHILE_SENDING: CommandFault = {
  reason: "CRASHED_WHILE_SENDING",
  number: 0,
  description: "The bridge stopped while the message was with Messages, and no row of it was seen since",
};

const NO_ROW_SEEN: CommandFault = {
  reason: "NO_ROW_SEEN",
  number: 0,
  description: "Messages took the message without complaint, but no row of it was seen",
};

/** How long a script that runs may still return when the bridge stops; then it is killed and its command reconciled later. */
const STOP_GRACE_MS = 3_000;

/** Between attempts to write down that a script returned. */
const RECORD_BACKOFF: Backoff = { baseMs: 100, maxMs: 2_000 };

/**
 * Hands accepted commands to Messages, oldest first: one script at a time, and in each chat strictly one command between
 * its dispatch and its proof, so that messages keep their order and a row can be told whose it is.
 *
 *     accepted ──durable: dispatched + floor──▶ script ──▶ refused (certain)
 *                                                 └──▶ window ──row (intake)──▶ written …
 *                                                         └──no row──▶ uncertain
 *
 * DISPATCHED is durable before the script is started (I7): whatever dies after that, nothing is handed over twice. What is
 * found in flight after a start is therefore never dispatched again; it waits for intake to reach the head and then for
 * one window, and is uncertain if its row was not there.
 *
 * Nothing is dispatched while rows cannot come in: there would be no proof.
 */
export class Dispatcher implements AsyncDisposable {
  readonly #ports: DispatcherPorts;
  readonly #windows: ProofWindows;
  readonly #wake = new Signal();
  readonly #stop = new AbortController();
  readonly #loop: Loop;
  #isLive = false;

  /** Starts at once, but dispatches nothing before the first {@link setLive}. */
  constructor(ports: DispatcherPorts, options: DispatcherOptions) {
    this.#ports = ports;
    this.#windows = new ProofWindows(
      { clock: ports.clock, onPassed: (requestId, fault) => this.#doubt(requestId, fault) },
      options.proofWindowMs,
    );
    for (const command of ports.journal.state.commandsInFlight()) {
      this.#windows.open(command.requestId, CRASHED_WHILE_SENDING);
    }
    ports.journal.observe({ appended: ({ commands }) => this.#commandsMoved(commands) });
    this.#loop = new Loop(ports, {
      name: "dispatch",
      step: (signal) => this.#step(signal),
      ...(ports.onLoopError === undefined ? {} : { onError: ports.onLoopError }),
    });
  }

  /** Rejects when dispatching cannot go on: our bug. */
  get ended(): Promise<void> {
    return this.#loop.ended;
  }

  /** Whether rows come in and the head is reached. Called by intake at each change, in the tick of it. */
  setLive(isLive: boolean): void {
    if (isLive === this.#isLive) return;
    this.#isLive = isLive;
    this.#windows.setLive(isLive);
    if (isLive) this.#wake.notify();
  }

  /** Dispatches nothing more; a script that runs has {@link STOP_GRACE_MS} to return and is then killed. */
  async [Symbol.asyncDispose](): Promise<void> {
    const timer = this.#ports.clock.setTimer(STOP_GRACE_MS, () =>
      this.#stop.abort(new Error("Dispatcher stopped")),
    );
    await this.#loop[Symbol.asyncDispose]();
    timer.cancel();
    this.#windows[Symbol.dispose]();
  }

  #commandsMoved(commands: readonly CommandRecord[]): void {
    for (const command of commands) {
      if (command.state !== "dispatched") this.#windows.close(command.requestId);
    }
    if (commands.length > 0) this.#wake.notify();
  }

  async #step(signal: AbortSignal): Promise<void> {
    const { journal, head, clock, tracer } = this.#ports;
    const candidate = this.#isLive ? journal.state.nextDispatchable() : null;
    if (candidate === null) return this.#wake.wait(signal);
    const floor = await head.read(signal);
    // Rows may have stopped coming while we asked; then there is no proof to be had now.
    if (!this.#isLive || signal.aborted) return;
    using span = startSpan(tracer, "dispatch command", {
      kind: "client",
      parent: contextFromTraceparent(candidate.traceparent),
    });
    const command = dispatchCommand(candidate, floor, clock.wallUnixNs());
    this.#append(command, span);
    const startedMs = clock.monotonicMs();
    const outcome = await this.#send(command);
    this.#ports.onReturned(outcome, clock.monotonicMs() - startedMs);
    if (outcome.kind !== "handed-over") span.setAttributes({ "error.type": outcome.reason });
    await this.#recordUntilDurable(command, outcome, span);
  }

  /** A sender does not reject. Should one do so all the same, the command must not stay in flight for ever. */
  async #send(command: CommandRecord): Promise<SendOutcome> {
    try {
      return await this.#ports.sender.send(command, this.#stop.signal);
    } catch (error) {
      this.#ports.log.error({ event: "sender-rejected", ordinal: command.ordinal, error });
      return { kind: "unknown", reason: "SCRIPT_FAILED", number: 0, description: "The sender failed" };
    }
  }

  /** Until it is on record or the bridge stops; in that case the next start finds the command in flight. */
  async #recordUntilDurable(command: CommandRecord, outcome: SendOutcome, span: StartedSpan): Promise<void> {
    const { clock, random } = this.#ports;
    const returnedUnixNs = clock.wallUnixNs();
    for (let attempt = 0; !this.#stop.signal.aborted; attempt += 1) {
      try {
        this.#record(command, outcome, returnedUnixNs, span);
        return;
      } catch (error) {
        if (!(error instanceof JournalError)) throw error;
        this.#ports.log.warn({ event: "command-return-not-recorded", ordinal: command.ordinal, error });
        // The only rejection is our own stop, and the loop condition sees that.
        await clock.sleep(backoffDelayMs(attempt, RECORD_BACKOFF, random), this.#stop.signal).catch(() => {});
      }
    }
  }

  /** The row may have come before the script returned: what is on record counts, not what we handed over. */
  #record(sent: CommandRecord, outcome: SendOutcome, returnedUnixNs: bigint, span: StartedSpan): void {
    const { journal } = this.#ports;
    const current = returnCommand(journal.state.command(sent.requestId) ?? sent, returnedUnixNs);
    if (current.state !== "dispatched") {
      journal.append({ commands: [current] });
      return;
    }
    if (outcome.kind === "refused") {
      this.#append(refuseCommand(current, faultOf(outcome), returnedUnixNs), span);
      return;
    }
    journal.append({ commands: [current] });
    this.#windows.open(current.requestId, outcome.kind === "unknown" ? faultOf(outcome) : NO_ROW_SEEN);
  }

  #append(command: CommandRecord, span: StartedSpan): void {
    const traceparent = span.traceparent ?? command.traceparent;
    this.#ports.journal.append({ commands: [command], events: [commandEvent(command, traceparent)] });
  }

  /** False when it could not be put on record: then the window stays open a little longer. */
  #doubt(requestId: string, fault: CommandFault): boolean {
    const { journal, clock, log, tracer } = this.#ports;
    try {
      const [command] = journal.state
        .commandsInFlight()
        .filter((inFlight) => inFlight.requestId === requestId);
      if (command === undefined) return true;
      using span = startSpan(tracer, "doubt command", {
        parent: contextFromTraceparent(command.traceparent),
      });
      this.#append(doubtCommand(command, fault, clock.wallUnixNs()), span);
      log.warn({ event: "command-uncertain", ordinal: command.ordinal, reason: fault.reason });
      return true;
    } catch (error) {
      if (!(error instanceof JournalError)) throw error;
      log.warn({ event: "command-doubt-not-recorded", error });
      return false;
    }
  }
}

function faultOf(outcome: Exclude<SendOutcome, { readonly kind: "handed-over" }>): CommandFault {
  const { reason, number, description } = outcome;
  return { reason, number, description };
}
