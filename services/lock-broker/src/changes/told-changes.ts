import { TailBuffer } from "@imesh/flow";
import type { Clock } from "@imesh/time";
import type { CommitNotice } from "../commits/commits.ts";
import type { DatabaseIdentity } from "../rows/rows.ts";
import type { LoggedChange } from "./change-log.ts";
import type { ChangeReader, ChangeRows, ChangeView } from "./change-reader.ts";
import type { Change, ToldChange } from "./changes.ts";
import type { Ledger } from "./ledger.ts";
import { toldBytes } from "./told-bytes.ts";

/** What the changes of one slice have in common. One object for all of them. */
export interface ToldContext {
  readonly database: DatabaseIdentity;
  /** What made us look. */
  readonly notice: CommitNotice;
  readonly readAtUnixNs: bigint;
  /** Found while working off what happened before. */
  readonly isCaughtUp: boolean;
}

/** Consecutive changes of one database. */
export interface ToldPage {
  readonly changes: readonly ToldChange[];
  /** Sequence of the last one; where the page began when it is empty. */
  readonly through: bigint;
  readonly database: DatabaseIdentity;
  /** Undefined: long ago, nobody remembers. */
  readonly notice: CommitNotice | undefined;
  readonly readAtUnixNs: bigint;
  readonly isCaughtUp: boolean;
  /** Empty because another database is being met. */
  readonly isBlocked: boolean;
}

/** Bounds of a page. */
export interface PageBounds {
  readonly changesMax: number;
  /** As {@link toldBytes} counts; one change always fits. */
  readonly bytesMax: number;
}

/** Collaborators of {@link ToldChanges}. */
export interface ToldChangesPorts {
  readonly ledger: Ledger;
  readonly reader: ChangeReader;
  readonly clock: Clock;
}

/** The ring holds the last seconds of busy traffic; who is further behind reads rows again, and is not in a hurry. */
const RING_BOUNDS = { itemsMax: 512, bytesMax: 2 * 1024 * 1024 } as const;

/** Longest read transaction for a tail that is behind, in milliseconds. */
const PAGE_MS_MAX = 20;

interface RingEntry {
  readonly told: ToldChange;
  readonly context: ToldContext;
}

/**
 * What was told, for tails: the newest changes with the rows they were told with (I8: bounded, the oldest go first), and all that
 * the ledger keeps, with their rows read again. What is here is in the ledger (I4).
 */
export class ToldChanges {
  readonly #ports: ToldChangesPorts;
  readonly #ring: TailBuffer<RingEntry>;

  constructor(
    ports: ToldChangesPorts,
    bounds: { readonly itemsMax: number; readonly bytesMax: number } = RING_BOUNDS,
  ) {
    this.#ports = ports;
    this.#ring = new TailBuffer(bounds, ports.ledger.log.headSequence + 1n);
  }

  /** Takes in what a slice has told, after its transaction. */
  push(told: readonly ToldChange[], context: ToldContext): void {
    for (const change of told) {
      this.#ring.push(change.change.sequence, { told: change, context }, toldBytes(change));
    }
  }

  /**
   * The changes after `sequence`, in order, as many as fit; empty when there are none, or when their rows cannot be read just
   * now because another database took the place. Throws ChatDbError, LedgerError.
   */
  read(sequence: bigint, bounds: PageBounds): ToldPage {
    const recent = this.#ring.read(sequence + 1n, bounds.changesMax, bounds.bytesMax);
    return recent === "evicted" ? this.#readAgain(sequence, bounds) : this.#pageOf(sequence, recent);
  }

