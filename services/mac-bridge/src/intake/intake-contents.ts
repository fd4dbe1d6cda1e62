import { decodeContentChange, type EditState, UNCHANGED } from "@imesh/imessage-codec";
import { appleTimeToUnixNs, type MessageRow } from "@imesh/imessage-model";
import type { EventDraft, RowSource } from "../journal/bridge-event.ts";
import type { JournalReads } from "../journal/journal-store.ts";
import {
  contentDigest,
  contentFingerprint,
  parseContentFingerprint,
  type ToldContent,
} from "./content-fingerprint.ts";
import { FIRST_REASONS, type FirstTelling, firstTellingIn, firstTellingOf } from "./first-telling.ts";

/** The journal as far as a content is compared with what was told of it. */
export type ContentReads = Pick<JournalReads, "lastFingerprint" | "lastEventOfRow">;

/** The reason in the key of an event about a row's content; lock-broker's word. */
export const CONTENT_REASON = "content";

/** What a change of a row's content is judged by. */
export interface ContentBefore {
  /** The row says what was told last: that change was read together with this one, and was told with it. */
  readonly isTold: boolean;
  /** How far subscribers know the row to be edited and taken back; null where the journal cannot say. */
  readonly known: EditState | null;
  /** As {@link contentDigest}. */
  readonly digest: string | null;
}

/**
 * What subscribers were told last of each row's content, while the changes of one batch are worked through: by the journal, or by a
 * change before in the batch. A row keeps its edits for ever, and several changes of it may be read together, each with the newest
 * state; only what is beyond the state told last is news. Made for each batch, like IntakeStatuses.
 */
export class IntakeContents {
  readonly #journal: ContentReads;
  readonly #told = new Map<bigint, ToldContent>();
  readonly #first = new Map<bigint, FirstTelling>();

  constructor(journal: ContentReads) {
    this.#journal = journal;
  }

  /** Asked once for each change of a content. All rows of a batch are of one file. */
  before(row: MessageRow, source: RowSource): ContentBefore {
    const digest = contentDigest(row);
    const told = this.#told.get(row.rowid) ?? this.#toldByJournal(source);
    if (told === null) return { isTold: false, known: this.#knownAtFirst(row, source), digest };
    return { isTold: digest !== null && told.digest === digest, known: told.state, digest };
  }

  /** The fingerprint of the events that tell a content. The sequence makes a content that comes back another event. */
  tell(rowid: bigint, told: ToldContent, sequence: bigint): string {
    this.#told.set(rowid, told);
    return contentFingerprint(told, sequence);
  }

  /** A row was told for the first time in this batch. */
  tellFirst(rowid: bigint, draft: EventDraft): void {
    const first = firstTellingOf(draft);
    if (first !== null && !this.#first.has(rowid)) this.#first.set(rowid, first);
  }

  #toldByJournal(source: RowSource): ToldContent | null {
    const fingerprint = this.#journal.lastFingerprint({ ...source, reason: CONTENT_REASON });
    return fingerprint === null ? null : parseContentFingerprint(fingerprint);
  }

  /** The journal's word comes first: what is told again after a power cut is not news, and is left out of it. */
  #knownAtFirst(row: MessageRow, source: RowSource): EditState | null {
    const bytes = this.#journal.lastEventOfRow(source, FIRST_REASONS);
    const first = bytes === null ? (this.#first.get(row.rowid) ?? null) : firstTellingIn(bytes);
    return first === null ? null : stateAtFirst(first, row);
  }
}

/**
 * The state that the first telling left subscribers with. What is new to the Mac comes as it was written, so that a message which was told
 * with edits had them between its arrival and its being read: they are told as what they are by the change that now comes. One that
 * Messages brought late may have come with them: then only what is later than its telling is news.
 */
function stateAtFirst(first: FirstTelling, row: MessageRow): EditState | null {
  const { kind, unsentParts, isBackfill, toldAtUnixNs } = first;
  if (kind === "gone") return { ...UNCHANGED, unsentParts, isWhole: true };
  if (kind === "untouched" || !isBackfill) return UNCHANGED;
  const touchedAtUnixNs = appleTimeToUnixNs(row.dateEdited);
  const isLater = toldAtUnixNs === null || (touchedAtUnixNs !== null && touchedAtUnixNs > toldAtUnixNs);
  return isLater ? null : decodeContentChange(row).state;
}
