import { assert } from "@imesh/flow";
import {
  type ChatGuid,
  type CommandState,
  canAdvance,
  isTerminal,
  type OutgoingState,
  type RequestId,
  sendErrorMeaning,
} from "@imesh/imessage-model";
import type { RowSource } from "../journal/bridge-event.ts";
import type { CommandFault, CommandProof, CommandRecord, CommandTimes } from "../journal/command-record.ts";

/** What a new command is made of. */
export interface AcceptedCommand {
  readonly ordinal: bigint;
  readonly requestId: RequestId;
  readonly contentSha256: string;
  readonly chatGuid: ChatGuid;
  readonly text: string;
  readonly traceparent: string;
  readonly nowUnixNs: bigint;
}

/** The first state of every command. */
export function acceptCommand(facts: AcceptedCommand): CommandRecord {
  const { nowUnixNs, ...content } = facts;
  const times: CommandTimes = {
    acceptedUnixNs: nowUnixNs,
    dispatchedUnixNs: null,
    returnedUnixNs: null,
    writtenUnixNs: null,
    sentUnixNs: null,
    deliveredUnixNs: null,
    settledUnixNs: null,
  };
  return { ...content, state: "accepted", floor: null, proof: null, fault: null, times };
}

/** About to be handed to Messages; `floor` is the largest ROWID of just before. From here on it is never handed over again. */
export function dispatchCommand(command: CommandRecord, floor: RowSource, nowUnixNs: bigint): CommandRecord {
  return { ...moved(command, "dispatched", nowUnixNs, { dispatchedUnixNs: nowUnixNs }), floor };
}

/** osascript came back; no change of state, because its word proves nothing. */
export function returnCommand(command: CommandRecord, nowUnixNs: bigint): CommandRecord {
  return { ...command, times: { ...command.times, returnedUnixNs: nowUnixNs } };
}

/** Certain that there is no bubble. */
export function refuseCommand(command: CommandRecord, fault: CommandFault, nowUnixNs: bigint): CommandRecord {
  return { ...moved(command, "refused", nowUnixNs), fault };
}

/** There may or may not be a bubble, and its row did not show up in time. */
export function doubtCommand(command: CommandRecord, fault: CommandFault, nowUnixNs: bigint): CommandRecord {
  return { ...moved(command, "uncertain", nowUnixNs), fault };
}

/** Its row was read for the first time: written, whatever else the row says already (see {@link followCommand}). */
export function proveCommand(command: CommandRecord, proof: CommandProof, nowUnixNs: bigint): CommandRecord {
  return { ...moved(command, "written", nowUnixNs), proof, fault: null };
}

/** What its row says now. */
export interface RowProgress {
  readonly state: OutgoingState;
  /** `message.error`; 0 for none. */
  readonly error: number;
  /** The guid may have been rewritten since the proof. */
  readonly messageGuid: string;
}

/** The command after its row said `progress`, or null when that is nothing new or would be a step back. */
export function followCommand(
  command: CommandRecord,
  progress: RowProgress,
  nowUnixNs: bigint,
): CommandRecord | null {
  assert(command.proof !== null, "only a proven command is followed");
  if (!canAdvance(command.state, progress.state)) return null;
  const proof = { ...command.proof, messageGuid: progress.messageGuid };
  const fault = progress.state === "failed" ? messagesFault(progress.error) : null;
  return { ...moved(command, progress.state, nowUnixNs), proof, fault };
}

function messagesFault(error: number): CommandFault {
  return {
    reason: "MESSAGES_ERROR",
    number: error,
    description: `Messages: ${sendErrorMeaning(error).meaning}`,
  };
}

function moved(
  command: CommandRecord,
  state: CommandState,
  nowUnixNs: bigint,
  times: Partial<CommandTimes> = {},
): CommandRecord {
  assert(canAdvance(command.state, state), `a command moves on as the model allows, to ${state}`);
  const isSettled = isTerminal(state) || state === "uncertain";
  return {
    ...command,
    state,
    times: {
      ...command.times,
      ...timesOfState(state, command.times, nowUnixNs),
      ...times,
      settledUnixNs: isSettled ? nowUnixNs : null,
    },
  };
}

/** A skipped step was passed too, at the latest now: a row that is delivered was written and sent. */
function timesOfState(state: CommandState, times: CommandTimes, nowUnixNs: bigint): Partial<CommandTimes> {
  const writtenUnixNs = times.writtenUnixNs ?? nowUnixNs;
  const sentUnixNs = times.sentUnixNs ?? nowUnixNs;
  const deliveredUnixNs = times.deliveredUnixNs ?? nowUnixNs;
  switch (state) {
    case "written":
    case "failed":
      return { writtenUnixNs };
    case "sent":
      return { writtenUnixNs, sentUnixNs };
    case "delivered":
    case "read":
      return { writtenUnixNs, sentUnixNs, deliveredUnixNs };
    default:
      return {};
  }
}
