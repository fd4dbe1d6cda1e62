import { databaseHeader, PageFormatError } from "@imesh/wal";
import { CandidateSet } from "./candidate-set.ts";
import type { Candidates, LogPlace } from "./candidates.ts";
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
  /**
   * The schema as a read transaction sees it now. Called at the first commit and when a commit changed the schema. Its errors go
   * to whoever called; the commit is read again at the next look.
   */
  readonly shapes: () => PageShapes;
}

/** What a step brings. */
export interface CaptureStep {
  readonly candidates: Candidates;
  /**
   * To be stored with what is made of the candidates: everything before it is told. While it is not sure that a read transaction
   * sees the last commit, the place before that one. Undefined without a log.
   */
  readonly place: LogPlace | undefined;
  /** Whole transactions that the candidates are of. */
  readonly commits: number;
  /** The candidates are of one commit and no other, so that a change found among them shows that it is visible: LogProbe.confirmShown. */
  readonly isSingle: boolean;
  /** Only rows of the last commit, which may have been read too early: see commit-visibility.ts. */
  readonly isRecheck: boolean;
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
  /** Commits put back because their writer died before it showed them. */
  readonly rewinds: number;
  /** Frames of whole transactions in the log's current generation. */
  readonly framesInGeneration: number;
}

/**
 * From the log's frames to candidates, commit by commit. Reads no more while a step waits to be taken, so what it holds is
 * bounded by one step, and a transaction by its bound (TransactionPages).
 *
 * The candidates of the last commit stay until it is confirmed that readers see it (or a later commit shows that they do): they are
 * given once more with the next step, or by {@link recheck}.
 */
export class LogCapture implements Disposable {
  readonly #ports: LogCapturePorts;
  readonly #reader: LogReader;
  #pages: PageCandidates | undefined;
  /** Of commits since the last {@link take}, but the last one. */
  #gathered = new CandidateSet();
  #last: CandidateSet | undefined;
  #isLastConfirmed = true;
  #isLastTaken = true;
  #isRecheckDue = false;
  #commitsGathered = 0;
  /** No candidates of a commit that was taken before are among the gathered ones. */
  #isSingle = true;
  #hasMore = false;
  #isContinuous = true;
  #schemaLooks = 0;
  #commits = 0;
  #irrelevantCommits = 0;
  #missed = 0;
  #rewinds = 0;

  constructor(ports: LogCapturePorts) {
    this.#ports = ports;
    const listener: LogListener = {
      onTransaction: (transaction) => this.#onTransaction(transaction),
      onMissed: (reason) => {
        this.#missed += 1;
        this.#isContinuous = false;
        this.#gathered.miss(reason);
        // The schema may have changed in what was missed, too: it is asked for with the next commit, when all that is shown.
        this.#pages = undefined;
      },
      onRewound: () => {
        this.#rewinds += 1;
        this.#isContinuous = false;
        this.#pages?.forget();
      },
    };
    this.#reader = new LogReader(ports.log, listener);
  }

