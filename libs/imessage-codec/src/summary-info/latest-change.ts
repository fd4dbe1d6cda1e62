import { appleTimeToUnixNs } from "@imesh/imessage-model";
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

/** What happened to a message last. Both lists may be empty: then nothing in the column tells. */
export interface LatestChange {
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
 * Which parts the newest edit or unsend changed. `dateEditedAppleNs` is `message.date_edited`, which both
 * move; null or 0 as in rows restored from iCloud. `knownUnsentParts` are those that were unsent when the
 * caller last looked, if it did.
 *
 * An edit leaves its date, so an edited part is one whose last version was written at date_edited. An unsend
 * leaves none: every part that is not known is meant, and where nothing is known, all that are unsent, unless
 * an edit explains the date. Where no date fits and no unsend explains it either, the newest edit is meant. A
 * part that was edited and then unsent is unsent.
 */
export function latestChange(
  summary: SummaryInfo,
  dateEditedAppleNs: bigint | null,
  knownUnsentParts: readonly number[] | null = null,
): LatestChange {
  const edits = editsOf(summary);
  const changedAt = secondsOf(dateEditedAppleNs) ?? newestOf(edits);
  const timely = editsAt(edits, changedAt);
  const known = new Set(knownUnsentParts ?? []);
  const isUnsendMeant = timely.length === 0 || knownUnsentParts !== null;
  const unsent = isUnsendMeant ? unsentPartsOf(summary).filter(({ part }) => !known.has(part)) : [];
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
}

// Of each part that is still there the last edit. A history of one version is the original of a part that was
// never edited.
function editsOf(summary: SummaryInfo): readonly Edit[] {
  const unsent = new Set(summary.unsentParts);
  const edits: Edit[] = [];
  for (const [part, versions] of summary.history) {
    const before = versions.at(-2);
    const after = versions.at(-1);
    if (before !== undefined && after !== undefined && !unsent.has(part)) {
      edits.push({ part, before, after });
    }
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
