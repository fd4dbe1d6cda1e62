import { ATTACHMENT_SLOT, encodeAttributedBody } from "@imesh/imessage-codec";
import type { BulkAttachment, BulkSpecial } from "../mac/bulk-tables.ts";
import { writeEntries } from "../mac/property-lists.ts";
import { kindOf } from "./acts/attachment-files.ts";
import { attachmentPart, permanentGuid } from "./acts/attachments.ts";
import { tapbackSummary } from "./acts/summary-info.ts";
import { type EditedText, editHistoryText, type HistoryText } from "./history-texts.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** Of messages of a long history; the others are words and nothing else. */
const SHARES = { tapback: 0.04, attachment: 0.03, edit: 0.01, reply: 0.015, effect: 0.003 } as const;

/** Texts that were edited: a history of edits takes long to write. */
const EDITS = 64;
const QUOTE_UNITS = 60;
/** Of a UUID. */
const GUID_UNITS = 36;
const SIZE_BYTES = { min: 20_000, max: 6_000_000 } as const;
const NS_PER_S = 1_000_000_000n;
const EDITED_AFTER_NS = 60n * NS_PER_S;
/** transfer_state of what is in iCloud only: there is no file. */
const STATE_ARCHIVED = -1;

const TAPBACKS = ["Loved", "Liked", "Disliked", "Laughed at", "Emphasized", "Questioned"] as const;
const EFFECT_IDS = [
  "com.apple.MobileSMS.expressivesend.impact",
  "com.apple.messages.effect.CKConfettiEffect",
] as const;
const FILES = ["jpeg", "heic", "heic", "mov", "pdf"] as const;

/** A message in the same chat that others can be about. */
export interface HistoryTarget {
  readonly guid: string;
  readonly text: string;
  readonly hasBalloon: boolean;
}

/** What a message of a long history says; `special` undefined: only words. */
export interface HistoryShape {
  readonly text: string | null;
  readonly attributedBody: Uint8Array;
  readonly special: BulkSpecial | undefined;
  /** Undefined for what nobody answers. */
  readonly target: HistoryTarget | undefined;
}

/** A tapback on a text, in both styles. */
interface PreparedTapback {
  readonly phrase: string;
  readonly type: number;
  readonly mac: Uint8Array;
  readonly ios: Uint8Array;
  readonly summaryInfo: Uint8Array;
}

/** The body of a message that is one attachment: all of them are alike but for the guid, which has one length. */
class SlotBody {
  readonly #template: Buffer;
  readonly #at: number;

  constructor(style: "mac" | "ios") {
    const placeholder = permanentGuid(0, "0".repeat(GUID_UNITS));
    const { runs } = attachmentPart(0, placeholder);
    this.#template = Buffer.from(encodeAttributedBody({ text: ATTACHMENT_SLOT, runs, style }));
    this.#at = this.#template.indexOf(placeholder, 0, "latin1");
  }

