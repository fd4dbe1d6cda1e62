import assert from "node:assert/strict";
import { test } from "node:test";
import { RpcError } from "@imesh/rpc";
import { FakeClock } from "@imesh/testing";
import { ImpatientConsumer } from "./impatient-consumer.ts";

test("a client that takes nothing for 30 s ends its stream, one that takes slowly does not", async () => {
  const clock = new FakeClock();
  using consumer = new ImpatientConsumer(clock, new AbortController().signal, "tail");
  for (let part = 0; part < 3; part += 1) {
    const written = Promise.withResolvers<void>();
    const taken = consumer.take(written.promise);
    await clock.advance(29_999);
    written.resolve();
    await taken;
  }
  assert.equal(consumer.signal.aborted, false);
  const refused = assert.rejects(
    consumer.take(new Promise(() => {})),
    (error) => error instanceof RpcError && error.code === "ABORTED" && error.reason === "CLIENT_STALLED",
  );
  await clock.advance(30_000);
  await refused;
  assert.equal(consumer.signal.aborted, true);
});

test("the end of the call is the end of the stream", () => {
  const call = new AbortController();
  using consumer = new ImpatientConsumer(new FakeClock(), call.signal, "tail");
  const reason = new Error("gone");
  call.abort(reason);
  assert.equal(consumer.signal.reason, reason);
});
