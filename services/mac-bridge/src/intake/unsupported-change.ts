import { type Direction, isMessageGuid, type MessageRow } from "@imesh/imessage-model";
import type { ChatFacts, EventDraft, RowSource } from "../journal/bridge-event.ts";
import { type BatchContext, newsFacts } from "./batch-context.ts";
import type {
  AttachmentChange,
  ChatChange,
  FirstReason,
  MessageChange,
  MessageReason,
} from "./intake-change.ts";
import { isOwnRow } from "./row-ownership.ts";
import { chatFactsOf, chatOfRow } from "./row-payload.ts";

/**
 * What a change of a message is called as long as no event describes it; null where a person sees nothing. The status of own
 * messages has its events and does not come here.
 */
const MESSAGE_WORDS: Readonly<Record<Exclude<MessageReason, FirstReason>, string | null>> = {
  status: "corrected",
  // That a message has reached this Mac is told by its being there.
  delivered: null,
  read: "read-elsewhere",
  played: "played-elsewhere",
  content: "edited-or-unsent",
  chats: "moved",
  attachments: "attachment",
  schedule: "schedule",
  guid: "guid",
  "recently-deleted": "recently-deleted",
  recovered: "recovered",
  deleted: "deleted",
};

/** A message changed in a way that has no event of its own yet; null where a person sees nothing. */
export function messageChangeDraft(
  change: MessageChange & { readonly reason: Exclude<MessageReason, FirstReason> },
  batch: BatchContext,
): EventDraft | null {
  const { row, reason } = change;
  const what = row.isFromMe && reason === "played" ? "played" : MESSAGE_WORDS[reason];
  if (what === null) return null;
  return unsupportedDraft({
    source: { ...batch.database, rowid: row.rowid },
    key: { rowid: row.rowid, reason, sequence: change.sequence },
    news: newsFacts(row.date, batch),
    chat: chatOfRow(row.chats),
    what,
    guid: row.guid,
    direction: reason === "deleted" ? null : directionOf(row),
  });
}

/** A chat appeared or changed. */
export function chatChangeDraft(change: ChatChange, batch: BatchContext): EventDraft {
  const { chat, reason, sequence } = change;
  return unsupportedDraft({
    source: { ...batch.database, rowid: 0n },
    key: { rowid: chat?.rowid ?? 0n, reason: `chat-${reason}`, sequence },
    news: newsFacts(null, batch),
    chat: chat === null ? null : chatFactsOf(chat),
    what: `chat-${reason}`,
    guid: "",
    direction: null,
  });
}

/** An attachment of a message changed; the event names the first message that it belongs to. */
export function attachmentChangeDraft(change: AttachmentChange, batch: BatchContext): EventDraft {
  const { attachment, messages, reason, sequence } = change;
  const message = messages[0];
  return unsupportedDraft({
    source: { ...batch.database, rowid: message?.rowid ?? 0n },
    key: { rowid: attachment?.rowid ?? 0n, reason: `attachment-${reason}`, sequence },
    news: newsFacts(null, batch),
    chat: null,
    what: "attachment",
    guid: message?.guid ?? "",
    direction: null,
  });
}

interface UnsupportedFacts {
  readonly source: RowSource;
  /** Which change it is: of whatever row, the reason says of which table. */
  readonly key: { readonly rowid: bigint; readonly reason: string; readonly sequence: bigint };
  readonly news: ReturnType<typeof newsFacts>;
  readonly chat: ChatFacts | null;
  readonly what: string;
  readonly guid: string;
  readonly direction: Direction | null;
}

function unsupportedDraft(facts: UnsupportedFacts): EventDraft {
  const { source, key, news, chat, what, guid, direction } = facts;
  return {
    ...news,
    source,
    // The change's own place makes it one event however often it is read, and two alike changes two (I14).
    sourceKey: { ...source, rowid: key.rowid, reason: key.reason, fingerprint: String(key.sequence) },
    chat,
    payload: { kind: "unsupported", guid: isMessageGuid(guid) ? guid : "", what, direction },
  };
}

function directionOf(row: MessageRow): Direction {
  return isOwnRow(row) ? "own" : "incoming";
}