  /** Of the attachment with this permanent guid. */
  bodyWith(guid: string): Uint8Array {
    const body = Buffer.from(this.#template);
    body.write(guid, this.#at, "latin1");
    return body;
  }
}

/** Draws what messages are, in the shares of a Mac in use as far as they are known. */
export class HistoryShapes {
  readonly #texts: readonly [HistoryText, ...HistoryText[]];
  readonly #random: SeededRandom;
  readonly #edited: EditedText[] = [];
  /** By the text that they are on: those of the pool and of edits. */
  readonly #tapbacks = new Map<string, PreparedTapback>();
  readonly #macSlot = new SlotBody("mac");
  readonly #iosSlot = new SlotBody("ios");

  constructor(texts: readonly [HistoryText, ...HistoryText[]], random: SeededRandom) {
    this.#texts = texts;
    this.#random = random;
  }

  /** `before`: the newest message of the chat that can be answered. */
  draw(
    message: {
      readonly guid: string;
      readonly isOwn: boolean;
      readonly date: bigint;
      readonly hasText: boolean;
    },
    before: HistoryTarget | undefined,
  ): HistoryShape {
    const random = this.#random;
    let left = random.next();
    const isOf = (share: number) => {
      left -= share;
      return left < 0;
    };
    if (isOf(SHARES.tapback)) {
      if (before !== undefined) return this.#tapback(message.isOwn, before);
    } else if (isOf(SHARES.attachment)) return this.#attachment(message);
    else if (isOf(SHARES.edit)) return this.#edit(message);
    const text = random.pick(this.#texts);
    const special = this.#specialOf(text, before, isOf);
    return shapeOf(text, message, special);
  }

  #specialOf(
    text: HistoryText,
    before: HistoryTarget | undefined,
    isOf: (share: number) => boolean,
  ): BulkSpecial | undefined {
    const preview =
      text.preview === undefined
        ? undefined
        : { balloonBundleId: text.preview.bundleId, payload: text.preview.payload };
    if (isOf(SHARES.reply) && before !== undefined) {
      return { ...preview, threadGuid: before.guid, threadPart: `0:0:${before.text.length}` };
    }
    return isOf(SHARES.effect) ? { ...preview, effectId: this.#random.pick(EFFECT_IDS) } : preview;
  }

  #tapback(isOwn: boolean, { guid, text, hasBalloon }: HistoryTarget): HistoryShape {
    const { phrase, mac, ios, type, summaryInfo } = this.#tapbackOn(text);
    return {
      text: phrase,
      attributedBody: isOwn ? mac : ios,
      special: {
        associatedGuid: hasBalloon ? `bp:${guid}` : `p:0/${guid}`,
        associatedType: type,
        associatedLength: text.length,
        summaryInfo,
      },
      target: undefined,
    };
  }

  /** The same kind for the same text: to write one anew takes longer than to store it. */
  #tapbackOn(text: string): PreparedTapback {
    const known = this.#tapbacks.get(text);
    if (known !== undefined) return known;
    const kind = this.#random.integer(0, TAPBACKS.length - 1);
    const quote = text.slice(0, QUOTE_UNITS).toWellFormed();
    const about = text === ATTACHMENT_SLOT ? "an attachment" : `“${quote}”`;
    const phrase = `${TAPBACKS[kind]} ${about}`;
    const prepared = {
      phrase,
      type: 2_000 + kind,
      mac: encodeAttributedBody({ text: phrase }),
      ios: encodeAttributedBody({ text: phrase, style: "ios" }),
      summaryInfo: writeEntries(tapbackSummary(quote)),
    };
    this.#tapbacks.set(text, prepared);
    return prepared;
  }

  #attachment(message: {
    readonly guid: string;
    readonly isOwn: boolean;
    readonly date: bigint;
  }): HistoryShape {
    const random = this.#random;
    const guid = permanentGuid(0, message.guid);
    const name = `IMG_${String(random.integer(1, 9_999)).padStart(4, "0")}.${random.pick(FILES)}`;
    const attachment: BulkAttachment = {
      guid,
      createdSeconds: message.date / NS_PER_S,
      transferState: STATE_ARCHIVED,
      transferName: name,
      totalBytes: BigInt(random.integer(SIZE_BYTES.min, SIZE_BYTES.max)),
      isOutgoing: message.isOwn,
      ...kindOf(name),
    };
    return {
      text: null,
      attributedBody: (message.isOwn ? this.#macSlot : this.#iosSlot).bodyWith(guid),
      special: { attachment },
      target: { guid: message.guid, text: ATTACHMENT_SLOT, hasBalloon: false },
    };
  }

  #edit(message: { readonly guid: string; readonly date: bigint }): HistoryShape {
    const random = this.#random;
    const place = random.integer(0, EDITS - 1);
    const atSeconds = Number((message.date + EDITED_AFTER_NS) / NS_PER_S);
    const text = this.#edited[place] ?? editHistoryText(random.pick(this.#texts), random, atSeconds);
    this.#edited[place] = text;
    return {
      text: null,
      attributedBody: text.ios,
      special: { summaryInfo: text.summaryInfo, dateEdited: message.date + EDITED_AFTER_NS },
      target: { guid: message.guid, text: text.text, hasBalloon: false },
    };
  }
}

function shapeOf(
  text: HistoryText,
  message: { readonly guid: string; readonly isOwn: boolean; readonly hasText: boolean },
  special: BulkSpecial | undefined,
): HistoryShape {
  return {
    text: message.hasText ? text.text : null,
    attributedBody: message.isOwn ? text.mac : text.ios,
    special,
    target: { guid: message.guid, text: text.text, hasBalloon: text.preview !== undefined },
  };
}
