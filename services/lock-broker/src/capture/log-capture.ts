import type { Clock } from "@imesh/time";
import { databaseHeader, PageFormatError } from "@imesh/wal";
import { CandidateSet } from "./candidate-set.ts";
import type { Candidates, LogPlace } from "./candidates.ts";
import { ColdMessages } from "./cold-messages.ts";
import type { KnownMessages } from "./known-messages.ts";
import type { LogFile } from "./log-file.ts";
import type { LogListener, ReadTransaction } from "./log-listener.ts";
import { LogReader } from "./log-reader.ts";
import { PageCandidates } from "./page-candidates.ts";
import type { PageShapes } from "./page-shapes.ts";

/** Frames of one step: some 1 MB, half a millisecond. */
const STEP_FRAMES_MAX = 256;

/** How often a commit that changed the schema is put off because SQLite does not show it yet; at a poll of 20 ms one second. */
const SCHEMA_LOOKS_MAX = 50;

/** Collaborators of a {@link LogCapture}. */
export interface LogCapturePorts {
  readonly log: LogFile;
  readonly clock: Pick<Clock, "monotonicMs">;
  /**
   * The schema as a read transaction sees it now. Called at the first commit and when a commit changed the schema. Its errors go
   * to whoever called; the commit is read again at the next look.
   */
  readonly shapes: () => PageShapes;
  /** Spares messages that look as they are known from being looked up; undefined: nothing is known. */
  readonly known?: KnownMessages | undefined;
}

/** What a step brings. */
export interface CaptureStep {
  readonly candidates: Candidates;
  /**
   * To be stored with what is made of the candidates: everything before it is told. Before the last commit, while that may be
   * hidden or be written over. Undefined without a log.
   */
  readonly place: LogPlace | undefined;
  /** Whole transactions that the candidates are of. */
  readonly commits: number;
  /** More is in the log; the watcher asks again at once. */
  readonly hasMore: boolean;
}

/** What {@link LogCapture} counted since it was made. */
export interface CaptureStatistics {
  readonly commits: number;
  /** Commits that touched no watched row. */
  readonly irrelevantCommits: number;
  /** Times the log was started anew while it was followed. */
  readonly resets: number;
  /** Times frames were missed, the start's included. */
  readonly missed: number;
  /** Times the end of a generation was cut off after it had been read. */
  readonly cuts: number;
  /** Commits put back because their writer died before it showed them. */
  readonly rewinds: number;
  /** Frames of whole transactions in the log's current generation. */
  readonly framesInGeneration: number;
}

/**
 * From the log's frames to candidates, commit by commit. Reads no more while a step waits to be taken, so what it holds is
 * bounded by one step, and a transaction by its bound (TransactionPages).
 *
 * SQLite writes a commit's frames first and shows them to readers last, so of all commits in the log only the last can be hidden.
 * Its candidates are kept back until {@link show} says that readers see it, or another commit or generation follows it; so every row
 * is looked up once, and as the commit left it.
 */
export class LogCapture implements Disposable {
  readonly #ports: LogCapturePorts;
  readonly #reader: LogReader;
  #pages: PageCandidates | undefined;
  /** Of commits that readers see, since the last {@link take}. */
  #gathered = new CandidateSet();
  #commitsGathered = 0;
  /** Of the last commit, while it may be hidden or be written over. */
  #last: CandidateSet | undefined;
  /** Rows of it that looked as they were known, and when. */
  #alike: AlikeRows = NO_ROWS;
  /** All that is read from now on was committed after the schema was asked for. */
  #isSchemaSure = false;
  #hasMore = false;
  #schemaLooks = 0;
  #commits = 0;
  #irrelevantCommits = 0;
  #missed = 0;
  #rewinds = 0;
  #cuts = 0;

  constructor(ports: LogCapturePorts) {
    this.#ports = ports;
    const listener: LogListener = {
      onTransaction: (transaction) => this.#onTransaction(transaction),
      onMissed: (reason) => {
        this.#missed += 1;
        this.#settleLast();
        this.#gathered.miss(reason);
        // The schema may have changed in what was missed, too: it is asked for with the next commit, when all that is shown.
        this.#pages = undefined;
      },
      onCut: () => {
        this.#cuts += 1;
        this.#settleLast();
        this.#gathered.doubt("cut");
        // Overflow pages keep their owners until forget(): what is attributed wrongly until then, the look that is owed finds.
        this.#pages?.forgetImages();
      },
      onRewound: () => {
        this.#rewinds += 1;
        // What it touched is looked at all the same: to look once too often tells nothing.
        this.#settleLast();
        this.#pages?.forget();
      },
    };
    this.#reader = new LogReader(ports.log, listener, ports.clock);
  }

