import { PageFormatError } from "./page-format-error.ts";
import { USABLE_BYTES_MIN } from "./payload.ts";
import { isPageSize } from "./wal-header.ts";

const HEADER_BYTES = 100;
const MAGIC = "SQLite format 3\0";
const ENCODINGS = ["utf-8", "utf-8", "utf-16le", "utf-16be"] as const;

/** What the first page says of a database (sqlite.org/fileformat2.html §1.3). */
export interface DatabaseHeader {
  readonly pageSize: number;
  /** At the end of each page, used by extensions. */
  readonly reservedBytes: number;
  /** Page size less reserved bytes. */
  readonly usableBytes: number;
  readonly databasePages: number;
  /** 0 when no page is free. */
  readonly firstFreelistTrunk: number;
  readonly freelistPages: number;
  /** Changes whenever a table, an index or a trigger does. */
  readonly schemaCookie: number;
  /** Auto-vacuum is on, incremental or full: the database has a pointer map. */
  readonly hasPointerMap: boolean;
  readonly isIncrementalVacuum: boolean;
  readonly textEncoding: "utf-8" | "utf-16le" | "utf-16be";
}

/** The header in the first page of a database. Throws {@link PageFormatError} (bad-database-header), and nothing else. */
export function databaseHeader(firstPage: Uint8Array): DatabaseHeader {
  if (firstPage.length < HEADER_BYTES) refuse(`${firstPage.length} bytes`);
  for (let at = 0; at < MAGIC.length; at += 1) {
    if (firstPage[at] !== MAGIC.charCodeAt(at)) refuse(`byte ${at}`);
  }
  const view = new DataView(firstPage.buffer, firstPage.byteOffset, HEADER_BYTES);
  const storedPageSize = view.getUint16(16);
  // 65,536 does not fit its two bytes.
  const pageSize = storedPageSize === 1 ? 0x1_0000 : storedPageSize;
  const reservedBytes = view.getUint8(20);
  if (!isPageSize(pageSize)) refuse(`page size ${storedPageSize}`);
  if (pageSize - reservedBytes < USABLE_BYTES_MIN) refuse(`${reservedBytes} reserved bytes`);
  const textEncoding = ENCODINGS[view.getUint32(56)];
  if (textEncoding === undefined) return refuse(`encoding ${view.getUint32(56)}`);
  return {
    pageSize,
    reservedBytes,
    usableBytes: pageSize - reservedBytes,
    databasePages: view.getUint32(28),
    firstFreelistTrunk: view.getUint32(32),
    freelistPages: view.getUint32(36),
    schemaCookie: view.getUint32(40),
    hasPointerMap: view.getUint32(52) !== 0,
    isIncrementalVacuum: view.getUint32(64) !== 0,
    textEncoding,
  };
}

function refuse(found: string): never {
  throw new PageFormatError("bad-database-header", found);
}
