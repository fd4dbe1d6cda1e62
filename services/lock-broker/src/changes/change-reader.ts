import type { AttachmentPrint, ChatPrint, MessagePrint } from "../rows/prints.ts";
import type {
  DatabaseIdentity,
  StoredAttachment,
  StoredChat,
  StoredHandle,
  StoredMessage,
} from "../rows/rows.ts";
import type { ChangedRow } from "./changes.ts";

/** chat.db as changes are found in it (port); rows/ implements it. */
export interface ChangeReader {
  /**
   * Runs `work` in one short read transaction and returns what it returns. Called for each slice of candidates and for each page
   * of a tail that is behind; synchronous. Throws ChatDbError, and whatever `work` throws.
   */
  read<T>(work: (view: ChangeView) => T): T;
  /** True for an error that says "cannot be read now" and is worth another try. */
  isUnreadable(error: unknown): error is Error;
}

/** What one read transaction sees. Valid only while the transaction's function runs. */
export interface ChangeView {
  /** As it goes on the wire. */
  readonly identity: DatabaseIdentity;
  /** Device and inode of the file that is open. */
  readonly file: { readonly device: bigint; readonly inode: bigint };
  readonly facts: ChangeFacts;
  readonly reader: ChangeRows;
}

/** How far the database reaches. */
export interface ChangeFacts {
  /** `_UniqueIdentifier`; empty if absent. */
  readonly databaseUid: string;
  /** Largest ROWID of `message`; 0 when empty. */
  readonly headRowid: bigint;
  /** Largest ROWID of `chat`; 0 when empty. */
  readonly headChatRowid: bigint;
  /** Largest ROWID of `attachment`; 0 when empty. */
  readonly headAttachmentRowid: bigint;
}

/** The body of a row whose hashes are known: while the bytes are the same, nothing need be decoded. */
export interface KnownContent {
  readonly contentBytes: number;
  readonly content: number | undefined;
}

/** A row of `message` as it is now. */
export interface ObservedMessage {
  /** `content` is undefined only when `contentBytes` is the known one. */
  readonly print: MessagePrint;
  /** The whole row; asked at most once, within the transaction, and only when there is something to tell. */
  message(): StoredMessage;
}

/** Lookups of single rows; each is undefined when the row is gone. */
export interface ChangeRows {
  observe(rowid: bigint, known: KnownContent | undefined): ObservedMessage | undefined;
  message(rowid: bigint): StoredMessage | undefined;
  chatPrint(rowid: bigint): ChatPrint | undefined;
  chat(rowid: bigint): StoredChat | undefined;
  /** Everyone in the chat but the account itself; empty when it is gone. */
  participants(rowid: bigint): readonly StoredHandle[];
  attachmentPrint(rowid: bigint): AttachmentPrint | undefined;
  attachment(rowid: bigint): StoredAttachment | undefined;
  /** Messages that the attachment is joined to, by ROWID; empty when it is gone. */
  messagesOfAttachment(rowid: bigint): readonly ChangedRow[];
  /** Whether the row is there; cheaper than its print. */
  exists(table: WatchedTable, rowid: bigint): boolean;
  /** Rows with ROWID > `after`, rising, at most `limit`: what a tail that goes on by ROWID reads. */
  messageRowidsAfter(after: bigint, limit: number): readonly bigint[];
}

/** Tables whose rows are followed. */
export type WatchedTable = "message" | "chat" | "attachment";
