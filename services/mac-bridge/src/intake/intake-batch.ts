import type { MessageRow } from "@imesh/imessage-model";
import type { EventDraft } from "../journal/bridge-event.ts";
import type { CommandRecord } from "../journal/command-record.ts";
import { type BatchContext, eventsOfRow, type RowOutcome, type Suspect } from "./events-of-row.ts";
import { type CommandReads, IntakeCommands } from "./intake-commands.ts";
import type { IntakeReason } from "./row-of-wire.ts";

/** One row of a batch and why it was sent. */
export interface IntakeRow {
  readonly row: MessageRow;
  readonly reason: IntakeReason;
}

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
 * Makes a row's drafts traceable: called once for each row that became something, with the command it belongs to; returns
 * the traceparent of the span that created its events.
 */
export type TraceRow = (outcome: RowOutcome) => string;

/**
 * Everything that the rows of one batch become, in their order. Pure but for `trace`: a batch whose append failed may be
 * worked out again from the same rows.
 */
export function eventsOfBatch(
  rows: readonly IntakeRow[],
  batch: BatchContext,
  state: { readonly commands: CommandReads; readonly suspects: Suspects },
  trace: TraceRow,
): BatchOutcome {
  const commands = new IntakeCommands(state.commands);
  const suspects = new Map(state.suspects);
  const drafts: EventDraft[] = [];
  for (const { row, reason } of rows) {
    const outcome = eventsOfRow(row, reason, batch, commands);
    const corrections = settleSuspects(outcome, row, suspects);
    if (outcome.drafts.length === 0) continue;
    const traceparent = trace(outcome);
    for (const draft of [...outcome.drafts, ...corrections]) drafts.push({ ...draft, traceparent });
  }
  return { drafts, commands: commands.changed, suspects };
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
