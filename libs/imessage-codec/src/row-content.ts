import {
  type AttachmentGuid,
  type BodyFault,
  type BodySource,
  isAttachmentGuid,
  isHandleAddress,
  type Mention,
  type MessageRow,
} from "@imesh/imessage-model";
import { ATTACHMENT_SLOT, ATTRIBUTE_KEY } from "./attributed/attribute-keys.ts";
import type { AttributedBody } from "./attributed/attributed-body.ts";
import { decodeAttributedBody } from "./attributed/decode-attributed-body.ts";
import { TypedStreamError } from "./typedstream/typed-stream-error.ts";

/** What the two text columns of a row say together. */
export interface RowContent {
  /** As DecodedMessage.text. */
  readonly text: string;
  readonly attachmentGuids: readonly AttachmentGuid[];
  readonly mentions: readonly Mention[];
  readonly bodySource: BodySource;
  readonly bodyFault: BodyFault | null;
}

/**
 * Reads attributedBody and falls back to `text` when there is no body or it is broken: newer systems leave `text`
 * empty, and of an edited message only the body is kept. Where both hold text and differ, the body is right.
 * Throws nothing: a broken body is in `bodyFault`.
 */
export function readRowContent(row: MessageRow): RowContent {
  if (row.attributedBody === null || row.attributedBody.length === 0) {
    return fromText(row.text, null);
  }
  try {
    return fromBody(decodeAttributedBody(row.attributedBody), row.text);
  } catch (error) {
    if (!(error instanceof TypedStreamError)) {
      throw error;
    }
    return fromText(row.text, { code: error.code, offset: error.offset });
  }
}

function fromText(text: string | null, bodyFault: BodyFault | null): RowContent {
  return {
    text: withoutSoleSlots(text ?? ""),
    attachmentGuids: [],
    mentions: [],
    bodySource: "text",
    bodyFault,
  };
}

function fromBody(body: AttributedBody, columnText: string | null): RowContent {
  const text = withoutSoleSlots(body.text);
  return {
    text,
    attachmentGuids: attachmentGuidsOf(body),
    mentions: text === "" ? [] : mentionsOf(body),
    bodySource: bodySourceOf(body.text, columnText),
    bodyFault: null,
  };
}

function bodySourceOf(bodyText: string, columnText: string | null): BodySource {
  if (columnText === null || columnText === "") {
    return "attributedBody";
  }
  return bodyText === columnText ? "both-agree" : "both-differ";
}

// Slots among words stay, because they say where the picture was; alone they are no text that anybody wrote.
function withoutSoleSlots(text: string): string {
  return text.replaceAll(ATTACHMENT_SLOT, "").trim() === "" ? "" : text;
}

function attachmentGuidsOf(body: AttributedBody): readonly AttachmentGuid[] {
  const guids = new Set<AttachmentGuid>();
  for (const run of body.runs) {
    const guid = run.attributes.get(ATTRIBUTE_KEY.fileTransferGuid);
    if (guid?.kind === "string" && isAttachmentGuid(guid.value)) {
      guids.add(guid.value);
    }
  }
  return [...guids];
}

// One name may span several runs, for instance when part of it is bold.
function mentionsOf(body: AttributedBody): readonly Mention[] {
  const mentions: Mention[] = [];
  let start = 0;
  for (const run of body.runs) {
    const handle = run.attributes.get(ATTRIBUTE_KEY.confirmedMention);
    if (handle?.kind === "string" && isHandleAddress(handle.value)) {
      const before = mentions.at(-1);
      if (before !== undefined && before.handle === handle.value && before.start + before.length === start) {
        mentions[mentions.length - 1] = { ...before, length: before.length + run.length };
      } else {
        mentions.push({ start, length: run.length, handle: handle.value });
      }
    }
    start += run.length;
  }
  return mentions;
}
