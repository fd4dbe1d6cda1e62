import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HISTORY_GROUP_GUID } from "./history.ts";
import { heard } from "./testing/acts-fixture.ts";
import { CONTACT, said, toChat, withMessages } from "./testing/messages-fixture.ts";

describe("the ground truth", () => {
  test("has a chat when it is made, and a message when it is in its chat", async () => {
    await withMessages(async ({ messages, clock, news }) => {
      const saying = messages.say(said("slow", { joinDelayMs: 50 }));
      assert.deepEqual(news(), ["chat 4 new"]);
      await clock.advance(50);
      await saying;
      assert.deepEqual(news(), ["message 7 new"]);
      await messages.say(said("hi all", { groupGuid: HISTORY_GROUP_GUID }));
      assert.deepEqual(news(), ["chat 3 members", "message 8 new"]);
      await messages.say(said("new group", { groupGuid: "any;+;chat42" }));
      assert.deepEqual(news(), ["chat 5 new", "message 9 new"]);
    });
  });

  test("has every step of an own message, and nothing of a ghost", async () => {
    await withMessages(async ({ messages, clock, news }) => {
      const send = async (guid: string) => {
        const sending = messages
          .application(new AbortController().signal)
          .send("own", { kind: "chat", guid }, undefined);
        await clock.advance(200);
        await sending;
        return news();
      };
      assert.deepEqual(await send(toChat.guid), ["message 7 new", "message 7 status", "message 7 delivered"]);
      assert.deepEqual(await send(HISTORY_GROUP_GUID), ["message 8 new", "message 8 status"]);
      messages.behavior.set("error-22", 1);
      assert.deepEqual(await send(toChat.guid), ["message 9 new"]);
      messages.behavior.set("ghost-row", 1);
      assert.deepEqual(await send(toChat.guid), []);
    });
  });

  test("has what a repair ends", async () => {
    await withMessages(async ({ messages, clock, news, restart }) => {
      const cut = assert.rejects(messages.say(said("interrupted", { joinDelayMs: 1_000 })), {
        name: "QuittingError",
      });
      const sending = messages.application(new AbortController().signal).send("half sent", toChat, undefined);
      await clock.advance(25);
      await sending;
      news();
      const again = await restart();
      await cut;
      again.repair();
      assert.deepEqual(news(), ["message 7 new", "message 8 status", "message 8 delivered"]);
    });
  });

  test("tells states that look the same by the same word, and others by others", async () => {
    await withMessages(async ({ messages, states }) => {
      const { rowid } = await heard(messages);
      const name = (text: string) =>
        messages.act({ kind: "rename-chat", chatGuid: HISTORY_GROUP_GUID, name: text, from: "" });
      for (const text of ["a", "b", "a"]) await name(text);
      const [first, second, third] = states("name");
      assert.ok(first !== undefined && first !== second && first === third);
      const member = (isAdded: boolean) =>
        messages.act({
          kind: "change-membership",
          chatGuid: HISTORY_GROUP_GUID,
          address: CONTACT,
          isAdded,
          from: "",
        });
      for (const isAdded of [true, false, true]) await member(isAdded);
      const [added, removed, again] = states("members");
      assert.ok(added !== removed && added === again);
      await messages.act({ kind: "edit", rowid, part: 0, text: "other" });
      await messages.act({ kind: "edit", rowid, part: 0, text: "hello" });
      assert.equal(new Set(states("content")).size, 2);
      await messages.act({ kind: "hard-delete", rowid });
      assert.deepEqual(states("deleted"), [""]);
    });
  });
});
