import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ATTRIBUTE_KEY, decodeAttributedBody } from "@imesh/imessage-codec";
import { assertRefused, contentOf, heard, sent } from "../testing/acts-fixture.ts";
import { type Reader, withMessages } from "../testing/messages-fixture.ts";
import { plainEntries } from "../testing/plain-entries.ts";

interface AttachmentRow {
  readonly guid: string;
  readonly original_guid: string;
  readonly filename: string | null;
  readonly mime_type: string | null;
  readonly transfer_state: bigint;
  readonly total_bytes: bigint;
  readonly joins: bigint;
}

const attachmentsOf = (read: Reader) =>
  read(`SELECT guid, original_guid, filename, mime_type, transfer_state, total_bytes,
    (SELECT count(*) FROM message_attachment_join j WHERE j.attachment_id = a.ROWID) AS joins
    FROM attachment a ORDER BY ROWID`) as AttachmentRow[];
const messageGuid = (read: Reader, rowid: bigint) =>
  (read("SELECT guid FROM message WHERE ROWID = ?", rowid) as { guid: string }[])[0]?.guid;
const transferGuids = (read: Reader, rowid: bigint) =>
  contentOf(read, rowid).body?.runs.flatMap(({ attributes }) => {
    const guid = attributes.get(ATTRIBUTE_KEY.fileTransferGuid);
    return guid?.kind === "string" ? [guid.value] : [];
  });
const onDisk = (home: string, filename: string | null | undefined) =>
  join(home, (filename ?? "").replace("~/", ""));
const UUID = /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/;

describe("sayAttachment()", () => {
  test("writes message, attachments and joins in one save, the chat's join after the wait", async () => {
    await withMessages(async ({ messages, clock, read, news, saves }) => {
      messages.joinDelay = { minMs: 30, maxMs: 30 };
      const saying = messages.act(sent({ attachments: 2, text: "look", sizeBytes: 5n }));
      // Handle, chat, row.
      assert.deepEqual([saves(), news()], [3, ["chat 4 new"]]);
      const rows = attachmentsOf(read);
      for (const row of rows) {
        assert.match(row.guid, UUID);
        const { guid } = row;
        const empty = { filename: null, mime_type: null, transfer_state: 0n, total_bytes: 5n, joins: 1n };
        assert.deepEqual(row, { guid, original_guid: guid, ...empty });
      }
      assert.deepEqual(
        transferGuids(read, 7n),
        rows.map(({ guid }) => guid),
      );
      await clock.advance(30);
      assert.deepEqual(await saying, [7n]);
      assert.deepEqual([saves(), news()], [6, ["message 7 new"]]);
      const { body, part_count } = contentOf(read, 7n);
      assert.deepEqual([body?.text, part_count], ["\uFFFC\uFFFClook", 3n]);
      const flags = read("SELECT cache_has_attachments, is_audio_message FROM message WHERE ROWID = 7");
      assert.deepEqual(flags, [{ cache_has_attachments: 1n, is_audio_message: 0n }]);
    });
  });

  test("joins attachments late when told to, as a change of its own after everything else", async () => {
    await withMessages(async ({ messages, clock, read, news, saves }) => {
      messages.joinDelay = { minMs: 30, maxMs: 30 };
      const saying = messages.act(sent({ attachments: 2, isJoinLate: true }));
      assert.deepEqual(
        attachmentsOf(read).map(({ joins }) => joins),
        [0n, 0n],
      );
      assert.deepEqual(read("SELECT cache_has_attachments AS cache FROM message WHERE ROWID = 7"), [
        { cache: 1n },
      ]);
      await clock.advance(30);
      await saying;
      assert.deepEqual(
        attachmentsOf(read).map(({ joins }) => joins),
        [1n, 1n],
      );
      assert.deepEqual([saves(), news()], [7, ["chat 4 new", "message 7 new", "message 7 attachments"]]);
    });
  });

  test("has finished transfers' files on the disk before their rows", async () => {
    await withMessages(async ({ messages, read, home, news }) => {
      await messages.act(sent({ attachments: 2, transferState: 5, sizeBytes: 70_000n }));
      const guid = messageGuid(read, 7n);
      for (const [part, row] of attachmentsOf(read).entries()) {
        assert.equal(row.guid, `at_${part}_${guid}`);
        assert.match(
          row.filename ?? "",
          /^~\/Library\/Messages\/Attachments\/[0-9a-f]{2}\/\d{2}\/at_\d_.*\/IMG_\d{4}\.\w+$/,
        );
        assert.equal(statSync(onDisk(home, row.filename)).size, 70_000);
        assert.equal(row.transfer_state, 5n);
      }
      assert.deepEqual(news(), ["chat 4 new", "message 7 new"]);
    });
  });

  test("refuses what cannot be sent", async () => {
    await withMessages(async ({ messages, saves, news }) => {
      const parts = { messages, saves, news };
      await assertRefused(parts, sent({ from: "+15550000000" }), { field: "from" });
      await assertRefused(parts, sent({ groupGuid: "any;-;+15552010001" }), { field: "chat_guid" });
      await assertRefused(parts, sent({ text: "x".repeat(100_001) }), { field: "text" });
      for (const attachments of [0, 21, 1.5])
        await assertRefused(parts, sent({ attachments }), { field: "attachments" });
      for (const sizeBytes of [-1n, 16_777_217n])
        await assertRefused(parts, sent({ sizeBytes }), { field: "size_bytes" });
      await assertRefused(parts, sent({ transferState: 6 }), { field: "transfer_state" });
      await assertRefused(parts, sent({ isAudio: true, text: "words" }), { field: "is_audio" });
    });
  });

  test("interrupted before the late joins, the next start makes them", async () => {
    await withMessages(async ({ messages, restart, read, news }) => {
      messages.joinDelay = { minMs: 30, maxMs: 30 };
      const cut = assert.rejects(messages.act(sent({ attachments: 2, isJoinLate: true })), {
        name: "QuittingError",
      });
      const again = await restart();
      await cut;
      assert.deepEqual(news(), ["chat 4 new"]);
      again.repair();
      assert.deepEqual(
        attachmentsOf(read).map(({ joins }) => joins),
        [1n, 1n],
      );
      assert.deepEqual(news(), ["message 7 new", "message 7 attachments"]);
      again.repair();
      assert.deepEqual(news(), []);
    });
  });
});

