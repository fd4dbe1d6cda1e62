import { crc32 } from "node:zlib";
import type { DatabaseView } from "../rows/chat-db.ts";
import type { PageBudget } from "./page-budget.ts";
import { type PagePosition, ReadRefusal } from "./reads.ts";

/** What a page is read from: one transaction of the reader thread, and how long it may go on. */
export interface PageView extends Pick<DatabaseView, "reader" | "facts"> {
  readonly budget: PageBudget;
}

/** A short mark of a database, for positions: another one has another mark, but for one chance in 2³². */
export function databaseMark(databaseUid: string): number {
  return crc32(databaseUid);
}

/** The position with the mark of the view's database, for the answer. */
export function markedPosition(
  view: PageView,
  place: Omit<PagePosition, "database"> | undefined,
): PagePosition | undefined {
  if (place === undefined) return undefined;
  return { database: databaseMark(view.facts.databaseUid), date: place.date, rowid: place.rowid };
}

/** The position as a place in this database. Throws ReadRefusal "position-stale" when it is one of another. */
export function checkedPosition(
  view: PageView,
  position: PagePosition | undefined,
): PagePosition | undefined {
  if (position !== undefined && position.database !== databaseMark(view.facts.databaseUid)) {
    throw new ReadRefusal("position-stale");
  }
  return position;
}
