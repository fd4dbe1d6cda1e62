import { ByteReader } from "./byte-reader.ts";
import { PageFormatError } from "./page-format-error.ts";
import { localPayload, type PayloadKind, USABLE_BYTES_MAX, USABLE_BYTES_MIN } from "./payload.ts";

/** The first page begins with the database's header; its b-tree's follows. */
const FIRST_PAGE_OFFSET = 100;

/** SQLite's own bound on the bytes of a row or key. */
const PAYLOAD_BYTES_MAX = 0x7fff_ffff;

const INDEX_INTERIOR = 2;
const TABLE_INTERIOR = 5;
const INDEX_LEAF = 10;
const TABLE_LEAF = 13;

/** Which page it is, and how much of it SQLite uses: the page size less the reserved bytes in the database's header. */
export interface PagePlace {
  readonly pageNumber: number;
  readonly usableBytes: number;
}

/** A row's or key's payload as far as it lies on the page. */
export interface LocalPayload {
  /** Of the whole payload. */
  readonly payloadBytes: number;
  /** The part on this page: a view of the page, made anew at each reading. Shorter than payloadBytes when it overflows. */
  readonly local: Uint8Array;
  /** First page of the chain that holds the rest; 0 when there is none. */
  readonly overflowPage: number;
  /** The whole cell as stored, with its sizes and its overflow page: equal bytes are an unchanged cell (but for its overflow). */
  readonly stored: Uint8Array;
  /** Where `stored` begins on the page, and its length: for comparing cells without making views. */
  readonly storedOffset: number;
  readonly storedBytes: number;
}

/** A row on a table's leaf. */
export interface TableLeafCell extends LocalPayload {
  readonly rowid: bigint;
}

/** A key of an index. */
export type IndexLeafCell = LocalPayload;

/** A key of an index with the page of the smaller ones. */
export interface IndexInteriorCell extends LocalPayload {
  readonly page: number;
}

/** A table's leaf; ROWIDs rise. */
export interface TableLeafPage {
  readonly kind: "table-leaf";
  readonly cells: readonly TableLeafCell[];
}

/** An interior page of a table: each child holds ROWIDs up to its `rowid` and above the one before; `right` the rest. */
export interface TableInteriorPage {
  readonly kind: "table-interior";
  readonly children: readonly { readonly page: number; readonly rowid: bigint }[];
  readonly right: number;
}

/** A page by the b-tree header it begins with. */
export type BtreePage =
  | TableLeafPage
  | TableInteriorPage
  | { readonly kind: "index-leaf"; readonly cells: readonly IndexLeafCell[] }
  | { readonly kind: "index-interior"; readonly cells: readonly IndexInteriorCell[]; readonly right: number }
  | { readonly kind: "not-a-btree" };

/**
 * Parses a page of a database. A page that begins like no b-tree page (an overflow page, a trunk of the freelist) is
 * "not-a-btree". Pages of the pointer map can look like b-tree pages: ask isPointerMapPage() first where the database has
 * one. Throws {@link PageFormatError}, and nothing else, for bytes SQLite cannot have written; reads nothing outside the
 * page, takes time linear in its size, and copies none of it: contents are views, made when asked for.
 */
export function parsePage(page: Uint8Array, place: PagePlace): BtreePage {
  const { usableBytes, pageNumber } = place;
  if (usableBytes < USABLE_BYTES_MIN || usableBytes > USABLE_BYTES_MAX || page.length < usableBytes) {
    throw new PageFormatError("bad-size", `${page.length} bytes, ${usableBytes} usable`);
  }
  const start = pageNumber === 1 ? FIRST_PAGE_OFFSET : 0;
  switch (page[start]) {
    case TABLE_LEAF: {
      const cells = readCells(page, start, usableBytes, false, readTableLeafCell).cells;
      return { kind: "table-leaf", cells: requireRising(cells) };
    }
    case TABLE_INTERIOR: {
      const { cells, right } = readCells(page, start, usableBytes, true, readTableInteriorCell);
      return { kind: "table-interior", children: requireRising(cells), right };
    }
    case INDEX_LEAF: {
      return {
        kind: "index-leaf",
        cells: readCells(page, start, usableBytes, false, readIndexLeafCell).cells,
      };
    }
    case INDEX_INTERIOR:
      return { kind: "index-interior", ...readCells(page, start, usableBytes, true, readIndexInteriorCell) };
    default:
      return { kind: "not-a-btree" };
  }
}

type ReadCell<C> = (page: Uint8Array, reader: ByteReader, usableBytes: number) => C;

/** The cells in key order, through the array of their offsets that follows the header. */
function readCells<C>(
  page: Uint8Array,
  start: number,
  usableBytes: number,
  isInterior: boolean,
  readCell: ReadCell<C>,
): { cells: C[]; right: number } {
  const header = new ByteReader(page, usableBytes, "bad-header");
  header.offset = start + 3;
  const count = header.uint16();
  header.offset = start + 8;
  const right = isInterior ? header.uint32() : 0;
  if (isInterior && right === 0) throw new PageFormatError("bad-header", "no right child");
  const pointersEnd = header.offset + count * 2;
  if (pointersEnd > usableBytes) throw new PageFormatError("bad-header", `${count} cells`);
  const reader = new ByteReader(page, usableBytes, "bad-cell");
  const cells: C[] = [];
  let cellBytes = 0;
  for (let index = 0; index < count; index += 1) {
    const offset = header.uint16();
    if (offset < pointersEnd) throw new PageFormatError("bad-cell", `at ${offset} of ${pointersEnd}`);
    reader.offset = offset;
    cells.push(readCell(page, reader, usableBytes));
    // Without this, cells that all name the same bytes would cost a reader of their contents the square of the page.
    cellBytes += reader.offset - offset;
    if (cellBytes > usableBytes - pointersEnd)
      throw new PageFormatError("cells-overlap", `${cellBytes} bytes`);
  }
  return { cells, right };
}

