/** A request was not taken because a bound of the queue is reached; nothing was done for it. */
export class QueueFullError extends Error {
  override readonly name = "QueueFullError";
  /** Whose bound: that of all clients together, or that of the one who asked. */
  readonly queue: "requests" | "client";
  /** Requests that the bound allows. */
  readonly requestsMax: number;
  /** When another try is worth it, in milliseconds. */
  readonly retryDelayMs: number;

  constructor(facts: {
    readonly queue: "requests" | "client";
    readonly requestsMax: number;
    readonly retryDelayMs: number;
  }) {
    super(`Cannot queue one more read (at most ${facts.requestsMax} of ${whose(facts.queue)})`);
    this.queue = facts.queue;
    this.requestsMax = facts.requestsMax;
    this.retryDelayMs = facts.retryDelayMs;
  }
}

/** The scheduler was closed before the request was served. */
export class SchedulerClosedError extends Error {
  override readonly name = "SchedulerClosedError";

  constructor() {
    super("Cannot read chat.db: the broker is going away");
  }
}

function whose(queue: "requests" | "client"): string {
  return queue === "client" ? "one client" : "all clients";
}
