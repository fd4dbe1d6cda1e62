import { PropertyListError } from "./property-list-error.ts";
import type { PropertyListLimits } from "./property-list-limits.ts";
import { PROPERTY_LIST_SIGNATURE, TRAILER_BYTES } from "./property-list-markers.ts";

/** What the last 32 bytes say, checked against the length: every table index below is inside the file. */
export interface PropertyListTrailer {
  /** Bytes of each entry of the offset table, 1 to 8. */
  readonly offsetBytes: number;
  /** Bytes of each reference to an object, 1 to 8. */
  readonly referenceBytes: number;
  readonly objectCount: number;
  readonly rootIndex: number;
  /** Where the objects end and the table starts. */
  readonly offsetTableOffset: number;
}

/**
 * Reads header and trailer. Throws PropertyListError: too-large, bad-header, bad-trailer, too-many-objects.
 */
export function readTrailer(bytes: Uint8Array, limits: PropertyListLimits): PropertyListTrailer {
  if (bytes.length > limits.byteLengthMax) {
    throw new PropertyListError(
      "too-large",
      null,
      `${bytes.length} bytes, at most ${limits.byteLengthMax} are read`,
    );
  }
  for (let index = 0; index < PROPERTY_LIST_SIGNATURE.length; index += 1) {
    if (bytes[index] !== PROPERTY_LIST_SIGNATURE.charCodeAt(index)) {
      throw new PropertyListError("bad-header", 0, "not a binary property list of version 00");
    }
  }
  const start = bytes.length - TRAILER_BYTES;
  if (start <= PROPERTY_LIST_SIGNATURE.length) {
    throw new PropertyListError("bad-trailer", null, `${bytes.length} bytes hold no object and trailer`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, TRAILER_BYTES);
  const trailer = {
    offsetBytes: view.getUint8(6),
    referenceBytes: view.getUint8(7),
    objectCount: Number(view.getBigUint64(8)),
    rootIndex: Number(view.getBigUint64(16)),
    offsetTableOffset: Number(view.getBigUint64(24)),
  };
  checkTrailer(trailer, start);
  if (trailer.objectCount > limits.objectCountMax) {
    throw new PropertyListError("too-many-objects", start + 8, `more than ${limits.objectCountMax} objects`);
  }
  return trailer;
}

// Numbers beyond 2⁵³ were rounded above, but none of them passes here.
function checkTrailer(trailer: PropertyListTrailer, start: number): void {
  const { offsetBytes, referenceBytes, objectCount, rootIndex, offsetTableOffset } = trailer;
  const refuse = (fieldOffset: number, fact: string): never => {
    throw new PropertyListError("bad-trailer", start + fieldOffset, fact);
  };
  if (offsetBytes < 1 || offsetBytes > 8) {
    refuse(6, "offsets have 1 to 8 bytes");
  }
  if (referenceBytes < 1 || referenceBytes > 8) {
    refuse(7, "references have 1 to 8 bytes");
  }
  if (objectCount < 1 || 2 ** (8 * referenceBytes) < objectCount) {
    refuse(8, "at least one object, and not more than references can tell apart");
  }
  if (rootIndex >= objectCount) {
    refuse(16, "the root is one of the objects");
  }
  const isTableWhole = offsetTableOffset + objectCount * offsetBytes === start;
  if (offsetTableOffset <= PROPERTY_LIST_SIGNATURE.length || !isTableWhole) {
    refuse(24, "the offset table fills what is between objects and trailer");
  }
}
