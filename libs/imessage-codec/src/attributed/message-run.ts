import type { AttachmentGuid, HandleAddress } from "@imesh/imessage-model";
import { ATTRIBUTE_KEY, ONE_TIME_CODE_KEY } from "./attribute-keys.ts";
import type { AttributeRun, AttributeValue } from "./attributed-body.ts";

/** What a run of an ordinary message says about its characters. */
export interface MessageRunFacts extends RunExtras {
  /** The bubble, from 0. */
  readonly part: number;
}

/** All that Messages says beside the part. */
export interface RunExtras {
  /** iOS writes "natural" on every run by itself (ComposedBody.style). */
  readonly writingDirection?: "natural" | "left-to-right" | "right-to-left";
  /** Set where the characters are the visible name of a person. */
  readonly mention?: HandleAddress;
  /** An absolute url, also `tel:`. */
  readonly link?: { readonly url: string; readonly isRichLink: boolean };
  /** What data detection found; "data" is a kind without an attribute of its own. The archive is written as it is. */
  readonly detected?: { readonly what: keyof typeof DETECTED_KEY; readonly archive: Uint8Array };
  readonly oneTimeCode?: { readonly code: string; readonly displayCode: string };
  readonly styles?: readonly (keyof typeof STYLE_KEY)[];
  /** Apple's number, see TEXT_EFFECT_NUMBER. */
  readonly effect?: number;
  /** Set where the one character is the place of an attachment (U+FFFC). */
  readonly attachmentGuid?: AttachmentGuid;
  readonly fileName?: string;
  /** A number is written as one with a fraction (type d), a bigint as an integer: both occur. */
  readonly inlineSize?: { readonly width: number | bigint; readonly height: number | bigint };
  /** A Genmoji or sticker among words. */
  readonly isEmojiImage?: boolean;
  /** What was said in a voice message. */
  readonly transcript?: string;
  /** The characters are a heading that an app left. */
  readonly isBreadcrumb?: boolean;
}

const DETECTED_KEY = {
  "phone-number": ATTRIBUTE_KEY.phoneNumber,
  address: ATTRIBUTE_KEY.address,
  "calendar-event": ATTRIBUTE_KEY.calendarEvent,
  data: null,
} as const;

const STYLE_KEY = {
  bold: ATTRIBUTE_KEY.bold,
  italic: ATTRIBUTE_KEY.italic,
  underline: ATTRIBUTE_KEY.underline,
  strikethrough: ATTRIBUTE_KEY.strikethrough,
} as const;

const DIRECTION_NUMBER = { natural: -1n, "left-to-right": 0n, "right-to-left": 1n } as const;

/** A run of `length` UTF-16 units with its attributes in the order in which Messages writes them: the part last. */
export function messageRun(length: number, facts: MessageRunFacts): AttributeRun {
  const attributes = new Map(entriesOf(facts));
  attributes.set(ATTRIBUTE_KEY.messagePart, integer(facts.part));
  return { length, attributes };
}

/**
 * A run of another length that says all that `run` says and more. What both say is one instance, as when an attribute was set
 * on a range and another then on half of it: encodeAttributedBody() writes it once.
 */
export function extendRun(run: AttributeRun, length: number, extras: RunExtras): AttributeRun {
  return { length, attributes: new Map([...entriesOf(extras), ...run.attributes]) };
}

function entriesOf(extras: RunExtras): [string, AttributeValue][] {
  const entries: [string, AttributeValue][] = [];
  const add = (key: string, value: AttributeValue): void => {
    entries.push([key, value]);
  };
  const { link, detected, oneTimeCode } = extras;
  if (extras.writingDirection !== undefined) {
    add(ATTRIBUTE_KEY.baseWritingDirection, integer(DIRECTION_NUMBER[extras.writingDirection]));
  }
  if (extras.mention !== undefined) {
    add(ATTRIBUTE_KEY.confirmedMention, string(extras.mention));
  }
  if (link !== undefined) {
    add(ATTRIBUTE_KEY.link, { kind: "url", value: link.url });
    add(ATTRIBUTE_KEY.linkIsRichLink, { kind: "boolean", value: link.isRichLink });
  }
  if (detected !== undefined) {
    const data: AttributeValue = { kind: "data", value: detected.archive };
    const key = DETECTED_KEY[detected.what];
    add(ATTRIBUTE_KEY.dataDetected, data);
    if (key !== null) {
      add(key, data);
    }
  }
  if (oneTimeCode !== undefined) {
    const codes = new Map([
      [ONE_TIME_CODE_KEY.code, string(oneTimeCode.code)],
      [ONE_TIME_CODE_KEY.displayCode, string(oneTimeCode.displayCode)],
    ]);
    add(ATTRIBUTE_KEY.oneTimeCode, { kind: "dictionary", entries: codes });
  }
  for (const style of extras.styles ?? []) {
    add(STYLE_KEY[style], integer(1));
  }
  if (extras.effect !== undefined) {
    add(ATTRIBUTE_KEY.textEffect, integer(extras.effect));
  }
  return [...entries, ...fileEntriesOf(extras)];
}

function fileEntriesOf(extras: RunExtras): [string, AttributeValue][] {
  const { attachmentGuid, fileName, inlineSize, isEmojiImage, transcript, isBreadcrumb } = extras;
  const entries: [string, AttributeValue | undefined][] = [
    [ATTRIBUTE_KEY.fileTransferGuid, attachmentGuid === undefined ? undefined : string(attachmentGuid)],
    [ATTRIBUTE_KEY.filename, fileName === undefined ? undefined : string(fileName)],
    [ATTRIBUTE_KEY.inlineMediaWidth, inlineSize === undefined ? undefined : size(inlineSize.width)],
    [ATTRIBUTE_KEY.inlineMediaHeight, inlineSize === undefined ? undefined : size(inlineSize.height)],
    [ATTRIBUTE_KEY.emojiImage, isEmojiImage === true ? integer(1) : undefined],
    [ATTRIBUTE_KEY.audioTranscript, transcript === undefined ? undefined : string(transcript)],
    [ATTRIBUTE_KEY.breadcrumbTextMarker, isBreadcrumb === true ? integer(1) : undefined],
  ];
  return entries.filter((entry): entry is [string, AttributeValue] => entry[1] !== undefined);
}

function string(value: string): AttributeValue {
  return { kind: "string", value };
}

function integer(value: number | bigint): AttributeValue {
  return { kind: "integer", value: BigInt(value) };
}

function size(points: number | bigint): AttributeValue {
  return typeof points === "bigint" ? integer(points) : { kind: "real", value: points };
}
