/** Changes inputs without knowing what they are. */
import type { SeededRandom } from "@imesh/testing";

/** What decoders look at more closely: lengths at the edges of their forms, tags, markers. */
const TELLING_BYTES = [
  0, 1, 0x0f, 0x10, 0x7f, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x92, 0xd0, 0xff,
];

/** The largest input that is made: what the codec takes. */
const INFLATED_BYTES_MAX = 1024 * 1024;

/** A changed copy; `others` are other inputs, to take pieces from. */
export function mutated(random: SeededRandom, bytes: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  let changed = bytes;
  for (let count = random.pick([1, 1, 1, 2, 3, 6]); count > 0; count -= 1) {
    changed = changedOnce(random, changed, others);
  }
  return changed;
}

/** A copy in which one stretch stands very often. */
export function inflated(random: SeededRandom, bytes: Uint8Array): Uint8Array {
  const start = random.integer(0, bytes.length);
  const end = Math.min(bytes.length, start + random.pick([1, 2, 3, 4, 8, 16, 40, 200]));
  const target = random.pick([20_000, 100_000, INFLATED_BYTES_MAX]);
  const count = Math.floor((target - bytes.length) / Math.max(1, end - start));
  const stretch = Buffer.from(bytes.subarray(start, end));
  return concat(
    bytes.slice(0, end),
    Buffer.alloc(Math.max(0, count) * stretch.length, stretch),
    bytes.slice(end),
  );
}

function changedOnce(random: SeededRandom, bytes: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  const at = random.integer(0, bytes.length);
  const length = random.pick([1, 1, 2, 4, 8, 30]);
  switch (random.integer(0, 7)) {
    case 0:
      return bytes.slice(0, at);
    case 1:
      return concat(bytes.slice(0, at), bytes.slice(at + length));
    case 2:
      return concat(bytes.slice(0, at), randomBytes(random, length), bytes.slice(at));
    case 3:
      return concat(bytes.slice(0, at), bytes.slice(at, at + length), bytes.slice(at));
    case 4: {
      const other = random.pick(others);
      const from = random.integer(0, other.length);
      return concat(
        bytes.slice(0, at),
        other.slice(from, from + 2 * length),
        bytes.slice(at + random.integer(0, length)),
      );
    }
    case 5: {
      const other = random.pick(others);
      return concat(bytes.slice(0, at), other.slice(random.integer(0, other.length)));
    }
    default: {
      const changed = bytes.slice();
      const index = Math.min(at, bytes.length - 1);
      if (index >= 0) {
        const before = changed[index] ?? 0;
        changed[index] = random.pick([
          before + 1,
          before - 1,
          before ^ (1 << random.integer(0, 7)),
          random.pick(TELLING_BYTES),
        ]);
      }
      return changed;
    }
  }
}

function randomBytes(random: SeededRandom, length: number): Uint8Array {
  return Uint8Array.from({ length }, () =>
    random.chance(0.5) ? random.pick(TELLING_BYTES) : random.integer(0, 255),
  );
}

function concat(...pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}
