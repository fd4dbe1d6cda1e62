import { encodeAttributedBody } from "@imesh/imessage-codec";
import { unixNsToAppleTime } from "@imesh/imessage-model";
import type { Tables } from "../mac/tables.ts";
import type { Account } from "./account.ts";
import { burstAddress } from "./burst-plan.ts";
import { ensureChat } from "./chats.ts";
import { cloudRecord } from "./cloud-record.ts";
import { incomingRow, ownRow } from "./message-rows.ts";
import { SeededRandom } from "./seeded-random.ts";
import { joinWaitingRow, type WaitingRow } from "./waiting-row.ts";
import type { WriterPorts } from "./writer-ports.ts";

/** What iCloud brings. */
export interface BackfillOrder {
  /** At least 1. */
  readonly messages: number;
  /** Direct chats they are spread over, those of a burst; 1 to 1,000. */
  readonly chats: number;
  /** Of the newest, which comes first. */
  readonly newestAgeNs: bigint;
  /** Between two. */
  readonly spacingNs: bigint;
  /** Messages in one transaction, at least 1. */
  readonly batch: number;
  readonly seed: bigint;
}

/** One message of a batch, drawn before its transaction begins. */
interface OldMessage {
  readonly address: string;
  readonly isOwn: boolean;
  readonly guid: string;
  readonly groupId: string;
  readonly text: string;
  readonly hasTextColumn: boolean;
  readonly date: bigint;
}

/** When the joins of a batch come: with its rows, in the transaction after it, or after the rows of the next batch. */
const JOINING = ["together", "together", "together", "next", "behind"] as const;

const OWN_SHARE = 0.3;
const TEXT_COLUMN_SHARE = 0.25;
const NS_PER_S = 1_000_000_000n;

/**
 * iCloud brings old messages (docs/chat-db.md §18): new ROWIDs, old dates, newest first, already read, in bursts of one
 * transaction each. A message is visible, and "new" in the ground truth, with the transaction of its join, which comes after
 * that of its row for two batches in five. Resolves with the ROWIDs when all are joined; rejects when stopped between two
 * batches (rows may then wait for their join, which the next start makes).
 */
export async function writeBackfill(order: BackfillOrder, ports: WriterPorts): Promise<readonly bigint[]> {
  const { database, clock } = ports;
  const random = new SeededRandom(order.seed, `backfill ${database.uniqueIdentifier} ${database.saves}`);
  const newest = unixNsToAppleTime(clock.wallUnixNs() - order.newestAgeNs);
  const rowids: bigint[] = [];
  let waiting: readonly WaitingRow[] = [];
  for (let first = 0; first < order.messages; first += order.batch) {
    const size = Math.min(order.batch, order.messages - first);
    const batch = Array.from({ length: size }, (_, index) =>
      drawMessage(order, newest - order.spacingNs * BigInt(first + index), random),
    );
    const rows = writeBatch(batch, random.pick(JOINING), waiting, ports, random);
    rowids.push(...rows.written);
    waiting = rows.waiting;
    // Others may write between two batches, and the database may be another one afterwards, which rejects.
    await clock.sleep(0, ports.stopping);
  }
  joinRows(waiting, ports);
  return rowids;
}

function writeBatch(
  batch: readonly OldMessage[],
  joining: (typeof JOINING)[number],
  waitingBefore: readonly WaitingRow[],
  ports: WriterPorts,
  random: SeededRandom,
): { readonly written: readonly bigint[]; readonly waiting: readonly WaitingRow[] } {
  const { database, account } = ports;
  const placed = batch.map((message) => ({ message, ...placeOf(message, ports) }));
  const rows = database.save((tables) =>
    placed.map(({ message, chatGuid, handleRowid }) => {
      const rowid = insertRow(tables, { message, chatGuid, handleRowid, account });
      tables.upkeep.sync(rowid, cloudRecord(random));
      const row = { rowid, chatGuid, date: message.date, databaseUid: database.uniqueIdentifier };
      if (joining === "together") joinWaitingRow(tables, row);
      return row;
    }),
  );
  joinRows(waitingBefore, ports);
  if (joining === "next") joinRows(rows, ports);
  database.save(({ messages }) => {
    for (const { rowid } of rows) messages.donate(rowid);
  });
  return { written: rows.map(({ rowid }) => rowid), waiting: joining === "behind" ? rows : [] };
}

function joinRows(rows: readonly WaitingRow[], { database }: WriterPorts): void {
  if (rows.length === 0) return;
  database.save((tables) => {
    for (const row of rows) joinWaitingRow(tables, row);
  });
}

/** The chat with the contact and the contact's handle, made where they are missing; the chat is then a visible change. */
function placeOf({ address, groupId }: OldMessage, { database, account }: WriterPorts) {
  const { chat, handleRowid } = ensureChat(database, { address, groupGuid: undefined, groupId }, account);
  return { chatGuid: chat.guid, handleRowid };
}

function insertRow(
  { messages }: Tables,
  row: { message: OldMessage; chatGuid: string; handleRowid: bigint; account: Account },
): bigint {
  const { message, chatGuid, handleRowid, account } = row;
  const { guid, date, text, isOwn } = message;
  const facts = {
    guid,
    date,
    account,
    chatGuid,
    text: message.hasTextColumn ? text : null,
    attributedBody: encodeAttributedBody({ text, style: isOwn ? "mac" : "ios" }),
    // Unknown to iCloud.
    previousGuid: null,
  };
  const inserted = isOwn ? { ...ownRow(facts), isSent: true } : incomingRow({ ...facts, handleRowid });
  return messages.insert({
    ...inserted,
    isDelivered: true,
    isRead: true,
    dateRead: date + 60n * NS_PER_S,
    dateDelivered: isOwn ? date + NS_PER_S : 0n,
  });
}

function drawMessage(order: BackfillOrder, date: bigint, random: SeededRandom): OldMessage {
  return {
    address: burstAddress(random.integer(0, order.chats - 1)),
    isOwn: random.next() < OWN_SHARE,
    guid: random.uuid().toUpperCase(),
    groupId: random.uuid().toUpperCase(),
    text: `from iCloud ${"and so on ".repeat(random.integer(1, 20))}`.trim(),
    hasTextColumn: random.next() < TEXT_COLUMN_SHARE,
    date,
  };
}
