import { crc32 } from "node:zlib";
import type { EditState } from "@imesh/imessage-codec";
import type { MessageRow } from "@imesh/imessage-model";

/** What an event about a row's content keeps of the row in its key. */
export interface ToldContent {
  /** How far the row was edited and taken back; null where that is not known. */
  readonly state: EditState | null;
  /** {@link contentDigest} of the row; null where it has none. */
  readonly digest: string | null;
}

/** Keys are kept for ever: a state that takes more room than this, which no person's edits make, is forgotten. */
const STATE_UNITS_MAX = 200;

/** Stands for a state that is not known. */
const UNKNOWN = "?";

/**
 * The fingerprint in the key of an event about a row's content: `<edit state>;<digest>:<sequence>`, the last being the change's place in
 * lock-broker's log. Up to some 230 characters.
 */
export function contentFingerprint({ state, digest }: ToldContent, sequence: bigint): string {
  return `${state === null ? UNKNOWN : textOfState(state)};${digest ?? ""}:${sequence}`;
}

/** Reads a fingerprint. Those of journals from before there were states hold a sequence alone (I12): nothing is known then. */
export function parseContentFingerprint(fingerprint: string): ToldContent {
  const [, state = UNKNOWN, digest = ""] = /^([^;]*);([0-9a-f]*):\d+$/.exec(fingerprint) ?? [];
  return { state: stateOfText(state), digest: digest === "" ? null : digest };
}

/**
 * Changes with whatever a row says: every column that lock-broker finds a change of the content by, byte for byte, and none that tells of
 * receipts, chats or attachments. Null for a row whose bodies were too large to be sent, since they may have changed unseen.
 */
export function contentDigest(row: MessageRow): string | null {
  if (row.isOversized) return null;
  const blobs = [row.attributedBody, row.messageSummaryInfo, row.payloadData].map((blob) => blob ?? EMPTY);
  const columns = JSON.stringify([...columnsOf(row), ...blobs.map(({ length }) => length)], decimal);
  return blobs.reduce((sum, blob) => crc32(blob, sum), crc32(columns)).toString(16);
}

const EMPTY = new Uint8Array(0);

function columnsOf(row: MessageRow): readonly unknown[] {
  return [
    ...[row.text, row.subject, row.groupTitle, row.balloonBundleId, row.expressiveSendStyleId],
    ...[row.associatedMessageGuid, row.associatedMessageEmoji, row.associatedMessageType],
    ...[row.associatedMessageRangeLocation, row.associatedMessageRangeLength],
    ...[row.threadOriginatorGuid, row.threadOriginatorPart, row.dateEdited, row.dateRetracted],
    ...[row.itemType, row.groupActionType, row.shareStatus, row.shareDirection, row.messageActionType],
    ...[row.otherHandle?.address, row.otherHandle?.service, row.expireState, row.partCount],
    ...[row.isEmpty, row.isAudioMessage, row.isSystemMessage, row.isAutoReply],
  ];
}

function decimal(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

/** `0x3,1x2/4/whole`: part 0 has three versions, part 1 two, part 4 is gone, and so is all the rest. */
function textOfState({ versions, unsentParts, isWhole }: EditState): string {
  if (versions.length + unsentParts.length > STATE_UNITS_MAX) return UNKNOWN;
  const counts = versions.map(({ part, count }) => `${part}x${count}`).join();
  const text = `${counts}/${unsentParts.join()}${isWhole ? "/whole" : ""}`;
  return text.length > STATE_UNITS_MAX ? UNKNOWN : text;
}

const STATE = /^((?:\d+x\d+(?:,(?=\d)|(?=\/)))*)\/((?:\d+(?:,(?=\d)|(?=\/|$)))*)(\/whole)?$/;

function stateOfText(text: string): EditState | null {
  const [, counts, unsent, whole] = STATE.exec(text) ?? [];
  if (counts === undefined || unsent === undefined) return null;
  return {
    versions: listOf(counts).map((each) => {
      const [part = "", count = ""] = each.split("x");
      return { part: Number(part), count: Number(count) };
    }),
    unsentParts: listOf(unsent).map(Number),
    isWhole: whole !== undefined,
  };
}

function listOf(text: string): readonly string[] {
  return text === "" ? [] : text.split(",");
}
