import type { AttachmentPrint, ChatPrint, MessagePrint } from "../rows/prints.ts";
import type { ChatSummary, StoredAccount, StoredAttachment, StoredMessage } from "../rows/rows.ts";
import type { ReaderFault } from "./reader-fault.ts";
import type {
  ChatListRequest,
  ChatPage,
  MessageListRequest,
  MessageName,
  MessagePage,
  PrintPage,
  PrintRequest,
  SearchPage,
  SearchRequest,
} from "./reads.ts";

/** Bytes that the rows of one page may take, as messageBytes and summaryBytes count them. */
interface Bounded {
  readonly bytesMax: number;
  /** The answer has no row yet: take the first one whatever its size. */
  readonly isFirst: boolean;
}

/** What a page took of its bound. */
interface Weighed {
  readonly bytes: number;
  /** The next row did not fit: the answer ends here. */
  readonly isFull: boolean;
}

type Nothing = Readonly<Record<string, never>>;

interface Prints<Print> {
  readonly request: PrintRequest;
  readonly answer: PrintPage<Print>;
}

/** Every page that the reader thread reads: what it is asked and what it answers. Each is one read transaction. */
export interface ReaderPages {
  readonly "chat-list": { readonly request: ChatListRequest & Bounded; readonly answer: ChatPage & Weighed };
  readonly chat: { readonly request: { readonly guid: string }; readonly answer: ChatSummary | undefined };
  readonly "message-list": {
    readonly request: MessageListRequest & Bounded;
    readonly answer: MessagePage & Weighed;
  };
  readonly message: {
    readonly request: { readonly name: MessageName };
    readonly answer: StoredMessage | undefined;
  };
  readonly search: {
    readonly request: SearchRequest & Bounded & { readonly searchedMax: number };
    readonly answer: SearchPage & Weighed;
  };
  readonly accounts: { readonly request: Nothing; readonly answer: readonly StoredAccount[] };
  readonly attachment: {
    readonly request: { readonly guid: string };
    readonly answer: StoredAttachment | undefined;
  };
  readonly "message-prints-after": Prints<MessagePrint>;
  readonly "message-prints-before": Prints<MessagePrint>;
  readonly "chat-prints-after": Prints<ChatPrint>;
  readonly "attachment-prints-after": Prints<AttachmentPrint>;
}

/** Names of the pages. */
export type PageKind = keyof ReaderPages;

/** What page `Kind` is asked. */
export type PageRequest<Kind extends PageKind> = ReaderPages[Kind]["request"];

/** What page `Kind` answers. */
export type PageAnswer<Kind extends PageKind> = ReaderPages[Kind]["answer"];

/** What the thread is told. */
export type ReaderCommand =
  | { readonly kind: "read"; readonly page: AnyPageRequest }
  /** Close the database and end. */
  | { readonly kind: "end" };

/** A page by its name. */
export type AnyPageRequest = {
  [Kind in PageKind]: { readonly kind: Kind; readonly request: PageRequest<Kind> };
}[PageKind];

/** What the thread says to a "read". It says nothing else. */
export interface ReaderReply {
  readonly outcome:
    | { readonly kind: "answer"; readonly answer: unknown }
    | { readonly kind: "fault"; readonly fault: ReaderFault };
  /** How long each of its read transactions was open, in milliseconds. */
  readonly readsMs: readonly number[];
  /** Statements it ran. */
  readonly statements: number;
}

/**
 * What the thread is at, in one shared number: no page; a page, and with it a read transaction; a page that is to end as soon as
 * it can.
 */
export const PAGE_STATE = { none: 0, out: 1, ending: 2 } as const;

/** What the thread is started with. */
export interface ReaderStart {
  readonly databasePath: string;
  /** A {@link PAGE_STATE}, which both threads read and write: known at once, however busy their event loops are. */
  readonly pageState: Int32Array<SharedArrayBuffer>;
}