describe("advanceAttachment()", () => {
  test("goes from waiting over transferring to finished, with a name, a file and a permanent guid", async () => {
    await withMessages(async ({ messages, read, home, news, saves }) => {
      await messages.act(sent({ attachments: 2, sizeBytes: 100n }));
      const [, waiting] = attachmentsOf(read);
      news();
      const before = saves();
      assert.deepEqual(await messages.act({ kind: "advance-attachment", rowid: 2n, transferState: 3 }), [7n]);
      const [, transferring] = attachmentsOf(read);
      assert.deepEqual([transferring?.guid, transferring?.transfer_state], [waiting?.guid, 3n]);
      assert.ok(transferring?.filename?.includes(waiting?.guid ?? "?"));
      assert.notEqual(transferring?.mime_type, null);
      assert.equal(existsSync(onDisk(home, transferring?.filename)), false);
      assert.deepEqual([saves() - before, news()], [1, ["attachment 2 progress"]]);
      await messages.act({ kind: "advance-attachment", rowid: 2n, transferState: 5 });
      assert.deepEqual([saves() - before, news()], [2, ["attachment 2 ready", "attachment 2 guid"]]);
      const [other, finished] = attachmentsOf(read);
      const guid = `at_1_${messageGuid(read, 7n)}`;
      assert.deepEqual(finished, { ...transferring, guid, transfer_state: 5n });
      assert.deepEqual(transferGuids(read, 7n), [other?.guid, guid]);
      assert.equal(statSync(onDisk(home, finished?.filename)).size, 100);
    });
  });

  test("names the file in a save of its own where the transfer was never seen", async () => {
    await withMessages(async ({ messages, news, saves }) => {
      await messages.act(sent());
      news();
      const before = saves();
      await messages.act({ kind: "advance-attachment", rowid: 1n, transferState: 5 });
      assert.deepEqual(
        [saves() - before, news()],
        [2, ["attachment 1 progress", "attachment 1 ready", "attachment 1 guid"]],
      );
    });
  });

  test("fails, goes on, and is refused where there is no way", async () => {
    await withMessages(async ({ messages, news, saves }) => {
      const parts = { messages, saves, news };
      await messages.act(sent({ transferState: 3 }));
      const to = (transferState: number, rowid = 1n) =>
        ({ kind: "advance-attachment", rowid, transferState }) as const;
      news();
      for (const state of [7, 6, 3]) await messages.act(to(state));
      assert.deepEqual(news(), ["attachment 1 failed", "attachment 1 failed", "attachment 1 progress"]);
      await assertRefused(parts, to(3), { fact: /there already/ });
      await assertRefused(parts, to(0), { field: "transfer_state" });
      await assertRefused(parts, to(5, 9n), { what: "attachment" });
      await messages.act({ kind: "recently-delete", rowid: 7n });
      await assertRefused(parts, to(5), { fact: /no message of a chat/ });
      await messages.act({ kind: "recover", rowid: 7n });
      await messages.act(to(5));
      await assertRefused(parts, to(3), { fact: /finished/ });
    });
  });
});

describe("transcribe()", () => {
  test("puts the words into the body, then into the user info", async () => {
    await withMessages(async ({ messages, read, news, saves }) => {
      const [rowid = 0n] = await messages.act(sent({ isAudio: true, transferState: 5 }));
      news();
      const before = saves();
      await messages.act({ kind: "transcribe", rowid, text: "call me" });
      assert.deepEqual([saves() - before, news()], [2, ["message 7 content", "attachment 1 info"]]);
      const [{ body, info } = { body: new Uint8Array(), info: null }] = read(
        "SELECT m.attributedBody AS body, a.user_info AS info FROM message m, attachment a WHERE m.ROWID = 7",
      ) as { body: Uint8Array; info: Uint8Array | null }[];
      const [run] = decodeAttributedBody(body).runs;
      assert.deepEqual(run?.attributes.get("IMAudioTranscription"), { kind: "string", value: "call me" });
      assert.deepEqual(plainEntries(info), new Map([["audio-transcription", "call me"]]));
      const again = { kind: "transcribe", rowid, text: "call me" } as const;
      await assertRefused({ messages, saves, news }, again, { fact: /already/ });
      await assertRefused({ messages, saves, news }, { ...again, text: "" }, { field: "text" });
      const text = await heard(messages);
      await assertRefused(
        { messages, saves, news },
        { ...again, rowid: text.rowid },
        { fact: /no voice message/ },
      );
    });
  });
});
