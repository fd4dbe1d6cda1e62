export { AssertionError, assert, unreachable } from "./assert.ts";
export { BoundedQueue } from "./bounded-queue.ts";
export type { Bounds } from "./bounds.ts";
export { PrefixTracker } from "./prefix-tracker.ts";
export { Signal } from "./signal.ts";
export { TailBuffer } from "./tail-buffer.ts";