function readTableLeafCell(page: Uint8Array, reader: ByteReader, usableBytes: number): TableLeafCell {
  const start = reader.offset;
  const payloadBytes = readPayloadBytes(reader);
  const rowid = reader.varint64();
  const extent = readExtent(reader, payloadBytes, usableBytes, "table-leaf");
  return new RowCell(page, start, payloadBytes, extent, rowid);
}

function readTableInteriorCell(_page: Uint8Array, reader: ByteReader): { page: number; rowid: bigint } {
  return { page: readChild(reader), rowid: reader.varint64() };
}

function readIndexLeafCell(page: Uint8Array, reader: ByteReader, usableBytes: number): IndexLeafCell {
  const start = reader.offset;
  const payloadBytes = readPayloadBytes(reader);
  return new Cell(page, start, payloadBytes, readExtent(reader, payloadBytes, usableBytes, "index"));
}

function readIndexInteriorCell(page: Uint8Array, reader: ByteReader, usableBytes: number): IndexInteriorCell {
  const start = reader.offset;
  const child = readChild(reader);
  const payloadBytes = readPayloadBytes(reader);
  return new ChildCell(
    page,
    start,
    payloadBytes,
    readExtent(reader, payloadBytes, usableBytes, "index"),
    child,
  );
}

function readChild(reader: ByteReader): number {
  const child = reader.uint32();
  if (child === 0) throw new PageFormatError("bad-cell", "no child");
  return child;
}

function readPayloadBytes(reader: ByteReader): number {
  const payloadBytes = reader.varint();
  if (payloadBytes > PAYLOAD_BYTES_MAX)
    throw new PageFormatError("bad-cell", `${payloadBytes} bytes of payload`);
  return payloadBytes;
}

/** Where a cell's contents lie. */
interface Extent {
  readonly localOffset: number;
  readonly localBytes: number;
  readonly overflowPage: number;
}

function readExtent(
  reader: ByteReader,
  payloadBytes: number,
  usableBytes: number,
  kind: PayloadKind,
): Extent {
  const localOffset = reader.offset;
  const localBytes = localPayload(payloadBytes, usableBytes, kind);
  if (localOffset + localBytes > usableBytes) {
    throw new PageFormatError("bad-cell", `${localBytes} bytes at ${localOffset} of ${usableBytes}`);
  }
  reader.offset = localOffset + localBytes;
  if (localBytes === payloadBytes) return { localOffset, localBytes, overflowPage: 0 };
  const overflowPage = reader.uint32();
  if (overflowPage === 0) throw new PageFormatError("bad-cell", "no overflow page");
  return { localOffset, localBytes, overflowPage };
}

/** Makes its views when asked: a typed array costs more than parsing the cell, and most cells are asked for their ROWID alone. */
class Cell implements LocalPayload {
  readonly payloadBytes: number;
  readonly overflowPage: number;
  readonly storedOffset: number;
  readonly #page: Uint8Array;
  readonly #localOffset: number;
  readonly #localBytes: number;

  constructor(page: Uint8Array, offset: number, payloadBytes: number, extent: Extent) {
    this.payloadBytes = payloadBytes;
    this.overflowPage = extent.overflowPage;
    this.storedOffset = offset;
    this.#page = page;
    this.#localOffset = extent.localOffset;
    this.#localBytes = extent.localBytes;
  }

  get local(): Uint8Array {
    return this.#page.subarray(this.#localOffset, this.#localOffset + this.#localBytes);
  }

  get storedBytes(): number {
    return this.#localOffset + this.#localBytes + (this.overflowPage === 0 ? 0 : 4) - this.storedOffset;
  }

  get stored(): Uint8Array {
    return this.#page.subarray(this.storedOffset, this.storedOffset + this.storedBytes);
  }
}

class RowCell extends Cell implements TableLeafCell {
  readonly rowid: bigint;

  constructor(page: Uint8Array, offset: number, payloadBytes: number, extent: Extent, rowid: bigint) {
    super(page, offset, payloadBytes, extent);
    this.rowid = rowid;
  }
}

class ChildCell extends Cell implements IndexInteriorCell {
  readonly page: number;

  constructor(page: Uint8Array, offset: number, payloadBytes: number, extent: Extent, child: number) {
    super(page, offset, payloadBytes, extent);
    this.page = child;
  }
}

function requireRising<C extends { readonly rowid: bigint }>(cells: C[]): C[] {
  let before: bigint | undefined;
  for (const { rowid } of cells) {
    if (before !== undefined && rowid <= before)
      throw new PageFormatError("unordered", `${rowid} after ${before}`);
    before = rowid;
  }
  return cells;
}
