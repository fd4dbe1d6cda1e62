/**
 * The floor of noticing: one process with fs.watch, a retry ladder, a poll, and a bare better-sqlite3 reader by ROWID.
 * Prints "ready", then, after COUNT messages, one line of JSON: milliseconds from the stamp in the text to the row in hand.
 *
 *   node floor-tail.ts CHAT_DB COUNT
 */
import { watch } from "node:fs";
import { dirname } from "node:path";
import { decodeAttributedBody } from "@imesh/imessage-codec";
import Database from "better-sqlite3";

const [path = "", count = "0"] = process.argv.slice(2);
const database = new Database(path, { readonly: true, fileMustExist: true });
const select = database.prepare<[number], { rowid: number; body: Buffer }>(
  `SELECT message.ROWID AS rowid, message.attributedBody AS body, message.guid, message.date, message.service,
          chat.guid AS chatGuid, handle.id AS sender
   FROM message JOIN chat_message_join ON chat_message_join.message_id = message.ROWID
   JOIN chat ON chat.ROWID = chat_message_join.chat_id LEFT JOIN handle ON handle.ROWID = message.handle_id
   WHERE message.ROWID > ? ORDER BY message.ROWID LIMIT 256`,
);
let last = database.prepare<[], number>("SELECT coalesce(max(ROWID), 0) FROM message").pluck().get() ?? 0;
const latencies: number[] = [];

function readNew(): boolean {
  const rows = select.all(last);
  if (rows.length === 0) return false;
  const readUs = (performance.timeOrigin + performance.now()) * 1_000;
  for (const { rowid, body } of rows) {
    last = rowid;
    const { text } = decodeAttributedBody(body);
    if (text.startsWith("t:")) latencies.push((readUs - Number(text.slice(2))) / 1_000);
  }
  if (latencies.length >= Number(count)) {
    process.stdout.write(`${JSON.stringify(latencies)}\n`);
    process.exit(0);
  }
  return true;
}

let ladder: NodeJS.Timeout | undefined;
function climb(delayMs: number): void {
  clearTimeout(ladder);
  if (readNew() || delayMs > 32) return;
  ladder = setTimeout(climb, delayMs, delayMs * 2);
}
watch(dirname(path), () => climb(1));
setInterval(readNew, 20);
process.stdout.write("ready\n");
