import type { RowSource } from "../journal/bridge-event.ts";
import type { CommandRecord } from "../journal/command-record.ts";

/** What of an own row can tell which command caused it. */
export interface EchoRow extends RowSource {
  /** Guids of every chat the row is joined to. */
  readonly chatGuids: readonly string[];
  readonly body: string;
  /** `date` of the row; null when it has none. */
  readonly sentUnixNs: bigint | null;
}

/** How a row was written. */
export type EchoKind =
  /** is_from_me: it is ours, the question is only whose command. */
  | "own"
  /** Not marked as ours, perhaps not yet: Messages has been seen to write the mark milliseconds after the row. */
  | "unmarked";

/**
 * How much older than its dispatch a command's row may say it is: both times come from this Mac, but the row's may be
 * moved to the server's clock. What is older was brought by iCloud and only looks like an echo.
 */
const SENT_BEFORE_DISPATCH_NS_MAX = 300_000_000_000n;

/** How long a command in doubt waits for a row of its own; a year later the same words are somebody else's. */
const SENT_AFTER_DOUBT_NS_MAX = 24n * 3_600_000_000_000n;

/**
 * The command that caused a row, or null. Pure: the same row and commands give the same answer after a crash as before.
 *
 * A command qualifies when the row is in its chat, lies above its floor in the same file of the same database, has its
 * text (see {@link normaliseBody}), and is not older than the dispatch. Among several: those in flight before those in
 * doubt, each oldest first, since Messages writes in the order it was told. An unmarked row can only be the
 * echo of something in flight: a contact who says the same words hours later is a contact.
 *
 * `commands` are those of the journal's provableCommands(), in any order.
 */
export function matchEcho(
  row: EchoRow,
  kind: EchoKind,
  commands: readonly CommandRecord[],
): CommandRecord | null {
  const candidates = commands.filter((command) => isCandidate(row, kind, command)).sort(byClaim);
  return candidates[0] ?? null;
}

function isCandidate(row: EchoRow, kind: EchoKind, command: CommandRecord): boolean {
  const isInFlight = command.state === "dispatched";
  if (!isInFlight && (command.state !== "uncertain" || kind === "unmarked")) return false;
  const { floor } = command;
  if (floor === null || row.databaseUid !== floor.databaseUid || row.generation !== floor.generation)
    return false;
  return (
    row.rowid > floor.rowid &&
    row.chatGuids.includes(command.chatGuid) &&
    isSentInTime(row, isInFlight, command) &&
    isSameBody(row.body, command.text)
  );
}

function isSentInTime(row: EchoRow, isInFlight: boolean, command: CommandRecord): boolean {
  const { dispatchedUnixNs } = command.times;
  if (row.sentUnixNs === null || dispatchedUnixNs === null) return true;
  const ageNs = row.sentUnixNs - dispatchedUnixNs;
  return ageNs >= -SENT_BEFORE_DISPATCH_NS_MAX && (isInFlight || ageNs <= SENT_AFTER_DOUBT_NS_MAX);
}

function byClaim(left: CommandRecord, right: CommandRecord): number {
  if (left.state !== right.state) return left.state === "dispatched" ? -1 : 1;
  return left.ordinal < right.ordinal ? -1 : 1;
}

function isSameBody(body: string, text: string): boolean {
  const normalised = normaliseBody(text);
  // A text of white space alone normalises to nothing, as does every message of nothing but attachments.
  return normalised === "" ? body === text : normaliseBody(body) === normalised;
}

/**
 * A text as it is compared. On its way through AppleScript and Messages a text keeps its words, but:
 * - line breaks: CR LF, CR, U+2028, U+2029 and U+0085 become LF, because AppleScript and Messages disagree on them
 * - composition: Unicode NFC, because a Mac's text system may compose or decompose
 * - ends: white space at either end is dropped, because Messages trims what it sends
 */
export function normaliseBody(text: string): string {
  return text
    .replaceAll(/\r\n|[\r\u2028\u2029\u0085]/g, "\n")
    .normalize("NFC")
    .trim();
}