  get statistics(): CaptureStatistics {
    return {
      commits: this.#commits,
      irrelevantCommits: this.#irrelevantCommits,
      resets: this.#reader.resets,
      missed: this.#missed,
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
    if (this.#isRecheckDue) return true;
    return !this.#gathered.isEmpty || (this.#last !== undefined && !this.#isLastTaken && !this.#last.isEmpty);
  }

  /** The last look ended before the log did. */
  get hasMore(): boolean {
    return this.#hasMore;
  }

  /** A commit is put off until SQLite shows the schema that it was written with. */
  get isWaitingForSchema(): boolean {
    return this.#schemaLooks > 0;
  }

  /** False while the last commit touched watched rows and may be hidden from readers. */
  get isLastConfirmed(): boolean {
    return this.#isLastConfirmed;
  }

  /** Once, before anything is read: goes on at `place`, or says that the start was missed. Throws LogFileError. */
  begin(place: LogPlace | undefined): void {
    this.#reader.begin(place);
  }

  /** Another file is chat.db now. What is not taken is of no more interest. Throws LogFileError. */
  replaced(): void {
    this.#gathered = new CandidateSet();
    this.#commitsGathered = 0;
    this.#forgetLast();
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
    if (this.look().hasRead) return false;
    this.#reader.follow();
    return true;
  }

  /** Opens the same log anew, after it could not be read. Throws LogFileError. */
  reopen(): void {
    this.#reader.reopen();
  }

  /** Reads one step, unless one waits to be taken. Two small reads when there is nothing. Throws LogFileError, or what `shapes` throws. */
  look(): { readonly hasRead: boolean; readonly commits: number; readonly isContinuous: boolean } {
    if (this.hasStep) return NOTHING_READ;
    const before = this.#commits;
    const missedBefore = this.#missed;
    this.#hasMore = this.#reader.hasNews() && this.#reader.read(STEP_FRAMES_MAX);
    const commits = this.#commits - before;
    if (commits === 0 && missedBefore === this.#missed) return NOTHING_READ;
    const isContinuous = this.#isContinuous;
    this.#isContinuous = true;
    return { hasRead: true, commits, isContinuous };
  }

  /** What was found since the last call; undefined when there is nothing. The candidates belong to the caller. */
  take(): CaptureStep | undefined {
    if (!this.hasStep) return undefined;
    const isRecheck = this.#isRecheckDue && this.#gathered.isEmpty && this.#isLastTaken;
    const candidates = this.#gathered;
    if (this.#last !== undefined) candidates.merge(this.#last);
    const commits = this.#commitsGathered;
    const isSingle = this.#isSingle && commits === 1 && candidates.missed === undefined;
    this.#isSingle = true;
    this.#gathered = new CandidateSet();
    this.#commitsGathered = 0;
    this.#isLastTaken = true;
    this.#isRecheckDue = false;
    const place = this.#isLastConfirmed ? this.#reader.place : this.#reader.settledPlace;
    if (this.#isLastConfirmed) this.#last = undefined;
    return { candidates, place, commits, isSingle, isRecheck, hasMore: this.#hasMore };
  }

  /** Rows that are read from now on show the last commit. */
  confirm(): void {
    this.#isLastConfirmed = true;
    this.#reader.confirm();
    if (this.#isLastTaken && !this.#isRecheckDue) this.#last = undefined;
  }

  /** The last commit is visible now, and its rows may have been read before: gives them once more. */
  recheck(): void {
    if (this.#last !== undefined && this.#isLastTaken && !this.#last.isEmpty) this.#isRecheckDue = true;
    this.confirm();
  }

  /** It was waited for long enough: the candidates of the last commit stay for the next step. */
  giveUp(): void {
    this.#reader.confirm();
  }

  [Symbol.dispose](): void {
    this.#ports.log[Symbol.dispose]();
  }

  #onTransaction(transaction: ReadTransaction): boolean {
    const found = new CandidateSet();
    const pages = this.#pagesFor(transaction, found);
    if (pages === undefined) return false;
    if (transaction.isTooLarge) {
      found.miss("large");
      this.#pages = undefined;
    } else {
      pages.observe(transaction, found);
    }
    if (!transaction.isKnown) this.#add(found);
    return true;
  }

  #add(found: CandidateSet): void {
    this.#commits += 1;
    this.#commitsGathered += 1;
    // A commit after it shows that the one before is visible; whether it was when its rows were read is another question.
    if (this.#last !== undefined) {
      if (this.#isLastTaken) this.#isSingle = false;
      this.#gathered.merge(this.#last);
    }
    this.#forgetLast();
    if (found.isEmpty) {
      this.#irrelevantCommits += 1;
      return;
    }
    if (found.missed !== undefined) this.#missed += 1;
    this.#last = found;
    this.#isLastTaken = false;
    this.#isLastConfirmed = false;
  }

  #forgetLast(): void {
    this.#last = undefined;
    this.#isLastTaken = true;
    this.#isLastConfirmed = true;
    this.#isRecheckDue = false;
  }

  /** With the schema that the transaction was written with; undefined while SQLite shows an older one. */
  #pagesFor(transaction: ReadTransaction, found: CandidateSet): PageCandidates | undefined {
    this.#pages ??= new PageCandidates(this.#ports.shapes());
    const version = schemaVersionOf(transaction);
    if (version === undefined || isUpTo(this.#pages.shapes, version)) return this.#pages;
    const shapes = this.#ports.shapes();
    if (shapes.schemaVersion !== this.#pages.shapes.schemaVersion) this.#pages.setShapes(shapes);
    if (!isUpTo(shapes, version)) {
      this.#schemaLooks += 1;
      if (this.#schemaLooks <= SCHEMA_LOOKS_MAX) return undefined;
      found.miss("schema");
    }
    this.#schemaLooks = 0;
    return this.#pages;
  }
}

/** A later schema does, too: it knows the columns of before, and some more. */
function isUpTo(shapes: PageShapes, schemaVersion: number): boolean {
  return ((shapes.schemaVersion - schemaVersion) | 0) >= 0;
}

const NOTHING_READ = { hasRead: false, commits: 0, isContinuous: true } as const;

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
