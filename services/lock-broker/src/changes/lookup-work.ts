import type { Candidates, TableLeaf } from "../capture/candidates.ts";
import type { WatchedTable } from "./change-reader.ts";

/** Rows next to a leaf that may be gone: from `rowid` outwards, until one is there. */
export interface NeighbourProbe {
  readonly table: WatchedTable;
  readonly side: "before" | "after";
  readonly rowid: bigint;
}

/** How far a work was when a slice began. */
type Mark = readonly [
  leaves: number,
  neighbours: number,
  chats: number,
  messages: number,
  attachments: number,
];

/**
 * Rows to look up, in the order in which their changes are told: chats, messages, attachments, each by rising ROWID as far as
 * known at the start. A slice that failed is taken back with {@link rewind}; rows it added stay, since a look too many tells nothing.
 */
export class LookupWork {
  readonly #leaves: TableLeaf[] = [];
  readonly #neighbours: NeighbourProbe[] = [];
  readonly #rows: Readonly<Record<WatchedTable, RowQueue>> = {
    chat: new RowQueue(),
    message: new RowQueue(),
    attachment: new RowQueue(),
  };
  #leafIndex = 0;
  #neighbourIndex = 0;

  /** `missed`: messages to be looked up with the candidates. */
  static ofCandidates(candidates: Candidates, missed: readonly bigint[] = []): LookupWork {
    const work = new LookupWork();
    for (const leaf of candidates.leaves) work.#leaves.push(leaf);
    work.addAll("chat", rising(candidates.chats));
    work.addAll("message", rising(new Set([...candidates.messages, ...missed])));
    work.addAll("attachment", rising(candidates.attachments));
    return work;
  }

  get isDone(): boolean {
    const { chat, message, attachment } = this.#rows;
    return (
      this.#leafIndex === this.#leaves.length &&
      this.#neighbourIndex === this.#neighbours.length &&
      chat.isDone &&
      message.isDone &&
      attachment.isDone
    );
  }

  add(table: WatchedTable, rowid: bigint): void {
    this.#rows[table].add(rowid);
  }

  addAll(table: WatchedTable, rowids: Iterable<bigint>): void {
    for (const rowid of rowids) this.#rows[table].add(rowid);
  }

  addNeighbour(probe: NeighbourProbe): void {
    this.#neighbours.push(probe);
  }

  takeLeaf(): TableLeaf | undefined {
    const leaf = this.#leaves[this.#leafIndex];
    if (leaf !== undefined) this.#leafIndex += 1;
    return leaf;
  }

  takeNeighbour(): NeighbourProbe | undefined {
    const probe = this.#neighbours[this.#neighbourIndex];
    if (probe !== undefined) this.#neighbourIndex += 1;
    return probe;
  }

  takeRow(table: WatchedTable): bigint | undefined {
    return this.#rows[table].take();
  }

  mark(): Mark {
    const { chat, message, attachment } = this.#rows;
    return [this.#leafIndex, this.#neighbourIndex, chat.index, message.index, attachment.index];
  }

  rewind([leaves, neighbours, chats, messages, attachments]: Mark): void {
    this.#leafIndex = leaves;
    this.#neighbourIndex = neighbours;
    this.#rows.chat.index = chats;
    this.#rows.message.index = messages;
    this.#rows.attachment.index = attachments;
  }
}

/** Each ROWID once. */
class RowQueue {
  index = 0;
  readonly #rowids: bigint[] = [];
  readonly #known = new Set<bigint>();

  get isDone(): boolean {
    return this.index === this.#rowids.length;
  }

  add(rowid: bigint): void {
    if (this.#known.has(rowid)) return;
    this.#known.add(rowid);
    this.#rowids.push(rowid);
  }

  take(): bigint | undefined {
    const rowid = this.#rowids[this.index];
    if (rowid !== undefined) this.index += 1;
    return rowid;
  }
}

function rising(rowids: ReadonlySet<bigint>): Iterable<bigint> {
  if (rowids.size < 2) return rowids;
  return [...rowids].sort((left, right) => (left < right ? -1 : 1));
}
