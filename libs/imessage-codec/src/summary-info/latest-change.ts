import { appleTimeToUnixNs } from "@imesh/imessage-model";
import type { EditState } from "./edit-state.ts";
import type { PartRange, PartVersion, SummaryInfo } from "./summary-info.ts";
import { textOfVersion } from "./version-text.ts";

/** A part whose words were changed. */
export interface PartEdit {
  readonly part: number;
  /** What it said before; null where that cannot be decoded. Message text. */
  readonly before: string | null;
  /** What it says now. Message text. */
  readonly after: string | null;
}

/** A part that was taken back. */
export interface UnsentPart {
  readonly part: number;
  /** Where it was in the text as it was first sent; null where the column does not say. */
  readonly originalRange: PartRange | null;
}

/** What is new in a message. Both lists may be empty: then nothing in the column tells. */
export interface LatestChange {
  /** An edit of a part each; of a part that was edited several times, several, in their order. */
  readonly edited: readonly PartEdit[];
  readonly unsent: readonly UnsentPart[];
}

/**
 * The column and the version's date are written from one time, but one is nanoseconds and the other a double,
 * and devices of other versions round: two times within a second are the same. A person who edits twice
 * within a second made one change.
 */
const SAME_CHANGE_SECONDS = 1;

/** 1 January 2001 in Unix seconds. */
const APPLE_EPOCH_UNIX_S = 978_307_200;

/**
 * What became of a message's parts since the caller looked last. `known` is the state that it had then (editStateOf): every
 * later version of a part that is still there is an edit, in the order of the versions' dates, and every part that was not unsent then is
 * unsent now. A part that was edited and then unsent is unsent.
 *
 * With null the caller knows nothing, and the newest edit or unsend is guessed by `dateEditedAppleNs`, `message.date_edited`, which both
 * move; null or 0 as in rows restored from iCloud. An edit leaves its date, so an edited part is one whose last version was written
 * then. An unsend leaves none: all unsent parts are meant, unless an edit explains the date. Where no date fits and no unsend explains it
 * either, the newest edit is meant.
 */
export function latestChange(
  summary: SummaryInfo,
  dateEditedAppleNs: bigint | null,
  known: EditState | null = null,
): LatestChange {
  return known === null ? guessedChange(summary, dateEditedAppleNs) : changeSince(summary, known);
}

function changeSince(summary: SummaryInfo, known: EditState): LatestChange {
  const unsentThen = new Set(known.unsentParts);
  const countsThen = new Map(known.versions.map(({ part, count }) => [part, count]));
  const steps = partsLeft(summary).flatMap(([part, versions]) =>
    stepsOf(part, versions).slice(Math.max(countsThen.get(part) ?? 1, 1) - 1),
  );
  return {
    edited: steps.toSorted((left, right) => left.at - right.at || left.part - right.part).map(describe),
    unsent: unsentPartsOf(summary).filter(({ part }) => !unsentThen.has(part)),
  };
}

function guessedChange(summary: SummaryInfo, dateEditedAppleNs: bigint | null): LatestChange {
  const edits = partsLeft(summary).flatMap(([part, versions]) => stepsOf(part, versions).slice(-1));
  const changedAt = secondsOf(dateEditedAppleNs) ?? newestOf(edits);
  const timely = editsAt(edits, changedAt);
  const unsent = timely.length === 0 ? unsentPartsOf(summary) : [];
  const edited = timely.length > 0 || unsent.length > 0 ? timely : editsAt(edits, newestOf(edits));
  return { edited: edited.map(describe), unsent };
}

/** Every part that was taken back, with its place in the first text; in the order of the column. */
export function unsentPartsOf(summary: SummaryInfo): readonly UnsentPart[] {
  return summary.unsentParts.map((part) => ({
    part,
    originalRange: summary.originalRanges.get(part) ?? null,
  }));
}

interface Edit {
  readonly part: number;
  readonly before: PartVersion;
  readonly after: PartVersion;
  /** Seconds since 2001, never before an earlier edit of the part; where no date is said, that one's, or the least there is. */
  readonly at: number;
}

function partsLeft({
  history,
  unsentParts,
}: SummaryInfo): readonly (readonly [number, readonly PartVersion[]])[] {
  const unsent = new Set(unsentParts);
  return [...history].filter(([part]) => !unsent.has(part));
}

// A history of one version is the original of a part that was never edited.
function stepsOf(part: number, versions: readonly PartVersion[]): readonly Edit[] {
  const edits: Edit[] = [];
  let at = -Number.MAX_VALUE;
  let before: PartVersion | undefined;
  for (const after of versions) {
    at = Math.max(at, after.secondsSince2001 ?? at);
    if (before !== undefined) edits.push({ part, before, after, at });
    before = after;
  }
  return edits;
}

function editsAt(edits: readonly Edit[], seconds: number | null): readonly Edit[] {
  return edits.filter(({ after }) => {
    const at = after.secondsSince2001;
    return at !== null && seconds !== null && Math.abs(at - seconds) <= SAME_CHANGE_SECONDS;
  });
}

function newestOf(edits: readonly Edit[]): number | null {
  let newest: number | null = null;
  for (const { after } of edits) {
    if (after.secondsSince2001 !== null && (newest === null || after.secondsSince2001 > newest)) {
      newest = after.secondsSince2001;
    }
  }
  return newest;
}

function describe({ part, before, after }: Edit): PartEdit {
  return { part, before: textOfVersion(before), after: textOfVersion(after) };
}

function secondsOf(dateEditedAppleNs: bigint | null): number | null {
  const unixNs = appleTimeToUnixNs(dateEditedAppleNs);
  return unixNs === null ? null : Number(unixNs) / 1e9 - APPLE_EPOCH_UNIX_S;
}
