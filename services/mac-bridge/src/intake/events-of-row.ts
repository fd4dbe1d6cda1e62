import { decodeMessageRow } from "@imesh/imessage-codec";
import {
  type ArrivalClass,
  appleTimeToUnixNs,
  classifyArrival,
  type DecodedRow,
  type MessageRow,
  outgoingStateOf,
} from "@imesh/imessage-model";
import type { EventDraft, HopTimes, RowSource } from "../journal/bridge-event.ts";
import type { CommandRecord } from "../journal/command-record.ts";
import { followCommand, proveCommand } from "../send/command-steps.ts";
import { type EchoKind, matchEcho } from "../send/echo-matcher.ts";
import type { IntakeCommands } from "./intake-commands.ts";
import type { IntakeReason } from "./row-of-wire.ts";
import { chatOfRow, payloadOfRow } from "./row-payload.ts";

/** What a row's events depend on besides the row; the same for all rows of a batch. */
export interface BatchContext {
  /** Database and file the batch was read from. */
  readonly database: Omit<RowSource, "rowid">;
  readonly committedUnixNs: bigint | null;
  readonly detectedUnixNs: bigint | null;
  readonly readUnixNs: bigint | null;
  readonly receivedUnixNs: bigint;
  readonly phase: "catching-up" | "live";
  /** When lock-broker spoke last before the present stream; null on the very first start. */
  readonly lastSeenUnixNs: bigint | null;
  readonly liveAgeMaxNs: bigint;
}

/**
 * A row that is not marked as ours but says what a command in flight was to say: shown as own, because an echo must never
 * start a turn (I11), and kept until the command is proven, because it may have been a contact's word after all.
 */
export interface Suspect {
  readonly command: CommandRecord;
  /** The same news as what it is if the command's echo turns out to be another row. */
  readonly correction: EventDraft;
}

/** What a row becomes. */
export interface RowOutcome {
  /** In order; without their trace context, which the caller adds. */
  readonly drafts: readonly EventDraft[];
  /** The command that this row belongs to, as it stands after it; null if none. */
  readonly command: CommandRecord | null;
  readonly suspect: Suspect | null;
  /** Set when the row is a command's true echo: a suspect of that command, unless it is this very row, was a contact's. */
  readonly proven: CommandRecord | null;
}

/**
 * What becomes of one row: one event for the news itself, and one for each step that a command takes because of it. Decides
 * only; `commands` collects the changes. The same row again gives the same events, and the journal drops them by
 * their key (I14); a command that moved already does not move again.
 */
export function eventsOfRow(
  row: MessageRow,
  reason: IntakeReason,
  batch: BatchContext,
  commands: IntakeCommands,
): RowOutcome {
  const source: RowSource = { ...batch.database, rowid: row.rowid };
  if (reason === "status") return outcomeOfStatus(row, source, batch, commands);
  const decoded = decodeMessageRow(row);
  const isOwn = row.isFromMe || isFromOwnAddress(row);
  const facts = draftFacts(row, source, batch, arrivalOf(row, batch));
  const before = commandOfRow(row, source, decoded, row.isFromMe ? "own" : "unmarked", commands);
  const steps = row.isFromMe ? stepCommand(before, row, source, batch, commands) : [];
  const news: EventDraft = {
    ...facts,
    sourceKey: { ...source, reason, fingerprint: "" },
    payload: payloadOfRow(decoded, {
      direction: isOwn || before !== null ? "own" : "incoming",
      requestId: before?.requestId ?? "",
    }),
  };
  const isSuspect = before !== null && !row.isFromMe && !isOwn;
  return {
    drafts: [news, ...steps.map((command) => commandDraft(facts, command))],
    command: steps.at(-1) ?? before,
    suspect: isSuspect ? { command: before, correction: correctionOf(news, decoded) } : null,
    proven: isNewlyProven(before, steps) ? before : null,
  };
}

function correctionOf(news: EventDraft, decoded: DecodedRow): EventDraft {
  const { sourceKey } = news;
  return {
    ...news,
    sourceKey: sourceKey === null ? null : { ...sourceKey, reason: "corrected" },
    payload: payloadOfRow(decoded, { direction: "incoming", requestId: "" }),
  };
}

