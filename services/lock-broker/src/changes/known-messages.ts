import type { KnownMessages } from "../capture/known-messages.ts";
import type { MessageCell, MessageRecords } from "../rows/message-record.ts";
import type { MessagePrint, RecordPrint } from "../rows/prints.ts";
import type { Ledger } from "./ledger.ts";
import { LedgerError, ledgerErrorOf } from "./ledger-error.ts";
import { unpackMessage } from "./print-bytes.ts";

/** Known rows between a leaf's first and last one that are no longer on it: more of them than this, and some count as unknown. */
const GONE_ROWS_MAX = 64;

/** Compares cells of `message` with their prints in the ledger: one query of the ledger a leaf, none of chat.db. */
export class LedgerMessages implements KnownMessages {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  get version(): number {
    return this.#ledger.tables.message.version;
  }

  unlike(cells: readonly MessageCell[], records: MessageRecords): readonly bigint[] {
    const [first, last] = [cells[0], cells.at(-1)];
    if (first === undefined || last === undefined) return [];
    const packed = this.#range(first.rowid - 1n, last.rowid, cells.length + GONE_ROWS_MAX);
    const unlike: bigint[] = [];
    let index = 0;
    for (const cell of cells) {
      let known = packed[index];
      while (known !== undefined && known.rowid < cell.rowid) {
        index += 1;
        known = packed[index];
      }
      if (known?.rowid !== cell.rowid || !isAlike(known, records.print(cell))) unlike.push(cell.rowid);
    }
    return unlike;
  }

  #range(...[after, through, limit]: [bigint, bigint, number]): readonly PackedMessage[] {
    try {
      return this.#ledger.tables.message.range(after, through, limit);
    } catch (error) {
      // Then nothing is known, and whoever looks the rows up fails the same way and knows what to do.
      if (ledgerErrorOf(error, "read") instanceof LedgerError) return [];
      throw error;
    }
  }
}

interface PackedMessage {
  readonly rowid: bigint;
  readonly guid: string;
  readonly bytes: Buffer;
}

/** Rows that wait are always looked at: they are told for another reason than a change. */
function isAlike({ rowid, guid, bytes }: PackedMessage, seen: RecordPrint | undefined): boolean {
  if (seen === undefined || seen.guid !== guid) return false;
  const { print, stage } = unpackMessage(rowid, guid, bytes);
  return stage !== "waiting" && isSameRecord(print, seen);
}

function isSameRecord(known: MessagePrint, seen: RecordPrint): boolean {
  return (
    known.isFinished === seen.isFinished &&
    known.isFromMe === seen.isFromMe &&
    known.isOverflowing === seen.isOverflowing &&
    known.recordStatus === seen.recordStatus &&
    known.delivered === seen.delivered &&
    known.read === seen.read &&
    known.played === seen.played &&
    known.schedule === seen.schedule &&
    known.contentBytes === seen.contentBytes
  );
}
