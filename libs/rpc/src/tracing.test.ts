import assert from "node:assert/strict";
import { test } from "node:test";
import { Metadata } from "@grpc/grpc-js";
import { extractTraceContext, injectTraceContext } from "./tracing.ts";

const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

function metadataOf(entries: Record<string, string>): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(entries)) metadata.set(key, value);
  return metadata;
}

test("extractTraceContext() gives back what injectTraceContext() put in", () => {
  for (const context of [{ traceparent: TRACEPARENT }, { traceparent: TRACEPARENT, tracestate: "a=1,b=2" }]) {
    const metadata = new Metadata();
    injectTraceContext(metadata, context);
    assert.deepEqual(extractTraceContext(metadata), context);
  }
});

test("extractTraceContext() takes no malformed traceparent", () => {
  const malformed = [
    "",
    "00",
    TRACEPARENT.toUpperCase(),
    TRACEPARENT.replace("00-", "ff-"),
    TRACEPARENT.replace("0af7651916cd43dd8448eb211c80319c", "0".repeat(32)),
    TRACEPARENT.replace("b7ad6b7169203331", "0".repeat(16)),
    `${TRACEPARENT}-${"x".repeat(100)}`,
    `x${TRACEPARENT}`,
  ];
  for (const traceparent of malformed)
    assert.equal(extractTraceContext(metadataOf({ traceparent })), undefined, traceparent);
  assert.equal(extractTraceContext(new Metadata()), undefined);
});

test("a tracestate above 512 characters is dropped, the traceparent is not", () => {
  const tracestate = `a=${"x".repeat(511)}`;
  assert.deepEqual(extractTraceContext(metadataOf({ traceparent: TRACEPARENT, tracestate })), {
    traceparent: TRACEPARENT,
  });
  const metadata = new Metadata();
  injectTraceContext(metadata, { traceparent: TRACEPARENT, tracestate });
  assert.deepEqual(metadata.getMap(), { traceparent: TRACEPARENT });
});
