import { ATTRIBUTE_KEY } from "./attribute-keys.ts";
import type { AttributedBody, Attributes, AttributeValue } from "./attributed-body.ts";
import { decodeAttributedBody } from "./decode-attributed-body.ts";

/**
 * Handles and transcripts that are taken in, in UTF-16 units, each once for each set of attributes that has it. A hostile body
 * can have 10,000 sets refer to one transcript of half a million units; all of an honest one fit in its own bytes.
 */
const LOOK_UNITS_MAX = 2 * 1024 * 1024;

/**
 * A 32-bit unsigned number for what a person sees in `message.attributedBody`: bodies that look the same give the same number,
 * others a different one but for one chance in 2³². Undefined when the body cannot be decoded (or is made to take long); never throws. About 2 µs for
 * 300 bytes. The number is stored by its callers, so what goes into it changes only together with their stored format.
 *
 * Seen are the text, where its parts begin and their numbers, where attachments sit (not which: Messages replaces temporary
 * guids), who is mentioned, formatting, text effects and an audio message's transcript.
 *
 * Every other attribute is left out, also one that this version does not know. Messages rewrites bodies of any age when it
 * detects data in them, so an attribute of a new macOS counted in would make an edit out of every old message; whereas a
 * person's edit always moves `date_edited` and `message_summary_info` too, which are compared beside the body.
 */
export function bodyDigest(attributedBody: Uint8Array): number | undefined {
  let body: AttributedBody;
  try {
    body = decodeAttributedBody(attributedBody);
  } catch {
    // Whatever the reason, it is in the bytes, and undefined stands for it; the caller then compares those.
    return undefined;
  }
  return digestOfBody(body);
}

function digestOfBody(body: AttributedBody): number | undefined {
  const digest = new Digest();
  digest.addText(body.text);
  const looks = new Map<Attributes, number>();
  let look: number | undefined;
  let length = 0;
  let lookUnits = 0;
  for (const run of body.runs) {
    let runLook = looks.get(run.attributes);
    if (runLook === undefined) {
      lookUnits += lookUnitsOf(run.attributes);
      if (lookUnits > LOOK_UNITS_MAX) {
        return undefined;
      }
      runLook = lookOf(run.attributes);
      looks.set(run.attributes, runLook);
    }
    // Neighbours that look alike were cut apart by something that is not seen.
    if (runLook !== look && run.length > 0) {
      digest.addStretch(length, look);
      look = runLook;
      length = 0;
    }
    length += run.length;
  }
  digest.addStretch(length, look);
  return digest.value();
}

function lookUnitsOf(attributes: Attributes): number {
  return (
    stringIn(attributes.get(ATTRIBUTE_KEY.confirmedMention)).length +
    stringIn(attributes.get(ATTRIBUTE_KEY.audioTranscript)).length
  );
}

/** A number for the visible ones of a set of attributes, whatever their order. A missing part number counts as 0. */
function lookOf(attributes: Attributes): number {
  const digest = new Digest();
  digest.addNumber(numberIn(attributes.get(ATTRIBUTE_KEY.messagePart)));
  let flags = attributes.has(ATTRIBUTE_KEY.fileTransferGuid) ? 1 : 0;
  flags |= isSet(attributes.get(ATTRIBUTE_KEY.bold)) ? 2 : 0;
  flags |= isSet(attributes.get(ATTRIBUTE_KEY.italic)) ? 4 : 0;
  flags |= isSet(attributes.get(ATTRIBUTE_KEY.underline)) ? 8 : 0;
  flags |= isSet(attributes.get(ATTRIBUTE_KEY.strikethrough)) ? 16 : 0;
  const mention = attributes.get(ATTRIBUTE_KEY.confirmedMention);
  flags |= mention === undefined ? 0 : 32;
  const transcript = attributes.get(ATTRIBUTE_KEY.audioTranscript);
  flags |= transcript === undefined ? 0 : 64;
  digest.addNumber(flags);
  digest.addNumber(numberIn(attributes.get(ATTRIBUTE_KEY.textEffect)));
  digest.addText(stringIn(mention));
  digest.addText(stringIn(transcript));
  return digest.value();
}

function isSet(value: AttributeValue | undefined): boolean {
  return numberIn(value) !== 0;
}

/** The number in a value of whatever number type, exact up to 2⁵³; 0 when it is none. */
function numberIn(value: AttributeValue | undefined): number {
  switch (value?.kind) {
    case "integer":
    case "boolean":
      return Number(value.value);
    case "real":
      return value.value;
    default:
      return 0;
  }
}

function stringIn(value: AttributeValue | undefined): string {
  return value?.kind === "string" ? value.value : "";
}

const TWO_POW_32 = 0x1_0000_0000;

/** Takes in words of 32 bits, each spread over the whole state by multiplications and rotations (MurmurHash3's constants). */
class Digest {
  #state = 0;
  #words = 0;

  addText(text: string): void {
    this.#addWord(text.length);
    // The state in a variable: 100,000 units are three times as fast as through the field.
    let state = this.#state;
    const pairsEnd = text.length - 1;
    for (let index = 0; index < pairsEnd; index += 2) {
      state = mixed(state, text.charCodeAt(index) | (text.charCodeAt(index + 1) << 16));
    }
    this.#state = state;
    this.#words += text.length >> 1;
    if (text.length % 2 === 1) {
      this.#addWord(text.charCodeAt(text.length - 1));
    }
  }

  /** Fractions are dropped, and beyond 2⁶⁴ the upper bits; NaN counts as 0. */
  addNumber(value: number): void {
    this.#addWord(value | 0);
    this.#addWord(Math.floor(value / TWO_POW_32) | 0);
  }

  /** `length` units that look alike; none is nothing. */
  addStretch(length: number, look: number | undefined): void {
    if (length > 0 && look !== undefined) {
      this.#addWord(length);
      this.#addWord(look);
    }
  }

  value(): number {
    let mixed = this.#state ^ this.#words;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  }

  #addWord(word: number): void {
    this.#state = mixed(this.#state, word);
    this.#words += 1;
  }
}

/** The state after one more word. */
function mixed(state: number, word: number): number {
  const scrambled = Math.imul(word, 0xcc9e_2d51);
  const spread = state ^ Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b87_3593);
  return (Math.imul((spread << 13) | (spread >>> 19), 5) + 0xe654_6b64) | 0;
}
