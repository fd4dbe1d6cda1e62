import { ONE_BYTE_INTEGER_MAX, ONE_BYTE_INTEGER_MIN } from "./tags.ts";

const INT16_MIN = -0x8000;
const INT16_MAX = 0x7fff;
const INT32_MIN = -0x8000_0000;
const INT32_MAX = 0x7fff_ffff;

/**
 * The bytes that Apple's archiver takes for an integer, tag included: the shortest form that holds the value as a signed
 * number, also where the type is unsigned. So 128 takes 3 bytes and 65535 takes 5.
 */
export function integerFormByteCount(value: number | bigint): 1 | 3 | 5 | 9 {
  if (value >= ONE_BYTE_INTEGER_MIN && value <= ONE_BYTE_INTEGER_MAX) {
    return 1;
  }
  if (value >= INT16_MIN && value <= INT16_MAX) {
    return 3;
  }
  return value >= INT32_MIN && value <= INT32_MAX ? 5 : 9;
}

/** Whether a floating-point number is written as an integer: it has no fraction, fits in 32 bits and is not -0. */
export function isWrittenAsInteger(value: number): boolean {
  return Number.isInteger(value) && value >= INT32_MIN && value <= INT32_MAX && !Object.is(value, -0);
}
