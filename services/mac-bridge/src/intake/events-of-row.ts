import { decodeMessageRow } from "@imesh/imessage-codec";
import {
  type ArrivalClass,
  appleTimeToUnixNs,
  classifyArrival,
  type DecodedRow,
  type MessageRow,
  outgoingStateOf,
} from "@imesh/imessage-model";
import type { EventDraft, RowSource } from "../journal/bridge-event.ts";
import type { CommandRecord } from "../journal/command-record.ts";
import { followCommand, proveCommand } from "../send/command-steps.ts";
import { type EchoKind, matchEcho } from "../send/echo-matcher.ts";
import { type BatchContext, newsFacts } from "./batch-context.ts";
import type { FirstReason, MessageChange } from "./intake-change.ts";
import type { IntakeCommands } from "./intake-commands.ts";
import { type IntakeStatuses, STATUS_REASON } from "./intake-statuses.ts";
import { isOwnRow } from "./row-ownership.ts";
import { chatOfRow, payloadOfRow } from "./row-payload.ts";
import { messageChangeDraft } from "./unsupported-change.ts";

/**
 * A row that is not marked as ours but says what a command in flight was to say: shown as own, because an echo must never
 * start a turn (I11), and kept until the command is proven, because it may have been a contact's word after all.
 */
export interface Suspect {
  readonly command: CommandRecord;
  /** The same news as what it is if the command's echo turns out to be another row. */
  readonly correction: EventDraft;
}

/** What a change becomes. */
export interface RowOutcome {
  /** In order; without their trace context, which the caller adds. */
  readonly drafts: readonly EventDraft[];
  /** The command that this row belongs to, as it stands after it; null if none. */
  readonly command: CommandRecord | null;
  readonly suspect: Suspect | null;
  /** Set when the row is a command's true echo: a suspect of that command, unless it is this very row, was a contact's. */
  readonly proven: CommandRecord | null;
}

/** What a change is judged by besides itself; the collaborators collect what the changes of a batch make of it. */
export interface RowState {
  readonly commands: IntakeCommands;
  readonly statuses: IntakeStatuses;
}

const NOTHING: RowOutcome = { drafts: [], command: null, suspect: null, proven: null };

/**
 * What becomes of one change of a message: one event for the news itself, and one for each step that a command takes because of
 * it. The same change again gives the same events, and the journal drops them by their key (I14); a command that moved already
 * does not move again.
 */
export function eventsOfRow(change: MessageChange, batch: BatchContext, state: RowState): RowOutcome {
  const { reason, row } = change;
  switch (reason) {
    case "new":
    case "unjoined":
    case "joined":
      return outcomeOfFirst(row, reason, batch, state.commands);
    case "status":
    case "delivered":
    case "read":
      return row.isFromMe
        ? outcomeOfStatus(change, batch, state)
        : outcomeOf(messageChangeDraft({ ...change, reason }, batch));
    default:
      return outcomeOf(messageChangeDraft({ ...change, reason }, batch));
  }
}

/** News that concerns no command. */
export function outcomeOf(draft: EventDraft | null): RowOutcome {
  return draft === null ? NOTHING : { ...NOTHING, drafts: [draft] };
}

function outcomeOfFirst(
  row: MessageRow,
  reason: FirstReason,
  batch: BatchContext,
  commands: IntakeCommands,
): RowOutcome {
  const source: RowSource = { ...batch.database, rowid: row.rowid };
  const decoded = decodeMessageRow(row);
  const isOwn = isOwnRow(row);
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
  const isSuspect = before !== null && !isOwn;
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
function outcomeOfStatus(change: MessageChange, batch: BatchContext, state: RowState): RowOutcome {
  const { row, sequence } = change;
  const { commands, statuses } = state;
  const source: RowSource = { ...batch.database, rowid: row.rowid };
  const status = { state: outgoingStateOf(row), error: row.error };
  const before = commandOfRow(row, source, decodeMessageRow(row), "own", commands);
  const steps = stepCommand(before, row, source, batch, commands);
  const facts = draftFacts(row, source, batch);
  const fingerprint = statuses.fingerprintIfNews(source, status, sequence);
  const news: EventDraft = {
    ...facts,
    sourceKey: { ...source, reason: STATUS_REASON, fingerprint: fingerprint ?? "" },
    payload: { kind: "message-status", guid: row.guid, ...status, requestId: before?.requestId ?? "" },
  };
  return {
    drafts: [
      ...(fingerprint === null ? [] : [news]),
      ...steps.map((command) => commandDraft(facts, command)),
    ],
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
  arrivalClass?: ArrivalClass,
): DraftFacts {
  return { ...newsFacts(row.date, batch, arrivalClass), source, chat: chatOfRow(row.chats) };
}

/** Without a key: that the command moved only once is kept by its record, in the same transaction. */
function commandDraft(facts: DraftFacts, command: CommandRecord): EventDraft {
  return { ...facts, sourceKey: null, payload: { kind: "command", command } };
}
