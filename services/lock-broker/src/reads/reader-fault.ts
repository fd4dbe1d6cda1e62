import { AssertionError, unreachable } from "@imesh/flow";
import { ChatDbError, type ChatDbFault } from "../rows/chat-db-error.ts";
import { ReadRefusal, type ReadRefusalCode } from "./reads.ts";

/** An error as it crosses from the reader thread: structured clone keeps neither classes nor codes. */
export type ReaderFault =
  | {
      readonly kind: "unreadable";
      readonly code: ChatDbFault;
      readonly path: string;
      readonly detail: string;
    }
  | { readonly kind: "refused"; readonly code: ReadRefusalCode }
  /** Our own mistake. */
  | { readonly kind: "bug"; readonly isAssertion: boolean; readonly text: string };

/** What the thread says of an error. */
export function toReaderFault(error: unknown): ReaderFault {
  if (error instanceof ChatDbError) {
    const { code, path, detail } = error;
    return { kind: "unreadable", code, path, detail };
  }
  if (error instanceof ReadRefusal) return { kind: "refused", code: error.code };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { kind: "bug", isAssertion: error instanceof AssertionError, text };
}

/** The error again, on the side that asked. */
export function fromReaderFault(fault: ReaderFault): Error {
  switch (fault.kind) {
    case "unreadable": {
      const { code, path, detail } = fault;
      return new ChatDbError({ code, path, detail });
    }
    case "refused":
      return new ReadRefusal(fault.code);
    case "bug":
      return fault.isAssertion
        ? new AssertionError(`in the reader thread: ${fault.text}`)
        : new Error(`Cannot read a page: ${fault.text}`);
    default:
      return unreachable(fault);
  }
}
