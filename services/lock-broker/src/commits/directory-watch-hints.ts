import { type FSWatcher, statSync, watch } from "node:fs";
import { basename, dirname } from "node:path";
import type { Hint, HintListener, HintSource } from "./commits.ts";

/**
 * Hints by `fs.watch` on the **directory** of chat.db, never on chat.db or -shm themselves: the watch of a file holds a
 * descriptor whose close would drop SQLite's locks (I1, docs/chat-db.md §20), and `-wal` may come and go. On Linux (inotify) every
 * write to the log is told, before its commit is visible; on macOS (FSEvents) writes to a log that stays open never are.
 */
export class DirectoryWatchHints implements HintSource {
  readonly watcher = "directory";
  readonly #directory: string;
  readonly #directoryName: string;
  readonly #databaseName: string;
  #listener: HintListener | undefined;
  #watch: FSWatcher | undefined;
  #watchedInode: bigint | undefined;

  /** `databasePath` is absolute. */
  constructor(databasePath: string) {
    this.#directory = dirname(databasePath);
    this.#directoryName = basename(this.#directory);
    this.#databaseName = basename(databasePath);
  }

  start(listener: HintListener): void {
    this.#listener = listener;
    this.rearm();
  }

  rearm(): void {
    const listener = this.#listener;
    if (listener === undefined) return;
    try {
      const { ino } = statSync(this.#directory, { bigint: true });
      if (this.#watch !== undefined && ino === this.#watchedInode) return;
      this.#close();
      this.#watchedInode = ino;
      const fresh = watch(this.#directory, { persistent: false }, (event, name) => {
        const hint = this.#hintOf(event, name);
        if (hint !== undefined) listener.onHint(hint);
      });
      fresh.on("error", (error) => this.#fail(error));
      this.#watch = fresh;
    } catch (error) {
      this.#fail(error);
    }
  }

  [Symbol.dispose](): void {
    this.#listener = undefined;
    this.#close();
  }

  /** A platform may not say which file it was (null): then it may have been ours. */
  #hintOf(event: string, name: string | null): Hint | undefined {
    const isOurs = name === null || name === this.#databaseName || name === `${this.#databaseName}-wal`;
    if (isOurs) return event === "rename" ? "renamed" : "written";
    // The directory itself went away, and with it whatever we watched.
    return name === this.#directoryName && event === "rename" ? "renamed" : undefined;
  }

  #fail(error: unknown): void {
    this.#close();
    const cause = error instanceof Error ? error : new Error(String(error));
    this.#listener?.onTrouble(cause);
  }

  #close(): void {
    this.#watch?.close();
    this.#watch = undefined;
    this.#watchedInode = undefined;
  }
}
