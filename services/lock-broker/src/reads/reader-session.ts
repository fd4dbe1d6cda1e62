import { unreachable } from "@imesh/flow";
import type { Clock } from "@imesh/time";
import { ChatDb } from "../rows/chat-db.ts";
import { ChatDbError } from "../rows/chat-db-error.ts";
import type { AttachmentPrint, ChatPrint, MessagePrint } from "../rows/prints.ts";
import { readChatList } from "./chat-pages.ts";
import { readMessageList } from "./message-pages.ts";
import { PageBudget } from "./page-budget.ts";
import type { PageView } from "./page-view.ts";
import { readPrints } from "./print-pages.ts";
import { toReaderFault } from "./reader-fault.ts";
import type { AnyPageRequest, PageAnswer, PageKind, ReaderReply } from "./reader-protocol.ts";
import { readSearch } from "./search-pages.ts";

/**
 * The reader thread's work: one connection to chat.db, opened when first needed and again when the file is another one, and a page
 * of it per request.
 */
export class ReaderSession implements Disposable {
  readonly #databasePath: string;
  readonly #clock: Clock;
  readonly #isEnding: () => boolean;
  #db: ChatDb | undefined;
  #readsMs: number[] = [];

  /** `isEnding` is asked between a page's rows: true when it is to end with what it has. */
  constructor(databasePath: string, clock: Clock, isEnding: () => boolean) {
    this.#databasePath = databasePath;
    this.#clock = clock;
    this.#isEnding = isEnding;
  }

  /** Reads one page in one read transaction. Never throws: the reply says what went wrong. */
  read(page: AnyPageRequest): ReaderReply {
    const statementsBefore = this.#db?.statistics.statements ?? 0;
    const outcome = this.#outcome(page);
    const statements = (this.#db?.statistics.statements ?? statementsBefore) - statementsBefore;
    const readsMs = this.#readsMs;
    this.#readsMs = [];
    return { outcome, readsMs, statements };
  }

  /** Closes the connection. */
  [Symbol.dispose](): void {
    this.#db?.[Symbol.dispose]();
    this.#db = undefined;
  }

  #outcome(page: AnyPageRequest): ReaderReply["outcome"] {
    try {
      const answer = this.#connected().read(({ reader, facts }) =>
        readPage({ reader, facts, budget: new PageBudget(this.#clock, this.#isEnding) }, page),
      );
      return { kind: "answer", answer };
    } catch (error) {
      // A connection that failed is not asked again; the next page opens whatever is there then.
      if (error instanceof ChatDbError && error.remedy !== "wait") this[Symbol.dispose]();
      return { kind: "fault", fault: toReaderFault(error) };
    }
  }

  #connected(): ChatDb {
    if (this.#db === undefined) {
      this.#db = ChatDb.open(this.#databasePath, {
        clock: this.#clock,
        onRead: (durationMs) => this.#readsMs.push(durationMs),
        // The tail's connection tells of it.
        onReplaced: () => {},
      });
    } else if (this.#db.isReplaced()) {
      this.#db.reopen();
    }
    return this.#db;
  }
}

function readPage(view: PageView, page: AnyPageRequest): PageAnswer<PageKind> {
  const { reader } = view;
  switch (page.kind) {
    case "chat-list":
      return readChatList(view, page.request);
    case "chat":
      return reader.chatByGuid(page.request.guid);
    case "message-list":
      return readMessageList(view, page.request);
    case "message": {
      const { name } = page.request;
      return name.kind === "rowid" ? reader.message(name.rowid) : reader.messageByGuid(name.guid);
    }
    case "search":
      return readSearch(view, page.request);
    case "accounts":
      return reader.accounts();
    case "attachment":
      return reader.attachmentByGuid(page.request.guid);
    case "message-prints-after":
      return readPrints<MessagePrint>(view, page.request, (rowid, limit) =>
        reader.messagePrintsAfter(rowid, limit, { content: page.request.content }),
      );
    case "message-prints-before":
      return readPrints<MessagePrint>(view, page.request, (rowid, limit) =>
        reader.messagePrintsBefore(rowid, limit, { content: page.request.content }),
      );
    case "chat-prints-after":
      return readPrints<ChatPrint>(view, page.request, (rowid, limit) =>
        reader.chatPrintsAfter(rowid, limit),
      );
    case "attachment-prints-after":
      return readPrints<AttachmentPrint>(view, page.request, (rowid, limit) =>
        reader.attachmentPrintsAfter(rowid, limit),
      );
    default:
      return unreachable(page);
  }
}
