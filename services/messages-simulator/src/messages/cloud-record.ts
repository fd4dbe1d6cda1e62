import type { CloudRecord } from "../mac/upkeep-tables.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** What iCloud might know a message as. */
export function cloudRecord(random: SeededRandom): CloudRecord {
  const hex = () => random.uuid().replaceAll("-", "");
  return { recordId: `${hex()}${hex()}`, changeTag: hex().slice(0, 8) };
}
