import type { Metadata } from "@grpc/grpc-js";

/** Trace position of W3C Trace Context, as it travels in metadata and is stored with journal events. */
export interface TraceContext {
  /** "00-<32 hex>-<16 hex>-<2 hex>", valid. */
  readonly traceparent: string;
  /** Vendor state, at most 512 characters. */
  readonly tracestate?: string | undefined;
}

// Version ff is invalid; later versions may append fields after another "-".
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/;

/** What the specification asks everyone to carry at least; longer state is dropped whole, as it allows. */
const TRACESTATE_CHARACTERS_MAX = 512;
const TRACEPARENT_CHARACTERS_MAX = 128;

/**
 * Puts the context into the metadata of an outgoing call. No span is made here: a stream may live for days.
 */
export function injectTraceContext(metadata: Metadata, context: TraceContext): void {
  metadata.set("traceparent", context.traceparent);
  if (context.tracestate !== undefined && context.tracestate.length <= TRACESTATE_CHARACTERS_MAX) {
    metadata.set("tracestate", context.tracestate);
  }
}

/** The caller's context; undefined when it sent none or a malformed one (the specification: start afresh). */
export function extractTraceContext(metadata: Metadata): TraceContext | undefined {
  const traceparent = single(metadata, "traceparent");
  if (traceparent === undefined || traceparent.length > TRACEPARENT_CHARACTERS_MAX) return undefined;
  if (!TRACEPARENT.test(traceparent)) return undefined;
  const tracestate = metadata.get("tracestate").join(",");
  return tracestate === "" || tracestate.length > TRACESTATE_CHARACTERS_MAX
    ? { traceparent }
    : { traceparent, tracestate };
}

function single(metadata: Metadata, key: string): string | undefined {
  const values = metadata.get(key);
  return values.length === 1 && typeof values[0] === "string" ? values[0] : undefined;
}
