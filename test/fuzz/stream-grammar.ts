/** Makes typedstreams: well formed for the most part, of every type and form, with what no archiver of Apple's would write. */
import type { SeededRandom } from "@imesh/testing";

const NEW = 0x84;
const NIL = 0x85;
const END = 0x86;

const CLASS_NAMES = [
  ...[
    "NSObject",
    "NSString",
    "NSMutableString",
    "NSAttributedString",
    "NSMutableAttributedString",
    "NSDictionary",
  ],
  ...["NSNumber", "NSValue", "NSData", "NSURL", "NSArray", "NSSet", "NSDate", "NSNull", "XYUnknown", ""],
];
const KEYS = [
  ...[
    "Part",
    "FileTransferGUID",
    "Filename",
    "TextBold",
    "TextItalic",
    "TextEffect",
    "Link",
    "LinkIsRichLink",
  ],
  ...["DataDetected", "PhoneNumber", "BaseWritingDirection", "OneTimeCode", "EmojiImage", "InlineMediaWidth"],
  ...["PluginPayload", "BreadcrumbTextMarker", "MessagePart", "MessagePart", "MessagePart", "MessagePart"],
];
const OTHER_KEYS = ["__kIMMentionConfirmedMention", "IMAudioTranscription", "code", "displayCode", "key", ""];
const ENCODINGS = [
  ...["@", "i", "iI", "c", "C", "q", "Q", "s", "S", "l", "L", "f", "d", "*", "+", "%", ":", "#", "!", "B"],
  ...[
    "[3c]",
    "[0c]",
    "[4i]",
    "[2@]",
    "{p=dd}",
    "{s=i@}",
    "[2{p=ic}]",
    "@@",
    "[99999999c]",
    "[9999999!]",
    "x",
    "[",
    "",
  ],
];
const TEXTS = ["", "a", "words", "\uFFFC", "a\uFFFCb", "\uFFFD", "ü", "漢字", "🧵", "x".repeat(130)];

type SlotKind = "object" | "class" | "c-string";

/** A stream of any groups. */
export function randomStream(random: SeededRandom): Uint8Array {
  const maker = new StreamMaker(random);
  for (let count = random.pick([0, 1, 1, 2, 5]); count > 0; count -= 1) {
    maker.group(0);
  }
  return maker.bytes();
}

/** A stream that would be a body. */
export function randomBodyStream(random: SeededRandom): Uint8Array {
  const maker = new StreamMaker(random);
  maker.body();
  return maker.bytes();
}

