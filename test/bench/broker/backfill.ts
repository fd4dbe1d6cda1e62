/**
 * Reads every message of the database, oldest first: through lock-broker (ListMessages, 500 a page), or bare, the same
 * columns in the same pages with better-sqlite3 in this process. Prints one line of JSON: messages and seconds.
 *
 *   node backfill.ts broker SOCKET [MESSAGES_MAX]
 *   node backfill.ts bare CHAT_DB [MESSAGES_MAX]
 */
import { BrokerServiceClient, SortOrder } from "@imesh/contracts/broker/v1";
import { connect } from "@imesh/rpc";
import { SystemClock } from "@imesh/time";
import Database from "better-sqlite3";

const [how = "", where = "", most = "1000000000"] = process.argv.slice(2);
const messagesMax = Number(most);
const pageSize = 500;

async function throughBroker(): Promise<number> {
  const client = connect(BrokerServiceClient, `unix:${where}`, { clock: new SystemClock() });
  let messages = 0;
  let pageToken = "";
  do {
    const page = await client.call(
      "listMessages",
      {
        chatGuid: "",
        order: SortOrder.OLDEST_FIRST,
        startTime: undefined,
        endTime: undefined,
        pageSize,
        pageToken,
      },
      { deadlineMs: 30_000 },
    );
    messages += page.messages.length;
    pageToken = page.nextPageToken;
  } while (pageToken !== "" && messages < messagesMax);
  return messages;
}

function bare(): number {
  const database = new Database(where, { readonly: true, fileMustExist: true });
  database.defaultSafeIntegers(true);
  const page = database.prepare<[bigint, bigint], Record<string, unknown> & { rowid: bigint; date: bigint }>(
    `SELECT m.ROWID AS rowid, m.*, h.id AS address, h.service AS handleService FROM message m
     LEFT JOIN handle h ON h.ROWID = m.handle_id
     WHERE (m.date, m.ROWID) > (?, ?) ORDER BY m.date, m.ROWID LIMIT ${pageSize}`,
  );
  const chats = database.prepare(
    `SELECT c.* FROM chat_message_join j JOIN chat c ON c.ROWID = j.chat_id WHERE j.message_id = ?`,
  );
  const attachments = database.prepare(
    `SELECT a.* FROM message_attachment_join j JOIN attachment a ON a.ROWID = j.attachment_id WHERE j.message_id = ?`,
  );
  let messages = 0;
  let last: { rowid: bigint; date: bigint } | undefined = { rowid: 0n, date: -1n };
  while (last !== undefined && messages < messagesMax) {
    const rows = page.all(last.date, last.rowid);
    for (const { rowid } of rows) {
      chats.all(rowid);
      attachments.all(rowid);
    }
    messages += rows.length;
    last = rows.at(-1);
  }
  return messages;
}

const startNs = process.hrtime.bigint();
const messages = how === "broker" ? await throughBroker() : bare();
const seconds = Number(process.hrtime.bigint() - startNs) / 1e9;
process.stdout.write(`${JSON.stringify({ messages, seconds })}\n`);
process.exit(0);
