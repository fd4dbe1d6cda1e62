import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HISTORIC_SCHEMAS } from "../fixtures/historic-schemas.ts";
import { inRowsWorld } from "../fixtures/rows-world.ts";
import type { StoredMessage } from "./rows.ts";

/** A chat of the fixture as it is read with a message. */
const CHAT = {
  serviceName: "iMessage",
  groupId: undefined,
  roomName: undefined,
  accountLogin: undefined,
  lastAddressedHandle: undefined,
  state: 0,
  isArchived: false,
  isFiltered: 0,
  isBlackholed: false,
  properties: undefined,
};

describe("a whole message", () => {
  test("is given as stored, with its handles, chats and attachments", () =>
    inRowsWorld(({ fixture, ask }) => {
      const rowid = fixture.insertJoined({
        text: null,
        subject: "Re:",
        attributedBody: Buffer.from("typed"),
        message_summary_info: Buffer.from("plist"),
        payload_data: Buffer.from("keyed"),
        account: "E:me@example.com",
        destination_caller_id: "me@example.com",
        date: 800_000_000_123_456_789n,
        date_read: 2n ** 63n - 1n,
        date_delivered: 5n,
        date_edited: 6n,
        date_played: 7n,
        date_retracted: 8n,
        date_recovered: 9n,
        is_from_me: 1,
        is_sent: 1,
        is_delivered: 1,
        is_read: 1,
        is_played: 1,
        is_empty: 1,
        is_audio_message: 1,
        is_system_message: 1,
        is_auto_reply: 1,
        is_spam: 1,
        was_downgraded: 1,
        cache_has_attachments: 1,
        error: 22,
        item_type: 1,
        group_action_type: 3,
        group_title: "Lunch",
        share_status: 1,
        share_direction: 2,
        message_action_type: 3,
        other_handle: 2,
        associated_message_guid: "p:0/ABC",
        associated_message_type: 2000,
        associated_message_emoji: "🎉",
        associated_message_range_location: 4,
        associated_message_range_length: 5,
        balloon_bundle_id: "bundle",
        expressive_send_style_id: "loud",
        thread_originator_guid: "ROOT",
        thread_originator_part: "0:0:5",
        reply_to_guid: "BEFORE",
        ck_chat_id: "cloud",
        cache_roomnames: "chat2",
        part_count: 2,
        schedule_type: 2,
        schedule_state: 3,
        expire_state: 1,
      });
      fixture.db.exec("UPDATE handle SET person_centric_id = 'anna' WHERE ROWID = 1");
      fixture.join(rowid, 2);
      const attachment = fixture.insertAttachment(rowid, {
        guid: "at_0_GUID-1",
        original_guid: "TEMPORARY",
        filename: "~/Library/Messages/Attachments/ab/10/x/IMG.heic",
        transfer_name: "IMG.heic",
        mime_type: "image/heic",
        uti: "public.heic",
        total_bytes: 2n ** 40n,
        transfer_state: -1,
        created_date: 757_000_000,
        is_outgoing: 1,
        is_sticker: 1,
        hide_attachment: 1,
        user_info: Buffer.from("user"),
        sticker_user_info: Buffer.from("sticker"),
        attribution_info: Buffer.from("app"),
        emoji_image_short_description: "a cat",
      });
      const expected: StoredMessage = {
        rowid,
        guid: "GUID-1",
        text: undefined,
        subject: "Re:",
        attributedBody: Buffer.from("typed"),
        messageSummaryInfo: Buffer.from("plist"),
        payloadData: Buffer.from("keyed"),
        service: "iMessage",
        account: "E:me@example.com",
        destinationCallerId: "me@example.com",
        date: 800_000_000_123_456_789n,
        dateRead: 2n ** 63n - 1n,
        dateDelivered: 5n,
        dateEdited: 6n,
        datePlayed: 7n,
        dateRetracted: 8n,
        dateRecovered: 9n,
        isFromMe: true,
        isFinished: true,
        isSent: true,
        isDelivered: true,
        isRead: true,
        isPlayed: true,
        isEmpty: true,
        isAudioMessage: true,
        isSystemMessage: true,
        isAutoReply: true,
        isSpam: true,
        wasDowngraded: true,
        cacheHasAttachments: true,
        error: 22,
        itemType: 1,
        groupActionType: 3,
        groupTitle: "Lunch",
        shareStatus: 1,
        shareDirection: 2,
        messageActionType: 3,
        associatedMessageGuid: "p:0/ABC",
        associatedMessageType: 2000,
        associatedMessageEmoji: "🎉",
        associatedMessageRangeLocation: 4n,
        associatedMessageRangeLength: 5n,
        balloonBundleId: "bundle",
        expressiveSendStyleId: "loud",
        threadOriginatorGuid: "ROOT",
        threadOriginatorPart: "0:0:5",
        replyToGuid: "BEFORE",
        ckChatId: "cloud",
        cacheRoomnames: "chat2",
        partCount: 2,
        scheduleType: 2,
        scheduleState: 3,
        expireState: 1,
        sender: { address: "+15550001", service: "iMessage", country: "us", personCentricId: "anna" },
        otherHandle: {
          address: "b@example.com",
          service: "SMS",
          country: undefined,
          personCentricId: undefined,
        },
        isRecoverable: false,
        isOversized: false,
        chats: [
          {
            ...CHAT,
            rowid: 1n,
            guid: "any;-;+15550001",
            identifier: "+15550001",
            style: 45,
            displayName: undefined,
          },
          { ...CHAT, rowid: 2n, guid: "any;+;chat2", identifier: "chat2", style: 43, displayName: "Lunch" },
        ],
        attachments: [
          {
            rowid: attachment,
            guid: "at_0_GUID-1",
            originalGuid: "TEMPORARY",
            filename: "~/Library/Messages/Attachments/ab/10/x/IMG.heic",
            transferName: "IMG.heic",
            mimeType: "image/heic",
            uti: "public.heic",
            totalBytes: 2n ** 40n,
            transferState: -1,
            createdDate: 757_000_000n,
            isOutgoing: true,
            isSticker: true,
            hideAttachment: true,
            userInfo: Buffer.from("user"),
            stickerUserInfo: Buffer.from("sticker"),
            attributionInfo: Buffer.from("app"),
            emojiImageShortDescription: "a cat",
          },
        ],
      };
      assert.deepEqual(
        ask((reader) => reader.message(rowid)),
        expected,
      );
      assert.deepEqual(
        ask((reader) => reader.observe(rowid, undefined)?.message()),
        expected,
      );
    }));

  test("is read from every schema, in whatever order its columns are, and lacks what the schema lacks", async () => {
    const found: (readonly [string, StoredMessage | undefined])[] = [];
    for (const schema of ["10.11", "11", "26.5.2", "odd"] as const) {
      await inRowsWorld(
        ({ fixture, ask }) => {
          const rowid = fixture.insertJoined({ text: "t", subject: "s", error: 3, date: 4n });
          fixture.insertAttachment(rowid, { mime_type: "image/png" });
          found.push([schema, ask((reader) => reader.message(rowid))]);
        },
        { schema },
      );
    }
    assert.deepEqual(found[0]?.[1]?.attachments[0]?.mimeType, "image/png");
    assert.deepEqual(found[0]?.[1]?.dateEdited, 0n);
    assert.deepEqual(found[0]?.[1]?.payloadData, undefined);
    for (const [schema, message] of found) assert.deepEqual(message, found[0]?.[1], schema);
  });

  test("survives values that no column should hold", () =>
    inRowsWorld(({ fixture, ask }) => {
      const rowid = fixture.insertJoined({
        text: Buffer.from([0x68, 0x69, 0xff, 0x21]),
        attributedBody: "text in a blob's place",
        error: 2n ** 40n + 5n,
        date: 1.5,
        is_read: null,
        is_finished: null,
        handle_id: 99,
        group_title: 7,
      });
      fixture.db.exec(`UPDATE message SET subject = CAST(x'61ff62' AS TEXT) WHERE ROWID = ${rowid}`);
      const observed = ask((reader) => reader.observe(rowid, undefined));
      const message = ask((reader) => reader.message(rowid));
      assert.deepEqual(
        [message?.text, message?.subject, message?.attributedBody?.toString(), message?.error, message?.date],
        ["hi\uFFFD!", "a\uFFFDb", "text in a blob's place", 5, 1n],
      );
      assert.deepEqual([message?.isRead, message?.sender, message?.groupTitle], [false, undefined, "7.0"]);
      assert.deepEqual([observed?.print.isFinished, message?.isFinished], [true, false]);
      assert.deepEqual(
        ask((reader) => reader.messagePrintsAfter(0n, 9, { content: true })),
        [observed?.print],
      );
    }));

  test("comes without bodies that fit no frame, and says so", () =>
    inRowsWorld(({ fixture, ask }) => {
      const body = Buffer.alloc(2 * 1024 * 1024 - 1);
      const rowid = fixture.insertJoined({ text: "x", attributedBody: body });
      const whole = ask((reader) => reader.message(rowid));
      fixture.update(rowid, { group_title: "y" });
      const oversized = ask((reader) => reader.message(rowid));
      assert.deepEqual(
        [whole?.text, whole?.attributedBody?.length, whole?.isOversized],
        ["x", body.length, false],
      );
      assert.deepEqual(
        [
          oversized?.text,
          oversized?.attributedBody,
          oversized?.groupTitle,
          oversized?.guid,
          oversized?.isOversized,
        ],
        [undefined, undefined, undefined, "GUID-1", true],
      );
    }));

  test("knows Recently Deleted, and a join whose chat is not there yet", () =>
    inRowsWorld(({ fixture, ask }) => {
      const early = fixture.insert();
      fixture.join(early, 77);
      const recycled = fixture.insertJoined();
      fixture.recycle(recycled);
      const found = [early, recycled].map((rowid) => ask((reader) => reader.message(rowid)));
      assert.deepEqual(
        found.map((message) => [message?.chats.length, message?.isRecoverable]),
        [
          [0, false],
          [0, true],
        ],
      );
    }));

  test("is found by its guid, the newest where several have it, with an index or without", async () => {
    for (const isUnique of [true, false]) {
      await inRowsWorld(
        ({ fixture, ask }) => {
          const first = fixture.insert({ guid: "ONE" });
          if (!isUnique) fixture.insert({ guid: "ONE" });
          fixture.insert({ guid: "OTHER" });
          const found = ask((reader) => [
            reader.messageByGuid("ONE")?.rowid,
            reader.messageByGuid("NONE")?.rowid,
            reader.message(99n),
          ]);
          assert.deepEqual(found, [isUnique ? first : first + 1n, undefined, undefined]);
        },
        {
          messageColumns: HISTORIC_SCHEMAS["11"].message.map((column) =>
            isUnique ? column : column.replace("UNIQUE", ""),
          ),
        },
      );
    }
  });

  test("notices columns that a migration adds while the connection is open, in every statement", () =>
    inRowsWorld(
      ({ fixture, ask }) => {
        const rowid = fixture.insertJoined();
        const print = ask((reader) => reader.messagePrint(rowid, undefined));
        assert.equal(ask((reader) => reader.message(rowid))?.partCount, 0);
        fixture.db.exec(`ALTER TABLE message ADD COLUMN part_count INTEGER;
          ALTER TABLE message DROP COLUMN service_center;
          ALTER TABLE attachment ADD COLUMN emoji_image_short_description TEXT;
          CREATE TABLE chat_recoverable_message_join (chat_id INTEGER, message_id INTEGER, delete_date INTEGER)`);
        fixture.update(rowid, { part_count: 4 });
        const attachment = fixture.insertAttachment(rowid, { emoji_image_short_description: "a cat" });
        const gone = fixture.insertJoined();
        fixture.recycle(gone);
        ask((reader) => {
          assert.equal(reader.message(rowid)?.partCount, 4);
          assert.equal(reader.message(gone)?.isRecoverable, true);
          assert.equal(reader.attachment(attachment)?.emojiImageShortDescription, "a cat");
          assert.notEqual(reader.messagePrint(rowid, undefined)?.contentBytes, print?.contentBytes);
          assert.deepEqual(
            reader.messagePrintsAfter(0n, 9, { content: false }).map((one) => [one.rowid, one.isRecoverable]),
            [
              [rowid, false],
              [gone, true],
            ],
          );
        });
      },
      { schema: "11" },
    ));
});

