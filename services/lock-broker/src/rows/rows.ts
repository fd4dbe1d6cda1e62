/** A row of `handle`, as stored. `address` is personal data: it is never logged. */
export interface StoredHandle {
  /** `id`. */
  readonly address: string;
  /** `service`; empty in damaged rows. */
  readonly service: string;
  /** `country`, where known. */
  readonly country: string | undefined;
  /** `person_centric_id`, since macOS 10.15 and where Messages knows the contact. */
  readonly personCentricId: string | undefined;
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
  /** `group_id`: the same for the several rows of one group. */
  readonly groupId: string | undefined;
  readonly roomName: string | undefined;
  readonly accountLogin: string | undefined;
  readonly lastAddressedHandle: string | undefined;
  /** 3 joined, 0 left. */
  readonly state: number;
  readonly isArchived: boolean;
  readonly isFiltered: number;
  readonly isBlackholed: boolean;
  /** Read only where a chat itself is asked for or told about, and up to 64 KiB; else undefined. */
  readonly properties: Buffer | undefined;
}

/** A row of `attachment`, as stored; blobs up to 64 KiB. `filename` may name a person: it is never logged. */
export interface StoredAttachment {
  readonly rowid: bigint;
  readonly guid: string;
  readonly originalGuid: string | undefined;
  readonly filename: string | undefined;
  readonly transferName: string | undefined;
  readonly mimeType: string | undefined;
  readonly uti: string | undefined;
  readonly totalBytes: bigint;
  /** -1 archived … 5 finished, 6 and 7 errors (docs/chat-db.md §16). */
  readonly transferState: number;
  readonly createdDate: bigint;
  readonly isOutgoing: boolean;
  readonly isSticker: boolean;
  readonly hideAttachment: boolean;
  readonly userInfo: Buffer | undefined;
  readonly stickerUserInfo: Buffer | undefined;
  readonly attributionInfo: Buffer | undefined;
  readonly emojiImageShortDescription: string | undefined;
}

/**
 * A row of `message` with its sender and its chats, as stored: nothing interpreted. A text or blob that is NULL, or whose
 * column this Mac lacks, is undefined; a number then is 0 and a flag false. Dates are Apple's (docs/chat-db.md §5).
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
  readonly payloadData: Buffer | undefined;
  readonly datePlayed: bigint;
  readonly isPlayed: boolean;
  readonly dateRetracted: bigint;
  readonly dateRecovered: bigint;
  /** Undefined when `other_handle` is 0 or names no row. */
  readonly otherHandle: StoredHandle | undefined;
  readonly shareStatus: number;
  readonly shareDirection: number;
  readonly messageActionType: number;
  readonly associatedMessageRangeLocation: bigint;
  readonly associatedMessageRangeLength: bigint;
  readonly wasDowngraded: boolean;
  readonly isSystemMessage: boolean;
  readonly isAutoReply: boolean;
  readonly isSpam: boolean;
  readonly replyToGuid: string | undefined;
  readonly ckChatId: string | undefined;
  readonly cacheRoomnames: string | undefined;
  readonly expireState: number;
  /** In Recently Deleted. */
  readonly isRecoverable: boolean;
  /** Its bodies were larger than a frame takes and were left out. */
  readonly isOversized: boolean;
  /** By chat ROWID; empty when there is no join. */
  readonly chats: readonly StoredChat[];
  /** By attachment ROWID. */
  readonly attachments: readonly StoredAttachment[];
}

/** Which database is open. A position is worth something only together with it (docs/chat-db.md §4). */
export interface DatabaseIdentity {
  /** `_UniqueIdentifier`; empty if absent. */
  readonly databaseUid: string;
  /** Device and inode of chat.db and the replacements this process has seen: "2049:131:0". */
  readonly generation: string;
}

/** A file, whatever its path. */
export interface FileIdentity {
  readonly device: bigint;
  readonly inode: bigint;
}

/** Which database a snapshot shows and how far it reaches; read at the start of every transaction. */
export interface DatabaseFacts {
  /** `_UniqueIdentifier`; empty if absent. At most 256 bytes: a longer one, which is none of Apple's, by its hash. */
  readonly databaseUid: string;
  /** Largest ROWID of `message`; 0 when empty. */
  readonly headRowid: bigint;
  /** Largest ROWID of `chat`; 0 when empty. */
  readonly headChatRowid: bigint;
  /** Largest ROWID of `attachment`; 0 when empty or when there is no such table. */
  readonly headAttachmentRowid: bigint;
}

/** Tables whose rows are followed. */
export type WatchedTable = "message" | "chat" | "attachment";

/** Names a message. */
export interface MessageReference {
  readonly rowid: bigint;
  /** Never logged. */
  readonly guid: string;
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

/**
 * Place of a message in a list by date: the pair that the list is ordered by. In a list of one chat `date` is that of its join,
 * which Messages keeps equal to the message's; without a date it is 0. Where a Mac lacks the index that orders by date, lists go
 * by ROWID and only `rowid` places.
 */
export interface MessagePosition {
  /** As stored: nanoseconds, before 10.13 seconds. */
  readonly date: bigint;
  readonly rowid: bigint;
}

/** Which messages to walk over, and from where. */
export interface MessageWalk {
  /** Those of this chat only; undefined: all, in whatever chat or none. */
  readonly chatRowid: bigint | undefined;
  readonly order: "newest-first" | "oldest-first";
  /** Only those dated at or after it: Apple nanoseconds, on systems before 10.13 too. Undefined: no bound. */
  readonly fromDate: bigint | undefined;
  /** Only those dated before it, likewise. */
  readonly untilDate: bigint | undefined;
  /** Only those after this place in the order; undefined: from the first. */
  readonly after: MessagePosition | undefined;
  /** Most messages, 1..1,000. */
  readonly limit: number;
}

/** A step of a walk. */
export interface MessageWalkStep<Entry> {
  /** In the walk's order; fewer than asked for, even none, when a bound was met before. */
  readonly entries: readonly Entry[];
  /** Where to go on. Undefined: nothing is left. */
  readonly next: MessagePosition | undefined;
}

/** What a search looks at. `text` and `attributedBody` are undefined when larger than 2 MiB. */
export interface MessageText extends MessagePosition {
  readonly text: string | undefined;
  readonly attributedBody: Buffer | undefined;
}

/** An account that Messages is or was signed in to, as far as the newest rows and the chats show. */
export interface StoredAccount {
  /** `account`, `account_login`: "E:" and a mail address, "P:" and a number. Never logged. */
  readonly login: string;
  /** Own addresses seen with it, the latest used first, at most 16. */
  readonly addresses: readonly string[];
  /** Services seen with it, by name. */
  readonly services: readonly string[];
}
