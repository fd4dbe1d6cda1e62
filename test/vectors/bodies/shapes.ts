/** What the vectors are made from: one body for each shape that Messages writes, or that a stranger might. */
import {
  type AttributeRun,
  type AttributeValue,
  decodeTypedStream,
  encodeAttributedBody,
  encodeTypedStream,
  extendRun,
  messageRun,
  type TypedClass,
  type TypedGroup,
  type TypedObject,
  type TypedValue,
} from "@imesh/imessage-codec";
import { parseAttachmentGuid, parseHandleAddress } from "@imesh/imessage-model";

/** Name of the folder, and the bytes of body.bin. */
export interface Shape {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const GUID = "6F8A2B3C-0000-4000-8000-000000000001";
const HANDLE = parseHandleAddress("+15550100");
const SLOT = "\uFFFC";

const attachment = (part: number) => parseAttachmentGuid(`at_${part}_${GUID}`);

/** An archive that is none: only its length and identity count. */
function archiveOf(byteLength: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: byteLength }, (_, index) => (index * 31 + seed) & 0xff);
}

function run(length: number, ...entries: readonly (readonly [string, AttributeValue])[]): AttributeRun {
  return { length, attributes: new Map(entries) };
}

const part = (index: bigint): readonly [string, AttributeValue] => [
  "__kIMMessagePartAttributeName",
  { kind: "integer", value: index },
];

function body(text: string, ...runs: readonly AttributeRun[]): Uint8Array {
  return encodeAttributedBody(runs.length === 0 ? { text } : { text, runs });
}

function iosBody(text: string, ...runs: readonly AttributeRun[]): Uint8Array {
  return encodeAttributedBody(runs.length === 0 ? { text, style: "ios" } : { text, runs, style: "ios" });
}

// Classes and objects of streams that no encoder of ours would write.
const object: TypedClass = { kind: "class", name: "NSObject", version: 0, superclass: null };
const classNamed = (name: string, superclass: TypedClass = object, version = 0): TypedClass => ({
  kind: "class",
  name,
  version,
  superclass,
});
const attributedString = classNamed("NSAttributedString");
const string = classNamed("NSString", object, 1);
const dictionary = classNamed("NSDictionary");
const number = classNamed("NSNumber", classNamed("NSValue"));
const integerLetter: TypedValue = { kind: "c-string", text: "i" };

const objectOf = (itsClass: TypedClass, ...groups: readonly TypedGroup[]): TypedObject => ({
  kind: "object",
  class: itsClass,
  groups,
});
const group = (encoding: string, ...values: readonly TypedValue[]): TypedGroup => ({ encoding, values });
const integer = (value: number): TypedValue => ({ kind: "integer", value });
const bytesOf = (text: string): TypedValue => ({ kind: "bytes", bytes: new TextEncoder().encode(text) });
const stringOf = (text: string, itsClass = string): TypedObject =>
  objectOf(itsClass, group("+", bytesOf(text)));
const numberOf = (value: number): TypedObject =>
  objectOf(number, group("*", integerLetter), group("i", integer(value)));
const dictionaryOf = (itsClass: TypedClass, ...entries: readonly (readonly [string, TypedObject])[]) =>
  objectOf(
    itsClass,
    group("i", integer(entries.length)),
    ...entries.flatMap(([key, value]) => [group("@", stringOf(key)), group("@", value)]),
  );

/** A body of one run over `text` with these attributes besides part 0. */
function rawBody(
  text: TypedObject,
  length: number,
  entries: readonly (readonly [string, TypedObject])[],
  rest: { isBigEndian?: true; dictionaryClass?: TypedClass } = {},
): Uint8Array {
  const attributes = dictionaryOf(rest.dictionaryClass ?? dictionary, ...entries, [
    "__kIMMessagePartAttributeName",
    numberOf(0),
  ]);
  const root = objectOf(
    attributedString,
    group("@", text),
    group("iI", integer(1), integer(length)),
    group("@", attributes),
  );
  const order = rest.isBigEndian === true ? { isBigEndian: rest.isBigEndian } : {};
  return encodeTypedStream({ systemVersion: 1000, groups: [group("@", root)], ...order });
}

