import { AttachmentState as WireAttachmentState } from "@imesh/contracts/bridge/v1/content";
import {
  type Chat,
  Event,
  type Reaction,
  ReactionAction,
  type Sender,
  ChatStyle as WireChatStyle,
  Direction as WireDirection,
  ReactionKind as WireKind,
  ScheduleState as WireScheduleState,
} from "@imesh/contracts/bridge/v1/event";
import type { AttachmentState, DecodedAttachment, Person, ReactionKind } from "@imesh/imessage-codec";
import type { AttachmentGuid, ChatStyle, HandleAddress, MessageGuid } from "@imesh/imessage-model";
import type { RowSource } from "../journal/bridge-event.ts";
import type { ChatFacts, ReactionFacts } from "../journal/event-payload.ts";
import type { JournalReads } from "../journal/journal-store.ts";
import { STATUS_REASON } from "./intake-statuses.ts";

/** The journal as far as it is asked what a row was told as. */
export type ToldReads = Pick<JournalReads, "lastEventOfRow" | "lastFingerprint" | "newestEvents">;

/** What subscribers know of a row that is gone. */
export interface ToldRow {
  /** Where it was told last; null where it was in no chat, or was not told. */
  readonly chat: ChatFacts | null;
  readonly told:
    | { readonly kind: "reaction"; readonly reaction: ReactionFacts; readonly sequence: bigint }
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

/** Asks the journal what a row was told as last. */
export function toldRow(row: RowSource, journal: ToldReads): ToldRow {
  const bytes = journal.lastEventOfRow(row, TELLING_REASONS);
  if (bytes === null) return { chat: null, told: { kind: "other" } };
  const event = Event.decode(bytes);
  return {
    chat: event.chat === undefined ? null : chatOf(event.chat),
    told: toldOf(event, () => journal.lastFingerprint({ ...row, reason: STATUS_REASON })),
  };
}

/** A reaction as it was told. */
export interface ToldReaction {
  readonly sequence: bigint;
  readonly reaction: ReactionFacts;
}

/** Between the row of a reaction and the end of the one that it replaces are two commits, and what else happens meanwhile. */
const RECENT = { itemsMax: 512, bytesMax: 2 * 1024 * 1024 } as const;

/** The reactions among what was told last. */
export function recentReactions(journal: ToldReads): readonly ToldReaction[] {
  return journal.newestEvents(RECENT).flatMap((stored) => {
    const { sequence, payload } = Event.decode(stored.payload);
    return payload?.$case === "reaction" ? [{ sequence, reaction: reactionOf(payload.value) }] : [];
  });
}

function toldOf({ sequence, payload }: Event, lastStatus: () => string | null): ToldRow["told"] {
  if (payload?.$case === "reaction") {
    return { kind: "reaction", reaction: reactionOf(payload.value), sequence };
  }
  if (payload?.$case !== "scheduledMessage") return { kind: "other" };
  const isWaiting = payload.value.state === WireScheduleState.SCHEDULED && isUnsent(lastStatus());
  return { kind: isWaiting ? "scheduled" : "other" };
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
    reaction: KINDS.get(wire.kind) ?? "other",
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
    state: ATTACHMENT_STATES.get(wire.state) ?? "unknown",
    isSticker: wire.isSticker,
    isHidden: wire.isHidden,
    transcript: orNull(wire.transcript),
    description: orNull(wire.description),
    width: wire.width === 0 ? null : wire.width,
    height: wire.height === 0 ? null : wire.height,
  };
}

function chatOf({ guid, style, identifier, service, displayName, conversationKey }: Chat): ChatFacts {
  const styleName: ChatStyle = STYLES.get(style) ?? "unknown";
  return { guid, style: styleName, identifier, service, displayName, conversationKey };
}

function orNull(text: string): string | null {
  return text === "" ? null : text;
}

const STYLES: ReadonlyMap<WireChatStyle, ChatStyle> = new Map([
  [WireChatStyle.DIRECT, "direct"],
  [WireChatStyle.GROUP, "group"],
]);

const KINDS: ReadonlyMap<WireKind, ReactionKind> = new Map([
  [WireKind.LOVE, "love"],
  [WireKind.LIKE, "like"],
  [WireKind.DISLIKE, "dislike"],
  [WireKind.LAUGH, "laugh"],
  [WireKind.EMPHASIZE, "emphasize"],
  [WireKind.QUESTION, "question"],
  [WireKind.EMOJI, "emoji"],
  [WireKind.STICKER, "sticker"],
  [WireKind.PLACED_STICKER, "placed-sticker"],
]);

const ATTACHMENT_STATES: ReadonlyMap<WireAttachmentState, AttachmentState> = new Map([
  [WireAttachmentState.WAITING, "waiting"],
  [WireAttachmentState.TRANSFERRING, "transferring"],
  [WireAttachmentState.READY, "ready"],
  [WireAttachmentState.FAILED, "failed"],
  [WireAttachmentState.ARCHIVED, "archived"],
]);
