import { encodeKeyedArchive } from "@imesh/imessage-codec";
import type { SeededRandom } from "../seeded-random.ts";
import { archivedDictionary, archivedInteger, archivedObject, archivedText } from "./archived.ts";

/** What a scanner finds. */
export type DetectedKind = "phone-number" | "address" | "calendar-event" | "data";

/** Apple's names of what it finds. */
const TYPES: Readonly<Record<DetectedKind, string>> = {
  "phone-number": "PhoneNumber",
  address: "FullAddress",
  "calendar-event": "DateTime",
  data: "TrackingNumber",
};

/** A DDScannerResult of the shape and size of Apple's: the kind, the range in UTF-16 units and what it makes of it. */
export function scannerResult(
  what: DetectedKind,
  range: { readonly start: number; readonly length: number },
  random: SeededRandom,
): Uint8Array {
  const value = archivedText(random.uuid().repeat(random.integer(4, 16)));
  const result = archivedObject("DDScannerResult", {
    AR: archivedDictionary({
      "NS.rangeval.location": archivedInteger(BigInt(range.start)),
      "NS.rangeval.length": archivedInteger(BigInt(range.length)),
    }),
    MS: value,
    T: archivedText(TYPES[what]),
    V: value,
    S: archivedInteger(BigInt(random.integer(1, 1_000_000))),
  });
  return encodeKeyedArchive(
    new Map([
      ["dd-result", result],
      ["version", archivedInteger(1n)],
    ]),
  );
}
