import type { Writable } from "node:stream";
import { assert } from "@imesh/flow";

/** Shared by every write that need not wait: a stream that keeps up allocates nothing. */
const WRITTEN: Promise<void> = Promise.resolve();

/**
 * Writes that may be added while one waits for room, for handlers with several writers (a batch and a
 * heartbeat). More means that a handler does not await its writes.
 */
const CROWD_MAX = 64;

/** What {@link StreamWriter} needs of a grpc-js stream. */
export type ObjectSink<T> = Pick<Writable, "on"> & { write(message: T): boolean };

/**
 * Writes to a grpc-js stream no faster than its client reads. grpc-js buffers 16 messages and then says so;
 * who does not listen fills the memory (198,899 of 200,000 messages in one trial). Of a cancelled call
 * 'drain' never comes, so whoever ends the call says {@link close}. One listener for the life of the stream;
 * no timer and, while the client keeps up, no promise per message.
 */
export class StreamWriter<T> {
  readonly #sink: ObjectSink<T>;
  #waiting: PromiseWithResolvers<void> | undefined;
  #closed: Promise<never> | undefined;
  #crowd = 0;

  constructor(sink: ObjectSink<T>) {
    this.#sink = sink;
    sink.on("drain", () => {
      this.#waiting?.resolve();
      this.#waiting = undefined;
      this.#crowd = 0;
    });
  }

  /** See `Write`. Asserts that writes are awaited: the buffer stays bounded whatever the handler does (I8). */
  write(message: T): Promise<void> {
    if (this.#closed !== undefined) return this.#closed;
    if (this.#waiting !== undefined) this.#crowd += 1;
    assert(this.#crowd <= CROWD_MAX, "a handler awaits its writes");
    if (this.#sink.write(message)) return WRITTEN;
    this.#waiting ??= handled(Promise.withResolvers<void>());
    return this.#waiting.promise;
  }

  /** The call is over: the pending and every later write rejects with `reason`. The first reason stays. */
  close(reason: unknown): void {
    if (this.#closed !== undefined) return;
    const closed = handled(Promise.withResolvers<never>());
    closed.reject(reason);
    this.#closed = closed.promise;
    this.#waiting?.reject(reason);
    this.#waiting = undefined;
  }
}

/**
 * A client that hangs up while a handler waits for something else than its write must not count as an
 * unhandled rejection: the handler learns it from its signal and from the next write.
 */
function handled<T>(resolvers: PromiseWithResolvers<T>): PromiseWithResolvers<T> {
  resolvers.promise.catch(() => {});
  return resolvers;
}
