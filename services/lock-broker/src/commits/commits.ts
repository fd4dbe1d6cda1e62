/** What made us look: a platform's hint (or a check that follows it), the bounded poll, or the opening of a tail. */
export type DetectionSource = "hint" | "poll" | "open";

/** Somebody committed. It says when, not what: who hears it takes what there is, and is reminded until it did. */
export interface CommitNotice {
  readonly source: DetectionSource;
  /** When `-wal` was last written before the check, Unix nanoseconds, by the file system's clock and to its precision. */
  readonly committedAtUnixNs: bigint;
  /** When the check found it, Unix nanoseconds. */
  readonly detectedAtUnixNs: bigint;
}

/** What watching tells. */
export type WatchEvent =
  | { readonly kind: "committed"; readonly notice: CommitNotice }
  /** The database or its log cannot be read; told once, and again when the reason is another one. */
  | { readonly kind: "failed"; readonly fault: WatchFault; readonly error: Error }
  /** It can be read again; a "committed" follows when there is something to take. */
  | { readonly kind: "recovered" };

/**
 * Why nothing can be watched.
 * - not-found: there is no chat.db
 * - no-permission: the system refuses it (EPERM, EACCES; macOS: no Full Disk Access)
 * - cannot-open: there is something, but SQLite does not open it (CANTOPEN)
 * - not-a-database: it is no database, or a damaged one (NOTADB, CORRUPT)
 * - wrong-schema: a database, but not Messages'
 * - busy: somebody holds it exclusively (recovery, last close); passes
 * - io: the disk does not read (IOERR, EIO)
 * - not-a-log: `-wal` is there and is no log
 * - failed: anything else; the error's words tell more
 */
export type WatchFaultCode =
  | "not-found"
  | "no-permission"
  | "cannot-open"
  | "not-a-database"
  | "wrong-schema"
  | "busy"
  | "io"
  | "not-a-log"
  | "failed";

/** A fault of the world that another try may mend. */
export interface WatchFault {
  readonly code: WatchFaultCode;
  /** Which of the files it is about. */
  readonly source: "database" | "log";
  readonly error: Error;
}

/** Where the watch stands. */
export type WatchState =
  | { readonly kind: "watching" }
  /** Since `sinceMs` (monotonic) no check has succeeded; `fault` is the last one, `error` its error. */
  | {
      readonly kind: "failing";
      readonly fault: WatchFault;
      readonly error: Error;
      readonly sinceMs: number;
      /** Tries to open it since then. */
      readonly attempts: number;
    };

/** Tells of commits (port of tail/). */
export interface CommitFeed {
  /** Calls `listener` synchronously at each event until disposed. It must not throw, and does no work that blocks. */
  subscribe(listener: (event: WatchEvent) => void): Disposable;
}

/**
 * What a platform noticed. "written": something near chat.db was written. "renamed": a file came, went or was renamed, so
 * that the database or its log may be another file now.
 */
export type Hint = "written" | "renamed";

/** Hears of a {@link HintSource}. */
export interface HintListener {
  /** Called in the turn of the event loop in which the platform told. Must not throw. */
  onHint(hint: Hint): void;
  /** The source hears nothing any more and will not by itself: its {@link HintSource.rearm} may help. Must not throw. */
  onTrouble(error: Error): void;
}

/**
 * A platform's file notifications about chat.db (port). Hints may be lost, doubled, early (before the commit is visible)
 * or for nothing (I2): they shorten lateness and prove nothing. An adapter opens neither chat.db nor -shm (I1).
 */
export interface HintSource {
  /** Label in metrics: "inotify", "fsevents+kqueue". Few values. */
  readonly watcher: string;
  /** Starts to listen; called once. Never throws: what cannot be watched is told to `onTrouble`. */
  start(listener: HintListener): void;
  /** Looks again at what there is to watch: after a file was replaced, or trouble. Cheap when nothing changed. Never throws. */
  rearm(): void;
  /** Stops; no call to the listener afterwards. */
  [Symbol.dispose](): void;
}

/**
 * The checks that find commits (port). All synchronous, microseconds each while nothing happens. What they throw, {@link
 * CommitProbe.faultOf} knows; anything else they throw is our bug.
 */
export interface CommitProbe {
  /** What an error says when it means "cannot be read now" and is worth another try; undefined for any other. */
  faultOf(error: unknown): WatchFault | undefined;
  /** True when there is something new to take: commits that touched what is watched, or the news that some were missed. */
  hasCommitted(): boolean;
  /** How soon it wants to be asked again, in milliseconds, when that is sooner than the poll; asked after each check. */
  lookAgainMs(): number | undefined;
  /** True when the path leads to another file (or log) than the one that is open. Twice a second. */
  isReplaced(): boolean;
  /** Opens what is at the path now. */
  reopen(): void;
  /** When the log was last written, Unix nanoseconds; undefined when there is nothing to ask. For a notice only. */
  committedAtUnixNs(): bigint | undefined;
}

/** What the watcher counts. Called in batches, not per hint; must not throw. */
export interface WatchCounters {
  /** Commits noticed. */
  detected(source: DetectionSource): void;
  /** Hints heard. */
  hints(count: number): void;
  /** Checks that followed a hint and found nothing. */
  emptyProbes(count: number): void;
}
