/** Judges one input: what it throws, how long it takes, what is then held. */
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Target } from "./target.ts";

/** Milliseconds of a quiet machine, of processor time; see unitMs(). */
export const TIME_UNITS_MAX = 50;

/** Of what is still referred to when the decoder has returned. */
export const HELD_BYTES_MAX = 16 * 1024 * 1024;

/** A slow input is run again this often, and the best taken. */
const RERUNS = 3;

/** Rounds of the loop below: a millisecond of a server of 2024 that has nothing else to do. */
const UNIT_ROUNDS = 600_000;

/** Why an input is kept. */
export interface Fault {
  readonly kind: "throws" | "contradiction" | "slow" | "holds-much";
  readonly fact: string;
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** The best of these is taken: one alone may be interrupted, or not be compiled yet. */
const UNIT_RUNS = 5;

let sink = 0;

/**
 * How long a fixed piece of work takes now, in milliseconds, at best: what an input takes is divided by it, so that a slower
 * machine is no find.
 */
export function unitMs(): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < UNIT_RUNS; run += 1) {
    const startMs = performance.now();
    let state = sink | 1;
    for (let round = 0; round < UNIT_ROUNDS; round += 1) {
      state = (Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d) + round) | 0;
    }
    sink = state;
    best = Math.min(best, performance.now() - startMs);
  }
  return best;
}

/** Of this thread, so that what else the machine does is not counted. Its clock ticks every few milliseconds. */
function processorMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** The fault of an input, or null. `unit` is a recent unitMs(), to tell quickly that nothing is slow. */
export function judge(target: Target, bytes: Uint8Array, unit: number): Fault | null {
  const heapBefore = getHeapStatistics().used_heap_size;
  const startMs = performance.now();
  const outcome = outcomeOf(target, bytes);
  const elapsedMs = performance.now() - startMs;
  if (outcome.fault !== null) {
    return outcome.fault;
  }
  if (elapsedMs > TIME_UNITS_MAX * Math.min(unit, 1)) {
    const units = bestUnits(target, bytes);
    if (units > TIME_UNITS_MAX) {
      return { kind: "slow", fact: `${units.toFixed(0)} units, at most ${TIME_UNITS_MAX}` };
    }
  }
  // Garbage counts here and not there, so this only says when to look closer.
  if (getHeapStatistics().used_heap_size - heapBefore > HELD_BYTES_MAX) {
    const held = heldBytes(target, bytes);
    if (held > HELD_BYTES_MAX) {
      return { kind: "holds-much", fact: `${held} bytes, at most ${HELD_BYTES_MAX}` };
    }
  }
  return contradictionOf(target, outcome.decoded, bytes);
}

interface Outcome {
  readonly fault: Fault | null;
  readonly decoded: unknown;
}

const REFUSED = Symbol("refused");

function outcomeOf(target: Target, bytes: Uint8Array): Outcome {
  try {
    return { fault: null, decoded: target.decode(bytes) };
  } catch (error) {
    const isTyped = target.error !== null && error instanceof target.error;
    return isTyped
      ? { fault: null, decoded: REFUSED }
      : { fault: { kind: "throws", fact: describe(error) }, decoded: REFUSED };
  }
}

function contradictionOf(target: Target, decoded: unknown, bytes: Uint8Array): Fault | null {
  if (decoded === REFUSED || target.check === undefined) {
    return null;
  }
  try {
    target.check(decoded, bytes);
    return null;
  } catch (error) {
    return { kind: "contradiction", fact: describe(error) };
  }
}

function bestUnits(target: Target, bytes: Uint8Array): number {
  let best = Number.POSITIVE_INFINITY;
  for (let rerun = 0; rerun < RERUNS; rerun += 1) {
    const unit = unitMs();
    const startMs = processorMs();
    outcomeOf(target, bytes);
    best = Math.min(best, (processorMs() - startMs) / unit);
  }
  return best;
}

/** Of the heap and beside it, after collecting garbage with the result in hand. */
export function heldBytes(target: Target, bytes: Uint8Array): number {
  collectGarbage();
  const before = memoryBytes();
  const outcome = outcomeOf(target, bytes);
  collectGarbage();
  const held = memoryBytes() - before;
  // The result is alive until here.
  return outcome.decoded === undefined ? 0 : held;
}

function memoryBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Without the values that a comparison prints. */
function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message.split("\n")[0]}` : String(error);
}
