import type { AttachmentRef, ChatRef, HandleRef, MessageRow } from "@imesh/imessage-model";

/** Why lock-broker tells of a message, in this service's words; broker.proto's RowReason explains them. */
export type MessageReason =
  | FirstReason
  | "status"
  | "delivered"
  | "read"
  | "played"
  | "content"
  | "chats"
  | "attachments"
  | "schedule"
  | "guid"
  | "recently-deleted"
  | "recovered"
  | "deleted";

/** The reasons that bring a message itself: it is new, or its chat is. */
export type FirstReason = "new" | "unjoined" | "joined";

/** Why of a chat; "other" is one of a version to come. */
export type ChatReason = "new" | "name" | "members" | "guid" | "properties" | "state" | "deleted" | "other";

/** Why of an attachment; "other" is one of a version to come. */
export type AttachmentReason = "progress" | "ready" | "failed" | "guid" | "info" | "deleted" | "other";

/** A message as a change of something else names it. */
export interface MessageRef {
  readonly rowid: bigint;
  readonly guid: string;
}

/**
 * One change of the tail. `sequence` is its place in lock-broker's change log: the same change has the same one whenever it is
 * read again; 0 where it was read past the log, which brings first appearances of messages only.
 */
export type IntakeChange = MessageChange | ChatChange | AttachmentChange;

/** A message appeared or changed; the row is as it is now, after "deleted" with nothing but rowid and guid. */
export interface MessageChange {
  readonly kind: "message";
  readonly sequence: bigint;
  readonly reason: MessageReason;
  readonly row: MessageRow;
}

/** A chat appeared or changed; the chat is as it is now, after "deleted" with nothing but rowid and guid. */
export interface ChatChange {
  readonly kind: "chat";
  readonly sequence: bigint;
  readonly reason: ChatReason;
  /** Null only if lock-broker left it out, which it does not. */
  readonly chat: ChatRef | null;
  readonly participants: readonly HandleRef[];
}

/** An attachment of a message that was told before changed; after "deleted" with nothing but rowid and guid. */
export interface AttachmentChange {
  readonly kind: "attachment";
  readonly sequence: bigint;
  readonly reason: AttachmentReason;
  /** Null only if lock-broker left it out, which it does not. */
  readonly attachment: AttachmentRef | null;
  /** Messages it belongs to. */
  readonly messages: readonly MessageRef[];
}

/** Largest ROWID of the messages among the changes; 0 when there is none. */
export function lastMessageRowid(changes: readonly IntakeChange[]): bigint {
  return changes.reduce(
    (max, change) => (change.kind === "message" && change.row.rowid > max ? change.row.rowid : max),
    0n,
  );
}
