import {
  type Chat,
  DeletionState,
  Event,
  type Reaction,
  ReactionAction,
  type Sender,
  Direction as WireDirection,
  ScheduleState as WireScheduleState,
} from "@imesh/contracts/bridge/v1/event";
import type { DecodedAttachment, Person } from "@imesh/imessage-codec";
import type { AttachmentGuid, HandleAddress, MessageGuid } from "@imesh/imessage-model";
import type { RowSource } from "../journal/bridge-event.ts";
import type { ChatFacts, ReactionFacts } from "../journal/event-payload.ts";
import type { JournalReads } from "../journal/journal-store.ts";
import { STATUS_REASON } from "./intake-statuses.ts";
import { ATTACHMENT_STATES, CHAT_STYLES, REACTION_KINDS, wordsByNumber } from "./wire-words.ts";

/** The journal as far as it is asked what a row was told as. */
export type ToldReads = Pick<JournalReads, "lastEventOfRow" | "lastFingerprint" | "newestEvents">;

/** What subscribers know of a row that is gone. */
export interface ToldRow {
  /** Where it was told last; null where it was in no chat, or was not told. */
  readonly chat: ChatFacts | null;
  readonly told:
    | (ToldReaction & {
        readonly kind: "reaction";
        /** It went to Recently Deleted, with its chat or its message, and did not come back from there. */
        readonly isRecentlyDeleted: boolean;
      })
    /** To be sent later, and not on its way when it was told last. */
    | { readonly kind: "scheduled" }
    | { readonly kind: "other" };
}

/** The reasons under which an event says what a row is. "deleted": a reaction that is told as taken back is that from then on. */
const TELLING_REASONS = [
  "new",
  "unjoined",
  "joined",
  "corrected",
  "content",
  "attachments",
  "schedule",
  "deleted",
];

/** The reasons under which an event says whether a row is in Recently Deleted. */
const RECENTLY_DELETED_REASONS = ["recently-deleted", "recovered"];

/** Asks the journal what a row was told as last. */
export function toldRow(row: RowSource, journal: ToldReads): ToldRow {
  const bytes = journal.lastEventOfRow(row, TELLING_REASONS);
  if (bytes === null) return { chat: null, told: { kind: "other" } };
  const event = Event.decode(bytes);
  return {
    chat: event.chat === undefined ? null : chatOf(event.chat),
    told: toldOf(event, row, journal),
  };
}

/** The reasons in the keys of a chat's own events, whose row is the chat's. */
const CHAT_REASONS = [
  "chat-name",
  "chat-members",
  "chat-guid",
  "chat-properties",
  "chat-state",
  "chat-other",
];

/** What a chat was called when it was told last: by a change of its own, or else among what was told last; null where it was not. */
export function toldChat(row: RowSource, guid: string, journal: ToldReads): ChatFacts | null {
  const bytes = journal.lastEventOfRow(row, CHAT_REASONS);
  const own = bytes === null ? undefined : Event.decode(bytes).chat;
  if (own !== undefined) return chatOf(own);
  for (const stored of journal.newestEvents(RECENT)) {
    const { chat } = Event.decode(stored.payload);
    if (chat?.guid === guid) return chatOf(chat);
  }
  return null;
}

/** A reaction as it was told. */
export interface ToldReaction {
  readonly sequence: bigint;
  readonly reaction: ReactionFacts;
}

/** Between the row of a reaction and the end of the one that it replaces are two commits, and what else happens meanwhile. */
const RECENT = { itemsMax: 512, bytesMax: 2 * 1024 * 1024 } as const;

/** What was told last, as far as it tells what becomes of a reaction. */
export interface RecentNews {
  readonly reactions: readonly ToldReaction[];
  /** Guids of messages that are gone. */
  readonly deletedGuids: ReadonlySet<string>;
}

