import { type DecodedRow, decodeMessageRow } from "@imesh/imessage-codec";
import {
  type ArrivalClass,
  appleTimeToUnixNs,
  classifyArrival,
  type MessageRow,
  outgoingStateOf,
} from "@imesh/imessage-model";
import type { EventDraft, RowSource } from "../journal/bridge-event.ts";
import type { CommandRecord } from "../journal/command-record.ts";
import { type BatchContext, newsFacts } from "./batch-context.ts";
import { chatOfRow } from "./chat-facts.ts";
import { contentPayloads } from "./content-payloads.ts";
import type { Deletions } from "./deletions.ts";
import type { FirstReason, MessageChange } from "./intake-change.ts";
import type { IntakeCommands } from "./intake-commands.ts";
import type { IntakeContents } from "./intake-contents.ts";
import { type IntakeStatuses, STATUS_REASON, type StatusFacts } from "./intake-statuses.ts";
import { type KeyedPayload, type LaterReason, laterPayloads } from "./message-change-payloads.ts";
import { commandOfLater, commandOfRow, isNewlyProven, stepCommand } from "./row-command.ts";
import { isOwnRow } from "./row-ownership.ts";
import { payloadOfRow, type RowOwnership } from "./row-payload.ts";

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
  readonly contents: IntakeContents;
  readonly deletions: Deletions;
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
      return outcomeOfFirst({ ...change, reason }, state.deletions.replacedGuid(change), batch, state);
    case "status":
    case "delivered":
    case "read":
      return row.isFromMe
        ? outcomeOfStatus(change, batch, state)
        : outcomeOfLater({ ...change, reason }, batch, state.commands);
    case "content":
      return outcomeOfContent(change, batch, state);
    case "deleted":
      return outcomeOfDeletion(change, batch, state.deletions);
    default:
      return outcomeOfLater({ ...change, reason }, batch, state.commands);
  }
}

/** News that concerns no command. */
export function outcomeOf(draft: EventDraft | null): RowOutcome {
  return draft === null ? NOTHING : { ...NOTHING, drafts: [draft] };
}

function outcomeOfFirst(
  { row, reason, sequence }: MessageChange & { readonly reason: FirstReason },
  replacedGuid: string | null,
  batch: BatchContext,
  { commands, contents, statuses }: RowState,
): RowOutcome {
  const source: RowSource = { ...batch.database, rowid: row.rowid };
  const decoded = decodeMessageRow(row);
  const isOwn = isOwnRow(row);
  const facts = draftFacts(row, source, batch, arrivalOf(row, batch));
  const before = commandOfRow(row, source, decoded, row.isFromMe ? "own" : "unmarked", commands);
  const steps = row.isFromMe ? stepCommand(before, row, source, batch.receivedUnixNs, commands) : [];
  const payload = payloadOfRow(row, decoded, {
    direction: isOwn || before !== null ? "own" : "incoming",
    requestId: before?.requestId ?? "",
  });
  const news: EventDraft = {
    ...facts,
    sourceKey: { ...source, reason, fingerprint: "" },
    payload: payload.kind === "reaction" ? { ...payload, replacedGuid } : payload,
  };
  contents.tellFirst(row.rowid, news);
  const status = payload.kind === "message" && row.isFromMe ? statusOfRow(row) : null;
  // On its way or further already: that is told, too, but of the past nobody asks how it went.
  const isStatusNews = status !== null && status.state !== "written" && facts.arrivalClass !== "backfill";
  const statusDrafts = isStatusNews
    ? statusDraft({ row, source, facts, requestId: before?.requestId ?? "" }, statuses, sequence)
    : [];
  const isSuspect = before !== null && !isOwn;
  return {
    drafts: [news, ...statusDrafts, ...steps.map((command) => commandDraft(facts, command))],
    command: steps.at(-1) ?? before,
    suspect: isSuspect ? { command: before, correction: correctionOf(news, row, decoded) } : null,
    proven: isNewlyProven(before, steps) ? before : null,
  };
}

function correctionOf(news: EventDraft, row: MessageRow, decoded: DecodedRow): EventDraft {
  const { sourceKey } = news;
  return {
    ...news,
    sourceKey: sourceKey === null ? null : { ...sourceKey, reason: "corrected" },
    payload: payloadOfRow(row, decoded, { direction: "incoming", requestId: "" }),
  };
}

