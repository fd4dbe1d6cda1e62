import { unreachable } from "@imesh/flow";
import type { TableLeafCell } from "@imesh/wal";
import type { CandidateSet } from "./candidate-set.ts";
import type { ColdMessages } from "./cold-messages.ts";
import { areSameCells } from "./leaf-image.ts";
import { isMessages, type JoinTable, joinedRowids, type PageClass } from "./page-shapes.ts";

/** A cell that a commit touched, with the page it lies on. */
export interface PlacedCell {
  readonly page: Uint8Array;
  readonly cell: TableLeafCell;
  /** It is touched because its page was not remembered, and for no other reason. */
  readonly isCold?: boolean;
}

/** Cells of one class that are not what they were on their page: as before the commit, and as after. */
export interface TouchedCells {
  readonly before: Map<bigint, PlacedCell>;
  readonly after: Map<bigint, PlacedCell>;
  /** Those whose ROWID came a second time: two tables can have one class. */
  readonly others: PlacedCell[];
}

/** The cells of `pageClass` among the touched ones. */
export function touchedOf(touched: Map<PageClass, TouchedCells>, pageClass: PageClass): TouchedCells {
  const known = touched.get(pageClass);
  if (known !== undefined) return known;
  const fresh: TouchedCells = { before: new Map(), after: new Map(), others: [] };
  touched.set(pageClass, fresh);
  return fresh;
}

/** Adds a cell to one of the two. */
export function put({ others }: TouchedCells, cells: Map<bigint, PlacedCell>, placed: PlacedCell): void {
  if (cells.has(placed.cell.rowid)) others.push(placed);
  else cells.set(placed.cell.rowid, placed);
}

/**
 * A cell that is the same elsewhere has moved, which takes a table that was restructured; any other is a candidate, or `cold`
 * if that is given, and it is a message's.
 */
export function addTouched(
  pageClass: PageClass,
  { before, after, others }: TouchedCells,
  canMove: boolean,
  into: CandidateSet,
  cold?: ColdMessages,
): void {
  const mayBeCold = isMessages(pageClass) ? cold : undefined;
  for (const [rowid, now] of after) {
    const old = before.get(rowid);
    if (canMove && old !== undefined && areSameCells(old.page, old.cell, now.page, now.cell)) continue;
    const isCold = old === undefined && now.isCold === true;
    if (isCold && mayBeCold?.add(now.page, now.cell) === true) continue;
    addCell(pageClass, now.cell, into);
    if (old !== undefined) addCell(pageClass, old.cell, into);
  }
  for (const [rowid, { cell }] of before) if (!after.has(rowid)) addCell(pageClass, cell, into);
  for (const { cell } of others) addCell(pageClass, cell, into);
}

function addCell({ rows, joins }: PageClass, cell: TableLeafCell, into: CandidateSet): void {
  for (const table of rows) into.addRow(table, cell.rowid);
  if (joins.length === 0) return;
  const [first, second] = joinedRowids(cell);
  for (const join of joins) addJoin(join, first, second, into);
}

/** Which of a join's two ROWIDs somebody asks for; its columns come in this order in every known schema (docs/chat-db.md §2). */
function addJoin(
  join: JoinTable,
  first: bigint | undefined,
  second: bigint | undefined,
  into: CandidateSet,
): void {
  switch (join) {
    case "chat_message_join":
      if (second !== undefined) into.addRow("message", second);
      return;
    case "chat_handle_join":
      if (first !== undefined) into.addRow("chat", first);
      return;
    case "message_attachment_join":
      if (first !== undefined) into.addRow("message", first);
      if (second !== undefined) into.addRow("attachment", second);
      return;
    default:
      unreachable(join);
  }
}
