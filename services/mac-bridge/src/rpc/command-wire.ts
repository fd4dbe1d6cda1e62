import { type Command, CommandState as WireState } from "@imesh/contracts/bridge/v1/command";
import type { CommandState } from "@imesh/imessage-model";
import type { CommandRecord } from "../journal/command-record.ts";
import { optionalTimestampOf, timestampOf } from "./timestamp.ts";

const WIRE_STATES: Readonly<Record<CommandState, WireState>> = {
  accepted: WireState.ACCEPTED,
  dispatched: WireState.DISPATCHED,
  written: WireState.WRITTEN,
  sent: WireState.SENT,
  delivered: WireState.DELIVERED,
  read: WireState.READ,
  refused: WireState.REFUSED,
  failed: WireState.FAILED,
  uncertain: WireState.UNCERTAIN,
};

/** A command as callers and subscribers see it; its text stays here. */
export function commandToWire(command: CommandRecord): Command {
  const { times } = command;
  return {
    requestId: command.requestId,
    chatGuid: command.chatGuid,
    state: WIRE_STATES[command.state],
    messageGuid: command.proof?.messageGuid ?? "",
    error: command.fault === null ? undefined : { ...command.fault },
    times: {
      acceptedTime: timestampOf(times.acceptedUnixNs),
      dispatchedTime: optionalTimestampOf(times.dispatchedUnixNs),
      returnedTime: optionalTimestampOf(times.returnedUnixNs),
      writtenTime: optionalTimestampOf(times.writtenUnixNs),
      sentTime: optionalTimestampOf(times.sentUnixNs),
      deliveredTime: optionalTimestampOf(times.deliveredUnixNs),
      settledTime: optionalTimestampOf(times.settledUnixNs),
    },
  };
}
