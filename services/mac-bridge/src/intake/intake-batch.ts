import { unreachable } from "@imesh/flow";
import type { MessageRow } from "@imesh/imessage-model";
import type { EventDraft } from "../journal/bridge-event.ts";
import type { CommandRecord } from "../journal/command-record.ts";
import { attachmentChangeDraft } from "./attachment-change.ts";
import type { BatchContext } from "./batch-context.ts";
import { chatChangeDraft } from "./chat-change.ts";
import { Deletions } from "./deletions.ts";
import { eventsOfRow, outcomeOf, type RowOutcome, type RowState, type Suspect } from "./events-of-row.ts";
import type { IntakeChange } from "./intake-change.ts";
import { type CommandReads, IntakeCommands } from "./intake-commands.ts";
import { type ContentReads, IntakeContents } from "./intake-contents.ts";
import { IntakeStatuses, type StatusReads } from "./intake-statuses.ts";
import type { ToldReads } from "./told-rows.ts";

/** What a batch becomes, ready for one append. */
export interface BatchOutcome {
  readonly drafts: readonly EventDraft[];
  readonly commands: readonly CommandRecord[];
  /** To be kept once the append is durable. */
  readonly suspects: Suspects;
}

/** Suspects by request_id, oldest first. */
export type Suspects = ReadonlyMap<string, readonly Suspect[]>;

/** No chat says the same words this often within the seconds that a command is in flight. */
const SUSPECTS_PER_COMMAND_MAX = 16;

/**
 * Makes a change's drafts traceable: called once for each change that became something, with the command it belongs to; returns
 * the traceparent of the span that created its events.
 */
export type TraceChange = (outcome: RowOutcome) => string;

/** What a batch is judged by besides its changes. */
export interface BatchState {
  readonly journal: CommandReads & StatusReads & ContentReads & ToldReads;
  readonly suspects: Suspects;
}

/**
 * Everything that the changes of one batch become, in their order. Pure but for `trace`: a batch whose append failed may be
 * worked out again from the same changes.
 */
export function eventsOfBatch(
  changes: readonly IntakeChange[],
  batch: BatchContext,
  { journal, suspects: before }: BatchState,
  trace: TraceChange,
): BatchOutcome {
  const state: RowState = {
    commands: new IntakeCommands(journal),
    statuses: new IntakeStatuses(journal),
    contents: new IntakeContents(journal),
    deletions: new Deletions(changes, batch, journal),
  };
  const suspects = new Map(before);
  const drafts: EventDraft[] = [];
  for (const change of changes) {
    const outcome = outcomeOfChange(change, batch, state, journal);
    const corrections = change.kind === "message" ? settleSuspects(outcome, change.row, suspects) : [];
    if (outcome.drafts.length === 0) continue;
    const traceparent = trace(outcome);
    for (const draft of [...outcome.drafts, ...corrections]) drafts.push({ ...draft, traceparent });
  }
  return { drafts, commands: state.commands.changed, suspects };
}

function outcomeOfChange(
  change: IntakeChange,
  batch: BatchContext,
  state: RowState,
  journal: ToldReads,
): RowOutcome {
  switch (change.kind) {
    case "message":
      return eventsOfRow(change, batch, state);
    case "chat":
      return outcomeOf(chatChangeDraft(change, batch, journal));
    case "attachment":
      return outcomeOf(attachmentChangeDraft(change, batch));
    default:
      return unreachable(change);
  }
}

/** Keeps a new suspect; when its command is proven, gives back those that were somebody else's word. */
function settleSuspects(
  outcome: RowOutcome,
  row: MessageRow,
  suspects: Map<string, readonly Suspect[]>,
): EventDraft[] {
  const { suspect, proven } = outcome;
  if (suspect !== null) {
    const kept = suspects.get(suspect.command.requestId) ?? [];
    suspects.set(suspect.command.requestId, [...kept, suspect].slice(-SUSPECTS_PER_COMMAND_MAX));
  }
  if (proven === null) return [];
  const settled = suspects.get(proven.requestId) ?? [];
  suspects.delete(proven.requestId);
  return settled
    .filter(({ correction }) => correction.source?.rowid !== row.rowid)
    .map(({ correction }) => correction);
}
