/** A subscriber that survives everything: it opens the stream again with its last sequence and keeps what it saw. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { BridgeServiceClient, type BridgeServiceService } from "@imesh/contracts/bridge/v1";
import type { Event, Message } from "@imesh/contracts/bridge/v1/event";
import { connect, type RpcClient } from "@imesh/rpc";
import { SystemClock } from "@imesh/time";

/** An event that carries a message. */
export interface SeenMessage {
  readonly event: Event;
  readonly message: Message;
}

/** Records every event after sequence 0, checking on the way that sequences run 1, 2, 3 … without gap or repeat. */
export class Recorder implements AsyncDisposable {
  readonly events: Event[] = [];
  /** Times the stream ended and was opened again. */
  reconnects = 0;
  readonly #abort = new AbortController();
  readonly #running: Promise<void>;

  constructor(socket: string) {
    this.#running = this.#run(`unix:${socket}`);
  }

  messages(direction: Message["direction"]): SeenMessage[] {
    return this.events.flatMap((event) =>
      event.payload?.$case === "message" && event.payload.value.direction === direction
        ? [{ event, message: event.payload.value }]
        : [],
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  async #run(target: string): Promise<void> {
    await using client = connect(BridgeServiceClient, target, { clock: new SystemClock() });
    while (!this.#abort.signal.aborted) {
      try {
        await this.#follow(client);
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
      }
      this.reconnects++;
      await sleep(20, undefined, { signal: this.#abort.signal }).catch(() => undefined);
    }
  }

  async #follow(client: RpcClient<typeof BridgeServiceService>): Promise<void> {
    const request = {
      consumer: "recorder",
      start: { $case: "afterSequence", value: this.events.at(-1)?.sequence ?? 0n } as const,
      journalId: this.events[0]?.journalId ?? "",
      maxBatchSize: 0,
    };
    for await (const { frame } of client.stream("subscribe", request, { signal: this.#abort.signal })) {
      if (frame?.$case === "drain") return;
      if (frame?.$case !== "batch") continue;
      for (const event of frame.value.events) {
        assert.equal(
          event.sequence,
          (this.events.at(-1)?.sequence ?? 0n) + 1n,
          "a sequence is missing or repeated",
        );
        this.events.push(event);
      }
    }
  }
}
