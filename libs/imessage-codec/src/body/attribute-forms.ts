import {
  type AttachmentGuid,
  type HandleAddress,
  isAttachmentGuid,
  isHandleAddress,
} from "@imesh/imessage-model";
import { ONE_TIME_CODE_KEY } from "../attributed/attribute-keys.ts";
import type { AttributeValue } from "../attributed/attributed-body.ts";
import type { OneTimeCodeEntity } from "./message-body.ts";

// A hostile body can have long strings compared at every run. Longer ones than these are not links or codes.
const URL_LENGTH_MAX = 8_192;
const CODE_LENGTH_MAX = 256;

/** Message parts are few; larger numbers are no part numbers. */
const PART_INDEX_MAX = 0x7fff_ffff;

/** A part number: a whole number of any type, from 0. */
export function partOf(value: AttributeValue): number | null {
  const number = integerOf(value);
  return number !== null && number >= 0n && number <= PART_INDEX_MAX ? Number(number) : null;
}

/** -1, 0 or 1, of any number type. */
export function directionOf(value: AttributeValue): bigint | null {
  const number = integerOf(value);
  return number !== null && number >= -1n && number <= 1n ? number : null;
}

/** A handle; null also for text that cannot be one. */
export function handleOf(value: AttributeValue): HandleAddress | null {
  return value.kind === "string" && isHandleAddress(value.value) ? value.value : null;
}

/** A transfer guid; null also for text that cannot be one. */
export function attachmentGuidOf(value: AttributeValue): AttachmentGuid | null {
  return value.kind === "string" && isAttachmentGuid(value.value) ? value.value : null;
}

/** An absolute url of bounded length. */
export function urlOf(value: AttributeValue): string | null {
  return value.kind === "url" && value.value.length <= URL_LENGTH_MAX ? value.value : null;
}

/** A dictionary with at least the code, both of bounded length. */
export function oneTimeCodeOf(value: AttributeValue): Omit<OneTimeCodeEntity, "range"> | null {
  if (value.kind !== "dictionary") {
    return null;
  }
  const code = codeOf(value.entries.get(ONE_TIME_CODE_KEY.code));
  const displayCode = codeOf(value.entries.get(ONE_TIME_CODE_KEY.displayCode));
  return code === null ? null : { kind: "one-time-code", code, displayCode };
}

function codeOf(value: AttributeValue | undefined): string | null {
  return value?.kind === "string" && value.value.length <= CODE_LENGTH_MAX ? value.value : null;
}

/** Text of any length. */
export function stringOf(value: AttributeValue): string | null {
  return value.kind === "string" ? value.value : null;
}

/** A whole number of whatever number type. */
export function integerOf(value: AttributeValue): bigint | null {
  switch (value.kind) {
    case "integer":
      return value.value;
    case "boolean":
      return value.value ? 1n : 0n;
    case "real":
      return Number.isSafeInteger(value.value) ? BigInt(value.value) : null;
    default:
      return null;
  }
}

/** A number other than 0; false for whatever is no number. */
export function isSet(value: AttributeValue): boolean {
  const number = numberOf(value);
  return number !== null && number !== 0;
}

/** A finite number, exact up to 2⁵³. */
export function numberOf(value: AttributeValue): number | null {
  switch (value.kind) {
    case "integer":
    case "boolean":
      return Number(value.value);
    case "real":
      return Number.isFinite(value.value) ? value.value : null;
    default:
      return null;
  }
}
