import type { AttachmentGuid, HandleAddress } from "@imesh/imessage-model";
import { ATTRIBUTE_KEY } from "../attributed/attribute-keys.ts";
import type { Attributes, AttributeValue } from "../attributed/attributed-body.ts";
import {
  attachmentGuidOf,
  directionOf,
  handleOf,
  integerOf,
  isSet,
  numberOf,
  oneTimeCodeOf,
  partOf,
  stringOf,
  urlOf,
} from "./attribute-forms.ts";
import type { BodyAttachment, BodyEntity, OneTimeCodeEntity } from "./message-body.ts";
import { textEffectName } from "./text-effect.ts";

/** What one set of attributes says, whatever characters have it. */
export interface RunFacts {
  /** Null where no part number is given. */
  readonly part: number | null;
  readonly attachment: BodyAttachment | null;
  readonly isBreadcrumb: boolean;
  /** In the order of BodyEntity; at most one for each kind, and style. */
  readonly marks: readonly BodyMark[];
  /** Names of attributes that none of the above comes from. */
  readonly unread: readonly string[];
}

type WithoutRange<Entity> = Entity extends unknown ? Omit<Entity, "range"> : never;

/** An entity before it is known where. */
export type BodyMark = WithoutRange<Exclude<BodyEntity, { kind: "attachment" | "slot" }>>;

type Detected = Extract<BodyMark, { kind: "detected" }>;
type OneTimeCode = Omit<OneTimeCodeEntity, "range">;

const NO_MARKS: readonly BodyMark[] = [];
const NOTHING_UNREAD: readonly string[] = [];

/** Reads a set of attributes. Never throws: a value of another form than Apple's puts its name among the unread. */
export function runFactsOf(attributes: Attributes): RunFacts {
  const draft = new RunFactsDraft();
  for (const [name, value] of attributes) {
    draft.take(name, value);
  }
  return draft.facts();
}

class RunFactsDraft {
  #part: number | null = null;
  #direction: bigint | null = null;
  #transferGuid: AttachmentGuid | null = null;
  #fileName: string | null = null;
  #inlineWidth: number | null = null;
  #inlineHeight: number | null = null;
  #isEmojiImage = false;
  #transcript: string | null = null;
  #isBreadcrumb = false;
  #handle: HandleAddress | null = null;
  #url: string | null = null;
  #isRichLink = false;
  #detected: Detected | null = null;
  #code: OneTimeCode | null = null;
  #isBold = false;
  #isItalic = false;
  #isUnderlined = false;
  #isStruckThrough = false;
  #effect: bigint | null = null;
  #unread: string[] | null = null;

  take(name: string, value: AttributeValue): void {
    if (!this.#isTaken(name, value)) {
      this.#unread ??= [];
      this.#unread.push(name);
    }
  }

