/** Bounds for streams, which a remote stranger may have written. Reaching one is a TypedStreamError. */
export interface TypedStreamLimits {
  readonly byteLengthMax: number;
  /** Objects inside objects. */
  readonly objectDepthMax: number;
  /** A class and all its superclasses. */
  readonly classChainLengthMax: number;
  readonly sharedStringsMax: number;
  /** Objects, classes and C-strings. */
  readonly objectTableLengthMax: number;
}

/**
 * 1 MiB holds 100 kB of text with a data detector's result (1.2 kB) at every 200th byte, and bounds what the
 * worst stream found costs to a quarter of a second and 150 MB for a moment. Bodies nest 5 deep (link: body,
 * dictionary, url, base url, string); class chains are 3 long. An attribute takes about 5 slots of the object
 * table and 80 bytes; a shared string appears for each class and each length of data.
 */
export const TYPED_STREAM_LIMITS: TypedStreamLimits = {
  byteLengthMax: 1024 * 1024,
  objectDepthMax: 64,
  classChainLengthMax: 32,
  sharedStringsMax: 16_384,
  objectTableLengthMax: 131_072,
};
