import type { Clock } from "@imesh/time";
import type { AttachmentPrint, ChatPrint, MessagePrint } from "../rows/prints.ts";
import type {
  ChatSummary,
  DatabaseDescription,
  StoredAccount,
  StoredAttachment,
  StoredMessage,
} from "../rows/rows.ts";
import type { PageOutcome, ReadScheduler, ReadTerms } from "../scheduling/read-scheduler.ts";
import { ANSWER_BYTES_MAX, fitMessage } from "./message-size.ts";
import type { PageAnswer, PageKind, PageRequest } from "./reader-protocol.ts";
import type {
  ChatListRequest,
  ChatPage,
  MessageListRequest,
  MessageName,
  MessagePage,
  PagePosition,
  PrintPage,
  PrintReads,
  PrintRequest,
  ReadCall,
  SearchPage,
  SearchRequest,
} from "./reads.ts";

/** What a search looks through in one call, whichever comes first (broker.proto: "a bounded number of messages"). */
const SEARCHED_MAX = 20_000;
const SEARCH_MS_MAX = 500;

/** Kept of a call's time for the answer's way back. */
const ANSWER_MS = 100;

/** A scan's page waits for everybody else's; when its turn has not come in a minute, the scan is told and tries again. */
const PRINTS_DEADLINE_MS = 60_000;

/** The name of the scan among the clients. */
const SCAN_CLIENT = "scan";

/** Collaborators of {@link ScheduledReads}. */
export interface ScheduledReadsPorts {
  readonly scheduler: ReadScheduler;
  /** Reads one page on the reader thread. Asked for one at a time. */
  readonly readPage: <Kind extends PageKind>(
    kind: Kind,
    request: PageRequest<Kind>,
  ) => Promise<PageAnswer<Kind>>;
  /** Describes the database over the tail's connection: one short transaction. Throws ChatDbError. */
  readonly describe: () => DatabaseDescription;
  readonly clock: Clock;
}

/**
 * Every question about chat.db but the tail's, each as pages of at most 20 ms that the scheduler gives their turns. All promises reject
 * with ChatDbError, ReadRefusal, QueueFullError, DeadlineError, ReaderThreadError, SchedulerClosedError or the reason of the
 * call's signal.
 */
export class ScheduledReads implements PrintReads {
  readonly #ports: ScheduledReadsPorts;

  constructor(ports: ScheduledReadsPorts) {
    this.#ports = ports;
  }

  /** Which database is open and how far it reaches. Needs no reader thread: it is asked for often and is one row. */
  describe(call: ReadCall): Promise<DatabaseDescription> {
    const terms: ReadTerms = { ...call, priority: "interactive", isMultiPage: false };
    return this.#ports.scheduler.run(terms, () => ({ kind: "done", value: this.#ports.describe() }));
  }

  /** One chat with its participants and properties; undefined when there is none. Where several have the guid, the newest. */
  chat(guid: string, call: ReadCall): Promise<ChatSummary | undefined> {
    return this.#page("chat", { guid }, call);
  }

  /** One message; undefined when there is none. */
  async message(name: MessageName, call: ReadCall): Promise<StoredMessage | undefined> {
    const message = await this.#page("message", { name }, call);
    return message === undefined ? undefined : fitMessage(message, ANSWER_BYTES_MAX);
  }

  /** The accounts that the database shows. */
  accounts(call: ReadCall): Promise<readonly StoredAccount[]> {
    return this.#page("accounts", {}, call);
  }

  /** The attachment that has or had the guid; undefined when there is none. */
  attachment(guid: string, call: ReadCall): Promise<StoredAttachment | undefined> {
    return this.#page("attachment", { guid }, call);
  }

