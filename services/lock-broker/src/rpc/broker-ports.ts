import type { CallContext } from "@imesh/rpc";
import type { Clock } from "@imesh/time";
import type { AttachmentStreams } from "../attachments/attachment-stream.ts";
import type {
  ChatListRequest,
  ChatPage,
  MessageListRequest,
  MessageName,
  MessagePage,
  ReadCall,
  SearchPage,
  SearchRequest,
} from "../reads/reads.ts";
import type {
  ChatSummary,
  DatabaseDescription,
  DatabaseIdentity,
  StoredAccount,
  StoredAttachment,
  StoredMessage,
} from "../rows/rows.ts";
import type { WriteFrame } from "../tail/tail.ts";

/** Where a tail goes on and how large its batches are. */
export interface TailStart {
  /** Empty: at the head. */
  readonly cursor: Uint8Array;
  /** 1 to 1,024. */
  readonly changesMax: number;
}

/** What is wrong with a cursor: made by somebody else, or its changes are no longer kept. */
export interface CursorFault {
  readonly kind: "invalid" | "expired";
  /** A fragment for a developer. */
  readonly detail: string;
}

/** The tails. */
export interface TailPorts {
  /** Whether one more tail may be opened; asked before {@link TailPorts.run}. */
  readonly hasRoom: () => boolean;
  /** The sequence that a change of the log has on the wire: rising, and of no other such change of this Mac, whatever became of it. */
  readonly lastingSequence: (sequence: bigint) => bigint;
  /**
   * Runs a tail until `draining` aborts (resolves) or it fails (rejects): ChatDbError, an error that {@link TailPorts.cursorFault}
   * knows, the signal's reason.
   */
  readonly run: (
    start: TailStart,
    write: WriteFrame,
    signal: AbortSignal,
    draining: AbortSignal,
  ) => Promise<void>;
  /** Undefined for every error that says nothing about a cursor. */
  readonly cursorFault: (error: unknown) => CursorFault | undefined;
}

/**
 * Questions about chat.db; reads/ answers them in their turn. All reject with ChatDbError, ReadRefusal, QueueFullError,
 * DeadlineError, ReaderThreadError, SchedulerClosedError or the reason of the call's signal.
 */
export interface ChatQuestions {
  describe(call: ReadCall): Promise<DatabaseDescription>;
  listChats(request: ChatListRequest, call: ReadCall): Promise<ChatPage>;
  chat(guid: string, call: ReadCall): Promise<ChatSummary | undefined>;
  listMessages(request: MessageListRequest, call: ReadCall): Promise<MessagePage>;
  message(name: MessageName, call: ReadCall): Promise<StoredMessage | undefined>;
  search(request: SearchRequest, call: ReadCall): Promise<SearchPage>;
  accounts(call: ReadCall): Promise<readonly StoredAccount[]>;
  attachment(guid: string, call: ReadCall): Promise<StoredAttachment | undefined>;
}

/** How the broker is doing, at one moment. Counts begin with the process. */
export interface BrokerStatistics {
  /** Undefined while none is open. */
  readonly database: DatabaseIdentity | undefined;
  readonly walBytes: number;
  /** Frames of commits in the present generation of the log. */
  readonly walFrames: number;
  readonly walResets: number;
  readonly commitsSeen: number;
  readonly commitsIrrelevant: number;
  readonly lastCommitAtUnixNs: bigint | undefined;
  /** Until when everything committed has been read. */
  readonly lastReadAtUnixNs: bigint | undefined;
  readonly candidatesLookedUp: number;
  readonly changesFound: number;
  readonly changesFoundByScan: number;
  /** Scans begun, by reason. */
  readonly scans: Readonly<Record<string, number>>;
  /** 0 to 1; undefined when none runs. */
  readonly scanProgress: number | undefined;
  readonly reads: number;
  readonly statements: number;
  readonly longestReadMs: number;
  readonly queueDepth: number;
  readonly requestsRefused: number;
  readonly headSequence: bigint;
  readonly oldestSequence: bigint;
  readonly tails: number;
}

/** What the service needs; the composition root fills it. */
export interface BrokerServicePorts {
  readonly clock: Clock;
  readonly tails: TailPorts;
  readonly questions: ChatQuestions;
  readonly attachments: AttachmentStreams;
  /** Asks nobody: what the parts have counted. */
  readonly statistics: () => BrokerStatistics;
  /** A request was refused because a bound was reached. Must not throw. */
  readonly onRefused: (queue: "tails" | "attachments") => void;
  /** Bytes of an attachment were sent. Must not throw. */
  readonly onAttachmentBytes: (bytes: number) => void;
}

/**
 * The terms on which a call's reads wait: as its client (the connection, which is all a Unix socket tells), until its deadline, while
 * somebody listens.
 */
export function readCall(context: CallContext, clock: Clock): ReadCall {
  const leftMs = context.deadlineUnixMs - Number(clock.wallUnixNs()) / 1e6;
  return {
    client: `connection ${context.connection}`,
    deadlineMs: clock.monotonicMs() + leftMs,
    signal: context.signal,
  };
}
