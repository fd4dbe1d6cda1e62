import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodeAttributedBody, decodeBody, decodePayload, decodeSummaryInfo } from "@imesh/imessage-codec";
import { unixNsToAppleTime } from "@imesh/imessage-model";
import { FakeClock, temporaryDirectory } from "@imesh/testing";
import Database from "better-sqlite3";
import type { DatabaseBirth } from "../mac/database-birth.ts";
import { openMac } from "../mac/mac.ts";
import { makeAccount } from "./account.ts";
import { writeLongHistory } from "./long-history.ts";
import { repairInterrupted } from "./repair.ts";
import { SeededRandom } from "./seeded-random.ts";

const COUNT = 3_000;
const NS_PER_DAY = 86_400_000_000_000n;
const ACCOUNT = makeAccount("+15550000000", "A-1");

async function withHistory(
  run: (stage: {
    read: (sql: string) => unknown[];
    mac: ReturnType<typeof openMac>;
    clock: FakeClock;
  }) => void,
): Promise<void> {
  await using directory = await temporaryDirectory();
  const clock = new FakeClock();
  const birth = {
    uniqueIdentifier: "U-1",
    accountGuid: "A-1",
    fill: () => {},
    fillInBulk: (...[chats, bulk]: Parameters<NonNullable<DatabaseBirth["fillInBulk"]>>) =>
      writeLongHistory(
        { chats, bulk },
        {
          count: COUNT,
          account: ACCOUNT,
          nowUnixNs: clock.wallUnixNs(),
          random: new SeededRandom(1n, "past"),
        },
      ),
  };
  using mac = openMac(directory.path, () => birth, clock);
  const reader = new Database(mac.paths.chatDb, { readonly: true });
  reader.defaultSafeIntegers(true);
  try {
    run({ mac, clock, read: (sql) => reader.prepare(sql).raw().all() });
  } finally {
    reader.close();
  }
}

describe("writeLongHistory()", () => {
  test("writes rows as the triggers would have left them, oldest first", async () => {
    await withHistory(({ read, clock }) => {
      const counted = `SELECT count(*), count(DISTINCT j.chat_id), count(DISTINCT m.guid), min(m.is_read OR m.is_from_me), min(j.index_state),
        sum(m.is_from_me) > 0, sum(m.text IS NULL) > 0 FROM message m JOIN chat_message_join j ON j.message_id = m.ROWID`;
      const rows = BigInt(COUNT);
      assert.deepEqual(read(counted), [[rows, 200n, rows, 1n, 1n, 1n, 1n]]);
      const wrong = `SELECT count(*) FROM message m JOIN chat_message_join j ON j.message_id = m.ROWID
        JOIN chat c ON c.ROWID = j.chat_id
        WHERE m.cache_roomnames IS NOT c.room_name OR j.message_date <> m.date OR m.ck_chat_id <> c.guid`;
      assert.deepEqual(read(wrong), [[0n]]);
      assert.deepEqual(read("SELECT donated_count FROM index_state_metrics"), [[rows]]);
      assert.deepEqual(read("SELECT count(*) FROM chat_service"), [[200n]]);
      assert.deepEqual(
        read("SELECT count(*) FROM message a JOIN message b ON b.ROWID = a.ROWID + 1 WHERE b.date < a.date"),
        [[0n]],
      );
      const newest = unixNsToAppleTime(clock.wallUnixNs() - 31n * NS_PER_DAY);
      assert.deepEqual(read(`SELECT max(date) <= ${newest} FROM message`), [[1n]]);
      assert.deepEqual(read("PRAGMA integrity_check"), [["ok"]]);
      assert.deepEqual(read("PRAGMA foreign_key_check"), []);
    });
  });

  test("has bodies of a usual size that say what the text column says", async () => {
    await withHistory(({ read }) => {
      const [[mean]] = read("SELECT avg(length(attributedBody)) FROM message") as [[number]];
      assert.ok(mean > 250 && mean < 500, `${mean} bytes`);
      const both = read("SELECT text, attributedBody FROM message WHERE text IS NOT NULL LIMIT 50") as [
        string,
        Buffer,
      ][];
      for (const [text, body] of both) assert.equal(decodeAttributedBody(body).text, text);
    });
  });

  test("has something of everything, and all of it can be read", async () => {
    await withHistory(({ read }) => {
      const shares = `SELECT sum(associated_message_type BETWEEN 2000 AND 2005), sum(date_edited > 0), sum(cache_has_attachments),
        sum(payload_data IS NOT NULL), sum(thread_originator_guid IS NOT NULL), sum(expressive_send_style_id IS NOT NULL)
        FROM message`;
      const counts = (read(shares) as bigint[][])[0] ?? [];
      assert.ok(
        counts.every((count) => count > 0n && count < BigInt(COUNT / 10)),
        `${counts}`,
      );
      const dangling = `SELECT count(*) FROM message m WHERE associated_message_guid IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM message t WHERE m.associated_message_guid LIKE '%' || t.guid AND t.ROWID < m.ROWID)`;
      assert.deepEqual(read(dangling), [[0n]]);
      const attached = `SELECT a.guid, m.attributedBody FROM message m JOIN message_attachment_join j ON j.message_id = m.ROWID
        JOIN attachment a ON a.ROWID = j.attachment_id`;
      const bodies = read(attached) as [string, Buffer][];
      assert.equal(BigInt(bodies.length), counts[2]);
      for (const [guid, body] of bodies) {
        const [part] = decodeBody(body).parts;
        assert.equal(part?.kind === "attachment" ? part.attachment.transferGuid : undefined, guid);
      }
      const entities = new Set<string>();
      for (const [body, info, balloonBundleId, payloadData] of read(
        "SELECT attributedBody, message_summary_info, balloon_bundle_id, payload_data FROM message",
      ) as [Buffer, Buffer | null, string | null, Buffer | null][]) {
        for (const part of decodeBody(body).parts) {
          if (part.kind === "text") for (const { kind } of part.entities) entities.add(kind);
        }
        if (info !== null) assert.deepEqual(decodeSummaryInfo(info).faults, []);
        const balloon = decodePayload({ balloonBundleId, payloadData, associatedMessageType: 0 });
        assert.ok(balloon === null || balloon.kind === "link-preview");
      }
      assert.deepEqual([...entities].sort(), ["link", "mention", "style"]);
    });
  });

  test("is no news, and has nothing to repair", async () => {
    await withHistory(({ mac, clock }) => {
      assert.equal(mac.truth.lastSequence, 0n);
      const stopping = new AbortController().signal;
      const repaired = repairInterrupted({ database: mac.database, clock, account: ACCOUNT, stopping });
      assert.deepEqual(repaired, { reparented: 0, finished: 0 });
    });
  });
});
