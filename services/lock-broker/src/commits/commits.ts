/** What made us look: a platform's hint (or a check that follows it), the bounded poll, or the opening of a tail. */
export type DetectionSource = "hint" | "poll" | "open";

/** Somebody committed (or may have: a reopened database counts). It says when, not what: who hears it looks how far it can go. */
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
  /** The database cannot be read; a "committed" follows when it can again. */
  | { readonly kind: "failed"; readonly error: Error };

/** Where the watch stands. */
export type WatchState =
  | { readonly kind: "watching" }
  /** Since `sinceMs` (monotonic) no check has succeeded. */
  | { readonly kind: "failing"; readonly error: Error; readonly sinceMs: number };

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
 * The checks that find commits (port). All synchronous, microseconds each. While the database cannot be read they throw an error
 * that {@link CommitProbe.isUnreadable} knows; anything else they throw is our bug.
 */
export interface CommitProbe {
  /** True for an error that says "cannot be read now" and is worth another try. */
  isUnreadable(error: unknown): error is Error;
  /** True when somebody committed since the last call. */
  hasCommitted(): boolean;
  /** True when the path leads to another file (or log) than the one that is open. */
  isReplaced(): boolean;
  /** Opens what is at the path now. */
  reopen(): void;
  /** When the log was last written, Unix nanoseconds; undefined when there is nothing to ask. Never throws. */
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
