/** Constants and keys of NSKeyedArchiver's documents. */
export const ARCHIVE = {
  archiverKey: "$archiver",
  archiver: "NSKeyedArchiver",
  versionKey: "$version",
  version: 100_000n,
  topKey: "$top",
  objectsKey: "$objects",
  /** The first object; number 0 is nil. */
  nil: "$null",
  classKey: "$class",
  classNameKey: "$classname",
  classChainKey: "$classes",
  /** Name of the only object of most documents. */
  rootName: "root",
} as const;

/** Keys of the Foundation classes that are read as values. */
export const FOUNDATION_KEY = {
  keys: "NS.keys",
  objects: "NS.objects",
  string: "NS.string",
  data: "NS.data",
  time: "NS.time",
  base: "NS.base",
  relative: "NS.relative",
  uuidBytes: "NS.uuidbytes",
  attributedString: "NSString",
  attributes: "NSAttributes",
  attributeInfo: "NSAttributeInfo",
} as const;

/**
 * Real archives nest 6 deep. What is deeper is refused, so that whoever walks a value needs no bound of its
 * own.
 */
export const ARCHIVE_DEPTH_MAX = 64;

/** Real chains are 4 long. */
export const CLASS_CHAIN_LENGTH_MAX = 32;
