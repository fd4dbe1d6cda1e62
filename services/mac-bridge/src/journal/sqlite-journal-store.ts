import { assert } from "@imesh/flow";
import type { RequestId } from "@imesh/imessage-model";
import { EXIT_CODES, StartupError } from "@imesh/lifecycle";
import type { Clock, Random } from "@imesh/time";
import type { Database } from "better-sqlite3";
import type {
  AppendedEvent,
  EventDraft,
  EventEncoder,
  RowSource,
  SourceKey,
  StoredEvent,
} from "./bridge-event.ts";
import type { CommandRecord } from "./command-record.ts";
import { CommandRows } from "./command-rows.ts";
import { JournalError, journalErrorOf } from "./journal-error.ts";
import { lockJournal } from "./journal-lock.ts";
import { migrateJournal } from "./journal-schema.ts";
import { type JournalStatements, prepareJournalStatements } from "./journal-statements.ts";
import type {
  CommandRange,
  EventRange,
  JournalAppend,
  JournalAppended,
  JournalStore,
  SourceCursor,
} from "./journal-store.ts";
import { openJournalDatabase } from "./open-journal-database.ts";

/** Collaborators of {@link SqliteJournalStore}. */
export interface SqliteJournalStorePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly encodeEvent: EventEncoder;
}

/** Where the journal is. */
export interface SqliteJournalStoreOptions {
  /** Made if absent; its directory must exist. `-wal`, `-shm` and `.lock` appear beside it. */
  readonly path: string;
  /** Most pages of 4096 bytes the file may have; for tests of a full disk. Default: SQLite's own, 16 TiB. */
  readonly pagesMax?: number;
}

/**
 * The journal in one SQLite file: WAL, `synchronous = FULL`, one connection for reading and writing.
 *
 * FULL, not NORMAL: with NORMAL a commit survives a crash of the process but not one of the system, and an event that a
 * subscriber has seen, or a command that Messages has, must never be un-happened (I4, I7). It costs one fsync for each
 * append, which is why intake appends whole batches. On macOS fsync does not empty the drive's own cache, and `fullfsync`,
 * which does, takes milliseconds a commit: it is left off, so a power cut there may cost the last moments.
 *
 * The head is also kept in memory, since this process alone writes; it moves only after COMMIT returned.
 */
export class SqliteJournalStore implements JournalStore {
  readonly journalId: string;
  readonly #clock: Clock;
  readonly #encodeEvent: EventEncoder;
  readonly #lock: Disposable;
  readonly #database: Database;
  readonly #commands: CommandRows;
  readonly #statements: JournalStatements;
  readonly #append: (append: JournalAppend) => JournalAppended;
  readonly #pageBytes: bigint;
  #head: bigint;

