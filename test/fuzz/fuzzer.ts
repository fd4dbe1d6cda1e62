/** Makes inputs, has every decoder of their family read them, and keeps what shows a fault. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeAttributedBody } from "@imesh/imessage-codec";
import type { SeededRandom } from "@imesh/testing";
import { messageBodyRuns, randomBody } from "../../libs/imessage-codec/src/fixtures/random-body.ts";
import { heavyInput } from "./heavy.ts";
import { randomMessage } from "./message-grammar.ts";
import { minimised } from "./minimise.ts";
import { inflated, mutated } from "./mutate.ts";
import { randomPropertyListBytes } from "./property-list-grammar.ts";
import { randomBodyStream, randomStream } from "./stream-grammar.ts";
import { type Family, TARGETS, type Target } from "./target.ts";
import { type Fault, judge, unitMs } from "./verdict.ts";

/** Inputs that were faults once: kept for ever, replayed by the gate. */
export const FOUND_FOLDER = join(import.meta.dirname, "found");

const VECTORS_FOLDER = join(import.meta.dirname, "../vectors/bodies");

/** Inputs between two measurements of the machine. */
const INPUTS_PER_UNIT = 2_000;

/** Of inputs of a family that later ones are made from; older ones give way. */
const CORPUS_INPUTS_MAX = 500;

/** Larger ones are only made and forgotten: mutating one byte of a million finds nothing. */
const CORPUS_BYTES_MAX = 4_000;

/** A kept find. */
export interface Find {
  readonly target: string;
  readonly fault: Fault;
  readonly byteLength: number;
  /** Where the minimised input was written. */
  readonly path: string;
}

/** What a run came to. */
export interface FuzzResult {
  readonly inputs: number;
  /** Decodings: an input is read by every decoder of its family. */
  readonly executions: number;
  readonly finds: readonly Find[];
}

/** Fuzzes until `deadlineMs` of performance.now(), or until `findsMax` faults are found. */
export function fuzz(random: SeededRandom, deadlineMs: number, findsMax = 10): FuzzResult {
  // A stack costs more than the decoding that it ends, and a find is run again anyhow.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return fuzzUntil(random, deadlineMs, findsMax);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function fuzzUntil(random: SeededRandom, deadlineMs: number, findsMax: number): FuzzResult {
  const corpus = { typedstream: vectors(), "property-list": [] as Uint8Array[] };
  const finds = new Map<string, Find>();
  let inputs = 0;
  let executions = 0;
  let unit = unitMs();
  while (performance.now() < deadlineMs && finds.size < findsMax) {
    inputs += 1;
    unit = inputs % INPUTS_PER_UNIT === 0 ? unitMs() : unit;
    const family: Family = random.chance(0.6) ? "typedstream" : "property-list";
    const bytes = nextInput(random, family, corpus[family]);
    keep(random, corpus[family], bytes);
    for (const target of TARGETS) {
      // Now and then the other family's: they too are given whatever the column holds.
      if (target.family !== family && !random.chance(0.02)) continue;
      executions += 1;
      const fault = judge(target, bytes, unit);
      if (fault !== null) {
        const find = keptFind(target, bytes, fault, unit);
        finds.set(find.path, find);
      }
    }
  }
  return { inputs, executions, finds: [...finds.values()] };
}

/** The faults that `count` heavy inputs of each family show; nothing is kept. */
export function fuzzHeavily(
  random: SeededRandom,
  count: number,
): readonly { target: string; fault: Fault }[] {
  const unit = unitMs();
  return (["typedstream", "property-list"] as const).flatMap((family) =>
    Array.from({ length: count }, () => heavyInput(random, family)).flatMap((bytes) =>
      TARGETS.filter((target) => target.family === family).flatMap((target) => {
        const fault = judge(target, bytes, unit);
        return fault === null ? [] : [{ target: target.name, fault }];
      }),
    ),
  );
}

/** Every fault that the kept finds still show. */
export function replayFound(): readonly {
  readonly file: string;
  readonly target: string;
  readonly fault: Fault;
}[] {
  const unit = unitMs();
  return foundFiles().flatMap((file) => {
    const bytes = new Uint8Array(readFileSync(join(FOUND_FOLDER, file)));
    return TARGETS.flatMap((target) => {
      const fault = judge(target, bytes, unit);
      return fault === null ? [] : [{ file, target: target.name, fault }];
    });
  });
}

/** Names of the kept finds. */
export function foundFiles(): readonly string[] {
  return existsSync(FOUND_FOLDER) ? readdirSync(FOUND_FOLDER).filter((file) => file.endsWith(".bin")) : [];
}

function vectors(): Uint8Array[] {
  return readdirSync(VECTORS_FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => new Uint8Array(readFileSync(join(VECTORS_FOLDER, name, "body.bin"))));
}

function nextInput(random: SeededRandom, family: Family, corpus: readonly Uint8Array[]): Uint8Array {
  const choice = random.next();
  if (choice < 0.0015) {
    return heavyInput(random, family);
  }
  if (corpus.length > 0 && choice < 0.003) {
    return inflated(random, random.pick(corpus));
  }
  if (corpus.length > 0 && choice < 0.65) {
    return mutated(random, random.pick(corpus), corpus);
  }
  if (family === "property-list") {
    return randomPropertyListBytes(random);
  }
  return random.pick([randomStream, randomBodyStream, randomBodyStream, encodedBody])(random);
}

function encodedBody(random: SeededRandom): Uint8Array {
  const body = random.pick([messageBodyRuns, randomBody, randomMessage])(random);
  return encodeAttributedBody({
    ...body,
    style: random.pick(["mac", "ios"]),
    sharesNames: random.chance(0.5),
  });
}

function keep(random: SeededRandom, corpus: Uint8Array[], bytes: Uint8Array): void {
  if (bytes.length > CORPUS_BYTES_MAX) return;
  if (corpus.length < CORPUS_INPUTS_MAX) {
    corpus.push(bytes);
  } else if (random.chance(0.1)) {
    corpus[random.integer(0, CORPUS_INPUTS_MAX - 1)] = bytes;
  }
}

function keptFind(target: Target, bytes: Uint8Array, fault: Fault, unit: number): Find {
  // Half of a slow input is half as slow: such ones stay as they are.
  const isSmall = fault.kind === "throws" || fault.kind === "contradiction";
  const smallest = isSmall
    ? minimised(bytes, (each) => judge(target, each, unit)?.kind === fault.kind)
    : bytes;
  const hash = createHash("sha256").update(smallest).digest("hex").slice(0, 8);
  const path = join(FOUND_FOLDER, `${target.name}-${fault.kind}-${hash}.bin`);
  mkdirSync(FOUND_FOLDER, { recursive: true });
  writeFileSync(path, smallest);
  return { target: target.name, fault, byteLength: smallest.length, path };
}
