import type { WrittenMessage } from "@imesh/contracts/simulator/v1";
import { formatRfc3339 } from "../terminal/duration.ts";
import { unixNs } from "./unix-ns.ts";

/** A message that the simulator wrote, as `--json` prints it. Keys are stable. */
export function writtenMessageRecord(message: WrittenMessage): Readonly<Record<string, unknown>> {
  return {
    guid: message.guid,
    rowid: message.rowid,
    chatGuid: message.chatGuid,
    text: message.text,
    insertTime: formatRfc3339(unixNs(message.insertTime)),
    joinedTime: formatRfc3339(unixNs(message.joinedTime)),
  };
}