/** What happened to a row that was told before, other than the progress of an own message. No command takes a step by it. */
function outcomeOfLater(
  { row, reason, sequence }: MessageChange & { readonly reason: LaterReason },
  batch: BatchContext,
  commands: IntakeCommands,
): RowOutcome {
  const source: RowSource = { ...batch.database, rowid: row.rowid };
  let command: CommandRecord | null = null;
  const payloads = laterPayloads(row, reason, (decoded) => {
    command = commandOfLater(row, source, decoded, commands);
    return ownershipOf(row, command);
  });
  // The change's own place makes it one event however often it is read, and two alike changes two (I14).
  return { ...NOTHING, drafts: keyedDrafts(row, source, batch, payloads, String(sequence)), command };
}

/** Its author edited the row or took something back, or Messages wrote something into it. No command takes a step by it. */
function outcomeOfContent(
  { row, sequence }: MessageChange,
  batch: BatchContext,
  { commands, contents }: RowState,
): RowOutcome {
  const source: RowSource = { ...batch.database, rowid: row.rowid };
  const { isTold, known, digest } = contents.before(row, source);
  if (isTold) return NOTHING;
  const decoded = decodeMessageRow(row);
  const command = commandOfLater(row, source, decoded, commands);
  const { payloads, state } = contentPayloads(row, decoded, ownershipOf(row, command), known);
  if (payloads.length === 0) return NOTHING;
  const fingerprint = contents.tell(row.rowid, { state, digest }, sequence);
  return { ...NOTHING, drafts: keyedDrafts(row, source, batch, payloads, fingerprint), command };
}

/** What may be an echo of ours stays own when it is told again, too (I11). */
function ownershipOf(row: MessageRow, command: CommandRecord | null): RowOwnership {
  const direction = isOwnRow(row) || command !== null ? "own" : "incoming";
  return { direction, requestId: command?.requestId ?? "" };
}

function keyedDrafts(
  row: MessageRow,
  source: RowSource,
  batch: BatchContext,
  payloads: readonly KeyedPayload[],
  fingerprint: string,
): readonly EventDraft[] {
  const facts = draftFacts(row, source, batch);
  return payloads.map(({ reason, payload }) => ({
    ...facts,
    sourceKey: { ...source, reason, fingerprint },
    payload,
  }));
}

/** The row is gone: of its chat, too, only the journal knows. */
function outcomeOfDeletion(change: MessageChange, batch: BatchContext, deletions: Deletions): RowOutcome {
  const news = deletions.newsOf(change);
  if (news === null) return NOTHING;
  const source: RowSource = { ...batch.database, rowid: change.row.rowid };
  return outcomeOf({
    ...newsFacts(null, batch),
    source,
    sourceKey: { ...source, reason: change.reason, fingerprint: String(change.sequence) },
    ...news,
  });
}

/** Progress of an own message, or the late mark of one whose row came unmarked. */
function outcomeOfStatus(change: MessageChange, batch: BatchContext, state: RowState): RowOutcome {
  const { row, sequence } = change;
  const { commands, statuses } = state;
  const source: RowSource = { ...batch.database, rowid: row.rowid };
  const before = commandOfRow(row, source, decodeMessageRow(row), "own", commands);
  const steps = stepCommand(before, row, source, batch.receivedUnixNs, commands);
  const facts = draftFacts(row, source, batch);
  const requestId = before?.requestId ?? "";
  return {
    drafts: [
      ...statusDraft({ row, source, facts, requestId }, statuses, sequence),
      ...steps.map((command) => commandDraft(facts, command)),
    ],
    command: steps.at(-1) ?? before,
    suspect: null,
    proven: isNewlyProven(before, steps) ? before : null,
  };
}

function statusOfRow(row: MessageRow): StatusFacts {
  return { state: outgoingStateOf(row), error: row.error };
}

/** How far an own message has come, if that is another state than the one told last; else nothing. */
function statusDraft(
  of: {
    readonly row: MessageRow;
    readonly source: RowSource;
    readonly facts: DraftFacts;
    readonly requestId: string;
  },
  statuses: IntakeStatuses,
  sequence: bigint,
): readonly EventDraft[] {
  const { row, source, facts, requestId } = of;
  const status = statusOfRow(row);
  const fingerprint = statuses.fingerprintIfNews(source, status, sequence);
  if (fingerprint === null) return [];
  const sourceKey = { ...source, reason: STATUS_REASON, fingerprint };
  return [{ ...facts, sourceKey, payload: { kind: "message-status", guid: row.guid, ...status, requestId } }];
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
