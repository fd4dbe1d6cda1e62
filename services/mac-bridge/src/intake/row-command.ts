import {
  type DecodedMessage,
  type DecodedRow,
  meaningOfBundle,
  parseBalloonBundle,
} from "@imesh/imessage-codec";
import { appleTimeToUnixNs, type MessageRow, outgoingStateOf } from "@imesh/imessage-model";
import type { RowSource } from "../journal/bridge-event.ts";
import type { CommandRecord } from "../journal/command-record.ts";
import { followCommand, proveCommand } from "../send/command-steps.ts";
import { type EchoKind, matchEcho } from "../send/echo-matcher.ts";
import type { IntakeCommands } from "./intake-commands.ts";

/** The command that the row proved before, else the one it is the echo of. */
export function commandOfRow(
  row: MessageRow,
  source: RowSource,
  decoded: DecodedRow,
  kind: EchoKind,
  commands: IntakeCommands,
): CommandRecord | null {
  const body = bodyOf(row, decoded);
  const chatGuids = row.chats.map(({ guid }) => guid);
  const echo = { ...source, chatGuids, body: body ?? "", sentUnixNs: appleTimeToUnixNs(row.date) };
  const isComparable = body !== null && chatGuids.length > 0;
  // Only a marked row ever proves, so an unmarked one, and nearly every row is that, needs no look at the journal.
  if (kind === "unmarked") return isComparable ? matchEcho(echo, kind, commands.inFlight()) : null;
  const known = commandThatProved(row, source, commands);
  if (known !== null) return known;
  return isComparable ? matchEcho(echo, kind, commands.provable(chatGuids)) : null;
}

/** The command that the row proved before; null if none. */
export function commandThatProved(
  row: MessageRow,
  source: RowSource,
  commands: IntakeCommands,
): CommandRecord | null {
  const known = commands.ofRow(source);
  // After a restore a ROWID may be taken again by another message of the same database.
  const isSame = known?.proof?.generation === source.generation || known?.proof?.messageGuid === row.guid;
  return isSame ? known : null;
}

/** The command that a row told before belongs to, where it is told again; an own row has proved it by then. */
export function commandOfLater(
  row: MessageRow,
  source: RowSource,
  decoded: DecodedRow,
  commands: IntakeCommands,
): CommandRecord | null {
  return row.isFromMe
    ? commandThatProved(row, source, commands)
    : commandOfRow(row, source, decoded, "unmarked", commands);
}

/** What a command's text is compared with; null where no command of ours can have made the row: we send nothing but text. */
function bodyOf(row: MessageRow, decoded: DecodedRow): string | null {
  if (decoded.kind === "undecodable") return decoded.plainText;
  if (decoded.kind !== "message" || decoded.schedule !== null) return null;
  const isTied = (row.associatedMessageType ?? 0) !== 0;
  return isOfApp(row) || isTied || row.isAudioMessage || isSlotAlone(decoded) ? null : decoded.text;
}

/** Links are sent as the text that they are; their balloon comes with it, or later. */
function isOfApp({ balloonBundleId: id }: MessageRow): boolean {
  return id !== null && id !== "" && meaningOfBundle(parseBalloonBundle(id)) !== "link-preview";
}

/** Attachments that nothing but their rows name, and no text. */
function isSlotAlone({ text, subject, attachmentGuids }: DecodedMessage): boolean {
  return text === "" && subject === null && attachmentGuids.length === 0;
}

/** Every step the command takes because of this row, each as the command then stands. */
export function stepCommand(
  before: CommandRecord | null,
  row: MessageRow,
  source: RowSource,
  nowUnixNs: bigint,
  commands: IntakeCommands,
): CommandRecord[] {
  if (before === null) return [];
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

/** Whether these steps made the row the proof of its command. */
export function isNewlyProven(before: CommandRecord | null, steps: readonly CommandRecord[]): boolean {
  return before !== null && before.proof === null && steps.length > 0;
}
