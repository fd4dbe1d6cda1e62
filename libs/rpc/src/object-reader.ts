import type { Readable } from "node:stream";
import { assert } from "@imesh/flow";

/** What {@link ObjectReader} needs of a grpc-js stream. */
export type ObjectSource = Pick<Readable, "on" | "read">;

type Result<T> = IteratorResult<T, undefined>;

interface Waiting<T> {
  readonly resolve: (result: Result<T>) => void;
  readonly reject: (error: unknown) => void;
}

const DONE: IteratorReturnResult<undefined> = { value: undefined, done: true };

/**
 * Reads a grpc-js stream as an async iterator, without the stream's own one: that one neither cancels the
 * call when the consumer leaves the loop nor keeps an error listener afterwards, and a wrapping generator
 * costs two promises a message.
 *
 * It reads from the moment it is made, so backpressure holds from the first message on (a stream that is
 * paused before its first read buffers without bound), and never holds more than the stream's 16 objects.
 * Messages that arrived before the end or an error are given out first. One consumer, one next() at a time.
 */
export class ObjectReader<T> implements AsyncIterableIterator<T, undefined> {
  readonly #source: ObjectSource;
  readonly #onReturn: () => void;
  #waiting: Waiting<T> | undefined;
  #end: { readonly error: unknown } | undefined;
  #isCut = false;
  #isClosed = false;

  /** `onReturn` runs at most once: when the consumer leaves before the end. */
  constructor(source: ObjectSource, onReturn: () => void) {
    this.#source = source;
    this.#onReturn = onReturn;
    source.on("readable", () => this.#wake());
    source.on("end", () => this.finish(undefined));
  }

  next(): Promise<Result<T>> {
    assert(this.#waiting === undefined, "an ObjectReader is read by one consumer");
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#wake();
    });
  }

  return(): Promise<Result<T>> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#onReturn();
    }
    this.#wake();
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /**
   * Nothing more will come: after what is buffered, next() is done, or rejects once when there is an error.
   * First one wins.
   */
  finish(error: unknown): void {
    this.#end ??= { error };
    this.#wake();
  }

  /** As {@link finish}, but what is buffered is dropped: the consumer asked to stop. */
  cut(error: unknown): void {
    this.#end ??= { error };
    this.#isCut = true;
    this.#wake();
  }

  /** Settles the pending next() if there is something to settle it with. */
  #wake(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    const value: T | null = this.#isClosed || this.#isCut ? null : this.#source.read();
    if (value === null && !this.#isClosed && this.#end === undefined) return;
    this.#waiting = undefined;
    if (value !== null) {
      waiting.resolve({ value, done: false });
      return;
    }
    const error = this.#isClosed ? undefined : this.#end?.error;
    this.#isClosed = true;
    if (error === undefined) waiting.resolve(DONE);
    else waiting.reject(error);
  }
}
