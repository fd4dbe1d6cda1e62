import type { MessageRow } from "@imesh/imessage-model";
import { ATTACHMENT_SLOT, OLD_BALLOON_SLOT } from "../attributed/attribute-keys.ts";
import type { Attributes } from "../attributed/attributed-body.ts";
import { decodeBody, messageBodyOf } from "../body/decode-body.ts";
import type { BodyPart, MessageBody } from "../body/message-body.ts";
import type { BodyFault } from "../body-fault.ts";
import { type BodySource, TEXT_UNITS_MAX } from "../decoded-row.ts";
import { TypedStreamError } from "../typedstream/typed-stream-error.ts";

/** What the two text columns of a row say together. */
export interface RowContent {
  /** As DecodedMessage.text. */
  readonly text: string;
  /** As stored, slots alone too; empty exactly when the row says nothing at all. */
  readonly storedText: string;
  /** As the body has them, however many. */
  readonly parts: readonly BodyPart[];
  readonly bodySource: BodySource;
  readonly bodyFault: BodyFault | null;
}

/** The broker says no more than that the bodies were too large. */
const OVERSIZED: BodyFault = { code: "too-large", offset: null };

const NO_PARTS: readonly BodyPart[] = [];
const NO_ATTRIBUTES: Attributes = new Map();

/**
 * Reads attributedBody and falls back to `text` when there is no body, or it is empty or broken: newer systems leave `text` empty, and
 * of an edited message only the body is kept. Where both hold text and differ, the body is right. A broken body is in `bodyFault`.
 */
export function readRowContent(row: MessageRow): RowContent {
  const { attributedBody, text } = row;
  if (attributedBody === null || attributedBody.length === 0) {
    return contentOfText(text ?? "", row.isOversized ? OVERSIZED : null);
  }
  let body: MessageBody;
  try {
    body = decodeBody(attributedBody);
  } catch (error) {
    if (!(error instanceof TypedStreamError)) {
      throw error;
    }
    return contentOfText(text ?? "", { code: error.code, offset: error.offset });
  }
  return body.text === "" ? contentOfText(text ?? "", null) : contentOfBody(body, text ?? "");
}

/** Whether the text has a place for a file or a balloon. */
export function hasSlot(storedText: string): boolean {
  return storedText === OLD_BALLOON_SLOT || storedText.includes(ATTACHMENT_SLOT);
}

function contentOfBody({ text: storedText, parts }: MessageBody, columnText: string): RowContent {
  let bodySource: BodySource = "attributedBody";
  if (columnText !== "") {
    bodySource = storedText === columnText ? "both-agree" : "both-differ";
  }
  return { text: wordsOf(storedText), storedText, parts, bodySource, bodyFault: null };
}

function contentOfText(storedText: string, bodyFault: BodyFault | null): RowContent {
  return {
    text: wordsOf(storedText),
    storedText,
    parts: partsOfText(storedText),
    bodySource: "text",
    bodyFault,
  };
}

// As a body without attributes would have them; what stands in its slots only a body says.
function partsOfText(text: string): readonly BodyPart[] {
  const isWhole = text !== "" && text.length <= TEXT_UNITS_MAX && !hasSlot(text);
  return isWhole
    ? messageBodyOf({ text, runs: [{ length: text.length, attributes: NO_ATTRIBUTES }] }).parts
    : NO_PARTS;
}

/** Anything that is neither white space nor a slot. */
const WORDS = /[^\s\uFFFC]/;

// Slots among words stay, because they say where the picture was; alone they are no text that anybody wrote.
function wordsOf(storedText: string): string {
  return WORDS.test(storedText) && storedText !== OLD_BALLOON_SLOT ? storedText : "";
}
