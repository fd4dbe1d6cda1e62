import { SeededRandom, type WaitRangeMs } from "./seeded-random.ts";

/** A burst as it was asked for. */
export interface BurstOrder {
  readonly messages: number;
  readonly chats: number;
  /** 0: as fast as can be. */
  readonly ratePerSecond: number;
  readonly joinDelay: WaitRangeMs;
  readonly seed: bigint;
  readonly prefix: string;
}

/** One message of a burst. */
export interface PlannedMessage {
  /** Address of the contact who writes it. */
  readonly from: string;
  readonly text: string;
  readonly joinDelayMs: number;
  /** When it is due, after the start of the burst. */
  readonly dueMs: number;
}

const MS_PER_S = 1_000;

const WORDS: readonly [string, ...string[]] = [
  "hello",
  "there",
  "tomorrow",
  "at",
  "eight",
  "ok",
  "👍",
  "“quoted”",
  '"straight"',
  "c’est",
  "naïve",
  "日本語",
  "שלום",
  "👩‍👩‍👧",
  "1,000",
  "why?",
  "\\",
  "two\nlines",
];
const WORDS_MAX = 8;

/** Address of the contact of chat `index`, 0 to 999: a number that belongs to nobody. */
export function burstAddress(index: number): string {
  return `+1555100${String(index + 1).padStart(4, "0")}`;
}

/**
 * The messages of a burst in the order they are due: a pure function of the order, made one by one because a burst may
 * have a million. Chats are drawn evenly, gaps evenly in 0 to twice the mean that `ratePerSecond` asks for.
 */
export function* planBurst(order: BurstOrder): Generator<PlannedMessage, void> {
  const random = new SeededRandom(order.seed, "burst");
  const gap: WaitRangeMs = {
    minMs: 0,
    maxMs: order.ratePerSecond === 0 ? 0 : (2 * MS_PER_S) / order.ratePerSecond,
  };
  let dueMs = 0;
  for (let number = 1; number <= order.messages; number += 1) {
    const words = Array.from({ length: random.integer(1, WORDS_MAX) }, () => random.pick(WORDS));
    const lead = order.prefix === "" ? String(number) : `${order.prefix} ${number}`;
    yield {
      from: burstAddress(random.integer(0, order.chats - 1)),
      text: `${lead} ${words.join(" ")}`,
      joinDelayMs: random.waitMs(order.joinDelay),
      dueMs,
    };
    dueMs += random.waitMs(gap);
  }
}
