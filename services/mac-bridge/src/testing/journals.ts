import type { Bounds } from "@imesh/flow";
import { parseMessageGuid } from "@imesh/imessage-model";
import { FakeClock, SeededRandom } from "@imesh/testing";
import type { Clock } from "@imesh/time";
import type { EventDraft } from "../journal/bridge-event.ts";
import { NO_HOP_TIMES } from "../journal/bridge-event.ts";
import type { MessageFacts } from "../journal/event-payload.ts";
import { Journal } from "../journal/journal.ts";
import { SqliteJournalStore } from "../journal/sqlite-journal-store.ts";
import { encodeEvent } from "../rpc/event-wire.ts";

/** A journal on a real file; disposing closes the file. */
export interface TestJournal extends Disposable {
  readonly journal: Journal;
  readonly store: SqliteJournalStore;
}

/** Opens or creates the journal at `path`. */
export function openJournal(
  path: string,
  options: { readonly clock?: Clock; readonly tailBounds?: Bounds; readonly pagesMax?: number } = {},
): TestJournal {
  const clock = options.clock ?? new FakeClock();
  const store = new SqliteJournalStore(
    { clock, random: new SeededRandom(1), encodeEvent },
    options.pagesMax === undefined ? { path } : { path, pagesMax: options.pagesMax },
  );
  const journal = new Journal(store, clock, options.tailBounds);
  return { journal, store, [Symbol.dispose]: () => store[Symbol.dispose]() };
}

/** A message event of the row `rowid`; the same rowid is the same news. */
export function messageDraft(
  rowid: bigint,
  text = `text ${rowid}`,
): EventDraft & { readonly payload: MessageFacts } {
  const source = { databaseUid: "UID-1", generation: "1:1:0", rowid };
  return {
    arrivalClass: "live",
    source,
    sourceKey: { ...source, reason: "new", fingerprint: "" },
    hopTimes: NO_HOP_TIMES,
    traceparent: "",
    chat: null,
    payload: {
      kind: "message",
      guid: parseMessageGuid(`GUID-${rowid}`),
      direction: "incoming",
      sender: null,
      text,
      subject: null,
      service: "iMessage",
      sentAtUnixNs: null,
      ownAddress: null,
      reply: null,
      associatedGuid: null,
      effectId: null,
      parts: [],
      entities: [],
      attachments: [],
      attachmentGuids: [],
      mentions: [],
      balloon: null,
      isAudio: false,
      isDowngraded: false,
      isAutoReply: false,
      isSpam: false,
      textReaction: null,
      isEdited: false,
      unsentParts: [],
      schedule: null,
      bodySource: "text",
      bodyFault: null,
      requestId: "",
      otherChats: [],
    },
  };
}