describe("facts", () => {
  test("tell the heads, and what there is", () =>
    inRowsWorld(({ fixture, db, ask }) => {
      const rowid = fixture.insertJoined();
      const attachment = fixture.insertAttachment(rowid);
      const gone = fixture.insert();
      fixture.remove(gone);
      assert.deepEqual(
        ask((reader) => reader.facts()),
        { databaseUid: "UID-A", headRowid: 1n, headChatRowid: 2n, headAttachmentRowid: 1n },
      );
      const found = ask((reader) => [
        reader.exists("message", rowid),
        reader.exists("message", gone),
        reader.exists("chat", 2n),
        reader.exists("chat", 3n),
        reader.exists("attachment", attachment),
        reader.exists("attachment", attachment + 1n),
      ]);
      assert.deepEqual(found, [true, false, true, false, true, false]);
      assert.deepEqual(
        ask((reader) => [reader.messageRowidsAfter(0n, 5), reader.messageRowidsAfter(1n, 5)]),
        [[1n], []],
      );
      const { messageColumns, ...description } = db.describe();
      assert.equal(messageColumns.length, 95);
      assert.deepEqual(
        [description.headRowid, description.clientVersion, description.identity.databaseUid],
        [1n, "18013", "UID-A"],
      );
    }));

  test("do without properties, and hash a uid that is none", async () => {
    await inRowsWorld(
      ({ db, ask }) => {
        assert.equal(
          ask((reader) => reader.facts().databaseUid),
          "",
        );
        assert.equal(db.describe().clientVersion, "");
      },
      { databaseUid: null, schema: "10.11" },
    );
    await inRowsWorld(
      ({ ask }) => {
        assert.match(
          ask((reader) => reader.facts().databaseUid),
          /^sha256-[0-9a-f]{64}$/,
        );
      },
      { databaseUid: "u".repeat(257) },
    );
  });
});