/** Changes bytes of a body where `from` stands for the first time; their number may change. */
function replaced(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const hex = Buffer.from(bytes).toString("hex");
  const at = hex.indexOf(from);
  if (at < 0 || at % 2 !== 0) throw new Error(`no ${from} in the body`);
  return new Uint8Array(Buffer.from(hex.slice(0, at) + to + hex.slice(at + from.length), "hex"));
}

const plain = body("Are you there?");
const link = messageRun(19, { part: 0, link: { url: "https://example.com", isRichLink: true } });
const mention = messageRun(3, { part: 0, mention: HANDLE });
const named = messageRun(6, { part: 0, link: { url: "tel:+15550100", isRichLink: false } });

/** What people write. */
const ordinary: readonly Shape[] = [
  { name: "plain", bytes: plain },
  { name: "ios", bytes: iosBody("Are you there?") },
  { name: "empty", bytes: body("") },
  { name: "every-length-of-utf8", bytes: body("a\u0000ü漢🧵\uFEFFe\u0301👩‍👩‍👧 \u202Eend") },
  { name: "length-of-two-bytes", bytes: body("long ".repeat(60)) },
  {
    name: "mention",
    bytes: body("Hi Dad!", messageRun(3, { part: 0 }), mention, messageRun(1, { part: 0 })),
  },
  {
    name: "mention-half-bold",
    bytes: body(
      "Dad!",
      extendRun(mention, 1, { styles: ["bold"] }),
      { ...mention, length: 2 },
      messageRun(1, { part: 0 }),
    ),
  },
  { name: "link", bytes: body("https://example.com", link) },
  { name: "link-tel", bytes: body("call me", named, messageRun(1, { part: 0 })) },
  {
    name: "link-cut-by-styles",
    bytes: body(
      "https://example.com",
      extendRun(link, 8, { styles: ["italic", "underline"] }),
      extendRun(link, 11, { styles: ["italic"] }),
    ),
  },
  {
    name: "detectors",
    bytes: body(
      "+15550100 at noon, 1 Main St, UA 88",
      messageRun(9, { part: 0, detected: { what: "phone-number", archive: archiveOf(60, 1) } }),
      messageRun(1, { part: 0 }),
      messageRun(7, { part: 0, detected: { what: "calendar-event", archive: archiveOf(61, 2) } }),
      messageRun(2, { part: 0 }),
      messageRun(9, { part: 0, detected: { what: "address", archive: archiveOf(62, 3) } }),
      messageRun(2, { part: 0 }),
      messageRun(5, { part: 0, detected: { what: "data", archive: archiveOf(63, 4) } }),
    ),
  },
  {
    name: "one-time-code",
    bytes: body(
      "Your code is 123456",
      messageRun(13, { part: 0 }),
      messageRun(6, { part: 0, oneTimeCode: { code: "123456", displayCode: "123-456" } }),
    ),
  },
  {
    name: "styles",
    bytes: iosBody(
      "bius",
      messageRun(1, { part: 0, styles: ["bold"] }),
      messageRun(1, { part: 0, styles: ["bold", "italic"] }),
      messageRun(1, { part: 0, styles: ["italic", "underline"] }),
      messageRun(1, { part: 0, styles: ["strikethrough"] }),
    ),
  },
  {
    name: "effects",
    bytes: iosBody(
      "0123456789abc",
      ...Array.from({ length: 13 }, (_, effect) => messageRun(1, { part: 0, effect })),
    ),
  },
  {
    name: "directions",
    bytes: iosBody(
      "abc \u05d0\u05d1",
      messageRun(3, { part: 0, writingDirection: "left-to-right" }),
      messageRun(1, { part: 0, writingDirection: "natural" }),
      messageRun(2, { part: 0, writingDirection: "right-to-left" }),
    ),
  },
];

