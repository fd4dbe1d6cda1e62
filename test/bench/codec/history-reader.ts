/**
 * Reads every message of a database into MessageRow objects, and decodes each or not. Prints one line of JSON: messages and seconds.
 *
 *   node history-reader.ts read|decode CHAT_DB
 */
import { decodeMessageRow } from "@imesh/imessage-codec";
import { messagePages } from "./message-pages.ts";

const [how = "", chatDbPath = ""] = process.argv.slice(2);
if (how !== "read" && how !== "decode") throw new Error(`Cannot do "${how}" (read or decode)`);

const startNs = process.hrtime.bigint();
let messages = 0;
let undecodable = 0;
for (const rows of messagePages(chatDbPath)) {
  messages += rows.length;
  if (how === "read") continue;
  for (const row of rows) {
    if (decodeMessageRow(row).kind === "undecodable") undecodable += 1;
  }
}
const seconds = Number(process.hrtime.bigint() - startNs) / 1e9;
process.stdout.write(`${JSON.stringify({ messages, undecodable, seconds })}\n`);
