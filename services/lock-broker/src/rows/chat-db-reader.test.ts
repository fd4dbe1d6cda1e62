import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock, type TemporaryDirectory, temporaryDirectory } from "@imesh/testing";
import { appleNs, ChatDbFixture, COLUMNS_10_13, COLUMNS_SINCE_10_13 } from "../fixtures/chat-db-fixture.ts";
import { ChatDb } from "./chat-db.ts";
import { rowQueries } from "./row-queries.ts";

function open(path: string, onReplaced: (generation: string) => void = () => {}): ChatDb {
  return ChatDb.open(path, {
    clock: new FakeClock(),
    onRead: () => {},
    onReplaced: ({ generation }) => onReplaced(generation),
  });
}

async function withFixture(
  run: (fixture: ChatDbFixture, db: ChatDb, directory: TemporaryDirectory) => void | Promise<void>,
  options: Parameters<typeof ChatDbFixture.create>[1] = {},
): Promise<void> {
  await using directory = await temporaryDirectory();
  using fixture = ChatDbFixture.create(directory.file("chat.db"), options);
  using db = open(fixture.path);
  await run(fixture, db, directory);
}

describe("ChatDbReader", () => {
  test("gives a whole row as stored, with sender and chats", async () => {
    await withFixture((fixture, db) => {
      const rowid = fixture.insertJoined({
        text: null,
        subject: "Re:",
        attributedBody: Buffer.from("typed"),
        message_summary_info: Buffer.from("plist"),
        account: "E:me@example.com",
        destination_caller_id: "me@example.com",
        date: 800_000_000_123_456_789n,
        date_read: 2n ** 63n - 1n,
        date_delivered: 5n,
        date_edited: 6n,
        is_from_me: 1,
        is_sent: 1,
        is_delivered: 1,
        is_read: 1,
        is_empty: 1,
        error: 22,
        item_type: 1,
        group_action_type: 3,
        group_title: "Lunch",
        associated_message_guid: "p:0/ABC",
        associated_message_type: 2000,
        associated_message_emoji: "🎉",
        balloon_bundle_id: "bundle",
        expressive_send_style_id: "loud",
        thread_originator_guid: "ROOT",
        thread_originator_part: "0:0:5",
        part_count: 2,
        cache_has_attachments: 1,
        is_audio_message: 1,
        schedule_type: 2,
        schedule_state: 3,
      });
      fixture.join(rowid, 2);
      assert.deepEqual(
        db.read(({ reader }) => reader.message(rowid)),
        {
          rowid,
          guid: "GUID-1",
          text: undefined,
          subject: "Re:",
          attributedBody: Buffer.from("typed"),
          messageSummaryInfo: Buffer.from("plist"),
          service: "iMessage",
          account: "E:me@example.com",
          destinationCallerId: "me@example.com",
          date: 800_000_000_123_456_789n,
          dateRead: 2n ** 63n - 1n,
          dateDelivered: 5n,
          dateEdited: 6n,
          isFromMe: true,
          isFinished: true,
          isSent: true,
          isDelivered: true,
          isRead: true,
          isEmpty: true,
          error: 22,
          itemType: 1,
          groupActionType: 3,
          groupTitle: "Lunch",
          associatedMessageGuid: "p:0/ABC",
          associatedMessageType: 2000,
          associatedMessageEmoji: "🎉",
          balloonBundleId: "bundle",
          expressiveSendStyleId: "loud",
          threadOriginatorGuid: "ROOT",
          threadOriginatorPart: "0:0:5",
          partCount: 2,
          cacheHasAttachments: true,
          isAudioMessage: true,
          scheduleType: 2,
          scheduleState: 3,
          sender: { address: "+15550001", service: "iMessage", country: "us" },
          chats: [
            {
              rowid: 1n,
              guid: "any;-;+15550001",
              identifier: "+15550001",
              serviceName: "iMessage",
              style: 45,
              displayName: undefined,
            },
            {
              rowid: 2n,
              guid: "any;+;chat2",
              identifier: "chat2",
              serviceName: "iMessage",
              style: 43,
              displayName: "Lunch",
            },
          ],
        },
      );
    });
  });

  test("reads what a database of 10.13 has, and calls the rest absent", async () => {
    const options = {
      messageColumns: COLUMNS_10_13,
      databaseUid: null,
      hasRecoverable: false,
      hasJoinDates: false,
    };
    await withFixture((fixture, db) => {
      const rowid = fixture.insertJoined({ handle_id: 0, date: 500_000_000n });
      db.read(({ reader, facts, identity }) => {
        assert.deepEqual(facts, { databaseUid: "", headRowid: 1n, endRowid: 1n });
        assert.equal(identity.databaseUid, "");
        assert.equal(reader.clientVersion(), "");
        const [row] = reader.observeAfter(0n, undefined, 10);
        assert.deepEqual([row?.isJoined, row?.isDeleted, row?.isFinished], [true, false, true]);
        const message = reader.message(rowid);
        assert.deepEqual(
          [message.text, message.dateEdited, message.partCount, message.scheduleType, message.sender],
          ["hello", 0n, 0, 0, undefined],
        );
        const [first] = reader.chatList(1, undefined);
        assert.deepEqual([first?.chat.rowid, first?.lastMessageDate], [1n, 500_000_000_000_000_000n]);
      });
    }, options);
  });

  test("does not care in which order the columns are", async () => {
    const messageColumns = [...COLUMNS_10_13, ...COLUMNS_SINCE_10_13].reverse();
    await withFixture(
      (fixture, db) => {
        const rowid = fixture.insertJoined({ text: "reordered", subject: "s", error: 3 });
        const message = db.read(({ reader }) => reader.message(rowid));
        assert.deepEqual(
          [message.guid, message.text, message.subject, message.error],
          ["GUID-1", "reordered", "s", 3],
        );
      },
      { messageColumns },
    );
  });

  test("notices columns that a migration adds while it runs", async () => {
    const messageColumns = [...COLUMNS_10_13, "is_corrupt INTEGER"];
    await withFixture(
      (fixture, db) => {
        const rowid = fixture.insertJoined();
        assert.equal(db.read(({ reader }) => reader.message(rowid)).partCount, 0);
        fixture.db.exec("ALTER TABLE message ADD COLUMN part_count INTEGER");
        fixture.db.exec("ALTER TABLE message DROP COLUMN is_corrupt");
        fixture.update(rowid, { part_count: 4 });
        const found = db.read(({ reader }) => [
          reader.message(rowid).partCount,
          reader.schema.messageColumns.at(-1),
        ]);
        assert.deepEqual(found, [4, "part_count"]);
      },
      { messageColumns },
    );
  });

  test("survives values that no column should hold", async () => {
    await withFixture((fixture, db) => {
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
      const message = db.read(({ reader }) => reader.message(rowid));
      assert.deepEqual(
        [message.text, message.subject, message.attributedBody?.toString(), message.error, message.date],
        ["hi\uFFFD!", "a\uFFFDb", "text in a blob's place", 5, 1n],
      );
      assert.deepEqual([message.isRead, message.sender, message.groupTitle], [false, undefined, "7.0"]);
      assert.equal(db.read(({ reader }) => reader.observe(rowid))?.isFinished, true);
    });
  });

  test("leaves bodies out that fit no frame", async () => {
    await withFixture((fixture, db) => {
      const rowid = fixture.insertJoined({ text: "x", attributedBody: Buffer.alloc(2 * 1024 * 1024) });
      const { observation, message } = db.read(({ reader }) => ({
        observation: reader.observe(rowid),
        message: reader.message(rowid),
      }));
      assert.equal(observation?.bytes, 2 * 1024 * 1024 + 1);
      assert.deepEqual(
        [message.text, message.attributedBody, message.guid],
        [undefined, undefined, "GUID-1"],
      );
    });
  });

  test("counts a join only when its chat is there, and knows a deleted row", async () => {
    await withFixture((fixture, db) => {
      const early = fixture.insert();
      fixture.join(early, 77);
      const recycled = fixture.insertJoined();
      fixture.recycle(recycled);
      const rows = db.read(({ reader }) => reader.observeAfter(0n, undefined, 10));
      assert.deepEqual(
        rows.map(({ isJoined, isDeleted }) => [isJoined, isDeleted]),
        [
          [false, false],
          [false, true],
        ],
      );
    });
  });

  test("fingerprints what is followed: progress of own rows, direction of incoming ones", async () => {
    await withFixture((fixture, db) => {
      const rowid = fixture.insertJoined({ date: appleNs(1_767_323_045_000) });
      const fingerprint = () => db.read(({ reader }) => reader.observe(rowid))?.fingerprint;
      const seen = [fingerprint()];
      const change = (values: Parameters<typeof fixture.update>[1]) => {
        fixture.update(rowid, values);
        const now = fingerprint();
        const isNew = !seen.includes(now);
        seen.push(now);
        return isNew;
      };
      assert.equal(change({ is_read: 1, date_read: 9n }), false);
      assert.equal(change({ is_from_me: 1 }), true);
      assert.equal(change({ is_sent: 1 }), true);
      assert.equal(change({ is_delivered: 1 }), true);
      assert.equal(change({ date_delivered: 10n }), true);
      assert.equal(change({ date_read: 2n ** 40n + 9n }), true);
      assert.equal(change({ date_edited: 11n }), true);
      assert.equal(change({ error: 22 }), true);
      assert.equal(change({ text: "other", part_count: 3 }), false);
    });
  });

  test("finds a row's chats by an index, on systems that have none on message_id too", async () => {
    for (const hasJoinDates of [true, false]) {
      await withFixture(
        (fixture, db) => {
          // Statistics as they are after years, which would tempt the planner to scan the smaller-looking table.
          fixture.db.exec("ANALYZE");
          const rowid = fixture.insertJoined();
          const { isIndexed, found } = db.read(({ reader }) => ({
            isIndexed: reader.schema.isIndexed("chat_message_join", "message_id"),
            found: [reader.observe(rowid)?.isJoined, reader.message(rowid).chats.length],
          }));
          assert.deepEqual([isIndexed, found], [hasJoinDates, [true, 1]]);
          const queries = db.read(({ reader }) => rowQueries(reader.schema));
          for (const sql of [
            queries.observeOne,
            queries.observeAfter,
            queries.chatsOfMessage,
            queries.message,
          ]) {
            const plan = fixture.db.prepare<[], { detail: string }>(
              `EXPLAIN QUERY PLAN ${sql.replaceAll("?", "1")}`,
            );
            const scans = plan.all().filter(({ detail }) => /^SCAN [jm]\b/.test(detail));
            assert.deepEqual(scans, [], sql);
          }
        },
        { hasJoinDates },
      );
    }
  });

  test("lists chats by falling date of the last message, from any place on", async () => {
    await withFixture((fixture, db) => {
      fixture.db.exec(`INSERT INTO chat (guid) VALUES ('any;-;empty');
        INSERT INTO chat_message_join (chat_id, message_id, message_date) VALUES (1, 1, 5), (1, 2, 9), (2, 3, 9)`);
      const list = db.read(({ reader }) => reader.chatList(10, undefined));
      assert.deepEqual(
        list.map(({ chat, lastMessageDate, participants }) => [
          chat.rowid,
          lastMessageDate,
          participants.map(({ address }) => address),
        ]),
        [
          [2n, 9n, ["+15550001", "b@example.com"]],
          [1n, 9n, ["+15550001"]],
          [3n, 0n, []],
        ],
      );
      const rest = db.read(({ reader }) => reader.chatList(10, { lastMessageDate: 9n, chatRowid: 2n }));
      assert.deepEqual(
        rest.map(({ chat }) => chat.rowid),
        [1n, 3n],
      );
    });
  });
});
