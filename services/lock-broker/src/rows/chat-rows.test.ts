import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { MessageValues } from "../fixtures/chat-db-fixture.ts";
import { inRowsWorld } from "../fixtures/rows-world.ts";
import type { ChatPrint } from "./prints.ts";

describe("a chat", () => {
  test("is given as stored, with its properties up to 64 KiB", () =>
    inRowsWorld(({ fixture, ask }) => {
      fixture.updateIn("chat", 2n, {
        group_id: "GROUP",
        room_name: "chat2",
        account_login: "E:me@example.com",
        last_addressed_handle: "me@example.com",
        state: 3,
        is_archived: 1,
        is_filtered: 2,
        is_blackholed: 1,
        properties: Buffer.from("plist"),
      });
      const chat = {
        rowid: 2n,
        guid: "any;+;chat2",
        identifier: "chat2",
        serviceName: "iMessage",
        style: 43,
        displayName: "Lunch",
        groupId: "GROUP",
        roomName: "chat2",
        accountLogin: "E:me@example.com",
        lastAddressedHandle: "me@example.com",
        state: 3,
        isArchived: true,
        isFiltered: 2,
        isBlackholed: true,
        properties: Buffer.from("plist"),
      };
      assert.deepEqual(
        ask((reader) => reader.chat(2n)),
        chat,
      );
      fixture.insertJoined({ date: 77n }, 2);
      assert.deepEqual(
        ask((reader) => reader.chatByGuid("any;+;chat2")),
        {
          chat,
          participants: [
            { address: "+15550001", service: "iMessage", country: "us", personCentricId: undefined },
            { address: "b@example.com", service: "SMS", country: undefined, personCentricId: undefined },
          ],
          lastMessageDate: 77n,
        },
      );
      fixture.updateIn("chat", 2n, {
        properties: Buffer.alloc(64 * 1024 + 1),
        display_name: "n".repeat(3_000),
      });
      assert.deepEqual(
        ask((reader) => reader.chat(2n)),
        { ...chat, properties: undefined, displayName: undefined },
      );
      assert.deepEqual(
        ask((reader) => [reader.chat(9n), reader.chatByGuid("any;-;none"), reader.participants(9n)]),
        [undefined, undefined, []],
      );
    }));

  for (const schema of ["10.11", "11", "26.5.2", "odd"] as const) {
    test(`${schema}: is listed by falling date of its last message, from any place on`, () =>
      inRowsWorld(
        ({ fixture, ask }) => {
          fixture.db.exec("INSERT INTO chat (guid) VALUES ('any;-;empty')");
          fixture.insertJoined({ date: 5n }, 1);
          fixture.insertJoined({ date: 9n }, 1);
          fixture.insertJoined({ date: 9n }, 2);
          // Before 10.13 dates were seconds.
          const date = schema === "10.11" ? 9_000_000_000n : 9n;
          const list = ask((reader) => reader.listChats(10, undefined));
          assert.deepEqual(
            list.map(({ chat, lastMessageDate, participants }) => [
              chat.rowid,
              lastMessageDate,
              participants.map(({ address }) => address),
            ]),
            [
              [2n, date, ["+15550001", "b@example.com"]],
              [1n, date, ["+15550001"]],
              [3n, 0n, []],
            ],
          );
          const rest = ask((reader) => reader.listChats(10, { lastMessageDate: date, chatRowid: 2n }));
          assert.deepEqual(
            rest.map(({ chat }) => chat.rowid),
            [1n, 3n],
          );
          assert.deepEqual(
            ask((reader) => reader.chatByGuid("any;-;+15550001")?.lastMessageDate),
            date,
          );
        },
        { schema },
      ));
  }
});

describe("the print of a chat", () => {
  const columns: readonly (readonly [string, MessageValues[string], keyof ChatPrint | undefined])[] = [
    ["display_name", "Dinner", "name"],
    ["guid", "iMessage;+;chat2", "guid"],
    ["properties", Buffer.from("p"), "properties"],
    ["state", 3, "state"],
    ["is_archived", 1, "state"],
    ["is_filtered", 1, "state"],
    ["is_blackholed", 1, "state"],
    ["last_read_message_timestamp", 5, undefined],
    ["last_addressed_handle", "me", undefined],
    ["ck_sync_state", 1, undefined],
    ["successful_query", 1, undefined],
  ];
  const print = (ask: Parameters<Parameters<typeof inRowsWorld>[0]>[0]["ask"], rowid = 2n) =>
    ask((reader) => reader.chatPrint(rowid)) as ChatPrint;

  test("has a hash for each reason, which moves with its columns and with no other", () =>
    inRowsWorld(({ fixture, ask }) => {
      for (const [column, value, field] of columns) {
        const before = print(ask);
        fixture.updateIn("chat", 2n, { [column]: value });
        const after = print(ask);
        const moved = (Object.keys(before) as (keyof ChatPrint)[]).filter(
          (key) => before[key] !== after[key],
        );
        assert.deepEqual(moved, field === undefined ? [] : [field], column);
      }
    }));

  test("moves with who is in it, whatever their order", () =>
    inRowsWorld(({ fixture, ask }) => {
      const both = print(ask).members;
      fixture.db.exec("DELETE FROM chat_handle_join WHERE chat_id = 2 AND handle_id = 1");
      const one = print(ask).members;
      fixture.db.exec("INSERT INTO chat_handle_join (chat_id, handle_id) VALUES (2, 1)");
      assert.equal(print(ask).members, both);
      fixture.updateIn("handle", 1n, { id: "+15550002" });
      const other = print(ask).members;
      fixture.db.exec("DELETE FROM chat_handle_join WHERE chat_id = 2");
      assert.deepEqual([new Set([both, one, other]).size, print(ask).members], [3, 0]);
    }));

  test("is the same in a page, and says when the record overflows", () =>
    inRowsWorld(({ fixture, ask }) => {
      fixture.updateIn("chat", 1n, { properties: Buffer.alloc(100_000) });
      const page = ask((reader) => reader.chatPrintsAfter(0n, 10));
      assert.deepEqual(page, [print(ask, 1n), print(ask, 2n)]);
      assert.deepEqual(
        page.map(({ isOverflowing }) => isOverflowing),
        [true, false],
      );
      assert.deepEqual(
        ask((reader) => [reader.chatPrintsAfter(1n, 1).length, reader.chatPrint(3n)]),
        [1, undefined],
      );
    }));
});
