/**
 * What decoding a body costs, in ns, by the best of many rounds: `node test/fuzz/speed.ts`. The floor beside each figure is
 * TextDecoder over the text of the body, which no decoder of ours can do without.
 */
import {
  bodyDigest,
  decodeAttributedBody,
  decodeBody,
  decodeTypedStream,
  encodeAttributedBody,
  messageRun,
} from "@imesh/imessage-codec";
import { parseHandleAddress } from "@imesh/imessage-model";

/** So that each round takes some 20 ms. */
const ROUND_BYTES = 3_000_000;
const ROUNDS = 30;

const mention = messageRun(3, { part: 0, mention: parseHandleAddress("+15550100199") });
const archive = (seed: number) => Uint8Array.from({ length: 900 }, (_, index) => (index * seed) & 0xff);

const BODIES: Readonly<Record<string, Uint8Array>> = {
  "short, 2 letters": encodeAttributedBody({ text: "ok" }),
  "short, iOS": encodeAttributedBody({ text: "Test 3", style: "ios" }),
  "median, a mention": encodeAttributedBody({
    text: "Call Mia ",
    runs: [messageRun(5, { part: 0 }), mention, messageRun(1, { part: 0 })],
  }),
  "20 detections": encodeAttributedBody({
    text: "call +15550100".repeat(20),
    runs: Array.from({ length: 20 }, (_, seed) => [
      messageRun(5, { part: 0 }),
      messageRun(9, { part: 0, detected: { what: "phone-number", archive: archive(seed) } }),
    ]).flat(),
  }),
  "5 kB of text": encodeAttributedBody({ text: "Zwölf Boxer. ".repeat(370) }),
  "100 kB of text": encodeAttributedBody({ text: "Zwölf Boxer. ".repeat(7_200) }),
  "1,000 runs": encodeAttributedBody({
    text: "ab".repeat(1_000),
    runs: Array.from({ length: 1_000 }, (_, part) => messageRun(2, { part })),
  }),
};

const decoder = new TextDecoder("utf-8", { fatal: true });

const WORK: Readonly<Record<string, (bytes: Uint8Array) => (input: Uint8Array) => unknown>> = {
  floor: (bytes) => {
    const text = new TextEncoder().encode(decodeAttributedBody(bytes).text);
    return () => decoder.decode(text);
  },
  decodeTypedStream: () => (input) => decodeTypedStream(input),
  decodeAttributedBody: () => (input) => decodeAttributedBody(input),
  decodeBody: () => (input) => decodeBody(input),
  bodyDigest: () => (input) => bodyDigest(input),
};

function bestNs(work: (input: Uint8Array) => unknown, bytes: Uint8Array): number {
  const count = Math.max(3, Math.floor(ROUND_BYTES / (bytes.length + 100)));
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    const startMs = performance.now();
    for (let index = 0; index < count; index += 1) work(bytes);
    best = Math.min(best, ((performance.now() - startMs) * 1e6) / count);
  }
  return Math.round(best);
}

for (const [name, bytes] of Object.entries(BODIES)) {
  const figures = Object.entries(WORK).map(([what, work]) => `${what} ${bestNs(work(bytes), bytes)}`);
  process.stdout.write(`${name} (${bytes.length} bytes): ${figures.join(", ")}\n`);
}