  // The most frequent first.
  #isTaken(name: string, value: AttributeValue): boolean {
    switch (name) {
      case ATTRIBUTE_KEY.messagePart:
        this.#part = partOf(value);
        return this.#part !== null;
      case ATTRIBUTE_KEY.baseWritingDirection:
        this.#direction = directionOf(value);
        return this.#direction !== null;
      case ATTRIBUTE_KEY.confirmedMention:
        this.#handle = handleOf(value);
        return this.#handle !== null;
      case ATTRIBUTE_KEY.link:
        this.#url = urlOf(value);
        return this.#url !== null;
      case ATTRIBUTE_KEY.linkIsRichLink:
        this.#isRichLink = isSet(value);
        return numberOf(value) !== null;
      case ATTRIBUTE_KEY.dataDetected:
        return this.#takeDetected("data", value);
      case ATTRIBUTE_KEY.phoneNumber:
        return this.#takeDetected("phone-number", value);
      case ATTRIBUTE_KEY.address:
        return this.#takeDetected("address", value);
      case ATTRIBUTE_KEY.calendarEvent:
        return this.#takeDetected("calendar-event", value);
      case ATTRIBUTE_KEY.oneTimeCode:
        this.#code = oneTimeCodeOf(value);
        return this.#code !== null;
      case ATTRIBUTE_KEY.textEffect:
        this.#effect = integerOf(value);
        return this.#effect !== null;
      case ATTRIBUTE_KEY.breadcrumbTextMarker:
        this.#isBreadcrumb = true;
        return true;
      // Says nothing that the slot does not: where no file is, a balloon is.
      case ATTRIBUTE_KEY.pluginPayload:
        return true;
      default:
        return this.#isStyleTaken(name, value) || this.#isFileTaken(name, value);
    }
  }

  #isStyleTaken(name: string, value: AttributeValue): boolean {
    switch (name) {
      case ATTRIBUTE_KEY.bold:
        this.#isBold = isSet(value);
        break;
      case ATTRIBUTE_KEY.italic:
        this.#isItalic = isSet(value);
        break;
      case ATTRIBUTE_KEY.underline:
        this.#isUnderlined = isSet(value);
        break;
      case ATTRIBUTE_KEY.strikethrough:
        this.#isStruckThrough = isSet(value);
        break;
      default:
        return false;
    }
    return numberOf(value) !== null;
  }

  #isFileTaken(name: string, value: AttributeValue): boolean {
    switch (name) {
      case ATTRIBUTE_KEY.fileTransferGuid:
        this.#transferGuid = attachmentGuidOf(value);
        return this.#transferGuid !== null;
      case ATTRIBUTE_KEY.filename:
        this.#fileName = stringOf(value);
        return this.#fileName !== null;
      case ATTRIBUTE_KEY.inlineMediaWidth:
        this.#inlineWidth = numberOf(value);
        return this.#inlineWidth !== null;
      case ATTRIBUTE_KEY.inlineMediaHeight:
        this.#inlineHeight = numberOf(value);
        return this.#inlineHeight !== null;
      case ATTRIBUTE_KEY.emojiImage:
        this.#isEmojiImage = isSet(value);
        return numberOf(value) !== null;
      case ATTRIBUTE_KEY.audioTranscript:
        this.#transcript = stringOf(value);
        return this.#transcript !== null;
      default:
        return false;
    }
  }

  // The general attribute is beside each of the others, which say more.
  #takeDetected(what: Detected["what"], value: AttributeValue): boolean {
    if (value.kind !== "data") {
      return false;
    }
    if (this.#detected === null || this.#detected.what === "data") {
      this.#detected = { kind: "detected", what, archive: value.value };
    }
    return true;
  }

  facts(): RunFacts {
    const attachment = this.#attachment();
    if (attachment === null && this.#transcript !== null) {
      this.#unread ??= [];
      this.#unread.push(ATTRIBUTE_KEY.audioTranscript);
    }
    return {
      part: this.#part,
      attachment,
      isBreadcrumb: this.#isBreadcrumb,
      marks: this.#marks(),
      unread: this.#unread ?? NOTHING_UNREAD,
    };
  }

  #attachment(): BodyAttachment | null {
    return this.#transferGuid === null
      ? null
      : {
          transferGuid: this.#transferGuid,
          fileName: this.#fileName,
          inlineWidth: this.#inlineWidth,
          inlineHeight: this.#inlineHeight,
          isEmojiImage: this.#isEmojiImage,
          transcript: this.#transcript,
        };
  }

  #marks(): readonly BodyMark[] {
    let marks: BodyMark[] | null = null;
    const add = (mark: BodyMark): void => {
      marks ??= [];
      marks.push(mark);
    };
    if (this.#handle !== null) add({ kind: "mention", handle: this.#handle });
    if (this.#url !== null) add({ kind: "link", url: this.#url, isRichLink: this.#isRichLink });
    if (this.#detected !== null) add(this.#detected);
    if (this.#code !== null) add(this.#code);
    if (this.#isBold) add({ kind: "style", style: "bold" });
    if (this.#isItalic) add({ kind: "style", style: "italic" });
    if (this.#isUnderlined) add({ kind: "style", style: "underline" });
    if (this.#isStruckThrough) add({ kind: "style", style: "strikethrough" });
    if (this.#effect !== null && this.#effect !== 0n) {
      add({ kind: "effect", effect: textEffectName(this.#effect), number: this.#effect });
    }
    if (this.#direction === 0n) add({ kind: "writing-direction", direction: "left-to-right" });
    if (this.#direction === 1n) add({ kind: "writing-direction", direction: "right-to-left" });
    return marks ?? NO_MARKS;
  }
}
