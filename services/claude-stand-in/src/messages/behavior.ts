import type { ApiFault } from "./fault.ts";

/**
 * What a request gets besides a plain answer. Chosen by the request alone (the model's name, and where the SDK tells
 * which attempt it is, `x-stainless-retry-count`), so that the stand-in keeps no state and tests need no side channel.
 */
export type Behavior =
  /** The answer. */
  | { readonly kind: "answer" }
  /** An error status before any answer. */
  | { readonly kind: "fault"; readonly fault: ApiFault }
  /** `stop_reason: "refusal"` after the first words. */
  | { readonly kind: "refusal" }
  /** `stop_reason: "pause_turn"` half-way; a request that continues gets the other half. */
  | { readonly kind: "pause" }
  /** `stop_reason: "model_context_window_exceeded"` and no text. */
  | { readonly kind: "context-exceeded" }
  /** `stop_reason: "end_turn"` and no text. */
  | { readonly kind: "empty" }
  /** The first word comes this much later. */
  | { readonly kind: "slow"; readonly extraMs: number }
  /** Half the answer, then an `error` event. */
  | { readonly kind: "fault-midway"; readonly fault: ApiFault }
  /** Half the answer, then the connection is cut. */
  | { readonly kind: "cut-midway" }
  /** Headers, then nothing until the client goes away. */
  | { readonly kind: "silent" };

const OVERLOADED: ApiFault = { status: 529, type: "overloaded_error", message: "Overloaded" };
const RATE_LIMITED: ApiFault = { status: 429, type: "rate_limit_error", message: "Too many requests" };
const INTERNAL: ApiFault = { status: 500, type: "api_error", message: "Internal server error" };

/** `stand-in/slow` without a number: longer than a person waits, shorter than the SDK's own time-outs. */
const SLOW_MS_DEFAULT = 10_000;

/** The names, each with what it does; also printed by `--help`. Any other model simply answers. */
export const BEHAVIOR_MODELS: Readonly<Record<string, string>> = {
  "stand-in/overloaded": "529 every time",
  "stand-in/overloaded-once": "529 at the first attempt, an answer at the SDK's retry",
  "stand-in/rate-limited-once": "429 at the first attempt, an answer at the SDK's retry",
  "stand-in/internal-error": "500 every time",
  "stand-in/unknown": "404, as for a model that does not exist",
  "stand-in/refusal": "stop_reason refusal after a few words",
  "stand-in/pause": "stop_reason pause_turn half-way, the rest when continued",
  "stand-in/context-exceeded": "stop_reason model_context_window_exceeded, no text",
  "stand-in/empty": "stop_reason end_turn, no text",
  "stand-in/slow": "first word 10 s later; stand-in/slow-<n>ms says how much (up to 6 digits)",
  "stand-in/overloaded-midway": "half an answer, then an error event",
  "stand-in/cut-midway": "half an answer, then the connection is cut",
  "stand-in/silent": "never says anything",
};

/** What a request for `model` gets; `retryCount` is the SDK's count of attempts before this one. */
export function behaviorOf(model: string, retryCount: number): Behavior {
  const slowMs = /^stand-in\/slow-(?<ms>\d{1,6})ms$/.exec(model)?.groups?.ms;
  if (slowMs !== undefined) return { kind: "slow", extraMs: Number(slowMs) };
  switch (model) {
    case "stand-in/overloaded":
      return { kind: "fault", fault: OVERLOADED };
    case "stand-in/overloaded-once":
      return retryCount === 0 ? { kind: "fault", fault: OVERLOADED } : { kind: "answer" };
    case "stand-in/rate-limited-once":
      return retryCount === 0 ? { kind: "fault", fault: RATE_LIMITED } : { kind: "answer" };
    case "stand-in/internal-error":
      return { kind: "fault", fault: INTERNAL };
    case "stand-in/unknown":
      return { kind: "fault", fault: { status: 404, type: "not_found_error", message: `model: ${model}` } };
    case "stand-in/refusal":
      return { kind: "refusal" };
    case "stand-in/pause":
      return { kind: "pause" };
    case "stand-in/context-exceeded":
      return { kind: "context-exceeded" };
    case "stand-in/empty":
      return { kind: "empty" };
    case "stand-in/slow":
      return { kind: "slow", extraMs: SLOW_MS_DEFAULT };
    case "stand-in/overloaded-midway":
      return { kind: "fault-midway", fault: OVERLOADED };
    case "stand-in/cut-midway":
      return { kind: "cut-midway" };
    case "stand-in/silent":
      return { kind: "silent" };
    default:
      return { kind: "answer" };
  }
}
