import type { WatchFault, WatchFaultCode } from "../commits/commits.ts";
import { ChatDbError, type ChatDbFault } from "./chat-db-error.ts";

/** The watch tells fewer reasons apart. */
const CODES: Readonly<Record<ChatDbFault, WatchFaultCode>> = {
  "not-found": "not-found",
  "no-permission": "no-permission",
  "cannot-open": "cannot-open",
  "not-a-database": "not-a-database",
  corrupt: "not-a-database",
  "io-error": "io",
  "wrong-schema": "wrong-schema",
  busy: "busy",
  "busy-recovery": "busy",
  locked: "busy",
  moved: "busy",
  failed: "failed",
};

/** What an error of rows/ means to the watch; undefined for one that is not of rows/. */
export function watchFaultOf(error: unknown): WatchFault | undefined {
  return error instanceof ChatDbError ? { code: CODES[error.code], source: "database", error } : undefined;
}
