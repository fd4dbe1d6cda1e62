import { unixNsToAppleTime } from "@imesh/imessage-model";
import { finishMessage, type WriterPorts } from "./incoming.ts";

/** Rows looked at in one query. */
const PAGE_ROWS = 500;

/** What a repair did. */
export interface Repaired {
  /** Rows that were put into their chat. */
  readonly reparented: number;
  /** Own rows whose way to the peer was ended. */
  readonly finished: number;
}

/**
 * Ends what a kill interrupted; called once, before anything else is written. A row without a chat goes where its
 * `ck_chat_id` says, as Apple's reparent job does (reference §2.4); a ghost row has none and stays. Own rows that
 * never came to "sent" or "delivered" come to it now. Each step is a transaction of its own, so a kill in here is no harm.
 */
export function repairInterrupted(ports: WriterPorts): Repaired {
  return { reparented: reparent(ports), finished: finishInterrupted(ports) };
}

function reparent({ database, account }: WriterPorts): number {
  let reparented = 0;
  for (const row of pages((after) => database.tables.messages.unparented(after, PAGE_ROWS))) {
    const chat = database.tables.chats.findChat(row.chatGuid);
    if (chat === undefined) continue;
    database.save(({ messages }) => messages.join(chat.rowid, row.rowid, row.date));
    finishMessage(database, chat.rowid, row.rowid, { account, readApple: row.isFromMe ? row.date : 0n });
    reparented += 1;
  }
  return reparented;
}

function finishInterrupted({ database, clock }: WriterPorts): number {
  let finished = 0;
  for (const row of pages((after) => database.tables.messages.unfinished(after, PAGE_ROWS))) {
    if (!row.isSent) database.save(({ messages }) => messages.markSent(row.rowid));
    if (!row.isGroup) {
      const date = unixNsToAppleTime(clock.wallUnixNs());
      database.save(({ messages }) => messages.markDelivered(row.rowid, date));
    }
    finished += row.isSent && row.isGroup ? 0 : 1;
  }
  return finished;
}

function* pages<Row extends { readonly rowid: bigint }>(
  read: (after: bigint) => readonly Row[],
): Generator<Row> {
  let after = 0n;
  for (;;) {
    const rows = read(after);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.rowid;
  }
}
