/** The bytes 0x80..0x91 of a typedstream, which are not integers by themselves. */
export const TAG = {
  int16: 0x81,
  int32: 0x82,
  real: 0x83,
  new: 0x84,
  nil: 0x85,
  end: 0x86,
  int64: 0x87,
} as const;

/** Any byte from here to TAG_LAST is a tag or reserved; every other byte is an integer of its own. */
export const TAG_FIRST = 0x80;
/** See TAG_FIRST. */
export const TAG_LAST = 0x91;

/** The smallest integer that one byte can say: 0x92, the first byte after the tags. */
export const ONE_BYTE_INTEGER_MIN = -110;
/** The largest. */
export const ONE_BYTE_INTEGER_MAX = 127;

/** References are written as integers counted from here, so that the first 238 fit in one byte. */
export const REFERENCE_BASE = -110;

/** A stream starts with the streamer version, then the signature with its length; the signature tells the byte order. */
export const STREAMER_VERSION = 4;
/** What all of Messages' streams say: little-endian. */
export const SIGNATURE = "streamtyped";
/** What PowerPC wrote. Messages never did. */
export const SIGNATURE_BIG_ENDIAN = "typedstream";
