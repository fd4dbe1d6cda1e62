import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandState } from "@imesh/contracts/bridge/v1/command";
import { temporaryDirectory } from "@imesh/testing";
import { capturedContext } from "../testing/captured-context.ts";
import { FakeBridge } from "../testing/fake-bridge.ts";
import { CHAT_GUID } from "../testing/wire-fixtures.ts";
import { sendCommand } from "./send.ts";

const { ACCEPTED, DISPATCHED, WRITTEN, SENT, DELIVERED, READ, REFUSED, FAILED, UNCERTAIN } = CommandState;

interface Sent {
  readonly code: number;
  readonly states: readonly string[];
  readonly calls: number;
  readonly notes: string;
}

/** Sends to a bridge that answers with `states`, one after the other. */
async function send(states: readonly CommandState[], ...flags: string[]): Promise<Sent> {
  await using directory = await temporaryDirectory();
  const bridge = new FakeBridge(directory.file("b.sock"));
  bridge.states = [...states];
  await bridge.start();
  const { context, out, err } = capturedContext(directory.path);
  const argv = [CHAT_GUID, "On my way", "--json", "--bridge", bridge.target, ...flags];
  const code = await sendCommand.run(argv, context);
  await bridge.stop();
  const words = out.lines.map((line) => JSON.parse(line).state);
  return { code, states: words, calls: bridge.sent, notes: err.text };
}

test("send ends with 0 exactly when the message is proven as far as asked", async () => {
  const all = [ACCEPTED, DISPATCHED, WRITTEN, SENT, DELIVERED];
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["accepted", ["accepted"]],
    ["written", ["accepted", "dispatched", "written"]],
    ["sent", ["accepted", "dispatched", "written", "sent"]],
    ["delivered", ["accepted", "dispatched", "written", "sent", "delivered"]],
  ];
  for (const [proof, states] of cases) {
    const result = await send(all, "--wait", proof);
    assert.deepEqual([result.code, result.states, result.calls], [0, states, 1]);
  }
  assert.deepEqual((await send([READ], "--wait", "delivered")).code, 0);
});

test("send has a code of its own for refused, failed and uncertain", async () => {
  const results = await Promise.all([
    send([ACCEPTED, REFUSED]),
    send([ACCEPTED, WRITTEN, FAILED]),
    send([ACCEPTED, DISPATCHED, UNCERTAIN]),
  ]);
  assert.deepEqual(
    results.map(({ code }) => code),
    [10, 11, 12],
  );
});

test("send gives up waiting at --timeout, and sends nothing again", async () => {
  const { code, states, calls } = await send([ACCEPTED, DISPATCHED], "--timeout", "1");
  assert.deepEqual([code, states, calls], [13, ["accepted", "dispatched"], 1]);
});

test("send tells the request id that it made up, so that the message can be asked for again", async () => {
  assert.match((await send([SENT])).notes, /^request id [0-9a-f-]{36}\n$/);
  assert.equal((await send([SENT], "--request-id", "mine")).notes, "");
});

test("send says where the chats are listed when Messages knows no such chat", async () => {
  const { notes } = await send([ACCEPTED, REFUSED], "--request-id", "mine");
  assert.equal(notes, "  → imesh chats lists those it knows\n");
});
