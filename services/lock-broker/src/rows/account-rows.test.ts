import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inRowsWorld } from "../fixtures/rows-world.ts";
import { accountsOf } from "./account-rows.ts";

describe("accounts", () => {
  test("are those of the newest messages and of the chats, the address used last first", () =>
    inRowsWorld(({ fixture, ask }) => {
      const own = { account: "E:me@example.com", service: "iMessage" };
      fixture.insertJoined({ ...own, destination_caller_id: "old@example.com" });
      fixture.insertJoined({ ...own, destination_caller_id: "me@example.com" });
      fixture.insertJoined({ ...own, destination_caller_id: "me@example.com", service: "SMS" });
      fixture.insertJoined({ account: null, destination_caller_id: "lost@example.com" });
      fixture.updateIn("chat", 1n, { account_login: "P:+15550009", last_addressed_handle: "+15550009" });
      fixture.updateIn("chat", 2n, { account_login: "E:me@example.com", last_addressed_handle: "+15550009" });
      assert.deepEqual(
        ask((reader) => reader.accounts()),
        [
          {
            login: "E:me@example.com",
            addresses: ["me@example.com", "old@example.com", "+15550009"],
            services: ["SMS", "iMessage"],
          },
          { login: "P:+15550009", addresses: ["+15550009"], services: ["iMessage"] },
        ],
      );
    }));

  test("are none where nothing tells of any", () =>
    inRowsWorld(
      ({ fixture, ask }) => {
        fixture.insertJoined({ account: "" });
        assert.deepEqual(
          ask((reader) => reader.accounts()),
          [],
        );
      },
      { schema: "10.11" },
    ));

  test("are bounded, and so is what is told of each", () => {
    const many = Array.from({ length: 100 }, (_, index) => ({
      login: `P:${index + 100}`,
      address: "a",
      service: "s",
    }));
    assert.equal(accountsOf(many).length, 64);
    const one = Array.from({ length: 100 }, (_, index) => ({
      login: "P:1",
      address: `a${index}`,
      service: `s${index}`,
    }));
    const [account] = accountsOf(one);
    assert.deepEqual([account?.addresses.length, account?.services.length], [16, 16]);
  });
});
