/** A row of `handle`, as stored. `address` is personal data: it is never logged. */
export interface StoredHandle {
  /** `id`. */
  readonly address: string;
  /** `service`; empty in damaged rows. */
  readonly service: string;
  /** `country`, where known. */
  readonly country: string | undefined;
}

/** A row of `chat`, as stored. `guid` and `identifier` hold addresses: they are never logged. */
export interface StoredChat {
  readonly rowid: bigint;
  readonly guid: string;
  /** `chat_identifier`; empty in damaged rows. */
  readonly identifier: string;
  readonly serviceName: string | undefined;
  /** `style`: 43 group, 45 direct; 0 where NULL. */
  readonly style: number;
  readonly displayName: string | undefined;
}

/**
 * A row of `message` with its sender and its chats, as stored: nothing interpreted. A text or blob that is NULL, or whose
 * column this Mac lacks, is undefined; a number then is 0 and a flag false. Dates are Apple's (reference §2.1).
 */
export interface StoredMessage {
  readonly rowid: bigint;
  readonly guid: string;
  readonly text: string | undefined;
  readonly subject: string | undefined;
  readonly attributedBody: Buffer | undefined;
  readonly messageSummaryInfo: Buffer | undefined;
  readonly service: string | undefined;
  readonly account: string | undefined;
  readonly destinationCallerId: string | undefined;
  readonly date: bigint;
  readonly dateRead: bigint;
  readonly dateDelivered: bigint;
  readonly dateEdited: bigint;
  readonly isFromMe: boolean;
  readonly isFinished: boolean;
  readonly isSent: boolean;
  readonly isDelivered: boolean;
  readonly isRead: boolean;
  readonly isEmpty: boolean;
  readonly error: number;
  readonly itemType: number;
  readonly groupActionType: number;
  readonly groupTitle: string | undefined;
  readonly associatedMessageGuid: string | undefined;
  readonly associatedMessageType: number;
  readonly associatedMessageEmoji: string | undefined;
  readonly balloonBundleId: string | undefined;
  readonly expressiveSendStyleId: string | undefined;
  readonly threadOriginatorGuid: string | undefined;
  readonly threadOriginatorPart: string | undefined;
  readonly partCount: number;
  readonly cacheHasAttachments: boolean;
  readonly isAudioMessage: boolean;
  readonly scheduleType: number;
  readonly scheduleState: number;
  /** Undefined when `handle_id` is 0 or names no row. */
  readonly sender: StoredHandle | undefined;
  /** By chat ROWID; empty when there is no join. */
  readonly chats: readonly StoredChat[];
}

/**
 * Why a row is emitted.
 * - new: its first appearance, settled (with its chat; an incoming one finished, or overdue)
 * - unjoined: its first appearance, without a chat, because the settling deadline passed
 * - joined: emitted as unjoined before; now it has its chat
 * - status: emitted before; how far it has come, or whose it is, changed
 */
export type EmissionReason = "new" | "unjoined" | "joined" | "status";

/** A row that leaves in a batch. */
export interface EmittedRow {
  readonly message: StoredMessage;
  readonly reason: EmissionReason;
}

/** Which database is open. A position is worth something only together with it (design §3.4). */
export interface DatabaseIdentity {
  /** `_UniqueIdentifier`; empty if absent. */
  readonly databaseUid: string;
  /** Device and inode of chat.db and the replacements this process has seen: "2049:131:0". */
  readonly generation: string;
}

/** Why a tail could not go on where its cursor stands and started again at the head. */
export type RestartReason = "uid-changed" | "beyond-end" | "guid-mismatch";

/** What one read gave. */
export interface TailRead {
  /** By rising ROWID. */
  readonly rows: readonly EmittedRow[];
  /** More can be read at once, without a further commit. */
  readonly hasMore: boolean;
  /** True when `rows` were in the database when the tail was opened (or settled while those were read). */
  readonly isCatchingUp: boolean;
  /** ROWIDs looked at for the first time; 0 when only followed rows were read again. */
  readonly rowsScanned: number;
  /** Followed rows forgotten because too many were followed. */
  readonly followedDropped: number;
  /** Rows whose bodies were too large for a frame and were left out. */
  readonly rowsOversized: number;
  /** Set when the database is another one than before and the tail started again at its head. */
  readonly restarted: RestartReason | undefined;
  readonly database: DatabaseIdentity;
  /** Largest ROWID of `message`; 0 when empty. */
  readonly headRowid: bigint;
}

/**
 * One consumer's place in the database (port). Used by one tail loop at a time. Both calls are synchronous and open
 * nothing that outlives them (I1).
 */
export interface RowTail {
  /**
   * Reads the next batch in one short read transaction and moves on. Called after each commit notice, after a read that
   * said `hasMore`, and when {@link dueInMs} has passed. Throws ChatDbError, and then has not moved.
   */
  read(): TailRead;
  /** Milliseconds until a read is worth it without a commit: a settling deadline, or followed rows put off. Undefined: none. */
  dueInMs(): number | undefined;
  /** Where a new tail resumes. The same array as before when nothing changed since. */
  cursor(): Uint8Array;
  /** Rows that wait for their chat or are followed. */
  readonly pendingRows: number;
}

/** How a tail reads. */
export interface RowTailOptions {
  /** Most rows in a read, 1..1024. */
  readonly rowsMax: number;
}

/** The database as `GetDatabase` and `--check` tell it. */
export interface DatabaseDescription {
  readonly identity: DatabaseIdentity;
  readonly headRowid: bigint;
  /** Columns of `message`, in the database's order. */
  readonly messageColumns: readonly string[];
  /** `_ClientVersion`; empty if absent. */
  readonly clientVersion: string;
  readonly sqliteVersion: string;
}

/** Place of a chat in the list: the pair that the list is ordered by, both falling. */
export interface ChatListPosition {
  /** Apple time of the newest join; 0 when there is none. */
  readonly lastMessageDate: bigint;
  readonly chatRowid: bigint;
}

/** A chat, who is in it, and its place in the list. */
export interface ChatSummary {
  readonly chat: StoredChat;
  /** The others; the account itself is not listed. */
  readonly participants: readonly StoredHandle[];
  readonly lastMessageDate: bigint;
}

/** Everything that rpc/ asks of the database (port). Each call is one short read transaction; throws ChatDbError. */
export interface RowSource {
  /** Resumes at `cursor`, or starts at the head when it is empty. Throws CursorInvalidError for bytes that are no cursor. */
  openTail(cursor: Uint8Array, options: RowTailOptions): RowTail;
  describe(): DatabaseDescription;
  /** At most `chatsMax` chats after `after` (undefined: from the first), newest message first. */
  listChats(chatsMax: number, after: ChatListPosition | undefined): readonly ChatSummary[];
}
