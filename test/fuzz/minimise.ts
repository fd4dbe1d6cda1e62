/** Makes an input smaller as long as it shows the same. */

/** Tries are not free, and a find of 500 bytes is as good as one of 400. */
const TRIES_MAX = 2_000;

/** `isStill`: whether a smaller input shows what the whole one does. */
export function minimised(
  bytes: Uint8Array,
  isStill: (bytes: Uint8Array) => boolean,
  triesMax = TRIES_MAX,
): Uint8Array {
  let smallest = bytes;
  let tries = triesMax;
  for (
    let size = Math.ceil(bytes.length / 2);
    size >= 1 && tries > 0;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let start = 0; start < smallest.length && tries > 0; ) {
      const candidate = new Uint8Array(
        Buffer.concat([smallest.subarray(0, start), smallest.subarray(start + size)]),
      );
      tries -= 1;
      if (isStill(candidate)) {
        smallest = candidate;
      } else {
        start += size;
      }
    }
  }
  return smallest;
}