/** Reads what was told last. */
export function recentNews(journal: ToldReads): RecentNews {
  const reactions: ToldReaction[] = [];
  const deletedGuids = new Set<string>();
  for (const stored of journal.newestEvents(RECENT)) {
    const { sequence, payload } = Event.decode(stored.payload);
    if (payload?.$case === "reaction") reactions.push({ sequence, reaction: reactionOf(payload.value) });
    if (payload?.$case === "deletion" && payload.value.state === DeletionState.DELETED) {
      deletedGuids.add(payload.value.guid);
    }
  }
  return { reactions, deletedGuids };
}

function toldOf({ sequence, payload }: Event, row: RowSource, journal: ToldReads): ToldRow["told"] {
  switch (payload?.$case) {
    case "reaction": {
      const reaction = reactionOf(payload.value);
      return { kind: "reaction", reaction, sequence, isRecentlyDeleted: isRecentlyDeleted(row, journal) };
    }
    case "scheduledMessage": {
      const isWaiting = payload.value.state === WireScheduleState.SCHEDULED;
      const lastStatus = isWaiting ? journal.lastFingerprint({ ...row, reason: STATUS_REASON }) : null;
      return { kind: isWaiting && isUnsent(lastStatus) ? "scheduled" : "other" };
    }
    default:
      return { kind: "other" };
  }
}

function isRecentlyDeleted(row: RowSource, journal: ToldReads): boolean {
  const bytes = journal.lastEventOfRow(row, RECENTLY_DELETED_REASONS);
  const payload = bytes === null ? undefined : Event.decode(bytes).payload;
  return payload?.$case === "deletion" && payload.value.state === DeletionState.RECENTLY_DELETED;
}

/** By the fingerprint of the last status, which begins with the state. */
function isUnsent(lastStatus: string | null): boolean {
  return lastStatus === null || lastStatus.startsWith("written:");
}

// What follows reads back what event-wire.ts wrote: ids are what they were when they were written.

function reactionOf(wire: Reaction): ReactionFacts {
  return {
    kind: "reaction",
    guid: wire.guid as MessageGuid,
    direction: wire.direction === WireDirection.OWN ? "own" : "incoming",
    sender: wire.sender === undefined ? null : personOf(wire.sender),
    service: null,
    sentAtUnixNs: null,
    ownAddress: null,
    action: wire.action === ReactionAction.REMOVED ? "removed" : "added",
    reaction: KIND_WORDS.get(wire.kind) ?? "other",
    emoji: orNull(wire.emoji),
    sticker: wire.sticker === undefined ? null : stickerOf(wire.sticker),
    target: { guid: wire.targetGuid as MessageGuid, part: wire.targetPart ?? null },
    quotedText: orNull(wire.quotedText),
    replacedGuid: null,
  };
}

function personOf({ address, service, personKey, contactId, country }: Sender): Person {
  return {
    address: address as HandleAddress,
    service,
    key: personKey,
    contactId: orNull(contactId),
    country: orNull(country),
  };
}

function stickerOf(wire: NonNullable<Reaction["sticker"]>): DecodedAttachment {
  return {
    guid: wire.guid as AttachmentGuid,
    isRowMissing: wire.isRowMissing,
    name: orNull(wire.name),
    mimeType: orNull(wire.mimeType),
    uti: orNull(wire.uti),
    totalBytes: wire.totalBytes,
    state: STATE_WORDS.get(wire.state) ?? "unknown",
    isSticker: wire.isSticker,
    isHidden: wire.isHidden,
    transcript: orNull(wire.transcript),
    description: orNull(wire.description),
    width: wire.width === 0 ? null : wire.width,
    height: wire.height === 0 ? null : wire.height,
  };
}

function chatOf({ guid, style, identifier, service, displayName, conversationKey }: Chat): ChatFacts {
  return {
    guid,
    style: STYLE_WORDS.get(style) ?? "unknown",
    identifier,
    service,
    displayName,
    conversationKey,
  };
}

function orNull(text: string): string | null {
  return text === "" ? null : text;
}

const STYLE_WORDS = wordsByNumber(CHAT_STYLES);
const KIND_WORDS = wordsByNumber(REACTION_KINDS);
const STATE_WORDS = wordsByNumber(ATTACHMENT_STATES);
