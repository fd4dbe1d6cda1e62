/**
 * A second writer of the simulated chat.db that dies in the middle: writes in one transaction until the cache is too small
 * for it, so that pages nobody committed stand in the log, then kills itself with SIGKILL. Started by the simulator only.
 *
 * Arguments: path of chat.db, rows, seed.
 */
import Database from "better-sqlite3";
import { SeededRandom } from "../src/messages/seeded-random.ts";

/** Pages; a message touches over thirty, one of each of its indexes. */
const CACHE_PAGES = 10;

/** Everything beyond a record's first 4 KiB stands on overflow pages, which reach the log too. */
const BODY_BYTES_MAX = 12_000;

const [path = "", rows = "", seed = ""] = process.argv.slice(2);
const random = new SeededRandom(BigInt(seed), "killed writer");
const database = new Database(path, { timeout: 30_000, fileMustExist: true });
database.defaultSafeIntegers(true);
database.pragma(`cache_size = ${CACHE_PAGES}`);
database.pragma("cache_spill = ON");
const head = Number(database.prepare("SELECT coalesce(max(ROWID), 0) FROM message").pluck().get());
const insert = database.prepare(`
  INSERT INTO message (guid, text, attributedBody, service, date, is_finished, is_from_me, is_sent)
  VALUES (?, ?, ?, 'iMessage', ?, 1, 0, 0)`);
const read = database.prepare("UPDATE message SET is_read = 1, date_read = ? WHERE ROWID = ?");
const edit = database.prepare("UPDATE message SET text = ?, date_edited = ? WHERE ROWID = ?");
const join = database.prepare(
  "INSERT INTO chat_message_join (chat_id, message_id, message_date) SELECT ROWID, ?, ? FROM chat ORDER BY ROWID LIMIT 1",
);
database.exec("BEGIN IMMEDIATE");
for (let row = 0; row < Number(rows); row += 1) {
  const date = BigInt(random.integer(1, 2 ** 40)) * 1_000_000n;
  const old = BigInt(random.integer(1, Math.max(head, 1)));
  const body = Buffer.alloc(random.integer(1, BODY_BYTES_MAX), 0x41);
  const { lastInsertRowid } = insert.run(random.uuid(), `never committed ${row}`, body, date);
  join.run(lastInsertRowid, date);
  read.run(date, old);
  edit.run(`never committed ${row}`, date, old);
}
process.kill(process.pid, "SIGKILL");