  get statistics(): CaptureStatistics {
    return {
      commits: this.#commits,
      irrelevantCommits: this.#irrelevantCommits,
      resets: this.#reader.resets,
      missed: this.#missed,
      cuts: this.#cuts,
      rewinds: this.#rewinds,
      framesInGeneration: this.#reader.place?.frames ?? 0,
    };
  }

  /** After the last whole transaction that was read, taken or not. */
  get place(): LogPlace | undefined {
    return this.#reader.place;
  }

  /** There is something to take. */
  get hasStep(): boolean {
    return !this.#gathered.isEmpty;
  }

  /** The last look ended before the log did. */
  get hasMore(): boolean {
    return this.#hasMore;
  }

  /** A commit is put off until SQLite shows the schema that it was written with. */
  get isWaitingForSchema(): boolean {
    return this.#schemaLooks > 0;
  }

  /** The last commit touched watched rows, and it is not known that readers see it: {@link show} is to be called. */
  get isLastHidden(): boolean {
    return this.#last !== undefined && !this.#last.isEmpty;
  }

  /** The last commit may be hidden or be written over, whether or not it touched anything. */
  get isLastOpen(): boolean {
    return this.#last !== undefined;
  }

  /** The last commit touched messages that look as they are known: readers see so once {@link show} says that they see it. */
  get isLastAlike(): boolean {
    return this.#alike.rowids.length > 0;
  }

  /** Once, before anything is read: goes on at `place`, or says that the start was missed. Throws LogFileError. */
  begin(place: LogPlace | undefined): void {
    this.#reader.begin(place);
  }

  /** Another file is chat.db now. What is not taken is of no more interest. Throws LogFileError. */
  replaced(): void {
    this.#gathered = new CandidateSet();
    this.#commitsGathered = 0;
    this.#last = undefined;
    this.#alike = NO_ROWS;
    this.#pages = undefined;
    this.#schemaLooks = 0;
    this.#hasMore = false;
    this.#reader.replaced();
  }

  /** True when the path leads to another log than the one that is read. Throws LogFileError. */
  isMoved(): boolean {
    return this.#reader.isMoved();
  }

