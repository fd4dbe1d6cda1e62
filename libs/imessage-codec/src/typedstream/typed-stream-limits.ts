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
  /** What the decoded tree may take in memory, as estimated from its parts; the input is not counted. */
  readonly memoryBytesMax: number;
}

/**
 * 1 MiB holds 100 kB of text with a data detector's result (1.2 kB) at every 200th byte. Bodies nest 5 deep (link: body,
 * dictionary, url, base url, string); class chains are 3 long. A shared string appears for each class and each length of
 * data. 1,000 runs with four attributes of their own take 16,000 slots of the object table and 7 MiB as a tree.
 */
export const TYPED_STREAM_LIMITS: TypedStreamLimits = {
  byteLengthMax: 1024 * 1024,
  objectDepthMax: 64,
  classChainLengthMax: 32,
  sharedStringsMax: 16_384,
  objectTableLengthMax: 131_072,
  memoryBytesMax: 12 * 1024 * 1024,
};
