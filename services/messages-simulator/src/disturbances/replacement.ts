import { renameSync, rmSync } from "node:fs";
import { type ChatDatabase, mustBeThere } from "../mac/chat-database.ts";
import type { DatabaseBirth } from "../mac/database-birth.ts";

/** What belongs to a database beside its file. */
const SIDE_FILES = ["-wal", "-shm"];

/** How long the path stays empty when the files are removed: longer than a reader's poll. */
const GAP_MS = 250;

/**
 * A copy with the same rows and the same `_UniqueIdentifier`, in another file and on other pages, is renamed over
 * chat.db, as when a Mac is restored: the log of the old one goes with it.
 */
export function restoreCopy(database: ChatDatabase): void {
  const copy = `${database.path}.restoring`;
  rmSync(copy, { force: true });
  database.maintain((writer) => writer.prepare("VACUUM INTO ?").run(copy));
  const put = () => {
    for (const side of SIDE_FILES) rmSync(`${database.path}${side}`, { force: true });
    renameSync(copy, database.path);
  };
  database.exchange("clean", put, mustBeThere);
}

/**
 * What a failed migration of Apple's leads to (docs/chat-db.md §1): the database is moved aside and an empty one made, whose
 * ROWIDs begin at 1. An older one that was moved aside is lost.
 */
export function replaceWithEmpty(database: ChatDatabase, makeBirth: () => DatabaseBirth): void {
  emptyLog(database);
  const put = () => {
    const aside = `${database.path}.incompatible.v1.sqlitedb`;
    for (const side of ["", ...SIDE_FILES]) {
      rmSync(`${aside}${side}`, { force: true });
      renameIfThere(`${database.path}${side}`, `${aside}${side}`);
    }
  };
  database.exchange("clean", put, makeBirth);
}

/** The files are removed, and after a pause an empty database is made. `pause` blocks: nothing is written meanwhile. */
export function deleteAndRecreate(
  database: ChatDatabase,
  makeBirth: () => DatabaseBirth,
  pause: (ms: number) => void,
): void {
  const put = () => {
    for (const side of ["", ...SIDE_FILES]) rmSync(`${database.path}${side}`, { force: true });
    pause(GAP_MS);
  };
  database.exchange("clean", put, makeBirth);
}

/** What is moved aside is whole without its log, as far as no reader holds that. */
function emptyLog(database: ChatDatabase): void {
  database.maintain((writer) => writer.pragma("wal_checkpoint(PASSIVE)"));
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    // A writer that was the last to close has removed the log itself.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
