import { ATTRIBUTE_KEY } from "@imesh/imessage-codec";
import { readBody } from "./bodies.ts";
import { findChat } from "./chats.ts";
import { finishMessage } from "./incoming.ts";
import { writeDelivered, writeSent } from "./outgoing.ts";
import { seeMessage } from "./see.ts";
import type { WriterPorts } from "./writer-ports.ts";

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
 * `ck_chat_id` says, as Apple's reparent job does (docs/chat-db.md §2); a ghost row has none and stays. Own rows that
 * never came to "sent" or "delivered" come to it now, attachments to the message whose body names them. Each step is a transaction of its own, so a kill in here is no harm.
 */
export function repairInterrupted(ports: WriterPorts): Repaired {
  const reparented = reparent(ports);
  joinAttachments(ports);
  return { reparented, finished: finishInterrupted(ports) };
}

function reparent({ database, account }: WriterPorts): number {
  let reparented = 0;
  for (const row of pages((after) => database.tables.messages.unparented(after, PAGE_ROWS))) {
    const chat = findChat(database.tables, row.chatGuid);
    if (chat === undefined) continue;
    database.save((tables) => {
      tables.messages.join(chat.rowid, row.rowid, row.date);
      seeMessage(tables, row.rowid, "new");
    });
    finishMessage(database, chat.rowid, row.rowid, { account, readApple: row.isFromMe ? row.date : 0n });
    reparented += 1;
  }
  return reparented;
}

function joinAttachments({ database }: WriterPorts): void {
  const { attachments } = database.tables;
  for (const row of pages((after) => attachments.waitingForJoins(after, PAGE_ROWS))) {
    const found = transferGuids(row.attributedBody).flatMap((guid) => attachments.byGuid(guid) ?? []);
    if (found.length === 0) continue;
    database.save((tables) => {
      for (const attachment of found) tables.attachments.join(row.rowid, attachment.rowid);
      const isSeen = tables.changes.chatsOf(row.rowid).some(({ isRecoverable }) => !isRecoverable);
      if (isSeen) seeMessage(tables, row.rowid, "attachments");
    });
  }
}

function transferGuids(attributedBody: Uint8Array): readonly string[] {
  return (readBody(attributedBody)?.runs ?? []).flatMap(({ attributes }) => {
    const guid = attributes.get(ATTRIBUTE_KEY.fileTransferGuid);
    return guid?.kind === "string" ? [guid.value] : [];
  });
}

function finishInterrupted(ports: WriterPorts): number {
  const { database } = ports;
  let finished = 0;
  for (const row of pages((after) => database.tables.messages.unfinished(after, PAGE_ROWS))) {
    if (!row.isSent) writeSent(row.rowid, ports);
    if (!row.isGroup) writeDelivered(row.rowid, ports);
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
