import assert from "node:assert/strict";
import { test } from "node:test";
import { connectionNumber } from "./connection-number.ts";
import { startCountServer } from "./fixtures/count-server.ts";
import { unary } from "./handlers.ts";

test("the calls of one connection have one number, which no other connection of a Unix socket has", async () => {
  await using fixture = await startCountServer({
    echo: unary((_request, context) => ({ index: context.connection, ballast: context.peer.kind })),
  });
  await using other = fixture.connect();
  const asked = { count: 1, bytes: 0 };
  const [first, second, third] = [
    await fixture.client.call("echo", asked),
    await other.call("echo", asked),
    await fixture.client.call("echo", asked),
  ];
  assert.equal(first.ballast, "unix");
  assert(first.index > 0, "grpc-js keeps the session where it is looked for");
  assert.notEqual(second.index, first.index);
  assert.equal(third.index, first.index);
});

test("a call that does not show its connection has number 0", () => {
  for (const call of [{}, { call: null }, { call: { stream: {} } }]) assert.equal(connectionNumber(call), 0);
});
