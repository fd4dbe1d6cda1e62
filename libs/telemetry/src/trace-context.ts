import {
  type Context,
  isSpanContextValid,
  type Link,
  ROOT_CONTEXT,
  type SpanContext,
  trace,
} from "@opentelemetry/api";

/** Form of version 00 (W3C Trace Context §3.2); a higher version may append fields, which are not ours to read. */
const TRACEPARENT =
  /^(?<version>[0-9a-f]{2})-(?<traceId>[0-9a-f]{32})-(?<spanId>[0-9a-f]{16})-(?<flags>[0-9a-f]{2})(?<rest>-.*)?$/;

/** Links a span may have: OpenTelemetry's own limit; what is over it would be dropped in silence. */
const LINKS_MAX = 128;

/** The span of `context` as a traceparent (55 characters) to store with an event or a command; undefined without a span. */
export function traceparentOf(context: Context): string | undefined {
  const span = trace.getSpanContext(context);
  if (span === undefined || !isSpanContextValid(span)) return undefined;
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, "0")}`;
}

/**
 * A context whose span is the stored one, to be the parent of a new span. What is absent or malformed (another system
 * wrote it) gives the empty context, hence a new trace: tracing never fails the work it watches.
 */
export function contextFromTraceparent(traceparent: string | undefined): Context {
  const span = parseTraceparent(traceparent);
  return span === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, span);
}

/** Links to stored spans: malformed ones left out, the first {@link LINKS_MAX} kept. */
export function linksTo(traceparents: readonly (string | undefined)[]): Link[] {
  const links: Link[] = [];
  for (const traceparent of traceparents) {
    const span = parseTraceparent(traceparent);
    if (span !== undefined) links.push({ context: span });
    if (links.length === LINKS_MAX) break;
  }
  return links;
}

function parseTraceparent(traceparent: string | undefined): SpanContext | undefined {
  const groups = TRACEPARENT.exec(traceparent ?? "")?.groups;
  if (groups === undefined) return undefined;
  const { version = "", traceId = "", spanId = "", flags = "", rest } = groups;
  if (version === "ff" || (version === "00" && rest !== undefined)) return undefined;
  const span = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
  return isSpanContextValid(span) ? span : undefined;
}
