import {
  type AppMessage,
  type Attachment,
  AttachmentState,
  type Balloon,
  DetectedKind,
  type Entity,
  type LinkPreview,
  type Part,
  PartKind,
  type Poll,
  TextStyle,
} from "@imesh/contracts/bridge/v1/content";
import { unreachable } from "@imesh/flow";
import { enumWord } from "./enum-word.ts";
import { type JsonRecord, rfc3339Of } from "./json-record.ts";

/** A part of a message as `--json` prints it. */
export function partRecord({ index, start, length, kind, attachmentGuid }: Part): JsonRecord {
  return { index, start, length, kind: enumWord(PartKind, kind), attachmentGuid };
}

/** A stretch of text with a meaning as `--json` prints it: what it means, under the name of its `kind`. */
export function entityRecord({ start, length, kind }: Entity): JsonRecord {
  switch (kind?.$case) {
    case "style":
      return { start, length, kind: kind.$case, style: enumWord(TextStyle, kind.value) };
    case "detected":
      return { start, length, kind: kind.$case, detected: enumWord(DetectedKind, kind.value) };
    case "mention":
    case "link":
    case "effect":
    case "oneTimeCode":
    case "attachmentGuid":
      return { start, length, kind: kind.$case, [kind.$case]: kind.value };
    case undefined:
      return { start, length, kind: "unknown", unknown: null };
    default:
      return unreachable(kind);
  }
}

/** An attachment as `--json` prints it; null for none. */
export function attachmentRecord(attachment: Attachment | undefined): JsonRecord | null {
  return attachment === undefined
    ? null
    : { ...attachment, state: enumWord(AttachmentState, attachment.state) };
}

/** What a link or an app adds, as `--json` prints it; null for nothing. */
export function balloonRecord(balloon: Balloon | undefined): JsonRecord | null {
  if (balloon === undefined) return null;
  const { bundleId, teamId, content } = balloon;
  const facts = { bundleId, teamId };
  switch (content?.$case) {
    case "link":
      return { ...facts, kind: "link", link: linkRecord(content.value) };
    case "app":
      return { ...facts, kind: "app", app: appRecord(content.value) };
    case "poll":
      return { ...facts, kind: "poll", poll: pollRecord(content.value) };
    case "opaque":
      return { ...facts, kind: "opaque", opaque: { ...content.value } };
    case undefined:
      return { ...facts, kind: "unknown", unknown: null };
    default:
      return unreachable(content);
  }
}

/** A poll as `--json` prints it; null for none. */
export function pollRecord(poll: Poll | undefined): JsonRecord | null {
  return poll === undefined ? null : { ...poll, options: poll.options.map((option) => ({ ...option })) };
}

function linkRecord({ special, ...page }: LinkPreview): JsonRecord {
  if (special === undefined) return { ...page, special: null };
  const { $case: kind, value } = special;
  if (kind !== "place") return { ...page, special: { kind, [kind]: { ...value } } };
  const position = { latitude: value.latitude ?? null, longitude: value.longitude ?? null };
  return { ...page, special: { kind, place: { ...value, ...position } } };
}

function appRecord({ checkIn, ...app }: AppMessage): JsonRecord {
  if (checkIn === undefined) return { ...app, checkIn: null };
  return {
    ...app,
    checkIn: {
      step: checkIn.step ?? null,
      sent: rfc3339Of(checkIn.sentTime),
      estimatedEnd: rfc3339Of(checkIn.estimatedEndTime),
      triggered: rfc3339Of(checkIn.triggeredTime),
    },
  };
}
