import { parseChatGuid, parseRequestId } from "@imesh/imessage-model";
import type { CommandRecord } from "../journal/command-record.ts";
import { acceptCommand, dispatchCommand, doubtCommand } from "../send/command-steps.ts";
import { CHAT_GUID } from "./rows.ts";

/** Wall time of the tests' commands: 2026-01-02T03:04:05Z. */
export const NOW_UNIX_NS = 1_767_323_045_000_000_000n;

/** An accepted command; its key and text come from its ordinal unless given. */
export function acceptedCommand(
  ordinal: bigint,
  facts: { readonly text?: string; readonly chatGuid?: string; readonly requestId?: string } = {},
): CommandRecord {
  return acceptCommand({
    ordinal,
    requestId: parseRequestId(facts.requestId ?? `request-${ordinal}`),
    contentSha256: "00",
    chatGuid: parseChatGuid(facts.chatGuid ?? CHAT_GUID),
    text: facts.text ?? `reply ${ordinal}`,
    traceparent: "",
    nowUnixNs: NOW_UNIX_NS,
  });
}

/** A command in flight above `floorRowid` of database UID-1. */
export function dispatchedCommand(
  ordinal: bigint,
  floorRowid: bigint,
  facts: Parameters<typeof acceptedCommand>[1] = {},
): CommandRecord {
  const floor = { databaseUid: "UID-1", generation: "1:1:0", rowid: floorRowid };
  return dispatchCommand(acceptedCommand(ordinal, facts), floor, NOW_UNIX_NS);
}

/** A command in doubt above `floorRowid`. */
export function uncertainCommand(
  ordinal: bigint,
  floorRowid: bigint,
  facts: Parameters<typeof acceptedCommand>[1] = {},
): CommandRecord {
  const fault = { reason: "TIMED_OUT", number: -1712, description: "test" };
  return doubtCommand(dispatchedCommand(ordinal, floorRowid, facts), fault, NOW_UNIX_NS);
}
