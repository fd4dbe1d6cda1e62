import type { AttachmentGuid, HandleAddress } from "@imesh/imessage-model";
import { ATTRIBUTE_KEY } from "./attribute-keys.ts";
import type { AttributeRun, AttributeValue } from "./attributed-body.ts";

/** What a run of an ordinary message says about its characters. */
export interface MessageRunFacts {
  /** The bubble, from 0. */
  readonly part: number;
  /** Set where the characters are the visible name of a person. */
  readonly mention?: HandleAddress;
  /** Set where the one character is the place of an attachment (U+FFFC). */
  readonly attachmentGuid?: AttachmentGuid;
}

/** A run of `length` UTF-16 units with its attributes in the order in which Messages writes them. */
export function messageRun(length: number, facts: MessageRunFacts): AttributeRun {
  const attributes = new Map<string, AttributeValue>();
  if (facts.mention !== undefined) {
    attributes.set(ATTRIBUTE_KEY.confirmedMention, { kind: "string", value: facts.mention });
  }
  if (facts.attachmentGuid !== undefined) {
    attributes.set(ATTRIBUTE_KEY.fileTransferGuid, { kind: "string", value: facts.attachmentGuid });
  }
  attributes.set(ATTRIBUTE_KEY.messagePart, { kind: "integer", value: BigInt(facts.part) });
  return { length, attributes };
}
