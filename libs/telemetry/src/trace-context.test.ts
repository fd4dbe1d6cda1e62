import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { contextFromTraceparent, linksTo, traceparentOf } from "./trace-context.ts";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const SPAN_ID = "b7ad6b7169203331";
const TRACEPARENT = `00-${TRACE_ID}-${SPAN_ID}-01`;

test("a stored traceparent becomes a remote parent and reads back the same", () => {
  const context = contextFromTraceparent(TRACEPARENT);
  deepEqual(trace.getSpanContext(context), {
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    traceFlags: 1,
    isRemote: true,
  });
  equal(traceparentOf(context), TRACEPARENT);
  equal(
    traceparentOf(contextFromTraceparent(`00-${TRACE_ID}-${SPAN_ID}-00`)),
    `00-${TRACE_ID}-${SPAN_ID}-00`,
  );
});

test("a later version is read as far as we know it", () => {
  equal(traceparentOf(contextFromTraceparent(`cc-${TRACE_ID}-${SPAN_ID}-09-more`)), TRACEPARENT);
});

test("what is absent or malformed is a new trace, never an error", () => {
  const malformed = [
    undefined,
    "",
    "nonsense",
    TRACEPARENT.toUpperCase(),
    `${TRACEPARENT}-more`,
    `${TRACEPARENT}x`,
    `ff-${TRACE_ID}-${SPAN_ID}-01`,
    `00-${"0".repeat(32)}-${SPAN_ID}-01`,
    `00-${TRACE_ID}-${"0".repeat(16)}-01`,
    `00-${TRACE_ID}-${SPAN_ID}`,
    `00-${TRACE_ID.slice(1)}-${SPAN_ID}-01`,
  ];
  for (const traceparent of malformed) equal(contextFromTraceparent(traceparent), ROOT_CONTEXT, traceparent);
  equal(traceparentOf(ROOT_CONTEXT), undefined);
});

test("linksTo() leaves out what is malformed and keeps at most 128", () => {
  deepEqual(linksTo([undefined, "nonsense"]), []);
  deepEqual(
    linksTo([TRACEPARENT]).map((link) => link.context.spanId),
    [SPAN_ID],
  );
  equal(linksTo(new Array(300).fill(TRACEPARENT)).length, 128);
});
