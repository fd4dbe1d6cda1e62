import type { Command } from "@imesh/contracts/bridge/v1/command";
import { commandStateWord } from "./command-words.ts";
import { type JsonRecord, rfc3339Of } from "./json-record.ts";

/** A command as `--json` prints it. */
export function commandRecord(command: Command): JsonRecord {
  const { error, times } = command;
  return {
    requestId: command.requestId,
    chatGuid: command.chatGuid,
    state: commandStateWord(command.state),
    messageGuid: command.messageGuid,
    error:
      error === undefined
        ? null
        : { reason: error.reason, number: error.number, description: error.description },
    times: {
      accepted: rfc3339Of(times?.acceptedTime),
      dispatched: rfc3339Of(times?.dispatchedTime),
      returned: rfc3339Of(times?.returnedTime),
      written: rfc3339Of(times?.writtenTime),
      sent: rfc3339Of(times?.sentTime),
      delivered: rfc3339Of(times?.deliveredTime),
      settled: rfc3339Of(times?.settledTime),
    },
  };
}
