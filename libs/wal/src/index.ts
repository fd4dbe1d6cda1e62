export { type DatabaseHeader, databaseHeader } from "./database-header.ts";
export { type FreelistTrunk, overflowNext, parseFreelistTrunk } from "./overflow.ts";
export {
  type BtreePage,
  type IndexInteriorCell,
  type IndexLeafCell,
  type LocalPayload,
  type PagePlace,
  parsePage,
  type TableInteriorPage,
  type TableLeafCell,
  type TableLeafPage,
} from "./page.ts";
export { PageFormatError, type PageFormatErrorCode } from "./page-format-error.ts";
export { isPointerMapPage } from "./pointer-map.ts";
export { columnCount, parseRecord, type RecordValue, type TableRecord } from "./record.ts";
export { type WalkedLeaf, walkTableLeaves } from "./table-walk.ts";
export { WalFormatError, type WalFormatErrorCode } from "./wal-format-error.ts";
export {
  type FrameHeader,
  type FramesStop,
  isNextFrame,
  nextFrames,
  parseFrameHeader,
  type WalFrame,
} from "./wal-frames.ts";
export { parseWalHeader, WAL_HEADER_BYTES, type WalHeader } from "./wal-header.ts";
export { FRAME_HEADER_BYTES, frameBytes, frameOffset, type WalPosition, walStart } from "./wal-position.ts";
