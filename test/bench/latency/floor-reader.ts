/**
 * The floor: the least a program can do to hear of a commit and tell another process. One process, a bare
 * better-sqlite3 reader woken by fs.watch with a retry ladder and a poll, one grpc-js stream with no codec. No proof,
 * no journal, no cursor, no decoding.
 *
 *   node floor-reader.ts CHAT_DB SOCKET
 */
import { watch } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { serveBytes } from "./byte-stream.ts";

const [path = "", socket = ""] = process.argv.slice(2);
const database = new Database(path, { readonly: true, fileMustExist: true });
const select = database.prepare<[number], { rowid: number; body: Buffer }>(
  `SELECT message.ROWID AS rowid, message.attributedBody AS body FROM message
   JOIN chat_message_join ON chat_message_join.message_id = message.ROWID
   WHERE message.ROWID > ? ORDER BY message.ROWID LIMIT 256`,
);
let last = database.prepare<[], number>("SELECT coalesce(max(ROWID), 0) FROM message").pluck().get() ?? 0;
const publish = await serveBytes(socket);

function readNew(): boolean {
  const rows = select.all(last);
  for (const row of rows) {
    last = row.rowid;
    publish(row.body);
  }
  return rows.length > 0;
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