class StreamMaker {
  readonly #random: SeededRandom;
  readonly #bytes: number[] = [];
  readonly #strings: string[] = [];
  readonly #slots: SlotKind[] = [];
  // Classes by name, to be referred to instead of written again.
  readonly #classes = new Map<string, number>();
  readonly #isBigEndian: boolean;
  #left = 400;

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#isBigEndian = random.chance(0.03);
    const signature = this.#isBigEndian ? "typedstream" : "streamtyped";
    this.#bytes.push(random.chance(0.005) ? 3 : 4, signature.length, ...Buffer.from(signature));
    this.integer(random.chance(0.97) ? 1000 : random.integer(-5, 2000));
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  body(): void {
    const random = this.#random;
    const texts = Array.from({ length: random.integer(0, 5) }, () => random.pick(TEXTS));
    const text = texts.join("") + (random.chance(0.005) ? "y".repeat(random.integer(32_700, 66_000)) : "");
    this.#encoding("@");
    this.#object(random.pick(["NSAttributedString", "NSMutableAttributedString"]), () => {
      this.#encoding("@");
      this.#string(text);
      this.#runs(text.length);
    });
    if (random.chance(0.01)) {
      this.group(0);
    }
  }

  #runs(textLength: number): void {
    const random = this.#random;
    let sets = 0;
    for (let left = textLength; left > 0; ) {
      const length = random.chance(0.4) ? left : random.integer(random.chance(0.05) ? 0 : 1, left);
      left -= length;
      const isNew = sets === 0 || random.chance(0.6);
      const index = isNew ? sets + 1 : random.integer(1, sets);
      this.#encoding("iI");
      this.integer(random.chance(0.005) ? random.integer(-1, 9) : index);
      this.unsigned(random.chance(0.005) ? length + 1 : length);
      if (isNew) {
        sets += 1;
        this.#encoding("@");
        this.#dictionary(0, random.integer(0, 4));
      }
    }
  }

  #dictionary(nesting: number, count: number): void {
    const random = this.#random;
    if (random.chance(0.05) && this.#reference("object")) {
      return;
    }
    this.#object(random.pick(["NSDictionary", "NSDictionary", "NSMutableDictionary"]), () => {
      this.#encoding("i");
      this.integer(random.chance(0.01) ? count + 1 : count);
      for (let entry = 0; entry < count; entry += 1) {
        this.#encoding("@");
        this.#string(random.chance(0.8) ? `__kIM${random.pick(KEYS)}AttributeName` : random.pick(OTHER_KEYS));
        this.#encoding("@");
        this.#foundationValue(nesting + 1);
      }
    });
  }

  #foundationValue(nesting: number): void {
    const random = this.#random;
    if (random.chance(0.25) && this.#reference("object")) {
      return;
    }
    const kind = random.pick([
      "number",
      "number",
      "number",
      "string",
      "data",
      "url",
      "dictionary",
      "array",
      "other",
      "nil",
    ]);
    switch (kind) {
      case "number":
        this.#number();
        return;
      case "string":
        this.#string(random.pick(["+15550100", "at_0_GUID", "file.heic", ...TEXTS]));
        return;
      case "data": {
        const length = random.pick([0, 1, 20, 300]);
        this.#object("NSData", () => {
          this.#encoding("i");
          this.integer(length);
          this.#encoding(`[${length}c]`);
          this.#raw(length);
        });
        return;
      }
      case "url":
        this.#object("NSURL", () => {
          this.#encoding("c");
          this.#bytes.push(random.chance(0.9) ? 0 : 1);
          this.#encoding("@");
          this.#string("https://example.com");
        });
        return;
      case "dictionary":
        if (nesting < 12) {
          this.#dictionary(nesting, random.integer(0, 2));
          return;
        }
        break;
      case "array":
        if (nesting < 12) {
          this.#array(nesting);
          return;
        }
        break;
      case "other":
        this.#value("@", nesting);
        return;
      default:
    }
    this.#bytes.push(NIL);
  }

  #array(nesting: number): void {
    const count = this.#random.integer(0, 2);
    this.#object(this.#random.pick(["NSArray", "NSSet"]), () => {
      this.#encoding("i");
      this.integer(count);
      for (let item = 0; item < count; item += 1) {
        this.#encoding("@");
        this.#foundationValue(nesting + 1);
      }
    });
  }

  #number(): void {
    const letter = this.#random.pick(["i", "i", "q", "q", "c", "d", "f", "s", "I"]);
    this.#object("NSNumber", () => {
      this.#encoding("*");
      this.#value("*", 0, letter);
      this.#encoding(letter);
      this.#value(letter, 0);
    });
  }

  #string(text: string): void {
    if (this.#random.chance(0.05) && this.#reference("object")) {
      return;
    }
    const bytes = [...Buffer.from(text)];
    if (this.#random.chance(0.01)) {
      bytes.push(0xff);
    }
    this.#object(this.#random.pick(["NSString", "NSString", "NSMutableString"]), () => {
      this.#encoding("+");
      this.unsigned(bytes.length);
      for (const byte of bytes) this.#bytes.push(byte);
    });
  }

  group(nesting: number): void {
    const encoding = this.#random.pick(ENCODINGS);
    this.#encoding(encoding);
    this.#types(encoding, nesting);
  }

  // Arrays and structs roughly: their members one by one.
  #types(encoding: string, nesting: number): void {
    const array = /^\[(\d+)(.)\]$/.exec(encoding);
    if (array !== null) {
      const count = Math.min(Number(array[1]), 5);
      for (let item = 0; item < count; item += 1) {
        this.#value(array[2] ?? "", nesting);
      }
      return;
    }
    for (const type of encoding.replaceAll(/\{[a-z]+=|[{}[\]\d]/g, "")) {
      this.#value(type, nesting);
    }
  }

  #value(type: string, nesting: number, text = "a"): void {
    const random = this.#random;
    switch (type) {
      case "@":
        this.#anyObject(nesting);
        return;
      case "#":
        this.#class(random.pick(CLASS_NAMES));
        return;
      case "*":
        if (random.chance(0.4) && this.#reference("c-string")) {
          return;
        }
        this.#slots.push("c-string");
        this.#bytes.push(NEW);
        this.#encoding(text);
        return;
      case "%":
      case ":":
        this.#encoding(random.pick(["copy", "i"]));
        return;
      case "+": {
        const length = random.pick([0, 1, 5, 200]);
        this.unsigned(length);
        this.#raw(length);
        return;
      }
      case "c":
      case "C":
      case "B":
        this.#bytes.push(random.pick([0, 1, 1, 0x85, random.integer(0, 255)]));
        return;
      case "f":
      case "d":
        this.#real(type === "f" ? 4 : 8);
        return;
      case "!":
        return;
      default:
        this.integer(random.pick([0, 1, 1, 5, -1, 127, 128, 40_000, -200, 2 ** 31, random.integer(-9, 300)]));
    }
  }

  #anyObject(nesting: number): void {
    const random = this.#random;
    if (nesting > 70 || this.#left < 0 || random.chance(0.1)) {
      this.#bytes.push(NIL);
      return;
    }
    if (random.chance(0.3) && this.#reference("object")) {
      return;
    }
    this.#object(random.pick(CLASS_NAMES), () => {
      const isDeep = random.chance(0.3);
      for (let count = isDeep ? 1 : random.integer(0, 3); count > 0; count -= 1) {
        this.group(nesting + 1);
      }
    });
  }

  #object(className: string, content: () => void): void {
    this.#left -= 1;
    this.#bytes.push(NEW);
    this.#slots.push("object");
    this.#class(className);
    content();
    if (!this.#random.chance(0.002)) {
      this.#bytes.push(END);
    }
  }

  #class(className: string): void {
    const known = this.#classes.get(className);
    if (known !== undefined && this.#random.chance(0.97)) {
      this.integer(known - 110);
      return;
    }
    this.#bytes.push(NEW);
    this.#classes.set(className, this.#slots.length);
    this.#slots.push("class");
    this.#encoding(className);
    this.integer(this.#random.pick([0, 0, 0, 1, 300]));
    const superclass = className.startsWith("NSMutable")
      ? className.replace("Mutable", "")
      : this.#random.pick(["NSObject", "NSObject", "NSValue", "NSString"]);
    if (className === "NSObject" || superclass === className) {
      this.#bytes.push(NIL);
    } else {
      this.#class(superclass);
    }
  }

  /** Refers to something known, mostly of the kind; false when there is nothing. */
  #reference(kind: SlotKind): boolean {
    const random = this.#random;
    const fitting = this.#slots.flatMap((slot, index) =>
      slot === kind || random.chance(0.01) ? [index] : [],
    );
    if (fitting.length === 0) {
      return false;
    }
    this.integer(random.pick(fitting) - 110 + (random.chance(0.01) ? 1 : 0));
    return true;
  }

  #encoding(text: string): void {
    const known = this.#strings.indexOf(text);
    if (known >= 0 && !this.#random.chance(0.004)) {
      this.integer(known - 110);
      return;
    }
    this.#strings.push(text);
    this.#bytes.push(NEW);
    this.unsigned(text.length);
    this.#bytes.push(...Buffer.from(text, "latin1"));
  }

  integer(value: number): void {
    const random = this.#random;
    const forms =
      value >= -110 && value <= 127
        ? 0
        : value >= -32768 && value <= 32767
          ? 1
          : value === value >> 0
            ? 2
            : 3;
    const form = random.chance(0.01) ? random.integer(forms, 3) : forms;
    if (form === 0) {
      this.#bytes.push(value & 0xff);
      return;
    }
    const bytes = Buffer.alloc([0, 2, 4, 8][form] ?? 8);
    const long = BigInt(value);
    for (let index = 0; index < bytes.length; index += 1) {
      const shift = BigInt(8 * (this.#isBigEndian ? bytes.length - 1 - index : index));
      bytes[index] = Number((long >> shift) & 0xffn);
    }
    this.#bytes.push([0, 0x81, 0x82, 0x87][form] ?? 0x87, ...bytes);
  }

  /** As integer(), but for the forms of one and two bytes that only unsigned ones have. */
  unsigned(value: number): void {
    if (value >= 146 && value <= 255 && this.#random.chance(0.3)) {
      this.#bytes.push(value);
    } else if (value >= 0x8000 && value <= 0xffff && !this.#isBigEndian && this.#random.chance(0.5)) {
      this.#bytes.push(0x81, value & 0xff, value >> 8);
    } else {
      this.integer(value);
    }
  }

  #real(byteCount: 4 | 8): void {
    if (this.#random.chance(0.3)) {
      this.integer(this.#random.integer(-200, 200));
      return;
    }
    this.#bytes.push(0x83);
    const bytes = Buffer.alloc(byteCount);
    const value = this.#random.pick([0, -0, 1, 0.5, 2 ** 40, Number.NaN, Number.POSITIVE_INFINITY]);
    if (byteCount === 4) {
      bytes.writeFloatLE(value);
    } else {
      bytes.writeDoubleLE(value);
    }
    this.#bytes.push(...bytes);
  }

  #raw(length: number): void {
    for (let index = 0; index < length; index += 1) {
      this.#bytes.push((index * 7) & 0xff);
    }
  }
}
