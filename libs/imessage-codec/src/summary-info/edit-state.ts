import type { SummaryInfo } from "./summary-info.ts";

/** How far a message was edited and taken back; what a caller keeps of a row to tell later what is new in it. */
export interface EditState {
  /** Parts with more than one version, and how many versions each has; a part that is not listed has its original alone. */
  readonly versions: readonly PartVersions[];
  /** Every part that was taken back. */
  readonly unsentParts: readonly number[];
  /** Nothing is left of the message. */
  readonly isWhole: boolean;
}

/** How many versions a part has, the original included. */
export interface PartVersions {
  readonly part: number;
  readonly count: number;
}

/** The state of a message that nobody has changed. */
export const UNCHANGED: EditState = { versions: [], unsentParts: [], isWhole: false };

/** The state that a summary describes. Of the column's order nothing is left: equal states are equal values. */
export function editStateOf({ history, unsentParts }: SummaryInfo, isWhole: boolean): EditState {
  return {
    versions: [...history]
      .filter(([, versions]) => versions.length > 1)
      .map(([part, versions]) => ({ part, count: versions.length }))
      .toSorted((left, right) => left.part - right.part),
    unsentParts: unsentParts.toSorted((left, right) => left - right),
    isWhole,
  };
}

/** A state and what was known before of the same row, put together. */
export interface StateAfter {
  /** Of what was known nothing is forgotten. */
  readonly state: EditState;
  /** The row shows less than was known: it was read before what was known of it. */
  readonly isOutdated: boolean;
}

/** What is known once `now` was read. Rows are not always read in their order; but an edit or an unsend never becomes undone. */
export function stateAfter(now: EditState, known: EditState | null): StateAfter {
  if (known === null) return { state: now, isOutdated: false };
  const counts = new Map(now.versions.map(({ part, count }) => [part, count]));
  const gone = new Set(now.unsentParts);
  const isOutdated =
    known.versions.some(({ part, count }) => count > (counts.get(part) ?? 1)) ||
    known.unsentParts.some((part) => !gone.has(part));
  if (!isOutdated) return { state: now, isOutdated };
  for (const { part, count } of known.versions) counts.set(part, Math.max(count, counts.get(part) ?? 1));
  for (const part of known.unsentParts) gone.add(part);
  const versions = [...counts].map(([part, count]) => ({ part, count }));
  return {
    state: {
      versions: versions.toSorted((left, right) => left.part - right.part),
      unsentParts: [...gone].toSorted((left, right) => left - right),
      isWhole: now.isWhole || known.isWhole,
    },
    isOutdated,
  };
}
