import type { StoredEvent } from "../journal/bridge-event.ts";

/** What a subscriber is sent, in this order: batches and heartbeats, one caught-up among them, a drain at the very end. */
export type SubscriptionFrame =
  /** Consecutive events, at least one. */
  | { readonly kind: "batch"; readonly events: readonly StoredEvent[] }
  | { readonly kind: "heartbeat"; readonly headSequence: bigint }
  | { readonly kind: "caught-up"; readonly headSequence: bigint }
  | { readonly kind: "drain"; readonly lastSequence: bigint };

/**
 * Takes a subscriber's frames (port). Resolves when the next may be sent; at once while the subscriber keeps up, and then
 * the frame is on its way before the call returns. Rejects when the subscriber is gone. The caller awaits each.
 */
export type WriteFrame = (frame: SubscriptionFrame) => Promise<void>;
