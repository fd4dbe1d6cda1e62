import { type FSWatcher, statSync, watch } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { HintListener, HintSource } from "./commits.ts";
import { DirectoryWatchHints } from "./directory-watch-hints.ts";

/** The part of the optional module `fsevents` that is used. */
export interface Fsevents {
  /** Calls `listener` for each event below `path` with the file's path and the event's flags; returns what ends it. */
  watch(path: string, listener: (path: string, flags: number) => void): () => Promise<void>;
}

/** Gives the module, or rejects where it is not installed. */
export type LoadFsevents = () => Promise<Fsevents>;

/** The real one. The name is a variable because the module exists on macOS only and the compiler would look for it. */
export const loadFsevents: LoadFsevents = async () => {
  const name = "fsevents";
  const loaded: { default?: Fsevents } & Partial<Fsevents> = await import(name);
  return (loaded.default ?? loaded) as Fsevents;
};

/** Rescan demanded, file created, removed or renamed (Apple's kFSEventStreamEventFlag…): more than a write. */
const RENAME_FLAGS = 0x1 | 0x100 | 0x200 | 0x800;

/**
 * Hints on macOS, where two sources are needed (docs/chat-db.md §22):
 * - kqueue, through `fs.watch` on `-wal`: told of every append to a log that stays open. It watches an inode, so it is armed
 *   again when the log is another file. A descriptor of `-wal` carries no lock and may be opened and closed (docs/chat-db.md §20).
 * - FSEvents on the directory: told of files that come and go, and of nothing that is written to an open log. Without the
 *   optional module, Node's own watch of the directory takes its place.
 */
export class FseventsHints implements HintSource {
  readonly watcher = "fsevents+kqueue";
  readonly #databasePath: string;
  readonly #walPath: string;
  readonly #load: LoadFsevents;
  #listener: HintListener | undefined;
  #log: FSWatcher | undefined;
  #logInode: bigint | undefined;
  #directory: (() => void) | undefined;
  #fallback: DirectoryWatchHints | undefined;

  /** `databasePath` is absolute and, on macOS, real: FSEvents reports real paths. */
  constructor(databasePath: string, load: LoadFsevents = loadFsevents) {
    this.#databasePath = databasePath;
    this.#walPath = `${databasePath}-wal`;
    this.#load = load;
  }

  start(listener: HintListener): void {
    this.#listener = listener;
    this.#armLog();
    this.#load().then(
      (fsevents) => this.#watchDirectory(fsevents),
      () => this.#watchDirectoryWithout(),
    );
  }

  rearm(): void {
    this.#armLog();
    this.#fallback?.rearm();
  }

  [Symbol.dispose](): void {
    this.#listener = undefined;
    this.#closeLog();
    this.#directory?.();
    this.#directory = undefined;
    this.#fallback?.[Symbol.dispose]();
  }

  #watchDirectory(fsevents: Fsevents): void {
    if (this.#listener === undefined) return;
    const directory = dirname(this.#databasePath);
    const names = new Set([basename(this.#databasePath), basename(this.#walPath)]);
    try {
      const stop = fsevents.watch(directory, (path, flags) => {
        const isOurs = names.has(basename(path)) && join(directory, basename(path)) === path;
        if (isOurs) this.#onDirectoryEvent((flags & RENAME_FLAGS) !== 0);
      });
      this.#directory = () => {
        // It only unregisters; whether that worked changes nothing for a source that is no longer listened to.
        stop().catch(() => {});
      };
    } catch {
      this.#watchDirectoryWithout();
    }
  }

  #watchDirectoryWithout(): void {
    const listener = this.#listener;
    if (listener === undefined) return;
    this.#fallback = new DirectoryWatchHints(this.#databasePath);
    this.#fallback.start({
      onHint: (hint) => this.#onDirectoryEvent(hint === "renamed"),
      onTrouble: (error) => listener.onTrouble(error),
    });
  }

  #onDirectoryEvent(isRename: boolean): void {
    this.#armLog();
    this.#listener?.onHint(isRename ? "renamed" : "written");
  }

  /** Watches the log that is there now; without one, the directory's next event asks again. */
  #armLog(): void {
    const listener = this.#listener;
    if (listener === undefined) return;
    const inode = statSync(this.#walPath, { bigint: true, throwIfNoEntry: false })?.ino;
    if (inode === this.#logInode && this.#log !== undefined) return;
    this.#closeLog();
    if (inode === undefined) return;
    try {
      const log = watch(this.#walPath, { persistent: false }, (event) => {
        // kqueue says "rename" for an append without growth, too; looking at the inode is what tells them apart.
        if (event === "rename") this.#armLog();
        listener.onHint("written");
      });
      log.on("error", (error) => {
        this.#closeLog();
        listener.onTrouble(error);
      });
      this.#log = log;
      this.#logInode = inode;
    } catch (error) {
      // It went away between the two calls; its successor is told by the directory.
      this.#closeLog();
      listener.onTrouble(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #closeLog(): void {
    this.#log?.close();
    this.#log = undefined;
    this.#logInode = undefined;
  }
}
