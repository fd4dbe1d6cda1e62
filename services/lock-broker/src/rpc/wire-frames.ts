import {
  type ChatRow,
  type Handle,
  type MessageRow,
  RowReason,
  type TailResponse,
  type ChatSummary as WireChatSummary,
  DetectionSource as WireDetectionSource,
} from "@imesh/contracts/broker/v1";
import type { Timestamp } from "@imesh/contracts/google/protobuf/timestamp";
import { unreachable } from "@imesh/flow";
import type { DetectionSource } from "../commits/commits.ts";
import type { ChatSummary, EmissionReason, EmittedRow, StoredChat, StoredHandle } from "../rows/rows.ts";
import type { TailFrame } from "../tail/tail.ts";

const NS_PER_S = 1_000_000_000n;

/** A frame as broker.proto has it. */
export function toTailResponse(frame: TailFrame): TailResponse {
  switch (frame.kind) {
    case "batch":
      return {
        frame: {
          $case: "batch",
          value: {
            rows: frame.rows.map(toMessageRow),
            nextCursor: toBuffer(frame.cursor),
            database: frame.database,
            committedTime: toTimestamp(frame.notice.committedAtUnixNs),
            detectedTime: toTimestamp(frame.notice.detectedAtUnixNs),
            readTime: toTimestamp(frame.readAtUnixNs),
            detectionSource: toDetectionSource(frame.notice.source),
            catchingUp: frame.isCatchingUp,
          },
        },
      };
    case "heartbeat":
      return {
        frame: {
          $case: "heartbeat",
          value: {
            headRowid: frame.headRowid,
            nextCursor: frame.cursor === undefined ? Buffer.alloc(0) : toBuffer(frame.cursor),
            pendingRows: frame.pendingRows,
            serverTime: toTimestamp(frame.atUnixNs),
            database: frame.database,
          },
        },
      };
    default:
      return unreachable(frame);
  }
}

/** A chat with its participants as broker.proto has it. */
export function toWireChatSummary(summary: ChatSummary): WireChatSummary {
  return {
    chat: toChatRow(summary.chat),
    participants: summary.participants.map(toHandle),
    lastMessageDate: summary.lastMessageDate,
  };
}

/** The stored row has the wire's names and types on purpose; only the reason and the nested lists need a hand. */
function toMessageRow({ message, reason }: EmittedRow): MessageRow {
  return {
    ...message,
    sender: message.sender === undefined ? undefined : toHandle(message.sender),
    chats: message.chats.map(toChatRow),
    reason: toRowReason(reason),
  };
}

function toChatRow(chat: StoredChat): ChatRow {
  return { ...chat };
}

function toHandle(handle: StoredHandle): Handle {
  return { ...handle };
}

function toRowReason(reason: EmissionReason): RowReason {
  switch (reason) {
    case "new":
      return RowReason.NEW;
    case "unjoined":
      return RowReason.UNJOINED;
    case "joined":
      return RowReason.JOINED;
    case "status":
      return RowReason.STATUS;
    default:
      return unreachable(reason);
  }
}

function toDetectionSource(source: DetectionSource): WireDetectionSource {
  switch (source) {
    case "hint":
      return WireDetectionSource.HINT;
    case "poll":
      return WireDetectionSource.POLL;
    case "open":
      return WireDetectionSource.OPEN;
    default:
      return unreachable(source);
  }
}

function toTimestamp(unixNs: bigint): Timestamp {
  return { seconds: unixNs / NS_PER_S, nanos: Number(unixNs % NS_PER_S) };
}

/** The same memory, seen as what ts-proto wants. */
function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