  /** Chats by falling time of their newest message; at most 3 MiB of them. */
  listChats(request: ChatListRequest, call: ReadCall): Promise<ChatPage> {
    const chats: ChatSummary[] = [];
    const size = new AnswerSize();
    let after = request.after;
    return this.#pages(call, async (): Promise<PageOutcome<ChatPage>> => {
      const chatsMax = request.chatsMax - chats.length;
      const bounds = size.bounds(chats.length);
      const page = await this.#ports.readPage("chat-list", { chatsMax, after, ...bounds });
      chats.push(...page.chats);
      after = page.next;
      const isDone = size.add(page) || after === undefined || chats.length >= request.chatsMax;
      return isDone ? { kind: "done", value: { chats, next: after } } : { kind: "more" };
    });
  }

  /** Messages by date; at most 3 MiB of them. */
  listMessages(request: MessageListRequest, call: ReadCall): Promise<MessagePage> {
    const messages: StoredMessage[] = [];
    const size = new AnswerSize();
    let after = request.after;
    return this.#pages(call, async (): Promise<PageOutcome<MessagePage>> => {
      const messagesMax = request.messagesMax - messages.length;
      const bounds = size.bounds(messages.length);
      const page = await this.#ports.readPage("message-list", { ...request, messagesMax, after, ...bounds });
      messages.push(...page.messages);
      after = page.next;
      const isDone = size.add(page) || after === undefined || messages.length >= request.messagesMax;
      return isDone ? { kind: "done", value: { messages, next: after } } : { kind: "more" };
    });
  }

  /**
   * Messages that hold all words, newest first: as many as asked for, or 3 MiB, or what 20,000 messages hold, or what 500 ms
   * or the call's own time allow.
   */
  search(request: SearchRequest, call: ReadCall): Promise<SearchPage> {
    const { clock } = this.#ports;
    const messages: StoredMessage[] = [];
    const size = new AnswerSize();
    let after: PagePosition | undefined = request.after;
    let searched = 0;
    let searchedThroughDate: bigint | undefined;
    let endMs: number | undefined;
    return this.#pages(call, async (): Promise<PageOutcome<SearchPage>> => {
      endMs ??= Math.min(clock.monotonicMs() + SEARCH_MS_MAX, call.deadlineMs - ANSWER_MS);
      const messagesMax = request.messagesMax - messages.length;
      const bounds = size.bounds(messages.length);
      const searchedMax = SEARCHED_MAX - searched;
      const asked = { ...request, messagesMax, after, searchedMax, ...bounds };
      const page = await this.#ports.readPage("search", asked);
      messages.push(...page.messages);
      after = page.next;
      searched += page.searched;
      searchedThroughDate = page.searchedThroughDate ?? searchedThroughDate;
      const isDone =
        size.add(page) ||
        after === undefined ||
        messages.length >= request.messagesMax ||
        searched >= SEARCHED_MAX ||
        clock.monotonicMs() >= endMs;
      if (!isDone) return { kind: "more" };
      return { kind: "done", value: { messages, next: after, searched, searchedThroughDate } };
    });
  }

  messagePrintsAfter(request: PrintRequest, signal: AbortSignal): Promise<PrintPage<MessagePrint>> {
    return this.#prints("message-prints-after", request, signal);
  }

  messagePrintsBefore(request: PrintRequest, signal: AbortSignal): Promise<PrintPage<MessagePrint>> {
    return this.#prints("message-prints-before", request, signal);
  }

  chatPrintsAfter(request: PrintRequest, signal: AbortSignal): Promise<PrintPage<ChatPrint>> {
    return this.#prints("chat-prints-after", request, signal);
  }

  attachmentPrintsAfter(request: PrintRequest, signal: AbortSignal): Promise<PrintPage<AttachmentPrint>> {
    return this.#prints("attachment-prints-after", request, signal);
  }

  #prints<Kind extends PrintKind>(
    kind: Kind,
    request: PrintRequest,
    signal: AbortSignal,
  ): Promise<PageAnswer<Kind>> {
    const deadlineMs = this.#ports.clock.monotonicMs() + PRINTS_DEADLINE_MS;
    const terms: ReadTerms = {
      client: SCAN_CLIENT,
      priority: "bulk",
      isMultiPage: false,
      deadlineMs,
      signal,
    };
    return this.#onePage(kind, request, terms);
  }

  #page<Kind extends PageKind>(
    kind: Kind,
    request: PageRequest<Kind>,
    call: ReadCall,
  ): Promise<PageAnswer<Kind>> {
    return this.#onePage(kind, request, { ...call, priority: "interactive", isMultiPage: false });
  }

  #onePage<Kind extends PageKind>(
    kind: Kind,
    request: PageRequest<Kind>,
    terms: ReadTerms,
  ): Promise<PageAnswer<Kind>> {
    return this.#ports.scheduler.run(terms, async () => ({
      kind: "done",
      value: await this.#ports.readPage(kind, request),
    }));
  }

  #pages<T>(call: ReadCall, page: () => Promise<PageOutcome<T>>): Promise<T> {
    return this.#ports.scheduler.run({ ...call, priority: "interactive", isMultiPage: true }, page);
  }
}

type PrintKind = Extract<PageKind, `${string}-prints-${string}`>;

/** How much of an answer's bytes is taken. */
class AnswerSize {
  #bytes = 0;

  /** What the next page may take, given how many rows there are. */
  bounds(rows: number): { readonly bytesMax: number; readonly isFirst: boolean } {
    return { bytesMax: ANSWER_BYTES_MAX - this.#bytes, isFirst: rows === 0 };
  }

  /** Counts a page; true when it says that no more rows fit. */
  add({ bytes, isFull }: { readonly bytes: number; readonly isFull: boolean }): boolean {
    this.#bytes += bytes;
    return isFull;
  }
}
