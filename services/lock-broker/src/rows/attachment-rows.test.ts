import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { MessageValues } from "../fixtures/chat-db-fixture.ts";
import { inRowsWorld } from "../fixtures/rows-world.ts";
import type { AttachmentPrint } from "./prints.ts";

describe("an attachment", () => {
  test("is found by its guid, now or first, and names its messages", () =>
    inRowsWorld(({ fixture, ask }) => {
      const message = fixture.insertJoined();
      const rowid = fixture.insertAttachment(message, { guid: "at_0_X", original_guid: "TEMPORARY" });
      const second = fixture.insertJoined();
      fixture.db
        .prepare("INSERT INTO message_attachment_join (message_id, attachment_id) VALUES (?, ?)")
        .run(second, rowid);
      assert.deepEqual(
        ask((reader) => [
          reader.attachmentByGuid("at_0_X")?.rowid,
          reader.attachmentByGuid("TEMPORARY")?.rowid,
          reader.attachmentByGuid("NONE")?.rowid,
          reader.attachment(99n),
          reader.messagesOfAttachment(99n),
        ]),
        [rowid, rowid, undefined, undefined, []],
      );
      assert.deepEqual(
        ask((reader) => reader.messagesOfAttachment(rowid)),
        [
          { rowid: message, guid: "GUID-1" },
          { rowid: second, guid: "GUID-2" },
        ],
      );
    }));

  test("comes without what is too large, also of a message with many of them", () =>
    inRowsWorld(({ fixture, ask }) => {
      const message = fixture.insertJoined();
      const large = { user_info: Buffer.alloc(64 * 1024), filename: "f".repeat(2_048) };
      for (let count = 0; count < 120; count += 1) fixture.insertAttachment(message, large);
      const beyond = fixture.insertAttachment(undefined, {
        user_info: Buffer.alloc(64 * 1024 + 1),
        filename: "f".repeat(2_049),
      });
      const found = ask((reader) => reader.message(message))?.attachments ?? [];
      assert.equal(found.length, 100);
      assert.equal(found.filter(({ userInfo }) => userInfo !== undefined).length, 8);
      assert(found.every(({ filename }) => filename?.length === 2_048));
      assert.deepEqual(
        ask((reader) => {
          const { userInfo, filename } = reader.attachment(beyond) ?? {};
          return [userInfo, filename];
        }),
        [undefined, undefined],
      );
    }));

  test("is unknown where a database lacks the tables", () =>
    inRowsWorld(({ fixture, ask }) => {
      const message = fixture.insertJoined();
      fixture.db.exec("DROP TABLE attachment; DROP TABLE message_attachment_join");
      assert.deepEqual(
        ask((reader) => [
          reader.message(message)?.attachments,
          reader.messagePrint(message, undefined)?.attachments,
          reader.attachment(1n),
          reader.attachmentByGuid("x"),
          reader.attachmentPrint(1n),
          reader.attachmentPrintsAfter(0n, 5),
          reader.exists("attachment", 1n),
          reader.facts().headAttachmentRowid,
          reader.schema.columnCounts.attachment,
        ]),
        [[], 0, undefined, undefined, undefined, [], false, 0n, 0],
      );
    }));
});

describe("the print of an attachment", () => {
  const columns: readonly (readonly [string, MessageValues[string], keyof AttachmentPrint | undefined])[] = [
    ["guid", "at_0_Y", "guid"],
    ["transfer_state", 5, "transferState"],
    ["filename", "~/x", "progress"],
    ["transfer_name", "x", "progress"],
    ["mime_type", "image/png", "progress"],
    ["uti", "public.png", "progress"],
    ["total_bytes", 2n ** 40n, "progress"],
    ["hide_attachment", 1, "progress"],
    ["is_sticker", 1, "progress"],
    ["user_info", Buffer.from("transcript"), "info"],
    ["sticker_user_info", Buffer.from("s"), "info"],
    ["attribution_info", Buffer.from("a"), "info"],
    ["emoji_image_short_description", "a cat", "info"],
    ["ck_sync_state", 1, undefined],
    ["preview_generation_state", 1, undefined],
    ["original_guid", "TEMPORARY", undefined],
  ];

  test("has a hash for each reason, which moves with its columns and with no other, in pages too", () =>
    inRowsWorld(({ fixture, ask }) => {
      const rowid = fixture.insertAttachment(undefined);
      const print = () => ask((reader) => reader.attachmentPrint(rowid)) as AttachmentPrint;
      for (const [column, value, field] of columns) {
        const before = print();
        fixture.updateIn("attachment", rowid, { [column]: value });
        const after = print();
        const moved = (Object.keys(before) as (keyof AttachmentPrint)[]).filter(
          (key) => before[key] !== after[key],
        );
        assert.deepEqual(moved, field === undefined ? [] : [field], column);
      }
      assert.equal(print().isOverflowing, false);
      fixture.updateIn("attachment", rowid, { user_info: Buffer.alloc(70_000), transfer_state: -1 });
      const large = print();
      fixture.updateIn("attachment", rowid, { user_info: Buffer.alloc(70_001) });
      assert.deepEqual(
        [large.isOverflowing, large.transferState, large.info === print().info],
        [true, -1, false],
      );
      const other = fixture.insertAttachment(undefined);
      assert.deepEqual(
        ask((reader) => reader.attachmentPrintsAfter(0n, 10)),
        [print(), ask((reader) => reader.attachmentPrint(other))],
      );
      assert.deepEqual(
        ask((reader) => [reader.attachmentPrintsAfter(1n, 1).length, reader.attachmentPrint(99n)]),
        [1, undefined],
      );
    }));
});
