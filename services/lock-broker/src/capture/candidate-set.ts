import type { CandidateDoubt, Candidates, MissedReason, TableLeaf } from "./candidates.ts";

/** The tables whose rows are watched. */
export type WatchedTable = TableLeaf["table"];

/** More rows than this are found faster by a scan: it reads a thousand a page, a lookup costs some 20 µs. Some 2 MB of ROWIDs. */
const ROWS_MAX = 20_000;

/** {@link Candidates} in the making: of one commit, or of several that are looked at together. Bounded: see "large". */
export class CandidateSet implements Candidates {
  readonly messages = new Set<bigint>();
  readonly chats = new Set<bigint>();
  readonly attachments = new Set<bigint>();
  readonly doubts = new Set<CandidateDoubt>();
  readonly #leaves = new Map<string, TableLeaf>();
  #leafRows = 0;
  #missed: MissedReason | undefined;

  get leaves(): readonly TableLeaf[] {
    return [...this.#leaves.values()];
  }

  get missed(): MissedReason | undefined {
    return this.#missed;
  }

  /** Nothing that is watched was touched. */
  get isEmpty(): boolean {
    return this.#rows === 0 && this.doubts.size === 0 && this.#missed === undefined;
  }

  addRow(table: WatchedTable, rowid: bigint): void {
    this.#setOf(table).add(rowid);
    this.#bound();
  }

  /** A leaf as it is now; it takes the place of what was said before of the same page. */
  addLeaf(pageNumber: number, leaf: TableLeaf): void {
    const key = `${leaf.table}/${pageNumber}`;
    this.#leafRows += leaf.rowids.length - (this.#leaves.get(key)?.rowids.length ?? 0);
    this.#leaves.set(key, leaf);
    this.#bound();
  }

  doubt(doubt: CandidateDoubt): void {
    this.doubts.add(doubt);
  }

  /** The first reason stays: any leads to the same scan. */
  miss(reason: MissedReason): void {
    this.#missed ??= reason;
  }

  /** Adds those of a commit that came after the ones that are here. */
  merge(later: CandidateSet): void {
    if (later.#missed !== undefined) this.miss(later.#missed);
    for (const doubt of later.doubts) this.doubts.add(doubt);
    for (const rowid of later.messages) this.messages.add(rowid);
    for (const rowid of later.chats) this.chats.add(rowid);
    for (const rowid of later.attachments) this.attachments.add(rowid);
    for (const [key, leaf] of later.#leaves) {
      this.#leafRows += leaf.rowids.length - (this.#leaves.get(key)?.rowids.length ?? 0);
      this.#leaves.set(key, leaf);
    }
    this.#bound();
  }

  get #rows(): number {
    return this.messages.size + this.chats.size + this.attachments.size + this.#leafRows;
  }

  #setOf(table: WatchedTable): Set<bigint> {
    if (table === "message") return this.messages;
    return table === "chat" ? this.chats : this.attachments;
  }

  #bound(): void {
    if (this.#rows <= ROWS_MAX) return;
    this.miss("large");
    this.messages.clear();
    this.chats.clear();
    this.attachments.clear();
    this.#leaves.clear();
    this.#leafRows = 0;
  }
}
