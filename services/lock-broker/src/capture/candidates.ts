/**
 * What commits touched, as far as their pages tell: every row that changed is among it, and some that did not (neighbours on
 * a page that was split or moved). A guess costs a lookup, a miss would cost an event, so everything in doubt is in it.
 * A plain value: capture/ makes it from frames, changes/ asks chat.db about it.
 */
export interface Candidates {
  /** ROWIDs of `message` whose cells, joins or recoverable joins were written. */
  readonly messages: ReadonlySet<bigint>;
  /** ROWIDs of `chat` whose cells or memberships were written. */
  readonly chats: ReadonlySet<bigint>;
  /** ROWIDs of `attachment` whose cells or joins were written. */
  readonly attachments: ReadonlySet<bigint>;
  /** Leaf pages as they are now, in which a row that is known may be missing: it was deleted, or lives on another page now. */
  readonly leaves: readonly TableLeaf[];
  /**
   * What the pages could not tell, each to be answered by looking through known rows:
   * - overflow: an overflow page was rewritten whose row is not known (its leaf is not in the commit)
   * - memberships: rows of chat_handle_join vanished from a page whose former content is not known
   * - joins: the same for chat_message_join and message_attachment_join
   * - emptied: a table's leaf lost its last cell
   * - cut: the log was started anew and the end of what it held before was cut off; all of that had been read a moment before
   */
  readonly doubts: ReadonlySet<CandidateDoubt>;
  /** Set when frames were missed: nothing less than a scan finds what changed. */
  readonly missed: MissedReason | undefined;
}

/** See {@link Candidates.doubts}. */
export type CandidateDoubt = "overflow" | "memberships" | "joins" | "emptied" | "cut";

/** The ROWIDs on one leaf page of a watched table. */
export interface TableLeaf {
  readonly table: "message" | "chat" | "attachment";
  /** Rising; at least one. */
  readonly rowids: readonly bigint[];
}

/**
 * Why commits went by unread.
 * - start: the broker starts and the log is not the one it knew
 * - reset: the log was started anew before its end was read, and the rest is overwritten
 * - replaced: another file took the path
 * - schema: the tables changed their shape, so that pages cannot be told apart
 * - unreadable: the log could not be read or understood
 * - large: one transaction touched more than is worth looking up row by row (Apple's upkeep of a whole table, a vacuum)
 */
export type MissedReason = "start" | "reset" | "replaced" | "schema" | "unreadable" | "large";

/** Where capture stands in the log, as kept with the changes it led to; see {@link WalPosition} of @imesh/wal. */
export interface LogPlace {
  /** Inode of -wal. */
  readonly inode: bigint;
  readonly salt1: number;
  readonly salt2: number;
  /** Frames read, all of whole commits. */
  readonly frames: number;
  readonly checksum1: number;
  readonly checksum2: number;
}
