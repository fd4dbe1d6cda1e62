import { unreachable } from "@imesh/flow";
import {
  deadlineExceeded,
  failedPrecondition,
  notFound,
  outOfRange,
  type RpcError,
  resourceExhausted,
  unavailable,
} from "@imesh/rpc";
import { DeadlineError } from "@imesh/time";
import { AttachmentError } from "../attachments/attachment-stream.ts";
import { ReaderThreadError } from "../reads/reader-thread-error.ts";
import { ReadRefusal } from "../reads/reads.ts";
import { ChatDbError } from "../rows/chat-db-error.ts";
import { QueueFullError, SchedulerClosedError } from "../scheduling/scheduler-error.ts";
import { pageTokenInvalid } from "./page-token.ts";

/** How long somebody who found no room waits at least: a stream that is being replaced is gone by then. */
export const NO_ROOM_RETRY_MS = 1_000;

/** The error as broker.proto has it; what it does not know is passed on as it is (and is a bug of ours, or an RpcError). */
export function toWireError(error: unknown): unknown {
  if (error instanceof ChatDbError) return unreadable(error.code, error);
  if (error instanceof ReaderThreadError)
    return unreadable(`reader-${error.code}`, error, error.retryDelayMs);
  if (error instanceof AttachmentError) return attachmentError(error);
  if (error instanceof QueueFullError) return queueFull(error);
  if (error instanceof ReadRefusal) return refusal(error);
  if (error instanceof DeadlineError) {
    return deadlineExceeded({
      reason: "DEADLINE_EXCEEDED",
      message: "Cannot read chat.db: the deadline passed before the answer was complete",
      cause: error,
    });
  }
  if (error instanceof SchedulerClosedError) {
    return unavailable({ reason: "SERVER_DRAINING", message: error.message, cause: error });
  }
  return error;
}

/** The answer, or the error as {@link toWireError} has it. */
export async function answered<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw toWireError(error);
  }
}

/** NOT_FOUND, reason CHAT_NOT_FOUND. */
export function chatNotFound(): RpcError {
  return notFound({ reason: "CHAT_NOT_FOUND", message: "Cannot find chat: no chat has this guid" });
}

/** NOT_FOUND, reason MESSAGE_NOT_FOUND. */
export function messageNotFound(): RpcError {
  return notFound({ reason: "MESSAGE_NOT_FOUND", message: "Cannot find message: no row has this name" });
}

/** NOT_FOUND, reason ATTACHMENT_NOT_FOUND. */
export function attachmentNotFound(): RpcError {
  return notFound({
    reason: "ATTACHMENT_NOT_FOUND",
    message: "Cannot find attachment: no row has this guid",
  });
}

function unreadable(fault: string, cause: Error, retryDelayMs?: number): RpcError {
  return unavailable({
    reason: "DATABASE_UNREADABLE",
    message: `Cannot read chat.db: ${fault}`,
    metadata: { fault },
    cause,
    ...(retryDelayMs === undefined ? {} : { retryDelayMs }),
  });
}

function queueFull(error: QueueFullError): RpcError {
  return resourceExhausted({
    reason: "QUEUE_FULL",
    message: error.message,
    metadata: { queue: error.queue, requestsMax: String(error.requestsMax) },
    retryDelayMs: error.retryDelayMs,
    cause: error,
  });
}

function refusal(error: ReadRefusal): RpcError {
  switch (error.code) {
    case "chat-not-found":
      return chatNotFound();
    case "position-stale":
      return pageTokenInvalid(error);
    default:
      return unreachable(error.code);
  }
}

function attachmentError(error: AttachmentError): RpcError {
  const { code, message } = error;
  switch (code) {
    case "file-missing":
      return notFound({ reason: "FILE_MISSING", message, cause: error });
    case "outside":
      return failedPrecondition({ reason: "FILE_OUTSIDE", message, cause: error });
    case "changed":
      return failedPrecondition({ reason: "FILE_CHANGED", message, cause: error });
    case "offset-out-of-range":
      return outOfRange({ reason: "OFFSET_OUT_OF_RANGE", message, cause: error });
    case "streams-full":
      return resourceExhausted({
        reason: "STREAMS_FULL",
        message,
        retryDelayMs: NO_ROOM_RETRY_MS,
        cause: error,
      });
    case "unreadable":
      return unavailable({ reason: "FILE_UNREADABLE", message, cause: error });
    default:
      return unreachable(code);
  }
}
