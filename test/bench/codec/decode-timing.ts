/** Nanoseconds that decoding one message takes, by its weight. */
import assert from "node:assert/strict";
import { type DecodedRow, decodeBody, decodeMessageRow } from "@imesh/imessage-codec";
import type { MessageRow } from "@imesh/imessage-model";
import { percentilesOf } from "../percentiles.ts";
import { sampleRows, type Weight } from "./sample-rows.ts";

const ROUNDS = 15;
const ROUND_NS = 100e6;
const WARM_UP_NS = 1_000e6;

/** One operation on one weight; the figures are medians of the rounds. */
export interface DecodeTiming {
  readonly operation: "decodeMessageRow" | "decodeBody";
  readonly weight: Weight;
  /** Bytes of all bodies of a row, on average. */
  readonly bytes: number;
  readonly nanoseconds: number;
  readonly messagesPerSecond: number;
}

/** What the rows of a weight must turn out to be, or the figures say nothing. */
const EXPECTED = {
  short: { parts: 1, mentions: 0, attachments: 0, isEdited: false, balloon: undefined },
  median: { parts: 1, mentions: 1, attachments: 0, isEdited: false, balloon: undefined },
  heavy: { parts: 8, mentions: 10, attachments: 4, isEdited: true, balloon: "link-preview" },
} as const satisfies Record<Weight, object>;

/** Rounds of all operations take turns, so that a noisy machine disturbs them alike. */
export function timeDecoding(): readonly DecodeTiming[] {
  const subjects = (["short", "median", "heavy"] as const).flatMap((weight) => subjectsOf(weight));
  for (const subject of subjects) subject.warmUp();
  for (let round = 0; round < ROUNDS; round++) for (const subject of subjects) subject.round();
  return subjects.map((subject) => subject.timing());
}

function subjectsOf(weight: Weight): readonly Subject[] {
  const rows = sampleRows(weight);
  for (const row of rows) assert.deepEqual(factsOf(decodeMessageRow(row)), EXPECTED[weight]);
  const bodies = rows.map(({ attributedBody }) => attributedBody ?? new Uint8Array());
  const sizeOf = (row: MessageRow): number =>
    [row.attributedBody, row.messageSummaryInfo, row.payloadData].reduce(
      (sum, of) => sum + (of?.length ?? 0),
      0,
    );
  const mean = (sizes: readonly number[]): number =>
    sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  return [
    new Subject("decodeMessageRow", weight, mean(rows.map(sizeOf)), () => {
      for (const row of rows) consume(decodeMessageRow(row));
      return rows.length;
    }),
    new Subject("decodeBody", weight, mean(bodies.map(({ length }) => length)), () => {
      for (const body of bodies) consume(decodeBody(body));
      return bodies.length;
    }),
  ];
}

function factsOf(row: DecodedRow): object {
  assert.equal(row.kind, "message");
  assert.equal(row.bodyFault, null);
  const { parts, mentions, attachments, isEdited, balloon } = row;
  const counts = { parts: parts.length, mentions: mentions.length, attachments: attachments.length };
  return { ...counts, isEdited, balloon: balloon?.kind };
}

/** Results end here, so that no compiler can leave the work out. */
let consumed: unknown;
function consume(result: unknown): void {
  consumed = result;
}

class Subject {
  readonly #facts: Pick<DecodeTiming, "operation" | "weight" | "bytes">;
  readonly #decodeAll: () => number;
  readonly #nanoseconds: number[] = [];

  /** `decodeAll` gives the number of messages decoded. */
  constructor(operation: DecodeTiming["operation"], weight: Weight, bytes: number, decodeAll: () => number) {
    this.#facts = { operation, weight, bytes };
    this.#decodeAll = decodeAll;
  }

  warmUp(): void {
    this.#runFor(WARM_UP_NS);
  }

  round(): void {
    this.#nanoseconds.push(this.#runFor(ROUND_NS));
  }

  timing(): DecodeTiming {
    assert.notEqual(consumed, undefined);
    const { p50 } = percentilesOf(this.#nanoseconds);
    return { ...this.#facts, nanoseconds: p50, messagesPerSecond: 1e9 / p50 };
  }

  /** Nanoseconds per message. */
  #runFor(durationNs: number): number {
    const startNs = process.hrtime.bigint();
    let messages = 0;
    let elapsedNs = 0;
    while (elapsedNs < durationNs) {
      messages += this.#decodeAll();
      elapsedNs = Number(process.hrtime.bigint() - startNs);
    }
    return elapsedNs / messages;
  }
}
