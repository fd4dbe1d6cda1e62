/**
 * Messages' writer at a steady rate, timing its own commits: a message as two transactions (row, join), or the
 * upkeep that no person sees. The text carries the wall clock in microseconds just before the row's transaction.
 * Ends with one line of JSON: milliseconds of each commit and the largest size of -wal.
 *
 *   node commit-writer.ts CHAT_DB messages|maintenance RATE_PER_SECOND COUNT
 */
import { randomUUID } from "node:crypto";
import { statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { encodeAttributedBody } from "@imesh/imessage-codec";
import Database from "better-sqlite3";

const [path = "", kind = "messages", rate = "20", count = "0"] = process.argv.slice(2);
const ratePerSecond = Number(rate);
const database = new Database(path, { fileMustExist: true, timeout: 30_000 });
// As Apple compiles its SQLite.
database.pragma("journal_size_limit = 32768");
database.pragma("journal_mode = WAL");
database.pragma("synchronous = NORMAL");
const chat = database
  .prepare<[], { chatId: number; handleId: number }>(
    "SELECT chat_id AS chatId, handle_id AS handleId FROM chat_handle_join ORDER BY chat_id LIMIT 1",
  )
  .get();
if (chat === undefined) throw new Error(`Cannot write to ${path}: it has no chat`);
const head = database.prepare<[], number>("SELECT max(ROWID) FROM message").pluck().get() ?? 1;
const insertMessage = database.prepare(
  `INSERT INTO message (guid, attributedBody, handle_id, service, date, is_finished, is_from_me, part_count, version)
   VALUES (?, ?, ?, 'iMessage', ?, 1, 0, 1, 10)`,
);
const insertJoin = database.prepare(
  "INSERT INTO chat_message_join (chat_id, message_id, message_date) VALUES (?, ?, ?)",
);
const maintain = database.prepare("UPDATE message SET ck_sync_state = ?, ck_record_id = ? WHERE ROWID = ?");

const commitMs: number[] = [];
let walBytesMax = 0;

function timed<Result>(commit: () => Result): Result {
  const startNs = process.hrtime.bigint();
  const result = commit();
  commitMs.push(Number(process.hrtime.bigint() - startNs) / 1e6);
  return result;
}

const unixToApple = 978_307_200_000_000_000n;
const startNs = process.hrtime.bigint();
for (let n = 0; n < Number(count); n++) {
  const dueMs =
    ratePerSecond === 0 ? 0 : (n * 1_000) / ratePerSecond - Number(process.hrtime.bigint() - startNs) / 1e6;
  if (dueMs > 1) await sleep(dueMs);
  if (kind === "maintenance") {
    timed(() => maintain.run(n % 5, randomUUID(), 1 + ((n * 7_919) % head)));
  } else {
    const date = BigInt(Date.now()) * 1_000_000n - unixToApple;
    const body = encodeAttributedBody({
      text: `t:${Math.round((performance.timeOrigin + performance.now()) * 1_000)}`,
    });
    const { lastInsertRowid } = timed(() =>
      insertMessage.run(randomUUID().toUpperCase(), body, chat.handleId, date),
    );
    timed(() => insertJoin.run(chat.chatId, lastInsertRowid, date));
  }
  walBytesMax = Math.max(walBytesMax, statSync(`${path}-wal`).size);
}
database.close();
process.stdout.write(`${JSON.stringify({ commitMs, walBytesMax })}\n`);
