import type { Command } from "@imesh/contracts/bridge/v1/command";
import { CommandState } from "@imesh/contracts/bridge/v1/command";

/** State of a command in the words of the CLI: keys of its JSON output. */
export type CommandStateWord =
  | "unspecified"
  | "accepted"
  | "dispatched"
  | "written"
  | "sent"
  | "delivered"
  | "read"
  | "refused"
  | "failed"
  | "uncertain";

/** The wire's state of a command as a word. */
export function commandStateWord(state: Command["state"]): CommandStateWord {
  switch (state) {
    case CommandState.ACCEPTED:
      return "accepted";
    case CommandState.DISPATCHED:
      return "dispatched";
    case CommandState.WRITTEN:
      return "written";
    case CommandState.SENT:
      return "sent";
    case CommandState.DELIVERED:
      return "delivered";
    case CommandState.READ:
      return "read";
    case CommandState.REFUSED:
      return "refused";
    case CommandState.FAILED:
      return "failed";
    case CommandState.UNCERTAIN:
      return "uncertain";
    default:
      return "unspecified";
  }
}

/** "REASON: description" of a command that did not succeed; empty for the others. */
export function commandFailure(command: Command): string {
  const { error } = command;
  if (error === undefined) return "";
  const number = error.number === 0 ? "" : ` ${error.number}`;
  return error.description === ""
    ? `${error.reason}${number}`
    : `${error.reason}${number}: ${error.description}`;
}