/** Progress of an own message, or the late mark of one whose row came unmarked. */
function outcomeOfStatus(
  row: MessageRow,
  source: RowSource,
  batch: BatchContext,
  commands: IntakeCommands,
): RowOutcome {
  // For an incoming row these columns mean other things, and nothing that a person sees here has changed.
  if (!row.isFromMe) return { drafts: [], command: null, suspect: null, proven: null };
  const state = outgoingStateOf(row);
  const before = commandOfRow(row, source, decodeMessageRow(row), "own", commands);
  const steps = stepCommand(before, row, source, batch, commands);
  const facts = draftFacts(row, source, batch, batch.phase === "live" ? "live" : "catch-up");
  const news: EventDraft = {
    ...facts,
    sourceKey: { ...source, reason: "status", fingerprint: `${state}:${row.error}` },
    payload: {
      kind: "message-status",
      guid: row.guid,
      state,
      error: row.error,
      requestId: before?.requestId ?? "",
    },
  };
  return {
    drafts: [news, ...steps.map((command) => commandDraft(facts, command))],
    command: steps.at(-1) ?? before,
    suspect: null,
    proven: isNewlyProven(before, steps) ? before : null,
  };
}

/** The command that the row proved before, else the one it is the echo of. */
function commandOfRow(
  row: MessageRow,
  source: RowSource,
  decoded: DecodedRow,
  kind: EchoKind,
  commands: IntakeCommands,
): CommandRecord | null {
  const body = bodyOf(decoded);
  const chatGuids = row.chats.map(({ guid }) => guid);
  const echo = { ...source, chatGuids, body: body ?? "", sentUnixNs: appleTimeToUnixNs(row.date) };
  const isComparable = body !== null && chatGuids.length > 0;
  // Only a marked row ever proves, so an unmarked one, and nearly every row is that, needs no look at the journal.
  if (kind === "unmarked") return isComparable ? matchEcho(echo, kind, commands.inFlight()) : null;
  const known = commands.ofRow(source);
  // After a restore a ROWID may be taken again by another message of the same database.
  if (known?.proof?.generation === source.generation || known?.proof?.messageGuid === row.guid) return known;
  return isComparable ? matchEcho(echo, kind, commands.provable(chatGuids)) : null;
}

function bodyOf(decoded: DecodedRow): string | null {
  if (decoded.kind === "message") return decoded.text;
  return decoded.kind === "undecodable" ? decoded.plainText : null;
}

/** Every step the command takes because of this row, each as the command then stands. */
function stepCommand(
  before: CommandRecord | null,
  row: MessageRow,
  source: RowSource,
  batch: BatchContext,
  commands: IntakeCommands,
): CommandRecord[] {
  if (before === null) return [];
  const nowUnixNs = batch.receivedUnixNs;
  const steps: CommandRecord[] = [];
  if (before.proof === null)
    steps.push(proveCommand(before, { ...source, messageGuid: row.guid }, nowUnixNs));
  const progress = { state: outgoingStateOf(row), error: row.error, messageGuid: row.guid };
  const followed = followCommand(steps.at(-1) ?? before, progress, nowUnixNs);
  if (followed !== null) steps.push(followed);
  const last = steps.at(-1);
  if (last !== undefined) commands.put(last);
  return steps;
}

function isNewlyProven(before: CommandRecord | null, steps: readonly CommandRecord[]): boolean {
  return before !== null && before.proof === null && steps.length > 0;
}

/**
 * In a chat with oneself Messages writes each message twice, once as sent and once as received. The second names our own
 * address as its sender: it is ours as well (I11, F2 of the reference on existing systems).
 */
function isFromOwnAddress(row: MessageRow): boolean {
  const address = row.sender?.address;
  if (address === undefined || address === "") return false;
  return (
    row.destinationCallerId === address || row.account === `E:${address}` || row.account === `P:${address}`
  );
}

function arrivalOf(row: MessageRow, batch: BatchContext): ArrivalClass {
  return classifyArrival({
    sentAtUnixNs: appleTimeToUnixNs(row.date),
    detectedAtUnixNs: batch.detectedUnixNs ?? batch.receivedUnixNs,
    phase: batch.phase,
    lastSeenUnixNs: batch.lastSeenUnixNs,
    liveAgeMaxNs: batch.liveAgeMaxNs,
  });
}

type DraftFacts = Omit<EventDraft, "sourceKey" | "payload">;

function draftFacts(
  row: MessageRow,
  source: RowSource,
  batch: BatchContext,
  arrivalClass: ArrivalClass,
): DraftFacts {
  const hopTimes: HopTimes = {
    sentUnixNs: appleTimeToUnixNs(row.date),
    committedUnixNs: batch.committedUnixNs,
    detectedUnixNs: batch.detectedUnixNs,
    readUnixNs: batch.readUnixNs,
    receivedUnixNs: batch.receivedUnixNs,
  };
  return { arrivalClass, source, hopTimes, traceparent: "", chat: chatOfRow(row.chats) };
}

/** Without a key: that the command moved only once is kept by its record, in the same transaction. */
function commandDraft(facts: DraftFacts, command: CommandRecord): EventDraft {
  return { ...facts, sourceKey: null, payload: { kind: "command", command } };
}