  #pageOf(sequence: bigint, entries: readonly RingEntry[]): ToldPage {
    const [first] = entries;
    if (first === undefined) return this.#emptyPage(sequence);
    const { context } = first;
    const changes: ToldChange[] = [];
    let readAtUnixNs = context.readAtUnixNs;
    for (const entry of entries) {
      const isAlike =
        entry.context === context ||
        (entry.context.database === context.database && entry.context.isCaughtUp === context.isCaughtUp);
      if (!isAlike) break;
      changes.push(entry.told);
      readAtUnixNs = entry.context.readAtUnixNs;
    }
    const through = changes.at(-1)?.change.sequence ?? sequence;
    const { database, notice, isCaughtUp } = context;
    return { changes, through, database, notice, readAtUnixNs, isCaughtUp, isBlocked: false };
  }

  #readAgain(sequence: bigint, bounds: PageBounds): ToldPage {
    const { ledger, reader, clock } = this.#ports;
    const logged = alike(ledger.log.after(sequence, bounds.changesMax));
    const [first] = logged;
    if (first === undefined) return this.#emptyPage(sequence);
    const { generation, isCaughtUp } = first;
    const former = generation === ledger.store.generation ? undefined : ledger.store.identityOf(generation);
    if (former !== undefined) {
      const changes = logged.map(({ change }) => withoutRow(change));
      return this.#page(changes, { database: former, isCaughtUp });
    }
    return reader.read((view) => {
      if (!isFollowed(ledger, view)) return { ...this.#emptyPage(sequence), isBlocked: true };
      const startedMs = clock.monotonicMs();
      const rows = new RowsAgain(view.reader);
      const changes: ToldChange[] = [];
      let bytes = 0;
      for (const { change } of logged) {
        const told = rows.told(change);
        bytes += toldBytes(told);
        const isFull = bytes > bounds.bytesMax || clock.monotonicMs() - startedMs > PAGE_MS_MAX;
        if (changes.length > 0 && isFull) break;
        changes.push(told);
      }
      return this.#page(changes, { database: view.identity, isCaughtUp });
    });
  }

  #page(
    changes: readonly ToldChange[],
    facts: { readonly database: DatabaseIdentity; readonly isCaughtUp: boolean },
  ): ToldPage {
    const through = changes.at(-1)?.change.sequence ?? 0n;
    const readAtUnixNs = this.#ports.clock.wallUnixNs();
    return { changes, through, notice: undefined, readAtUnixNs, isBlocked: false, ...facts };
  }

  #emptyPage(sequence: bigint): ToldPage {
    const { ledger, clock } = this.#ports;
    const database = ledger.store.identityOf(ledger.store.generation) ?? NO_DATABASE;
    const readAtUnixNs = clock.wallUnixNs();
    const notice = undefined;
    return {
      changes: [],
      through: sequence,
      database,
      notice,
      readAtUnixNs,
      isCaughtUp: false,
      isBlocked: false,
    };
  }
}

const NO_DATABASE: DatabaseIdentity = { databaseUid: "", generation: "" };

/** Whether the rows that can be read now are those the ledger tells about. */
export function isFollowed(ledger: Ledger, { facts, file }: ChangeView): boolean {
  const { binding } = ledger.store;
  return (
    binding !== undefined &&
    binding.databaseUid === facts.databaseUid &&
    binding.inode === file.inode &&
    binding.device === file.device
  );
}

/** The first of them that are of one database and kind. */
function alike(logged: readonly LoggedChange[]): readonly LoggedChange[] {
  const [first] = logged;
  if (first === undefined) return logged;
  const end = logged.findIndex(
    ({ generation, isCaughtUp }) => generation !== first.generation || isCaughtUp !== first.isCaughtUp,
  );
  return end === -1 ? logged : logged.slice(0, end);
}

function withoutRow(change: Change): ToldChange {
  switch (change.subject) {
    case "message":
      return { change, message: undefined };
    case "chat":
      return { change, chat: undefined, participants: [] };
    case "attachment":
      return { change, attachment: undefined, messages: [] };
  }
}

/** Rows of one read transaction, each read once however many changes it has. */
class RowsAgain {
  readonly #reader: ChangeRows;
  readonly #told = new Map<string, ToldChange>();

  constructor(reader: ChangeRows) {
    this.#reader = reader;
  }

  told(change: Change): ToldChange {
    if (change.reason === "deleted") return withoutRow(change);
    const key = `${change.subject}${change.rowid}`;
    const before = this.#told.get(key);
    const told = before === undefined ? this.#read(change) : sameRow(before, change);
    this.#told.set(key, told);
    return told;
  }

  #read(change: Change): ToldChange {
    const { rowid } = change;
    switch (change.subject) {
      case "message":
        return { change, message: this.#reader.message(rowid) };
      case "chat":
        return { change, chat: this.#reader.chat(rowid), participants: this.#reader.participants(rowid) };
      case "attachment":
        return {
          change,
          attachment: this.#reader.attachment(rowid),
          messages: this.#reader.messagesOfAttachment(rowid),
        };
    }
  }
}

/** Another change of the same row. */
function sameRow(told: ToldChange, change: Change): ToldChange {
  switch (change.subject) {
    case "message":
      return { change, message: "message" in told ? told.message : undefined };
    case "chat":
      return "chat" in told ? { ...told, change } : withoutRow(change);
    case "attachment":
      return "attachment" in told ? { ...told, change } : withoutRow(change);
  }
}
