import { BrokerServiceService, type ListChatsResponse } from "@imesh/contracts/broker/v1";
import {
  failedPrecondition,
  invalidArgument,
  type RpcError,
  type RpcService,
  resourceExhausted,
  rpcService,
  serverStream,
  unary,
  unavailable,
} from "@imesh/rpc";
import type { ChatListPosition, RowSource, RowTail } from "../rows/rows.ts";
import type { WriteFrame } from "../tail/tail.ts";
import { decodePageToken, encodePageToken } from "./page-token.ts";
import { toTailResponse, toWireChatSummary } from "./wire-frames.ts";

/** broker.proto, TailRequest.max_batch_size. */
const BATCH_ROWS_DEFAULT = 256;
const BATCH_ROWS_MAX = 1_024;

/** broker.proto, ListChatsRequest.page_size. */
const PAGE_CHATS_DEFAULT = 50;
const PAGE_CHATS_MAX = 500;

/** How long a consumer that found no room waits at least: one that is being replaced is gone by then. */
const NO_ROOM_RETRY_MS = 1_000;

/** What the service needs; the composition root fills it. */
export interface BrokerServicePorts {
  readonly rows: RowSource;
  /** Whether one more tail may be opened; asked before {@link BrokerServicePorts.runTail}. */
  readonly hasRoomForTail: () => boolean;
  /** Runs a tail over `rows` until `draining` aborts (resolves) or it fails (rejects). */
  readonly runTail: (
    rows: RowTail,
    write: WriteFrame,
    signal: AbortSignal,
    draining: AbortSignal,
  ) => Promise<void>;
  /** Names the error by which rows/ says that chat.db cannot be read; undefined for every other. */
  readonly unreadableFault: (error: unknown) => string | undefined;
  /** Names what is wrong with a cursor that is none of ours; undefined for every other error. */
  readonly cursorFault: (error: unknown) => string | undefined;
  /** A request was refused because a bound was reached. */
  readonly onRefused: (queue: "tails") => void;
}

/** imesh.broker.v1.BrokerService: the wire on one side, rows/ and tail/ on the other, nothing else. */
export function brokerService(ports: BrokerServicePorts): RpcService {
  const { rows } = ports;
  return rpcService(BrokerServiceService, {
    tail: serverStream(async (request, context, write) => {
      const rowsMax = sizeOf("max_batch_size", request.maxBatchSize, BATCH_ROWS_DEFAULT, BATCH_ROWS_MAX);
      if (!ports.hasRoomForTail()) throw noRoom(ports);
      const writeFrame: WriteFrame = (frame) => write(toTailResponse(frame));
      try {
        const tail = rows.openTail(request.cursor, { rowsMax });
        await ports.runTail(tail, writeFrame, context.signal, context.draining);
      } catch (error) {
        throw toWireError(error, ports);
      }
    }),
    getDatabase: unary(() =>
      reading(ports, () => {
        const { identity, headRowid, messageColumns, clientVersion, sqliteVersion } = rows.describe();
        return {
          database: identity,
          headRowid,
          messageColumns: [...messageColumns],
          clientVersion,
          sqliteVersion,
        };
      }),
    ),
    listChats: unary((request) => {
      const chatsMax = sizeOf("page_size", request.pageSize, PAGE_CHATS_DEFAULT, PAGE_CHATS_MAX);
      const after = positionOf(request.pageToken);
      return reading(ports, () => listChats(rows, chatsMax, after));
    }),
  });
}

function listChats(
  rows: RowSource,
  chatsMax: number,
  after: ChatListPosition | undefined,
): ListChatsResponse {
  // One more than asked for tells whether there is a next page.
  const found = rows.listChats(chatsMax + 1, after);
  const page = found.slice(0, chatsMax);
  const last = page.at(-1);
  const isLast = found.length <= chatsMax || last === undefined;
  return {
    chats: page.map(toWireChatSummary),
    nextPageToken: isLast
      ? ""
      : encodePageToken({ lastMessageDate: last.lastMessageDate, chatRowid: last.chat.rowid }),
  };
}

function reading<T>(ports: BrokerServicePorts, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw toWireError(error, ports);
  }
}

function toWireError(error: unknown, ports: BrokerServicePorts): unknown {
  const fault = ports.unreadableFault(error);
  if (fault !== undefined) {
    return unavailable({
      reason: "DATABASE_UNREADABLE",
      message: `Cannot read chat.db: ${fault}`,
      metadata: { fault },
      cause: error,
    });
  }
  const cursorFault = ports.cursorFault(error);
  if (cursorFault === undefined) return error;
  return failedPrecondition({
    reason: "CURSOR_INVALID",
    message: `Cannot resume from cursor: ${cursorFault}`,
    cause: error,
  });
}

/** 0 is the default, more than the bound counts as the bound (broker.proto says so); less than 0 is a mistake. */
function sizeOf(field: string, asked: number, sizeDefault: number, sizeMax: number): number {
  if (asked < 0) throw invalidArgument([{ field, description: "must not be negative" }]);
  return asked === 0 ? sizeDefault : Math.min(asked, sizeMax);
}

function positionOf(pageToken: string): ChatListPosition | undefined {
  if (pageToken === "") return undefined;
  const position = decodePageToken(pageToken);
  if (position !== undefined) return position;
  throw invalidArgument([{ field: "page_token", description: "must come from the page before" }], {
    reason: "PAGE_TOKEN_INVALID",
  });
}

function noRoom(ports: BrokerServicePorts): RpcError {
  ports.onRefused("tails");
  return resourceExhausted({
    reason: "TAILS_EXHAUSTED",
    message: "Cannot open one more tail",
    retryDelayMs: NO_ROOM_RETRY_MS,
  });
}
