import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { FakeClock } from "@imesh/testing";
import type { SendTarget } from "../applescript/applescript.ts";
import { HISTORY_GROUP_GUID } from "./history.ts";
import type { Messages } from "./messages.ts";
import {
  CHAT,
  CONTACT,
  HISTORY,
  OWN,
  OWN_ROW,
  said,
  toChat,
  withMessages,
} from "./testing/messages-fixture.ts";

describe("application().send()", () => {
  /** Sends and lets the accepted event and its row happen; the receipts are still to come. */
  async function send(
    messages: Messages,
    clock: FakeClock,
    text = "sent text",
    target: SendTarget = toChat,
  ): Promise<unknown> {
    const sending = messages.application(new AbortController().signal).send(text, target, undefined);
    const outcome = sending.then(
      () => "accepted",
      (error: unknown) => error,
    );
    await clock.advance(5);
    await clock.advance(20);
    return await Promise.race([outcome, Promise.resolve("waiting")]);
  }

  test("writes an unsent row with its body and its join, then sent, then delivered", async () => {
    await withMessages(async ({ messages, clock, read }) => {
      assert.equal(await send(messages, clock), "accepted");
      assert.deepEqual(read(OWN), [OWN_ROW]);
      await clock.advance(30);
      assert.deepEqual(read(OWN), [{ ...OWN_ROW, is_sent: 1n }]);
      await clock.advance(40);
      assert.deepEqual(read(OWN), [{ ...OWN_ROW, is_sent: 1n, is_delivered: 1n, receipt: 1n }]);
      assert.deepEqual(
        messages.bubbles(6n, 10).map(({ text, chatGuid }) => ({ text, chatGuid })),
        [{ text: "sent text", chatGuid: toChat.guid }],
      );
    });
  });

  test("makes the chat of a participant nobody wrote to before", async () => {
    await withMessages(async ({ messages, clock, read }) => {
      await send(messages, clock, "hi", { kind: "participant", address: CONTACT });
      assert.deepEqual(messages.bubbles(6n, 1)[0]?.chatGuid, CHAT);
      assert.deepEqual(read("SELECT style, room_name FROM chat WHERE guid = ?", CHAT), [
        { style: 45n, room_name: null },
      ]);
    });
  });

  test("never tells of a delivery in a group", async () => {
    await withMessages(async ({ messages, clock, read }) => {
      await send(messages, clock, "hi all", { kind: "chat", guid: HISTORY_GROUP_GUID });
      await clock.advance(10_000);
      assert.deepEqual(read(OWN), [{ ...OWN_ROW, is_sent: 1n }]);
    });
  });

  test("keeps the order of what it accepted, while an incoming join of the chat is late", async () => {
    await withMessages(async ({ messages, clock }) => {
      const late = messages.say(said("late", { from: "+15552010001", joinDelayMs: 10_000 }));
      for (const text of ["one", "two", "three"]) await send(messages, clock, text);
      assert.deepEqual(
        messages.bubbles(6n, 10).map(({ text }) => text),
        ["one", "two", "three"],
      );
      await clock.advance(10_000);
      await late;
    });
  });

  test("no-such-chat and not-allowed refuse with their numbers and do nothing", async () => {
    await withMessages(async ({ messages, clock }) => {
      for (const [mode, number] of [
        ["no-such-chat", -1728],
        ["not-allowed", -1743],
      ] as const) {
        messages.behavior.set(mode, 1);
        const refusal = (await send(messages, clock)) as { name: string; number: number };
        assert.deepEqual([refusal.name, refusal.number], ["AppleEventError", number]);
      }
      assert.deepEqual(messages.counts(), HISTORY);
    });
  });

  test("the timeouts report -1712, one with and one without the message", async () => {
    await withMessages(async ({ messages, clock, read }) => {
      for (const mode of ["timeout-after-effect", "timeout-without-effect"] as const) {
        messages.behavior.set(mode, 1);
        const sending = messages.application(new AbortController().signal).send("x", toChat, 200);
        const refused = assert.rejects(sending, { name: "AppleEventError", number: -1712 });
        await clock.advance(204);
        assert.deepEqual(
          await Promise.race([refused.then(() => "ended"), Promise.resolve("waiting")]),
          "waiting",
        );
        await clock.advance(1);
        await refused;
        assert.equal(read(OWN).length, 1, mode);
      }
    });
  });

  test("hang-after-effect sends and comes back only when its osascript is gone", async () => {
    await withMessages(async ({ messages, clock, read }) => {
      messages.behavior.set("hang-after-effect", 1);
      const gone = new AbortController();
      const sending = messages.application(gone.signal).send("x", toChat, undefined);
      const ended = assert.rejects(sending, /gone/);
      await clock.advance(1_000_000);
      assert.deepEqual(read(OWN), [{ ...OWN_ROW, is_sent: 1n, is_delivered: 1n, receipt: 1n }]);
      gone.abort(new Error("gone"));
      await ended;
    });
  });

  test("error-22 writes the row with its error, never sends it, and notes the failure", async () => {
    await withMessages(async ({ messages, clock, read }) => {
      messages.behavior.set("error-22", 1);
      assert.equal(await send(messages, clock), "accepted");
      await clock.advance(10_000);
      assert.deepEqual(read(OWN), [{ ...OWN_ROW, error: 22n }]);
      assert.deepEqual(read("SELECT value FROM kvtable WHERE key = 'lastFailedMessageRowID'"), [
        { value: 7n },
      ]);
    });
  });

  test("ghost-row writes an empty row that no repair ever joins", async () => {
    await withMessages(async ({ messages, clock, read, restart }) => {
      messages.behavior.set("ghost-row", 1);
      assert.equal(await send(messages, clock), "accepted");
      const ghost = { ...OWN_ROW, body: null, service: "SMS", joins: 0n };
      assert.deepEqual(read(OWN), [ghost]);
      const again = await restart();
      assert.deepEqual(again.repair(), { reparented: 0, finished: 0 });
      assert.deepEqual(read(OWN), [ghost]);
      assert.deepEqual(again.bubbles(6n, 10), []);
    });
  });
});
