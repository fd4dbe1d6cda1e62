/** Inputs that mean far more than they hold, one for each bound that keeps a decoder's time and memory small. */
import { encodeAttributedBody, messageRun } from "@imesh/imessage-codec";
import { parseAttachmentGuid } from "@imesh/imessage-model";
import { appPayload, text, url } from "../../libs/imessage-codec/src/payload/fixtures/payloads.ts";
import { assemble, bigEndian } from "../../libs/imessage-codec/src/property-list/fixtures/assemble.ts";
import type { Family } from "./target.ts";

/** One of them. */
export interface HostileInput {
  readonly name: string;
  readonly family: Family;
  /** Up to 1 MiB. */
  readonly make: () => Uint8Array;
}

/** So many of each fill a mebibyte, or what the decoder allows itself of memory. */
const SLOT_PAIRS = 250_000;
const RUNS = 180_000;
const REFERENCES = 900_000;
const PARAMETERS = 130_000;

/** All of them. */
export const HOSTILE_INPUTS: readonly HostileInput[] = [
  {
    name: "a run that is cut at every character",
    family: "typedstream",
    make: () => slotsAndLetters(messageRun(2 * SLOT_PAIRS, { part: 0 })),
  },
  {
    name: "a run that is cut at every character, all of one file",
    family: "typedstream",
    make: () =>
      slotsAndLetters(messageRun(2 * SLOT_PAIRS, { part: 0, attachmentGuid: parseAttachmentGuid("at_0") })),
  },
  {
    name: "a run that is cut at every character, of an app's line",
    family: "typedstream",
    make: () => slotsAndLetters(messageRun(2 * SLOT_PAIRS, { part: 0, isBreadcrumb: true })),
  },
  {
    name: "runs of one character each",
    family: "typedstream",
    make: () => {
      const sets = [messageRun(1, { part: 0 }), messageRun(1, { part: 0, isBreadcrumb: true })] as const;
      const runs = Array.from({ length: RUNS }, (_, index) => sets[index % 2 === 0 ? 0 : 1]);
      return encodeAttributedBody({ text: "x".repeat(RUNS), runs });
    },
  },
  {
    name: "one part that was taken back again and again",
    family: "property-list",
    make: () => listOf("rp", Uint8Array.of(0x10, 5)),
  },
  {
    name: "one recipient again and again, without a name",
    family: "property-list",
    make: () => listOf("euh", Uint8Array.of(0x50)),
  },
  {
    name: "a query of very many parameters",
    family: "property-list",
    make: () => appPayload({ an: text("Check In"), URL: url(hostileQuery(PARAMETERS)) }),
  },
];

/** A URL with so many parameters, none of which is known. */
export function hostileQuery(parameters: number): string {
  return `?${"a&".repeat(parameters)}`;
}

/** `message_summary_info` whose list under `key` (ASCII, up to 14 letters) names one object 900,000 times. */
function listOf(key: string, item: Uint8Array): Uint8Array {
  return assemble(
    [
      Uint8Array.of(0xd1, 1, 2),
      Uint8Array.of(0x50 | key.length, ...Buffer.from(key, "latin1")),
      Buffer.concat([Uint8Array.of(0xaf, 0x12, ...bigEndian(REFERENCES, 4)), Buffer.alloc(REFERENCES, 3)]),
      item,
    ],
    { offsetBytes: 4 },
  );
}

function slotsAndLetters(run: ReturnType<typeof messageRun>): Uint8Array {
  return encodeAttributedBody({ text: "\uFFFCa".repeat(SLOT_PAIRS), runs: [run] });
}