/** Files and balloons. */
const withSlots: readonly Shape[] = [
  { name: "attachment", bytes: body(SLOT, messageRun(1, { part: 0, attachmentGuid: attachment(0) })) },
  {
    name: "attachments-and-words",
    bytes: body(
      `${SLOT}first${SLOT}second`,
      messageRun(1, {
        part: 0,
        attachmentGuid: attachment(0),
        fileName: "IMG_1.HEIC",
        inlineSize: { width: 320.5, height: 240 },
      }),
      messageRun(5, { part: 1 }),
      messageRun(1, {
        part: 2,
        attachmentGuid: attachment(0),
        fileName: "b.mov",
        inlineSize: { width: 100n, height: 200n },
      }),
      messageRun(6, { part: 3 }),
    ),
  },
  {
    name: "audio-transcript",
    bytes: body(
      SLOT,
      messageRun(1, { part: 0, attachmentGuid: attachment(0), transcript: "I am on my way" }),
    ),
  },
  {
    name: "genmoji",
    bytes: iosBody(
      `well ${SLOT} done`,
      messageRun(5, { part: 0 }),
      messageRun(1, { part: 0, attachmentGuid: attachment(0), isEmojiImage: true }),
      messageRun(5, { part: 0 }),
    ),
  },
  {
    name: "genmoji-alone",
    bytes: iosBody(
      SLOT + SLOT,
      messageRun(1, { part: 0, attachmentGuid: attachment(0), isEmojiImage: true }),
      messageRun(1, { part: 0, attachmentGuid: attachment(1), isEmojiImage: true }),
    ),
  },
  {
    name: "sticker-tapback",
    bytes: body(
      `Reacted with a sticker to “Hi”${SLOT}`,
      messageRun(30, { part: 0 }),
      messageRun(1, { part: 1, attachmentGuid: attachment(0) }),
    ),
  },
  { name: "balloon", bytes: body(SLOT) },
  {
    name: "balloon-with-payload",
    bytes: body(SLOT, run(1, ["__kIMPluginPayloadAttributeName", { kind: "null" }], part(0n))),
  },
  { name: "balloon-of-old", bytes: body("\uFFFD") },
  { name: "slot-among-words", bytes: body(`see ${SLOT} here`) },
  {
    name: "file-named-in-words",
    bytes: body("report.pdf", messageRun(10, { part: 0, attachmentGuid: attachment(0) })),
  },
  { name: "breadcrumb", bytes: body("You started a game", messageRun(18, { part: 0, isBreadcrumb: true })) },
  {
    name: "unsent-parts",
    bytes: body(
      `begin${SLOT}`,
      messageRun(5, { part: 1 }),
      messageRun(1, { part: 4, attachmentGuid: attachment(4) }),
    ),
  },
  {
    name: "unnumbered",
    bytes: body(
      `${SLOT}caption${SLOT}`,
      run(1, ["__kIMFileTransferGUIDAttributeName", { kind: "string", value: "at_0" }]),
      run(8),
    ),
  },
  { name: "numbered-late", bytes: body("ab", run(1), messageRun(1, { part: 3 })) },
];

