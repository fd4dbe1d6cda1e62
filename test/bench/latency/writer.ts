/**
 * A process that commits messages as Messages does (row, then join, each its own transaction) at a steady rate.
 * The text carries the monotonic time just before the row's transaction, which every process of a machine shares.
 * WARM_UP messages at 200/s come first, marked so that nobody counts them: they let V8 compile what is measured.
 *
 *   node writer.ts CHAT_DB RATE_PER_SECOND COUNT WARM_UP
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { encodeAttributedBody } from "@imesh/imessage-codec";
import Database from "better-sqlite3";

const [path = "", rate = "20", count = "0", warmUp = "0"] = process.argv.slice(2);
const database = new Database(path, { fileMustExist: true });
// As Apple compiles its SQLite.
database.pragma("journal_size_limit = 32768");
database.pragma("journal_mode = WAL");
database.pragma("synchronous = NORMAL");
const found = database
  .prepare<[], { chatId: number; handleId: number }>(
    "SELECT chat_id AS chatId, handle_id AS handleId FROM chat_handle_join ORDER BY chat_id LIMIT 1",
  )
  .get();
if (found === undefined) throw new Error(`Cannot write to ${path}: it has no chat`);
const chat = found;

const insertMessage = database.prepare(
  `INSERT INTO message (guid, attributedBody, handle_id, service, date, is_finished, is_from_me, part_count, version)
   VALUES (?, ?, ?, 'iMessage', ?, 1, 0, 1, 10)`,
);
const insertJoin = database.prepare(
  "INSERT INTO chat_message_join (chat_id, message_id, message_date) VALUES (?, ?, ?)",
);

const unixToApple = 978_307_200_000_000_000n;
async function write(mark: string, ratePerSecond: number, messages: number): Promise<void> {
  const startNs = process.hrtime.bigint();
  for (let n = 0; n < messages; n++) {
    const dueMs = (n * 1_000) / ratePerSecond - Number(process.hrtime.bigint() - startNs) / 1e6;
    if (dueMs > 1) await sleep(dueMs);
    const date = BigInt(Date.now()) * 1_000_000n - unixToApple;
    const guid = randomUUID().toUpperCase();
    const body = encodeAttributedBody({ text: `${mark}:${process.hrtime.bigint()}` });
    const { lastInsertRowid } = insertMessage.run(guid, body, chat.handleId, date);
    insertJoin.run(chat.chatId, lastInsertRowid, date);
  }
}

await write("w", 200, Number(warmUp));
await sleep(200);
await write("t", Number(rate), Number(count));
database.close();