  /**
   * Goes over to the log at the path, once the one that is read has no more: false when it still has, and {@link look} and
   * {@link take} are to be called before the next try. Throws LogFileError.
   */
  follow(): boolean {
    if (this.#hasMore || this.hasStep) return false;
    if (this.look()) {
      // Nobody writes to it any more, so all of it is in the database.
      this.#settleLast();
      return false;
    }
    this.#reader.follow();
    return true;
  }

  /** All rows are about to be looked through, as cuts of the log left it owed: what is remembered must be right from then on. */
  forget(): void {
    this.#pages?.forget();
  }

  /** Opens the same log anew, after it could not be read. Throws LogFileError. */
  reopen(): void {
    this.#reader.reopen();
  }

  /**
   * Reads one step, unless one waits to be taken; true when there was something. Two small reads when there is nothing. Throws
   * LogFileError, or what `shapes` throws.
   */
  look(): boolean {
    if (this.hasStep) return false;
    const commitsBefore = this.#commits;
    const missedBefore = this.#missed;
    const cutsBefore = this.#cuts;
    const resetsBefore = this.#reader.resets;
    const hasNews = this.#reader.hasNews();
    // A log is started anew only when all of it is in the database, for everyone to see.
    if (this.#reader.resets !== resetsBefore) this.#settleLast();
    this.#hasMore = hasNews && this.#reader.read(STEP_FRAMES_MAX);
    if (!this.#hasMore) this.#isSchemaSure = this.#pages !== undefined;
    return this.#commits !== commitsBefore || this.#missed !== missedBefore || this.#cuts !== cutsBefore;
  }

  /** What was found since the last call; undefined when there is nothing. The candidates belong to the caller. */
  take(): CaptureStep | undefined {
    if (!this.hasStep) return undefined;
    const candidates = this.#gathered;
    const commits = this.#commitsGathered;
    this.#gathered = new CandidateSet();
    this.#commitsGathered = 0;
    const place = this.isLastOpen ? this.#reader.settledPlace : this.#reader.place;
    return { candidates, place, commits, hasMore: this.#hasMore };
  }

  /** Readers see the log's first `frames` frames, as SQLite said after the last {@link look}. Throws LogFileError. */
  show(frames: number): void {
    const { place } = this.#reader;
    if (place === undefined || frames >= place.frames) this.settle();
  }

  /** The last commit is taken to stay. Throws LogFileError. */
  settle(): void {
    // It may have been written over by one that readers see; then that one is read at the next look.
    if (this.#reader.confirm()) this.#settleLast();
  }

  [Symbol.dispose](): void {
    this.#ports.log[Symbol.dispose]();
  }

  #onTransaction(transaction: ReadTransaction): boolean {
    const found = new CandidateSet();
    const pages = this.#pagesFor(transaction, found);
    if (pages === undefined) return false;
    let alike = NO_ROWS;
    if (transaction.isTooLarge) {
      found.miss("large");
      this.#pages = undefined;
    } else {
      alike = this.#observe(pages, transaction, found);
    }
    if (!transaction.isKnown) this.#add(found, alike, transaction.isSuperseded);
    return true;
  }

  /**
   * Messages whose pages were not remembered are candidates only if their records do not look as they are known. That is decided
   * at once, before anybody asks whether readers see the commit, and holds when they do if nothing was learnt of any message
   * until then: lookups in between may have seen the rows as before it.
   */
  #observe(pages: PageCandidates, transaction: ReadTransaction, found: CandidateSet): AlikeRows {
    const { known } = this.#ports;
    const { messageRecords } = pages.shapes;
    if (known === undefined || messageRecords === undefined || !this.#isSchemaSure || transaction.isKnown) {
      pages.observe(transaction, found);
      return NO_ROWS;
    }
    const cold = new ColdMessages();
    pages.observe(transaction, found, cold);
    const { version } = known;
    const rowids: bigint[] = [];
    for (const { cells } of cold.leaves) {
      const unlike = new Set(known.unlike(cells, messageRecords));
      for (const { rowid } of cells) {
        if (unlike.has(rowid)) found.addRow("message", rowid);
        else rowids.push(rowid);
      }
    }
    return { rowids, version };
  }

  #add(found: CandidateSet, alike: AlikeRows, isSuperseded: boolean): void {
    this.#commits += 1;
    if (found.isEmpty) this.#irrelevantCommits += 1;
    else if (found.missed !== undefined) this.#missed += 1;
    // A commit is begun after the one before it was shown.
    this.#settleLast();
    this.#last = found;
    this.#alike = alike;
    if (isSuperseded) this.#settleLast();
  }

  #settleLast(): void {
    if (this.#last === undefined) return;
    const { rowids, version } = this.#alike;
    if (rowids.length > 0 && version !== this.#ports.known?.version) {
      for (const rowid of rowids) this.#last.addRow("message", rowid);
    }
    this.#gathered.merge(this.#last);
    this.#commitsGathered += 1;
    this.#last = undefined;
    this.#alike = NO_ROWS;
  }

  /** With the schema that the transaction was written with; undefined while SQLite shows an older one. */
  #pagesFor(transaction: ReadTransaction, found: CandidateSet): PageCandidates | undefined {
    this.#pages ??= new PageCandidates(this.#askShapes());
    const version = schemaVersionOf(transaction);
    if (version === undefined || isUpTo(this.#pages.shapes, version)) return this.#pages;
    const shapes = this.#askShapes();
    if (shapes.schemaVersion !== this.#pages.shapes.schemaVersion) this.#pages.setShapes(shapes);
    if (!isUpTo(shapes, version)) {
      this.#schemaLooks += 1;
      if (this.#schemaLooks <= SCHEMA_LOOKS_MAX) return undefined;
      found.miss("schema");
    }
    this.#schemaLooks = 0;
    return this.#pages;
  }

  #askShapes(): PageShapes {
    // What is in the log by now may have been written under an older one.
    this.#isSchemaSure = false;
    return this.#ports.shapes();
  }
}

/** Messages that looked as they were known when {@link KnownMessages.version} was `version`. */
interface AlikeRows {
  readonly rowids: readonly bigint[];
  readonly version: number;
}

const NO_ROWS: AlikeRows = { rowids: [], version: 0 };

/** A later schema does, too: it knows the columns of before, and some more. */
function isUpTo(shapes: PageShapes, schemaVersion: number): boolean {
  return ((shapes.schemaVersion - schemaVersion) | 0) >= 0;
}

/** Of the database's first page, when the transaction changed it. */
function schemaVersionOf({ pages }: ReadTransaction): number | undefined {
  const first = pages.get(1);
  if (first === undefined) return undefined;
  try {
    return databaseHeader(first).schemaCookie;
  } catch (error) {
    if (!(error instanceof PageFormatError)) throw error;
    // Told by the pages' own look at it.
    return undefined;
  }
}
