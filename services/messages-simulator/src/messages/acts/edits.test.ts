import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodeAttributedBody } from "@imesh/imessage-codec";
import { assertRefused, contentOf, heard, sent } from "../testing/acts-fixture.ts";
import { said, toChat, withMessages } from "../testing/messages-fixture.ts";
import { CannotHappenError } from "./act.ts";

const part = (value: unknown) => new Map([["0", value]]);

describe("edit()", () => {
  test("rewrites the row in place, in one save, and keeps every version", async () => {
    await withMessages(async ({ messages, clock, read, news, saves }) => {
      const { rowid } = await heard(messages, "first");
      const [{ date } = { date: 0n }] = read("SELECT date FROM message WHERE ROWID = 7") as {
        date: bigint;
      }[];
      news();
      const before = saves();
      await clock.advance(1_000);
      assert.deepEqual(await messages.act({ kind: "edit", rowid, part: 0, text: "sécond 👋" }), [rowid]);
      assert.deepEqual([saves() - before, news()], [1, ["message 7 content"]]);
      const once = contentOf(read, rowid);
      assert.deepEqual(
        [once.text, once.body?.text, once.part_count, once.is_empty],
        [null, "sécond 👋", 1n, 0n],
      );
      assert.deepEqual([once.date_edited - date, once.date_retracted], [1_000_000_000n, 0n]);
      await clock.advance(1_000);
      await messages.act({ kind: "edit", rowid, part: 0, text: "third" });
      const { info } = contentOf(read, rowid);
      assert.deepEqual([...info.keys()], ["otr", "ec", "ep"]);
      assert.deepEqual(info.get("ep"), [0n]);
      assert.deepEqual(
        info.get("otr"),
        part(
          new Map([
            ["lo", 0n],
            ["le", 5n],
          ]),
        ),
      );
      const history = (info.get("ec") as Map<string, Map<string, never>[]>).get("0") ?? [];
      const versions = history.map(
        (version) => decodeAttributedBody(version.get("t") ?? new Uint8Array()).text,
      );
      assert.deepEqual(versions, ["first", "sécond 👋", "third"]);
      const [first = 0, second = 0, third = 0] = history.map((version) => Number(version.get("d")));
      assert.ok(Math.abs(second - first - 1) < 1e-3 && Math.abs(third - second - 1) < 1e-3);
    });
  });

  test("leaves the other parts as they are", async () => {
    await withMessages(async ({ messages, read }) => {
      const [rowid = 0n] = await messages.act(sent({ attachments: 2, text: "two pictures" }));
      await messages.act({ kind: "edit", rowid, part: 2, text: "2 pictures" });
      const { body, part_count, info } = contentOf(read, rowid);
      assert.deepEqual([body?.text, part_count, info.get("ep")], ["\uFFFC\uFFFC2 pictures", 3n, [2n]]);
      assert.equal(
        body?.runs.filter(({ attributes }) => attributes.has("__kIMFileTransferGUIDAttributeName")).length,
        2,
      );
    });
  });

  test("gives different edits different states, and says nothing of what cannot be edited", async () => {
    await withMessages(async ({ messages, clock, news, saves }) => {
      const { rowid } = await heard(messages);
      const parts = { messages, saves, news };
      const order = { kind: "edit", rowid, part: 0, text: "x" } as const;
      await assertRefused(parts, { ...order, text: "" }, { field: "text" });
      await assertRefused(parts, { ...order, text: "x".repeat(100_001) }, { field: "text" });
      await assertRefused(parts, { ...order, part: -1 }, { field: "part" });
      await assertRefused(parts, { ...order, part: 1 }, { what: "part" });
      await assertRefused(parts, { ...order, rowid: 99n }, { what: "message" });
      await assertRefused(parts, { ...order, rowid: -1n }, { what: "message" });
      await assertRefused(parts, { ...order, text: "hello" }, { fact: /says that already/ });
      const [picture = 0n] = await messages.act(sent());
      await assertRefused(parts, { ...order, rowid: picture }, { fact: /an attachment/ });
      await messages.act({ kind: "recently-delete", rowid });
      await assertRefused(parts, order, { fact: /Recently Deleted/ });
      const waiting = messages.say(said("late", { joinDelayMs: 10 }));
      await assertRefused(parts, { ...order, rowid: 9n }, { fact: /in no chat/ });
      await clock.advance(10);
      await waiting;
    });
  });
});

describe("unsend()", () => {
  test("takes everything back: no body, no parts, date_retracted stays 0", async () => {
    await withMessages(async ({ messages, read, news, saves }) => {
      const { rowid } = await heard(messages, "oops");
      news();
      const before = saves();
      await messages.act({ kind: "unsend", rowid, parts: [] });
      assert.deepEqual([saves() - before, news()], [1, ["message 7 content"]]);
      const { info, date_edited, ...columns } = contentOf(read, rowid);
      assert.deepEqual(columns, { text: null, body: null, date_retracted: 0n, part_count: 0n, is_empty: 1n });
      assert.ok(date_edited > 0n);
      assert.deepEqual(
        info,
        new Map<string, unknown>([
          [
            "otr",
            part(
              new Map([
                ["lo", 0n],
                ["le", 4n],
              ]),
            ),
          ],
          ["rp", [0n]],
        ]),
      );
      await assertRefused(
        { messages, saves, news },
        { kind: "unsend", rowid, parts: [] },
        { fact: /no content/ },
      );
    });
  });

  test("takes single parts back and keeps the numbers of the others", async () => {
    await withMessages(async ({ messages, read, saves, news }) => {
      const [rowid = 0n] = await messages.act(sent({ attachments: 3, text: "words" }));
      await messages.act({ kind: "unsend", rowid, parts: [1] });
      await messages.act({ kind: "edit", rowid, part: 3, text: "other" });
      const { body, info, part_count, is_empty } = contentOf(read, rowid);
      assert.deepEqual([body?.text, part_count, is_empty], ["\uFFFC\uFFFCother", 3n, 0n]);
      assert.deepEqual([info.get("rp"), info.get("ep")], [[1n], [3n]]);
      assert.equal((info.get("otr") as Map<string, unknown>).size, 4);
      const numbers = body?.runs.map(({ attributes }) => attributes.get("__kIMMessagePartAttributeName"));
      assert.deepEqual(
        numbers,
        [0n, 2n, 3n].map((value) => ({ kind: "integer", value })),
      );
      const again = { kind: "unsend", rowid, parts: [1] } as const;
      await assertRefused({ messages, saves, news }, again, { fact: /taken back/ });
      await assertRefused({ messages, saves, news }, { ...again, parts: [7] }, { what: "part" });
      await assertRefused({ messages, saves, news }, { ...again, parts: [-1] }, { field: "parts" });
      await messages.act({ kind: "unsend", rowid, parts: [] });
      assert.deepEqual(contentOf(read, rowid).info.get("rp"), [0n, 1n, 2n, 3n]);
    });
  });

  test("refuses an own message that never went out", async () => {
    await withMessages(async ({ messages, clock }) => {
      const sending = messages.application(new AbortController().signal).send("own", toChat, undefined);
      await clock.advance(25);
      await sending;
      await assert.rejects(messages.act({ kind: "unsend", rowid: 7n, parts: [] }), CannotHappenError);
      await clock.advance(100);
      assert.deepEqual(await messages.act({ kind: "unsend", rowid: 7n, parts: [] }), [7n]);
    });
  });
});