/** What is well formed and not Apple's. */
const unusual: readonly Shape[] = [
  {
    name: "attribute-unknown",
    bytes: body(
      "hi",
      run(1, ["__kIMOfMacOS99AttributeName", { kind: "boolean", value: true }], part(0n)),
      run(1, ["__kIMLinkAttributeName", { kind: "string", value: "not a url" }], part(0n)),
    ),
  },
  { name: "attribute-of-all-kinds", bytes: everyKind() },
  {
    name: "class-unknown",
    bytes: rawBody(stringOf("hi"), 2, [
      [
        "new",
        objectOf(
          classNamed("IMOfMacOS99", object, 7),
          group("{CGSize=dd}", {
            kind: "list",
            items: [
              { kind: "real", value: 0.5 },
              { kind: "real", value: 2 },
            ],
          }),
          group("#:%", string, { kind: "atom", text: "copy" }, { kind: "nil" }),
        ),
      ],
    ]),
  },
  {
    name: "class-mutable",
    bytes: rawBody(
      stringOf("hi", classNamed("NSMutableString", string, 1)),
      2,
      [["word", stringOf("x", classNamed("NSMutableString", string, 1))]],
      { dictionaryClass: classNamed("NSMutableDictionary", dictionary) },
    ),
  },
  {
    name: "big-endian",
    bytes: rawBody(stringOf("x".repeat(300)), 300, [["number", numberOf(100_000)]], { isBigEndian: true }),
  },
  { name: "integers-longer-than-needed", bytes: withLongIntegers() },
  { name: "shared-string-again", bytes: withStringAgain() },
  { name: "system-version-other", bytes: replaced(plain, "81e803", "81e903") },
];

function everyKind(): Uint8Array {
  const nested: AttributeValue = { kind: "dictionary", entries: new Map([["inner", { kind: "null" }]]) };
  const values: readonly AttributeValue[] = [
    { kind: "string", value: "s" },
    { kind: "integer", value: 2n ** 40n },
    { kind: "integer", value: -(2n ** 62n) },
    { kind: "real", value: 0.1 },
    { kind: "real", value: Number.NaN },
    { kind: "boolean", value: true },
    { kind: "data", value: archiveOf(300, 5) },
    { kind: "url", value: "https://example.com/a" },
    { kind: "date", secondsSince2001: 700_000_000.25 },
    { kind: "array", items: [nested, { kind: "string", value: "item" }] },
    { kind: "null" },
  ];
  const entries = values.map((value, index): [string, AttributeValue] => [`key${index}`, value]);
  return body("hi", { length: 2, attributes: new Map([...entries, part(0n)]) });
}

/** The length of the text as 32 bits, the run's index as 16, its length as 64. */
function withLongIntegers(): Uint8Array {
  const text = replaced(plain, "2b0e417265", "2b820e000000417265");
  return replaced(text, "6949010e", "6949810100870e00000000000000");
}

/** The encoding "@" of the text written again, and of the attributes as a reference to that second one. */
function withStringAgain(): Uint8Array {
  const stream = decodeTypedStream(plain);
  const textGroup = 0x54;
  const attributesGroup = 0x91;
  const strings = new Map([
    [textGroup, null],
    [attributesGroup, 4],
  ]);
  return encodeTypedStream({ ...stream, oddForms: { numbers: new Map(), strings } });
}

/** What is refused. */
const broken: readonly Shape[] = [
  { name: "broken-cut-short", bytes: plain.slice(0, plain.length - 40) },
  { name: "broken-bytes-after-the-end", bytes: Uint8Array.of(...plain, 0x86) },
  { name: "broken-utf8", bytes: replaced(plain, "41726520", "41ff6520") },
  { name: "broken-surrogate-in-utf8", bytes: replaced(plain, "41726520", "41eda080") },
  { name: "broken-run-length", bytes: replaced(plain, "6949010e", "6949010d") },
  { name: "broken-run-index", bytes: replaced(plain, "6949010e", "6949020e") },
  { name: "broken-reference", bytes: replaced(plain, "84012b", "b0") },
  { name: "broken-reserved-tag", bytes: replaced(plain, "81e803", "88e803") },
  { name: "broken-header", bytes: replaced(plain, "73747265616d", "53747265616d") },
  { name: "broken-encoding", bytes: replaced(plain, "84012b", "84015e") },
  {
    name: "broken-not-a-body",
    bytes: encodeTypedStream({ systemVersion: 1000, groups: [group("@", stringOf("hi"))] }),
  },
  {
    name: "broken-class-above-itself",
    bytes: replaced(plain, "4e534f626a6563740085", "4e534f626a6563740095"),
  },
];

/** Every shape, each name once. */
export const SHAPES: readonly Shape[] = [...ordinary, ...withSlots, ...unusual, ...broken];
