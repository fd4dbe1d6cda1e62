import type {
  BurstRequest,
  ListBubblesRequest,
  SayRequest,
  SendBehavior,
  WaitRange,
} from "@imesh/contracts/simulator/v1";
import { SendMode as WireSendMode } from "@imesh/contracts/simulator/v1";
import type { BurstOrder } from "../messages/burst-plan.ts";
import type { SayOrder } from "../messages/say-order.ts";
import type { WaitRangeMs } from "../messages/seeded-random.ts";
import type { SendMode } from "../messages/send-behavior.ts";
import { isWithin, refuse, violation } from "./field-checks.ts";
import { durationMs, durationNs } from "./wire-time.ts";

/** Longest wait anybody may ask for, a day: beyond, stop the simulator between row and join instead. */
const WAIT_MS_MAX = 24 * 60 * 60 * 1_000;

/** Oldest message: thirty years keep its date after 2001, where Apple's dates begin, until 2031. */
const AGE_NS_MAX = 20n * 365n * 86_400_000_000_000n;

const MESSAGES_MAX = 1_000_000;
const CHATS_MAX = 1_000;
const RATE_MAX = 1_000_000;
const PREFIX_UNITS_MAX = 1_000;
const SENDS_MAX = 1_000_000;
const PAGE_SIZE_DEFAULT = 100;
const PAGE_SIZE_MAX = 1_000;
const ROWID_MAX = 9_223_372_036_854_775_807n;

const MODES: Readonly<Partial<Record<WireSendMode, SendMode>>> = {
  [WireSendMode.NORMAL]: "normal",
  [WireSendMode.NO_SUCH_CHAT]: "no-such-chat",
  [WireSendMode.NOT_ALLOWED]: "not-allowed",
  [WireSendMode.TIMEOUT_AFTER_EFFECT]: "timeout-after-effect",
  [WireSendMode.TIMEOUT_WITHOUT_EFFECT]: "timeout-without-effect",
  [WireSendMode.HANG_AFTER_EFFECT]: "hang-after-effect",
  [WireSendMode.ERROR_22]: "error-22",
  [WireSendMode.GHOST_ROW]: "ghost-row",
};

/** Numbers of a SayRequest; what it says is checked by Messages. Throws INVALID_ARGUMENT. */
export function parseSay(request: SayRequest): SayOrder {
  const joinDelayMs = request.joinDelay && durationMs(request.joinDelay);
  const ageNs = request.age === undefined ? 0n : durationNs(request.age);
  refuse([
    joinDelayMs !== undefined &&
      !isWait(joinDelayMs) &&
      violation("join_delay", "must be within 0 s and a day"),
    (ageNs < 0n || ageNs > AGE_NS_MAX) && violation("age", "must be within 0 s and 20 years"),
  ]);
  return { from: request.from, text: request.text, groupGuid: request.chatGuid, joinDelayMs, ageNs };
}

/** Throws INVALID_ARGUMENT. `fallback` is taken when the request names no join delay. */
export function parseBurst(request: BurstRequest, fallback: WaitRangeMs): BurstOrder {
  const { messages, chats, ratePerSecond, seed, prefix } = request;
  const joinDelay = request.joinDelay === undefined ? fallback : waitRange(request.joinDelay);
  refuse([
    !isWithin(messages, 1, MESSAGES_MAX) && violation("messages", `must be 1 to ${MESSAGES_MAX}`),
    !isWithin(chats, 1, CHATS_MAX) && violation("chats", `must be 1 to ${CHATS_MAX}`),
    !isWithin(ratePerSecond, 0, RATE_MAX) && violation("rate_per_second", `must be 0 to ${RATE_MAX}`),
    prefix.length > PREFIX_UNITS_MAX &&
      violation("prefix", `must have at most ${PREFIX_UNITS_MAX} UTF-16 code units`),
    !isRange(joinDelay) && violation("join_delay", "must have 0 s <= min <= max <= a day"),
  ]);
  return { messages, chats, ratePerSecond, seed, prefix, joinDelay };
}

/** Throws INVALID_ARGUMENT. */
export function parseJoinDelay(range: WaitRange): WaitRangeMs {
  const parsed = waitRange(range);
  refuse([!isRange(parsed) && violation("join_delay", "must have 0 s <= min <= max <= a day")]);
  return parsed;
}

/** Throws INVALID_ARGUMENT. */
export function parseSendBehavior(behavior: SendBehavior): { mode: SendMode; sends: number } {
  const mode = MODES[behavior.mode];
  refuse([
    mode === undefined && violation("send.mode", "must be one of the modes of SendMode"),
    !isWithin(behavior.sends, 0, SENDS_MAX) && violation("send.sends", `must be 0 to ${SENDS_MAX}`),
  ]);
  return { mode: mode ?? "normal", sends: behavior.sends };
}

/** Throws INVALID_ARGUMENT for a token that no page gave. */
export function parsePage(request: ListBubblesRequest): { afterRowid: bigint; limit: number } {
  const { pageSize, pageToken } = request;
  const afterRowid = /^\d{0,19}$/.test(pageToken) ? BigInt(pageToken) : -1n;
  refuse([
    pageSize < 0 && violation("page_size", "must not be negative"),
    (afterRowid < 0n || afterRowid > ROWID_MAX) &&
      violation("page_token", "must be the token of a page before"),
  ]);
  return { afterRowid, limit: Math.min(pageSize === 0 ? PAGE_SIZE_DEFAULT : pageSize, PAGE_SIZE_MAX) };
}

function waitRange(range: WaitRange): WaitRangeMs {
  const ms = (end: WaitRange["min"]) => (end === undefined ? 0 : durationMs(end));
  return { minMs: ms(range.min), maxMs: ms(range.max) };
}

function isRange({ minMs, maxMs }: WaitRangeMs): boolean {
  return isWait(minMs) && isWait(maxMs) && minMs <= maxMs;
}

function isWait(ms: number): boolean {
  return isWithin(ms, 0, WAIT_MS_MAX);
}
