import {
  ATTRIBUTE_KEY,
  type AttributedBody,
  type AttributeRun,
  encodeAttributedBody,
  messageRun,
} from "@imesh/imessage-codec";
import type { MessageFacts } from "../../mac/message-change-tables.ts";
import { readBody } from "../bodies.ts";

/** One bubble of a message. */
export interface MessagePart {
  /** Its number, which stays the same when other parts are taken back. */
  readonly part: number;
  /** Where it begins in the text of the message, in UTF-16 units. */
  readonly start: number;
  readonly text: string;
  readonly runs: readonly AttributeRun[];
}

/** Cuts a body where the number of the part changes. */
export function partsOf(body: AttributedBody): readonly MessagePart[] {
  const parts: { part: number; start: number; runs: AttributeRun[]; length: number }[] = [];
  let start = 0;
  for (const run of body.runs) {
    const number = run.attributes.get(ATTRIBUTE_KEY.messagePart);
    const part = number?.kind === "integer" ? Number(number.value) : 0;
    const last = parts.at(-1);
    if (last?.part === part) {
      last.runs.push(run);
      last.length += run.length;
    } else {
      parts.push({ part, start, runs: [run], length: run.length });
    }
    start += run.length;
  }
  return parts.map(({ length, ...part }) => ({
    ...part,
    text: body.text.slice(part.start, part.start + length),
  }));
}

/** Parts of the body, or one of the column `text` where there is no body; none for a row that says nothing. */
export function partsOfRow(message: Pick<MessageFacts, "attributedBody" | "text">): readonly MessagePart[] {
  const body = readBody(message.attributedBody);
  if (body !== undefined) return partsOf(body);
  return message.text === null || message.text === "" ? [] : [textPart(0, message.text)];
}

/** A part of plain text; where it begins is worked out when the body is put together. */
export function textPart(part: number, text: string): MessagePart {
  return { part, start: 0, text, runs: [messageRun(text.length, { part })] };
}

/** Guid of the attachment in the part; undefined when it is words. */
export function attachmentOf({ runs }: MessagePart): string | undefined {
  for (const { attributes } of runs) {
    const guid = attributes.get(ATTRIBUTE_KEY.fileTransferGuid);
    if (guid?.kind === "string") return guid.value;
  }
  return undefined;
}

/** Writes the parts as one body, the way phones and edits do. */
export function encodeParts(parts: readonly MessagePart[]): Uint8Array {
  return encodeAttributedBody({
    text: parts.map(({ text }) => text).join(""),
    runs: parts.flatMap(({ runs }) => runs),
    style: "ios",
  });
}