  /** Opens or creates it. Throws StartupError: 73 cannot be made, 75 in use, 78 not a journal or a newer one. */
  constructor(ports: SqliteJournalStorePorts, options: SqliteJournalStoreOptions) {
    this.#clock = ports.clock;
    this.#encodeEvent = ports.encodeEvent;
    using resources = new DisposableStack();
    this.#lock = resources.use(lockJournal(options.path));
    this.#database = openJournalDatabase(options.path);
    resources.defer(() => this.#database.close());
    const birth = { journalId: ports.random.uuid(), createdUnixNs: ports.clock.wallUnixNs() };
    setUp(options.path, () => migrateJournal(this.#database, birth));
    if (options.pagesMax !== undefined) this.#database.pragma(`max_page_count = ${options.pagesMax}`);
    this.#commands = new CommandRows(this.#database);
    this.#statements = prepareJournalStatements(this.#database);
    const transaction = this.#database.transaction((append: JournalAppend) => this.#appendRows(append));
    this.#append = (append) => transaction.immediate(append);
    this.journalId = this.#statements.journalId.get() ?? "";
    this.#head = this.#statements.head.get() ?? 0n;
    this.#pageBytes = BigInt(Number(this.#database.pragma("page_size", { simple: true })));
    resources.move();
  }

  head(): bigint {
    return this.#head;
  }

  append(append: JournalAppend): JournalAppended {
    const appended = attempt("append to", () => this.#append(append));
    this.#head += BigInt(appended.events.length);
    return appended;
  }

  read({ afterSequence, itemsMax, bytesMax }: EventRange): readonly StoredEvent[] {
    return attempt("read", () =>
      page(this.#statements.read.iterate(afterSequence, itemsMax), { bytesMax, itemsMin: 1 }),
    );
  }

  sourceCursor(): SourceCursor {
    const row = attempt("read", () => this.#statements.cursor.get());
    assert(row !== undefined, "the source cursor has its row");
    return { cursor: row.cursor, seenUnixNs: row.seen_unix_ns };
  }

  command(requestId: RequestId): CommandRecord | null {
    return attempt("read", () => this.#commands.get(requestId));
  }

  countOpenCommands(): number {
    return attempt("read", () => this.#commands.countOpen());
  }

  nextDispatchable(): CommandRecord | null {
    return attempt("read", () => this.#commands.nextDispatchable());
  }

  commandsInFlight(): readonly CommandRecord[] {
    return attempt("read", () => this.#commands.inFlight());
  }

  provableCommands(chatGuid: string): readonly CommandRecord[] {
    return attempt("read", () => this.#commands.provable(chatGuid));
  }

  commandOfRow(row: Omit<RowSource, "generation">): CommandRecord | null {
    return attempt("read", () => this.#commands.ofRow(row));
  }

  lastFingerprint(key: Omit<SourceKey, "fingerprint">): string | null {
    return attempt("read", () => {
      const { databaseUid, generation, rowid, reason } = key;
      return this.#statements.lastFingerprint.get(databaseUid, generation, rowid, reason) ?? null;
    });
  }

  lastEventOfRow(row: RowSource, reasons: readonly string[]): Uint8Array | null {
    return attempt("read", () => {
      const { databaseUid, generation, rowid } = row;
      const found = this.#statements.lastEvent.get(databaseUid, generation, rowid, JSON.stringify(reasons));
      return found ?? null;
    });
  }

  newestEvents({ itemsMax, bytesMax }: Omit<EventRange, "afterSequence">): readonly StoredEvent[] {
    return attempt("read", () => page(this.#statements.newest.iterate(itemsMax), { bytesMax, itemsMin: 0 }));
  }

  listCommands(range: CommandRange): readonly CommandRecord[] {
    return attempt("read", () => this.#commands.list(range));
  }

  bytes(): number {
    return attempt("read", () => Number((this.#statements.pages.get() ?? 0n) * this.#pageBytes));
  }

  [Symbol.dispose](): void {
    this.#database.close();
    this.#lock[Symbol.dispose]();
  }

  #appendRows(append: JournalAppend): JournalAppended {
    const journaledUnixNs = this.#clock.wallUnixNs();
    const events: AppendedEvent[] = [];
    for (const draft of append.events ?? []) {
      const sequence = this.#head + BigInt(events.length) + 1n;
      const payload = this.#insertEvent(draft, sequence, journaledUnixNs);
      if (payload !== null) events.push({ stored: { sequence, payload }, draft });
    }
    const commands = append.commands ?? [];
    for (const command of commands) this.#commands.put(command);
    if (append.cursor !== undefined) {
      this.#statements.moveCursor.run(append.cursor.cursor, append.cursor.seenUnixNs);
    }
    return { events, commands, journaledUnixNs };
  }

  /** The bytes as stored, or null when the journal has this news already. */
  #insertEvent(draft: EventDraft, sequence: bigint, journaledUnixNs: bigint): Uint8Array | null {
    const stamp = { sequence, journalId: this.journalId, journaledUnixNs };
    const key = draft.sourceKey;
    if (key === null) {
      const payload = this.#encodeEvent(draft, stamp);
      this.#statements.insertEvent.run(sequence, null, null, null, null, payload);
      return payload;
    }
    const sourceId = this.#sourceId(key);
    // Looked up before it is encoded: re-reading a long stretch then costs no encoding.
    if (this.#statements.hasEvent.get(sourceId, key.rowid, key.reason, key.fingerprint) !== undefined)
      return null;
    const payload = this.#encodeEvent(draft, stamp);
    this.#statements.insertEvent.run(sequence, sourceId, key.rowid, key.reason, key.fingerprint, payload);
    return payload;
  }

  // Not cached: a transaction that is rolled back takes the new row of `source` with it, and the lookup costs 3 µs.
  #sourceId(key: SourceKey): bigint {
    const found = this.#statements.sourceId.get(key.databaseUid, key.generation);
    if (found !== undefined) return found;
    return BigInt(this.#statements.insertSource.run(key.databaseUid, key.generation).lastInsertRowid);
  }
}

/** As many as have no more bytes than that together, and `itemsMin` of them whatever they have. */
function page(
  rows: Iterable<StoredEvent>,
  { bytesMax, itemsMin }: { readonly bytesMax: number; readonly itemsMin: number },
): readonly StoredEvent[] {
  const events: StoredEvent[] = [];
  let bytes = 0;
  for (const row of rows) {
    bytes += row.payload.byteLength;
    if (events.length >= itemsMin && bytes > bytesMax) break;
    events.push(row);
  }
  return events;
}

function attempt<T>(action: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw journalErrorOf(error, action);
  }
}

/** A disk that is full or failing at the start is for a person to mend, as it is not later. */
function setUp(path: string, work: () => void): void {
  try {
    attempt("set up", work);
  } catch (cause) {
    if (!(cause instanceof JournalError)) throw cause;
    throw new StartupError({
      exitCode: cause.code === "corrupt" ? EXIT_CODES.configuration : EXIT_CODES.cannotCreate,
      message: `Cannot open journal: "${path}" (${cause.code})`,
      hint: "Check the disk; if the file is damaged, move it away together with its -wal and -shm",
      cause,
    });
  }
}
