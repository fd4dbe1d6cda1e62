import {
  type Attributes,
  type Context,
  context as contextApi,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { linksTo, traceparentOf } from "./trace-context.ts";

/** How a span is started. */
export interface SpanOptions {
  /** Default "internal". Creating a journal event is a "producer", processing one a "consumer". */
  readonly kind?: "internal" | "server" | "client" | "producer" | "consumer";
  /** Default: the active context. ROOT_CONTEXT (contextFromTraceparent(undefined)) for a new trace. */
  readonly parent?: Context;
  /** Stored traceparents to link to; a consumer always links to the event it processes. */
  readonly links?: readonly (string | undefined)[];
  /** Ids and sizes only, never message text or handles. */
  readonly attributes?: Attributes;
}

/** A span under way; disposing ends it, so `using` gives it the length of a block. */
export interface StartedSpan extends Disposable {
  /** Context with this span, parent of spans below it. */
  readonly context: Context;
  /** To store with an event or a command; undefined when nothing is traced. */
  readonly traceparent: string | undefined;
  setAttributes(attributes: Attributes): void;
  /** Marks it failed, with the error's name and not its message. */
  fail(error: unknown): void;
  /** Runs `work` with this span active: logs carry its ids, spans started inside are its children. */
  run<T>(work: () => T): T;
}

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

/** Starts a span named `name` ("process event"), low in cardinality: ids are attributes. Never throws. */
export function startSpan(tracer: Tracer, name: string, options: SpanOptions = {}): StartedSpan {
  const parent = options.parent ?? contextApi.active();
  const span = tracer.startSpan(
    name,
    {
      kind: KINDS[options.kind ?? "internal"],
      links: linksTo(options.links ?? []),
      attributes: options.attributes ?? {},
    },
    parent,
  );
  const context = trace.setSpan(parent, span);
  return {
    context,
    traceparent: traceparentOf(context),
    setAttributes: (attributes) => {
      span.setAttributes(attributes);
    },
    fail: (error) => {
      const type = error instanceof Error ? error.name : typeof error;
      span.setAttribute("error.type", type);
      span.setStatus({ code: SpanStatusCode.ERROR, message: type });
    },
    run: (work) => contextApi.with(context, work),
    [Symbol.dispose]: () => span.end(),
  };
}
