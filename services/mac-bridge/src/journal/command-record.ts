import type { ChatGuid, CommandState, RequestId } from "@imesh/imessage-model";
import type { RowSource } from "./bridge-event.ts";

/** Why a command did not succeed. `description` is for a person and holds neither message text nor a handle. */
export interface CommandFault {
  /** Stable, UPPER_SNAKE_CASE. */
  readonly reason: string;
  /** AppleScript's or Messages' number; 0 if none. */
  readonly number: number;
  readonly description: string;
}

/** When a command passed each step, nanoseconds since 1970; null: not passed. */
export interface CommandTimes {
  readonly acceptedUnixNs: bigint;
  readonly dispatchedUnixNs: bigint | null;
  /** osascript came back, or was killed. */
  readonly returnedUnixNs: bigint | null;
  readonly writtenUnixNs: bigint | null;
  readonly sentUnixNs: bigint | null;
  readonly deliveredUnixNs: bigint | null;
  /** The state became final or uncertain. */
  readonly settledUnixNs: bigint | null;
}

/** The row that proves a command, and what it is called now. Messages may rewrite the guid; the place stays. */
export interface CommandProof extends RowSource {
  readonly messageGuid: string;
}

/**
 * One command as the journal holds it; a value, replaced whole at each step. It is on disk before Messages is touched (I7)
 * and is never deleted, so that a key never sends twice. `chatGuid` and `text` are never logged.
 */
export interface CommandRecord {
  /** 1, 2, 3 … in the order of acceptance; the order of dispatch too. */
  readonly ordinal: bigint;
  readonly requestId: RequestId;
  /** Of chat and text: tells a repeated request from a reused key. Lower-case hex. */
  readonly contentSha256: string;
  readonly chatGuid: ChatGuid;
  readonly text: string;
  readonly state: CommandState;
  /** Largest ROWID just before dispatch: only rows above it can be the command's. Null before DISPATCHED. */
  readonly floor: RowSource | null;
  /** Null before WRITTEN. */
  readonly proof: CommandProof | null;
  readonly fault: CommandFault | null;
  readonly times: CommandTimes;
  /** Trace context of the caller, continued at dispatch; empty without one. */
  readonly traceparent: string;
}
