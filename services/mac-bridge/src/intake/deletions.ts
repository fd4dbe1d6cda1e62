import { unreachable } from "@imesh/flow";
import { type DecodedReaction, decodeMessageRow } from "@imesh/imessage-codec";
import type { MessageRow } from "@imesh/imessage-model";
import type { ChatFacts, EventPayload } from "../journal/event-payload.ts";
import type { BatchContext } from "./batch-context.ts";
import type { IntakeChange, MessageChange } from "./intake-change.ts";
import { guidOf } from "./message-change-payloads.ts";
import { isOwnRow } from "./row-ownership.ts";
import { authored } from "./row-payload.ts";
import { type RecentNews, recentNews, type ToldReads, type ToldRow, toldRow } from "./told-rows.ts";

/** What a deleted row becomes. */
export interface DeletionNews {
  /** Where the row was told last. */
  readonly chat: ChatFacts | null;
  readonly payload: EventPayload;
}

type ReactionTold = Extract<ToldRow["told"], { readonly kind: "reaction" }>;

/** A reaction in a batch: the change that brings its row. */
interface BatchReaction {
  readonly change: MessageChange;
  readonly reaction: DecodedReaction;
}

/**
 * The deletions of one batch. A row that is gone says nothing but its ROWID, so the journal is asked what it was told as; and when
 * somebody reacts anew or takes a reaction back, Messages deletes the former row, which is no news beside the new one's,
 * whichever of the two is told first (docs/chat-db.md §9). They are two commits, so that the new one may have been told before
 * this batch, just now: then the former one has had its end by that. A reaction that goes with its message is deleted,
 * not taken back. Pure, made for each batch; one without deletions costs nothing.
 */
export class Deletions {
  readonly #news = new Map<MessageChange, DeletionNews | null>();
  readonly #replacedGuids = new Map<MessageChange, string>();
  readonly #journal: ToldReads;
  readonly #deletedGuids: ReadonlySet<string>;
  #recent: RecentNews | undefined;

  constructor(changes: readonly IntakeChange[], batch: BatchContext, journal: ToldReads) {
    this.#journal = journal;
    const deleted = changes.flatMap((change) =>
      change.kind === "message" && change.reason === "deleted" ? [change] : [],
    );
    this.#deletedGuids = new Set(deleted.map(({ row }) => guidOf(row)));
    if (deleted.length === 0) return;
    const reactions = changes.flatMap(reactionsIn);
    for (const change of deleted) {
      const told = toldRow({ ...batch.database, rowid: change.row.rowid }, journal);
      const others = reactions.filter((other) => other.change.row.rowid !== change.row.rowid);
      this.#news.set(change, this.#newsOf(change, told, others));
    }
  }

  /** What a change of this batch with reason "deleted" is; null where it is no news. */
  newsOf(change: MessageChange): DeletionNews | null {
    return this.#news.get(change) ?? null;
  }

  /** The reaction that the one which this change brings took the place of. */
  replacedGuid(change: MessageChange): string | null {
    return this.#replacedGuids.get(change) ?? null;
  }

  #newsOf(
    change: MessageChange,
    { told, chat }: ToldRow,
    reactions: readonly BatchReaction[],
  ): DeletionNews | null {
    const guid = guidOf(change.row);
    switch (told.kind) {
      case "other":
        return { chat, payload: { kind: "deletion", guid, state: "deleted" } };
      case "scheduled": {
        const cancelled = { message: null, state: "cancelled", sendAtUnixNs: null } as const;
        return { chat, payload: { kind: "scheduled-message", guid, ...cancelled } };
      }
      case "reaction": {
        const payload = this.#reactionGone(guid, told, reactions);
        return payload === null ? null : { chat, payload };
      }
      default:
        return unreachable(told);
    }
  }

  #reactionGone(guid: string, told: ReactionTold, reactions: readonly BatchReaction[]): EventPayload | null {
    const gone = told.reaction;
    // The row of a removal says nothing by going.
    if (gone.action === "removed") return null;
    const successors = reactions.filter(({ reaction }) => isSamePlace(reaction, gone));
    if (successors.length === 0) {
      if (this.#isSucceeded(told)) return null;
      // Nobody took it back: it went with its message, or with the whole chat.
      if (told.isRecentlyDeleted || this.#isTargetGone(told)) {
        return { kind: "deletion", guid, state: "deleted" };
      }
      return { ...gone, action: "removed" };
    }
    const replacement = successors.find(
      ({ change, reaction }) => reaction.action === "added" && !this.#replacedGuids.has(change),
    );
    if (replacement !== undefined) this.#replacedGuids.set(replacement.change, gone.guid);
    return null;
  }

  /** Whether it was told since what the person has on that part now. */
  #isSucceeded({ sequence, reaction }: ReactionTold): boolean {
    return this.#told().reactions.some(
      (later) => later.sequence > sequence && isSamePlace(later.reaction, reaction),
    );
  }

  /** Whether what it is on is gone as well, in this batch or just now: Messages deletes the rows of a chat one by one. */
  #isTargetGone({ reaction }: ReactionTold): boolean {
    const { guid } = reaction.target;
    return this.#deletedGuids.has(guid) || this.#told().deletedGuids.has(guid);
  }

  #told(): RecentNews {
    this.#recent ??= recentNews(this.#journal);
    return this.#recent;
  }
}

function reactionsIn(change: IntakeChange): readonly BatchReaction[] {
  if (change.kind !== "message" || !isFirst(change) || !mayBeReaction(change.row)) return [];
  const decoded = decodeMessageRow(change.row);
  if (decoded.kind !== "reaction") return [];
  const direction = isOwnRow(change.row) ? "own" : "incoming";
  return [{ change, reaction: authored(decoded, direction) }];
}

function isFirst({ reason }: MessageChange): boolean {
  return reason === "new" || reason === "unjoined" || reason === "joined";
}

/** All reactions are above; decoding a batch of texts twice would be waste. */
function mayBeReaction({ associatedMessageType }: MessageRow): boolean {
  return (associatedMessageType ?? 0) >= 1000;
}

/** Whether both are the one reaction that a person has on a part; of placed stickers anybody may have many. */
function isSamePlace(one: DecodedReaction, other: DecodedReaction): boolean {
  return (
    one.reaction !== "placed-sticker" &&
    other.reaction !== "placed-sticker" &&
    one.direction === other.direction &&
    one.sender?.key === other.sender?.key &&
    one.target.guid === other.target.guid &&
    one.target.part === other.target.part
  );
}
