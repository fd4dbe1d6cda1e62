/** I7: every way in which Messages can answer a send ends in the state that is true of it, with at most one bubble. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandState } from "@imesh/contracts/bridge/v1/command";
import { SendMode } from "@imesh/contracts/simulator/v1";
import { RpcError } from "@imesh/rpc";
import { waitFor } from "@imesh/testing";
import { Fleet } from "../fleet/fleet.ts";
import { messagesIn } from "../fleet/ground-truth.ts";

const outboundOnly = ["messages-simulator", "lock-broker", "mac-bridge"] as const;
const impatient = { "mac-bridge": ["--send-deadline-ms", "1500", "--proof-window-ms", "1500"] };

/** What the simulated Messages does, the state the command must end in, and how many bubbles a person sees. */
const table = [
  { mode: SendMode.NORMAL, state: CommandState.DELIVERED, reason: undefined, bubbles: 1 },
  { mode: SendMode.NO_SUCH_CHAT, state: CommandState.REFUSED, reason: "CHAT_NOT_FOUND", bubbles: 0 },
  { mode: SendMode.NOT_ALLOWED, state: CommandState.REFUSED, reason: "AUTOMATION_DENIED", bubbles: 0 },
  { mode: SendMode.TIMEOUT_AFTER_EFFECT, state: CommandState.DELIVERED, reason: undefined, bubbles: 1 },
  { mode: SendMode.TIMEOUT_WITHOUT_EFFECT, state: CommandState.UNCERTAIN, reason: "TIMED_OUT", bubbles: 0 },
  { mode: SendMode.HANG_AFTER_EFFECT, state: CommandState.DELIVERED, reason: undefined, bubbles: 1 },
  { mode: SendMode.ERROR_22, state: CommandState.FAILED, reason: "MESSAGES_ERROR", bubbles: 1 },
] as const;

async function chatOf(fleet: Fleet): Promise<string> {
  const said = await fleet.simulator().call("say", {
    from: "+15550001001",
    text: "hello",
    chatGuid: "",
    joinDelay: undefined,
    age: undefined,
  });
  return said.message?.chatGuid ?? "";
}

test("each behaviour of Messages ends in the state that is true of it", async () => {
  await using fleet = await Fleet.start({ services: outboundOnly, flags: impatient });
  const bridge = fleet.bridge();
  const simulator = fleet.simulator();
  const chatGuid = await chatOf(fleet);
  for (const { mode, state, reason, bubbles } of table) {
    const before = messagesIn(fleet.chatDbPath, true).length;
    await simulator.call("setBehavior", { joinDelay: undefined, send: { mode, sends: 1 } });
    const requestId = `mode-${mode}`;
    await bridge.call("sendMessage", { requestId, chatGuid, text: `mode ${mode}` });
    const current = async () => (await bridge.call("getCommand", { requestId })).command;
    await waitFor(async () => (await current())?.state === state, {
      deadlineMs: 10_000,
      what: `state ${state} for mode ${mode}`,
    });
    assert.equal((await current())?.error?.reason, reason, `mode ${mode}`);
    assert.equal(messagesIn(fleet.chatDbPath, true).length - before, bubbles, `mode ${mode}`);
  }
});

test("a row that nobody can find leaves the command uncertain, and it is not tried again", async () => {
  await using fleet = await Fleet.start({ services: outboundOnly, flags: impatient });
  const bridge = fleet.bridge();
  const chatGuid = await chatOf(fleet);
  await fleet
    .simulator()
    .call("setBehavior", { joinDelay: undefined, send: { mode: SendMode.GHOST_ROW, sends: 1 } });
  await bridge.call("sendMessage", { requestId: "ghost", chatGuid, text: "boo" });
  const state = async () => (await bridge.call("getCommand", { requestId: "ghost" })).command?.state;
  await waitFor(async () => (await state()) === CommandState.UNCERTAIN, {
    deadlineMs: 10_000,
    what: "UNCERTAIN",
  });
  const own = messagesIn(fleet.chatDbPath, true).length;
  await fleet.kill("mac-bridge");
  await fleet.start("mac-bridge");
  await bridge.call("sendMessage", { requestId: "after", chatGuid, text: "another" });
  await waitFor(
    async () =>
      (await bridge.call("getCommand", { requestId: "after" })).command?.state === CommandState.DELIVERED,
    { deadlineMs: 10_000, what: "the next command" },
  );
  assert.equal(await state(), CommandState.UNCERTAIN);
  assert.equal(messagesIn(fleet.chatDbPath, true).length, own + 1);
});

test("the same request_id sends once; with other content it is refused", async () => {
  await using fleet = await Fleet.start({ services: outboundOnly });
  const bridge = fleet.bridge();
  const chatGuid = await chatOf(fleet);
  const before = messagesIn(fleet.chatDbPath, true).length;
  const request = { requestId: "once", chatGuid, text: "only once, please" };
  await Promise.all(Array.from({ length: 5 }, () => bridge.call("sendMessage", request)));
  await waitFor(
    async () =>
      (await bridge.call("getCommand", { requestId: "once" })).command?.state === CommandState.DELIVERED,
    { deadlineMs: 10_000, what: "delivery" },
  );
  await bridge.call("sendMessage", request);
  await assert.rejects(
    bridge.call("sendMessage", { ...request, text: "something else" }),
    (error) => error instanceof RpcError && error.reason === "REQUEST_ID_REUSED",
  );
  assert.equal(messagesIn(fleet.chatDbPath, true).length, before + 1);
});

test("hostile text arrives as it was given", async () => {
  await using fleet = await Fleet.start({ services: outboundOnly });
  const bridge = fleet.bridge();
  const chatGuid = await chatOf(fleet);
  const texts = [
    '"; do shell script "false',
    "-e return 1",
    '\\" & quit & \\"',
    "$(false) `false`",
    "línea\n二行目 👩‍👩‍👧",
    "--",
  ];
  for (const [index, text] of texts.entries()) {
    const requestId = `hostile-${index}`;
    await bridge.call("sendMessage", { requestId, chatGuid, text });
    await waitFor(
      async () => (await bridge.call("getCommand", { requestId })).command?.state === CommandState.DELIVERED,
      { deadlineMs: 10_000, what: `delivery of text ${index}` },
    );
  }
  const { bubbles } = await fleet.simulator().call("listBubbles", { pageSize: 0, pageToken: "" });
  assert.deepEqual(
    bubbles.slice(-texts.length).map(({ text }) => text),
    texts,
  );
});
