import type { RowSource } from "../journal/bridge-event.ts";
import type { DatabaseHead } from "../send/database-head.ts";
import type { MessageSender, OutgoingMessage, SendOutcome } from "../send/message-sender.ts";

/** Messages as a test wants it: every send is kept and ends when told, or as `outcome` says. */
export class FakeSender implements MessageSender {
  readonly sent: OutgoingMessage[] = [];
  /** What every send comes to at once; undefined: it hangs until {@link finish}. */
  outcome: SendOutcome | undefined = { kind: "handed-over" };
  #pending: PromiseWithResolvers<SendOutcome> | undefined;

  /** A script is running. */
  get isRunning(): boolean {
    return this.#pending !== undefined;
  }

  async send(message: OutgoingMessage, signal: AbortSignal): Promise<SendOutcome> {
    this.sent.push(message);
    if (this.outcome !== undefined) return this.outcome;
    const pending = Promise.withResolvers<SendOutcome>();
    this.#pending = pending;
    signal.addEventListener("abort", () =>
      pending.resolve({ kind: "unknown", reason: "TIMED_OUT", number: 0, description: "stopped" }),
    );
    return pending.promise;
  }

  finish(outcome: SendOutcome): void {
    this.#pending?.resolve(outcome);
    this.#pending = undefined;
  }
}

/** A database that ends where told; unreadable while `rowid` is null. */
export class FakeHead implements DatabaseHead {
  rowid: bigint | null = 10n;

  async read(): Promise<RowSource> {
    if (this.rowid === null) throw new Error("unreadable");
    return { databaseUid: "UID-1", generation: "1:1:0", rowid: this.rowid };
  }
}
