import { unreachable } from "@imesh/flow";
import type { PendingRow } from "./row-cursor.ts";
import type { RowObservation } from "./row-observation.ts";
import type { EmissionReason } from "./rows.ts";

/** How long an own message is followed after its date while it is not known to have arrived. */
const SENT_FOLLOW_MS = 24 * 3_600_000;

/** How long an own message is followed after it arrived: most receipts come within the hour, many never. */
export const DELIVERED_FOLLOW_MS = 3_600_000;

/** How long the direction of an incoming row is followed: Messages corrects a wrong one within milliseconds (reference §2.3). */
export const DIRECTION_FOLLOW_MS = 500;

/** Only a row dated this close to its first reading can be one that was just written with the wrong direction. */
const DIRECTION_AGE_MS_MAX = 60_000;

/** How long the chat of an overdue row is waited for: three of the nightly jobs that reattach rows (reference §2.4, §4.2). */
export const OVERDUE_FOLLOW_MS = 72 * 3_600_000;

/** What becomes of one row: emitted (and why), kept (and how), both or neither. */
export interface RowVerdict {
  readonly reason: EmissionReason | undefined;
  readonly next: PendingRow | undefined;
}

/** The row is of no more interest. */
export const FORGET: RowVerdict = { reason: undefined, next: undefined };

/** Judges one row that is kept; a fresh row is judged as if it had been kept as unjoined since now. */
export function judgeRow(
  row: PendingRow,
  seen: RowObservation,
  nowUnixMs: number,
  settleDeadlineMs: number,
): RowVerdict {
  if (seen.isDeleted) return FORGET;
  switch (row.kind) {
    case "unjoined": {
      const isOverdue = nowUnixMs - row.sinceUnixMs >= settleDeadlineMs;
      const isSettled = seen.isJoined && (seen.isFromMe || seen.isFinished || isOverdue);
      if (isSettled) return { reason: "new", next: follow(seen, nowUnixMs, nowUnixMs) };
      if (!isOverdue) return { reason: undefined, next: row };
      return { reason: "unjoined", next: overdue(seen, nowUnixMs) };
    }
    case "overdue": {
      if (seen.isJoined) return { reason: "joined", next: follow(seen, nowUnixMs, nowUnixMs) };
      if (nowUnixMs - row.sinceUnixMs >= OVERDUE_FOLLOW_MS) return FORGET;
      if (seen.fingerprint === row.fingerprint) return { reason: undefined, next: row };
      return { reason: "status", next: { ...row, fingerprint: seen.fingerprint } };
    }
    case "status":
    case "direction": {
      const next = follow(seen, row.sinceUnixMs, nowUnixMs);
      if (seen.fingerprint !== row.fingerprint) return { reason: "status", next };
      return { reason: undefined, next: next === undefined ? undefined : row };
    }
    default:
      return unreachable(row.kind);
  }
}

function overdue(seen: RowObservation, sinceUnixMs: number): PendingRow {
  return { rowid: seen.rowid, kind: "overdue", sinceUnixMs, fingerprint: seen.fingerprint };
}

function follow(seen: RowObservation, sinceUnixMs: number, nowUnixMs: number): PendingRow | undefined {
  if (nowUnixMs >= followedUntilUnixMs(seen, sinceUnixMs)) return undefined;
  const kind = seen.isFromMe || !seen.isFinished ? "status" : "direction";
  return { rowid: seen.rowid, kind, sinceUnixMs, fingerprint: seen.fingerprint };
}

/** By the row's own date where it has one, so that old rows are not followed at all and scheduled ones until they go out. */
function followedUntilUnixMs(seen: RowObservation, sinceUnixMs: number): number {
  const sentUnixMs = seen.dateUnixMs ?? sinceUnixMs;
  if (seen.isFinal) return 0;
  if (seen.isFromMe && seen.isDelivered) return (seen.deliveredUnixMs ?? sentUnixMs) + DELIVERED_FOLLOW_MS;
  if (seen.isFromMe || !seen.isFinished) return sentUnixMs + SENT_FOLLOW_MS;
  const isFresh = Math.abs(sinceUnixMs - sentUnixMs) <= DIRECTION_AGE_MS_MAX;
  return isFresh ? sinceUnixMs + DIRECTION_FOLLOW_MS : 0;
}
