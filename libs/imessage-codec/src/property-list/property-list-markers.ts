/**
 * The first eight bytes: the format and its version. Later versions, which nothing writes, have other types.
 */
export const PROPERTY_LIST_SIGNATURE = "bplist00";

/** Sizes of integers, references and the table, counts and offsets: the last 32 bytes. */
export const TRAILER_BYTES = 32;

/**
 * Marker bytes. The low half of the ones that end in 0 is a power of two of a size (integer), a size less 1
 * (uid) or a count (data and after), in which {@link COUNT_FOLLOWS} means that an integer with the count
 * follows.
 */
export const MARKER = {
  null: 0x00,
  false: 0x08,
  true: 0x09,
  integer: 0x10,
  real4: 0x22,
  real8: 0x23,
  date: 0x33,
  data: 0x40,
  ascii: 0x50,
  utf16: 0x60,
  uid: 0x80,
  array: 0xa0,
  set: 0xc0,
  dictionary: 0xd0,
} as const;

export const COUNT_FOLLOWS = 0xf;

/** 16 bytes: the largest integer is 2⁴ bytes long. */
export const INTEGER_SIZE_POWER_MAX = 4;
