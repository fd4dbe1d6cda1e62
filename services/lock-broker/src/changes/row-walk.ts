import type { ChangeView } from "./change-reader.ts";
import type { ToldChange } from "./changes.ts";
import type { Ledger } from "./ledger.ts";
import { toldBytes } from "./told-bytes.ts";
import type { PageBounds } from "./told-changes.ts";

/** Where a walk stands; it travels in the consumer's cursor. */
export interface WalkPlace {
  /** Messages up to here were told, or the log will. */
  readonly afterRowid: bigint;
  /** The walk ends here. */
  readonly throughRowid: bigint;
  /** Messages up to `afterRowid` that are to be told before the others, rising. */
  readonly untold: readonly bigint[];
}

/** Rows the log will tell, remembered for a cursor; more of them wait only in a burst without chats. */
const SKIPPED_MAX = 512;

/**
 * Goes on by ROWID for a consumer whose cursor is of a ledger that is no more (or of the broker that kept none): every message after
 * its last one is told as new, and then the log goes on from where it was when the walk began. A message that the log has told
 * or will tell after that place is left to the log.
 */
export class RowWalk {
  readonly #ledger: Ledger;
  /** Place in the log at which the walk began. */
  readonly #sequence: bigint;
  readonly #throughRowid: bigint;
  #afterRowid: bigint;
  #untold: readonly bigint[];
  /** Rows up to the end of the walk that the log has told first since it began; they all waited then. */
  readonly #firsts = new Set<bigint>();
  #firstsThrough: bigint;
  #skipped: bigint[] = [];

  constructor(ledger: Ledger, sequence: bigint, place: WalkPlace) {
    this.#ledger = ledger;
    this.#sequence = sequence;
    this.#firstsThrough = sequence;
    this.#afterRowid = place.afterRowid;
    this.#throughRowid = place.throughRowid;
    this.#untold = place.untold;
  }

  get isDone(): boolean {
    return this.#untold.length === 0 && this.#afterRowid >= this.#throughRowid;
  }

  get place(): WalkPlace {
    const untold = [...new Set([...this.#untold, ...this.#skipped])];
    untold.sort((left, right) => (left < right ? -1 : 1));
    return { afterRowid: this.#afterRowid, throughRowid: this.#throughRowid, untold };
  }

  /** Tells the next rows, within one read transaction; `isTimeUp` is asked after each. */
  read(view: ChangeView, bounds: PageBounds, isTimeUp: () => boolean): ToldChange[] {
    this.#noteFirsts();
    const told: ToldChange[] = [];
    let bytes = 0;
    let [untold, afterRowid] = [this.#untold, this.#afterRowid];
    const isFromUntold = untold.length > 0;
    const rowids = isFromUntold
      ? untold.slice(0, bounds.changesMax)
      : view.reader.messageRowidsAfter(afterRowid, bounds.changesMax);
    let isCut = false;
    for (const rowid of rowids) {
      if (!isFromUntold && rowid > this.#throughRowid) break;
      const change = this.#tell(view, rowid);
      bytes += change === undefined ? 0 : toldBytes(change);
      if (change !== undefined && told.length > 0 && bytes > bounds.bytesMax) {
        isCut = true;
        break;
      }
      if (change !== undefined) told.push(change);
      if (isFromUntold) untold = untold.slice(1);
      else afterRowid = rowid;
      if (isTimeUp()) {
        isCut = true;
        break;
      }
    }
    const isEnd =
      !isFromUntold && !isCut && (rowids.length < bounds.changesMax || isBeyond(rowids, this.#throughRowid));
    this.#untold = untold;
    this.#afterRowid = isEnd && afterRowid < this.#throughRowid ? this.#throughRowid : afterRowid;
    return told;
  }

  #tell(view: ChangeView, rowid: bigint): ToldChange | undefined {
    if (this.#isLeftToLog(rowid)) {
      if (this.#skipped.length < SKIPPED_MAX) this.#skipped.push(rowid);
      return undefined;
    }
    const message = view.reader.message(rowid);
    if (message === undefined) return undefined;
    const isJoined = message.chats.length > 0;
    // In Recently Deleted before the consumer heard of it: no news.
    if (message.isRecoverable && !isJoined) return undefined;
    const reason = isJoined ? "new" : "unjoined";
    const { guid } = message;
    return { change: { sequence: this.#sequence, subject: "message", reason, rowid, guid }, message };
  }

  #isLeftToLog(rowid: bigint): boolean {
    if (this.#firsts.has(rowid)) return true;
    const stage = this.#ledger.messageStage(rowid);
    if (stage !== undefined) return stage === "waiting";
    // Not known yet: the baseline takes it silently, anything later the log tells.
    const baselineRowid = this.#ledger.store.scan.baseline?.message ?? 0n;
    return rowid > baselineRowid;
  }

  #noteFirsts(): void {
    const { log } = this.#ledger;
    const head = log.headSequence;
    if (head === this.#firstsThrough) return;
    for (const rowid of log.firstsBetween(this.#firstsThrough, head, this.#throughRowid))
      this.#firsts.add(rowid);
    this.#firstsThrough = head;
  }
}

function isBeyond(rowids: readonly bigint[], rowid: bigint): boolean {
  const last = rowids.at(-1);
  return last !== undefined && last >= rowid;
}
