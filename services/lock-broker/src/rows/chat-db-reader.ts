import { assert } from "@imesh/flow";
import { AccountRows } from "./account-rows.ts";
import { AttachmentRows } from "./attachment-rows.ts";
import { ChatRows } from "./chat-rows.ts";
import { FactRows } from "./fact-rows.ts";
import { MessagePrints } from "./message-prints.ts";
import { MessageRows } from "./message-rows.ts";
import { MessageWalks } from "./message-walks.ts";
import type { AttachmentPrint, ChatPrint, KnownContent, MessagePrint } from "./prints.ts";
import type {
  ChatListPosition,
  ChatSummary,
  DatabaseFacts,
  MessagePosition,
  MessageReference,
  MessageText,
  MessageWalk,
  MessageWalkStep,
  StoredAccount,
  StoredAttachment,
  StoredChat,
  StoredHandle,
  StoredMessage,
  WatchedTable,
} from "./rows.ts";
import type { ChatDbSchema } from "./schema-probe.ts";
import type { Statements } from "./statements.ts";

/** A message as it is now. */
export interface MessageObservation {
  /** `content` is that which was known when `contentBytes` is. */
  readonly print: MessagePrint;
  /** The whole row, read when this is called: within the same transaction only. */
  message(): StoredMessage;
}

/** Whether a page of prints works out {@link MessagePrint.content}, which decodes every body. */
export interface PrintPageOptions {
  readonly content: boolean;
}

/**
 * What can be asked of chat.db, over one connection and one schema. Every method is called inside a read transaction, which
 * ChatDb opens; each reads a bounded number of rows at once and leaves no statement un-reset (docs/chat-db.md §19).
 */
export class ChatDbReader {
  readonly schema: ChatDbSchema;
  readonly #facts: FactRows;
  readonly #prints: MessagePrints;
  readonly #messages: MessageRows;
  readonly #chats: ChatRows;
  readonly #attachments: AttachmentRows;
  readonly #walks: MessageWalks;
  readonly #accounts: AccountRows;

  constructor(statements: Statements, schema: ChatDbSchema) {
    this.schema = schema;
    this.#facts = new FactRows(statements, schema);
    this.#prints = new MessagePrints(statements, schema);
    this.#attachments = new AttachmentRows(statements, schema);
    this.#messages = new MessageRows(statements, schema, this.#attachments);
    this.#chats = new ChatRows(statements, schema);
    this.#walks = new MessageWalks(statements, schema);
    this.#accounts = new AccountRows(statements, schema);
  }

  facts(): DatabaseFacts {
    return this.#facts.facts();
  }

  /** `_ClientVersion`; empty if absent. */
  clientVersion(): string {
    return this.#facts.clientVersion();
  }

  /** Whether the row is there; a third of a print's cost. */
  exists(table: WatchedTable, rowid: bigint): boolean {
    return this.#facts.exists(table, rowid);
  }

  /** The print of a message in one row's read, and a way to the whole row; undefined when it is gone. Some 8 µs. */
  observe(rowid: bigint, known: KnownContent | undefined): MessageObservation | undefined {
    const print = this.#prints.one(rowid, known);
    if (print === undefined) return undefined;
    return {
      print,
      message: () => {
        const message = this.#messages.message(rowid);
        assert(message !== undefined, "a row that was observed is there in the same snapshot");
        return message;
      },
    };
  }

  /** As {@link observe}, the print alone. */
  messagePrint(rowid: bigint, known: KnownContent | undefined): MessagePrint | undefined {
    return this.#prints.one(rowid, known);
  }

  /** Of the first `limit` messages with ROWID > `rowid`, rising. Fewer only when no more are there. */
  messagePrintsAfter(rowid: bigint, limit: number, options: PrintPageOptions): readonly MessagePrint[] {
    return this.#prints.page("after", rowid, limit, options.content);
  }

  /** Of the first `limit` messages with ROWID < `rowid`, falling. Fewer only when no more are there. */
  messagePrintsBefore(rowid: bigint, limit: number, options: PrintPageOptions): readonly MessagePrint[] {
    return this.#prints.page("before", rowid, limit, options.content);
  }

  /** ROWIDs of the first `limit` messages with ROWID > `rowid`, rising. */
  messageRowidsAfter(rowid: bigint, limit: number): readonly bigint[] {
    return this.#facts.messageRowidsAfter(rowid, limit);
  }

  /** Undefined when it is gone. */
  message(rowid: bigint): StoredMessage | undefined {
    return this.#messages.message(rowid);
  }

  /** Where several have the guid, the newest. Where a Mac lacks the index, the newest 50,000 messages are looked through. */
  messageByGuid(guid: string): StoredMessage | undefined {
    const rowid = this.#facts.messageRowid(guid);
    return rowid === undefined ? undefined : this.#messages.message(rowid);
  }

  /** Places of messages by date. */
  messagesByDate(walk: MessageWalk): MessageWalkStep<MessagePosition> {
    return this.#walks.step(walk);
  }

  /** The same, with what a search looks at; fewer when bodies are large. */
  messageTextsByDate(walk: MessageWalk): MessageWalkStep<MessageText> {
    return this.#walks.textStep(walk);
  }

  /** With its properties; undefined when it is gone. */
  chat(rowid: bigint): StoredChat | undefined {
    return this.#chats.chat(rowid);
  }

  /** With its properties and participants; where several have the guid, the newest. */
  chatByGuid(guid: string): ChatSummary | undefined {
    return this.#chats.summaryByGuid(guid);
  }

  /** Everyone in the chat but the account itself, at most 512; empty when it is gone. */
  participants(rowid: bigint): readonly StoredHandle[] {
    return this.#chats.participants(rowid);
  }

  /** At most `limit` chats after the place, newest message first. Looks at every chat: some 3 µs each. */
  listChats(limit: number, after: ChatListPosition | undefined): readonly ChatSummary[] {
    return this.#chats.list(limit, after);
  }

  /** Undefined when it is gone. */
  chatPrint(rowid: bigint): ChatPrint | undefined {
    return this.#chats.print(rowid);
  }

  /** Of the first `limit` chats with ROWID > `rowid`, rising. Fewer only when no more are there. */
  chatPrintsAfter(rowid: bigint, limit: number): readonly ChatPrint[] {
    return this.#chats.printsAfter(rowid, limit);
  }

  /** Undefined when it is gone. */
  attachment(rowid: bigint): StoredAttachment | undefined {
    return this.#attachments.attachment(rowid);
  }

  /** By its guid now, else by its first; where several have it, the newest. */
  attachmentByGuid(guid: string): StoredAttachment | undefined {
    return this.#attachments.byGuid(guid);
  }

  /** Messages the attachment is joined to, by ROWID, at most 64. */
  messagesOfAttachment(rowid: bigint): readonly MessageReference[] {
    return this.#attachments.messages(rowid);
  }

  /** Undefined when it is gone. */
  attachmentPrint(rowid: bigint): AttachmentPrint | undefined {
    return this.#attachments.print(rowid);
  }

  /** Of the first `limit` attachments with ROWID > `rowid`, rising. Fewer only when no more are there. */
  attachmentPrintsAfter(rowid: bigint, limit: number): readonly AttachmentPrint[] {
    return this.#attachments.printsAfter(rowid, limit);
  }

  /** Accounts and own addresses, by login: those of the newest 5,000 messages and 2,000 chats. */
  accounts(): readonly StoredAccount[] {
    return this.#accounts.accounts();
  }
}
