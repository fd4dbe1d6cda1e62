import { deepEqual, equal, throws } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { goldenLogs } from "./fixtures/golden-logs.ts";
import { patternPage } from "./fixtures/wal-writer.ts";
import { isNextFrame, nextFrames, parseFrameHeader } from "./wal-frames.ts";
import { parseWalHeader } from "./wal-header.ts";
import { frameOffset, type WalPosition, walStart } from "./wal-position.ts";

const directory = join(import.meta.dirname, "golden");

function read(name: string): Uint8Array {
  return readFileSync(join(directory, name));
}

/** Page and database pages of each frame, and why there are no more. */
function framesOf(bytes: Uint8Array, position = walStart(parseWalHeader(bytes))): object {
  const { frames, stop } = nextFrames(position, bytes.subarray(frameOffset(position)));
  return { frames: frames.map((frame) => [frame.pageNumber, frame.databasePages]), stop };
}

test("the golden files are those that the generator writes", () => {
  const golden = goldenLogs();
  deepEqual(readdirSync(directory).sort(), [...golden.keys()].sort());
  for (const [name, bytes] of golden) equal(Buffer.compare(read(name), bytes), 0, name);
});

const outcomes: readonly (readonly [string, readonly (readonly [number, number])[], string])[] = [
  ["page-size-512", [[2, 2]], "bytes-exhausted"],
  ["page-size-1024", [[2, 2]], "bytes-exhausted"],
  ["page-size-2048", [[2, 2]], "bytes-exhausted"],
  ["page-size-4096", [[2, 2]], "bytes-exhausted"],
  ["page-size-8192", [[2, 2]], "bytes-exhausted"],
  ["page-size-65536", [[2, 2]], "bytes-exhausted"],
  [
    "little-endian-checksum",
    [
      [2, 0],
      [3, 3],
    ],
    "bytes-exhausted",
  ],
  [
    "big-endian-checksum",
    [
      [2, 0],
      [3, 3],
    ],
    "bytes-exhausted",
  ],
  ["no-frames", [], "bytes-exhausted"],
  [
    "uncommitted",
    [
      [2, 2],
      [3, 0],
      [4, 0],
    ],
    "bytes-exhausted",
  ],
  [
    "salt-mismatch",
    [
      [2, 0],
      [3, 5],
    ],
    "stale-salt",
  ],
  [
    "checksum-mismatch",
    [
      [2, 0],
      [3, 5],
    ],
    "bad-checksum",
  ],
  [
    "checksum-of-header-mismatch",
    [
      [2, 0],
      [3, 5],
      [1, 0],
    ],
    "bad-checksum",
  ],
  ["page-zero", [[2, 2]], "bad-checksum"],
  [
    "torn-page",
    [
      [2, 0],
      [3, 5],
      [1, 0],
    ],
    "torn",
  ],
  [
    "torn-frame-header",
    [
      [2, 0],
      [3, 5],
      [1, 0],
    ],
    "torn",
  ],
  [
    "torn-stale-frame",
    [
      [2, 0],
      [3, 5],
      [1, 0],
    ],
    "stale-salt",
  ],
  [
    "written-zeros",
    [
      [2, 0],
      [3, 5],
    ],
    "stale-salt",
  ],
  [
    "reset-with-leftovers",
    [
      [7, 0],
      [8, 8],
    ],
    "stale-salt",
  ],
  [
    "reset-over-all",
    [
      [7, 0],
      [8, 0],
      [9, 0],
      [6, 9],
    ],
    "bytes-exhausted",
  ],
];

for (const [name, frames, stop] of outcomes) {
  test(`nextFrames() of ${name}: ${frames.length} frames, ${stop}`, () => {
    deepEqual(framesOf(read(`${name}.wal`)), { frames, stop });
  });
}

for (const [name, code] of [
  ["truncated-header", "too-short"],
  ["empty", "too-short"],
  ["bad-magic", "bad-magic"],
  ["bad-version", "bad-version"],
  ["bad-page-size", "bad-page-size"],
  ["bad-header-checksum", "bad-checksum"],
] as const) {
  test(`parseWalHeader() refuses ${name} as ${code}`, () => {
    throws(() => parseWalHeader(read(`${name}.wal`)), { name: "WalFormatError", code });
  });
}

test("parseWalHeader() gives the fields of both byte orders", () => {
  const little = parseWalHeader(read("little-endian-checksum.wal"));
  const { checksum1, checksum2, ...fields } = little;
  const expected = { pageSize: 512, salt1: 0x1000_0001, salt2: 0xcafe_f00d, checkpointSequence: 7 };
  deepEqual(fields, { ...expected, isBigEndianChecksum: false });
  const big = parseWalHeader(read("big-endian-checksum.wal"));
  deepEqual(
    { ...big, checksum1: 0, checksum2: 0 },
    { ...fields, isBigEndianChecksum: true, checksum1: 0, checksum2: 0 },
  );
  equal(big.checksum1 === checksum1 || big.checksum2 === checksum2, false);
});

test("a page is a view of the bytes that were given", () => {
  const bytes = read("page-size-4096.wal");
  const [frame] = nextFrames(walStart(parseWalHeader(bytes)), bytes.subarray(32)).frames;
  deepEqual(frame?.page, patternPage(4096, 2, 0));
  equal(frame?.page.buffer, bytes.buffer);
});

/** After the first two frames of the generation that reset-with-leftovers.wal was begun anew over. */
function formerPlace(): WalPosition {
  const former = read("little-endian-checksum.wal");
  const whole = read("torn-page.wal");
  return nextFrames(walStart(parseWalHeader(former)), whole.subarray(32), 2).position;
}

test("a position of a former generation reads what the new one left of it, and no more", () => {
  deepEqual(framesOf(read("reset-with-leftovers.wal"), formerPlace()), {
    frames: [
      [1, 0],
      [5, 5],
    ],
    stop: "bytes-exhausted",
  });
  deepEqual(framesOf(read("reset-over-all.wal"), formerPlace()), { frames: [], stop: "stale-salt" });
});

test("isNextFrame() looks at the salts of 24 bytes", () => {
  const place = formerPlace();
  const at = frameOffset(place);
  equal(isNextFrame(place, read("torn-page.wal").subarray(at, at + 24)), true);
  equal(isNextFrame(place, read("reset-over-all.wal").subarray(at, at + 24)), false);
  equal(isNextFrame(place, read("torn-page.wal").subarray(at, at + 23)), false);
  equal(parseFrameHeader(read("torn-page.wal").subarray(at, at + 23)), undefined);
  const { checksum1, checksum2, ...header } = parseFrameHeader(read("torn-page.wal").subarray(at)) ?? {};
  deepEqual(header, { pageNumber: 1, databasePages: 0, salt1: 0x1000_0001, salt2: 0xcafe_f00d });
});

test("nextFrames() stops at the limit and goes on from there", () => {
  const bytes = read("torn-page.wal");
  const start = walStart(parseWalHeader(bytes));
  const first = nextFrames(start, bytes.subarray(32), 1);
  deepEqual([first.frames.length, first.stop, first.position.frames], [1, "limit", 1]);
  const rest = nextFrames(first.position, bytes.subarray(frameOffset(first.position)));
  deepEqual([...first.frames, ...rest.frames], nextFrames(start, bytes.subarray(32)).frames);
  equal(nextFrames(start, bytes.subarray(32), 0).stop, "limit");
});
