/** Makes large inputs that mean as much as they can: what time and memory are measured with. */
import {
  type ArchivedValue,
  type AttributeRun,
  type AttributeValue,
  encodeAttributedBody,
  encodePropertyList,
  encodeTypedStream,
  messageRun,
  type PropertyListLiteral,
  propertyListOf,
  type TypedClass,
  type TypedGroup,
  type TypedObject,
  type TypedStream,
  type TypedValue,
} from "@imesh/imessage-codec";
import type { SeededRandom } from "@imesh/testing";
import {
  appPayload,
  dictionary,
  linkPayload,
  pollUrl,
  substitute,
  text,
  url,
} from "../../libs/imessage-codec/src/payload/fixtures/payloads.ts";
import { assemble, bigEndian } from "../../libs/imessage-codec/src/property-list/fixtures/assemble.ts";
import { hostileQuery } from "./hostile.ts";
import type { Family } from "./target.ts";

const HEADER = Buffer.from([4, 11, ...Buffer.from("streamtyped"), 0x81, 0xe8, 0x03]);
const BYTES_MAX = 1024 * 1024;

/** One input of the family, up to 1 MiB. */
export function heavyInput(random: SeededRandom, family: Family): Uint8Array {
  return random.pick(
    family === "typedstream"
      ? [repeatedGroups, repeatedGroups, heavyBody, heavyTree]
      : [manyObjects, laughs, heavySummary, heavyArchive],
  )(random);
}

/** A first group that defines things, and one that uses them as often as fits. */
function repeatedGroups(random: SeededRandom): Uint8Array {
  const shared = (text: string) => Buffer.from([0x84, text.length, ...Buffer.from(text)]);
  const pick = random.pick([
    // Empty objects, objects each in the one before, classes, C-strings, ints in each form, doubles, bytes, data,
    // values without bytes, arrays, groups of many values, an encoding written again and again.
    {
      first: Buffer.concat([
        shared("@"),
        Buffer.from([0x84, 0x84]),
        shared("A"),
        Buffer.from([0, 0x85, 0x86]),
      ]),
      again: [0x92, 0x84, 0x93, 0x86],
    },
    {
      first: Buffer.concat([
        shared("@"),
        Buffer.from([0x84, 0x84]),
        shared("A"),
        Buffer.from([0, 0x85, 0x86]),
      ]),
      again: [0x92, 0x84, 0x93],
    },
    {
      first: Buffer.concat([shared("#"), Buffer.from([0x84]), shared("A"), Buffer.from([0, 0x85])]),
      again: [0x92, 0x84, 0x93, 0, 0x92],
    },
    { first: Buffer.concat([shared("*"), Buffer.from([0x84, 0x92])]), again: [0x92, 0x84, 0x92] },
    { first: Buffer.concat([shared("i"), Buffer.from([0])]), again: [0x92, 0x7f] },
    { first: Buffer.concat([shared("i"), Buffer.from([0])]), again: [0x92, 0x81, 0x00, 0x05] },
    { first: Buffer.concat([shared("i"), Buffer.from([0])]), again: [0x92, 0x81, 0x05, 0x00] },
    {
      first: Buffer.concat([shared("d"), Buffer.from([0])]),
      again: [0x92, 0x83, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f],
    },
    { first: Buffer.concat([shared("+"), Buffer.from([0])]), again: [0x92, 0x01, 0x61] },
    { first: Buffer.concat([shared("[1c]"), Buffer.from([0])]), again: [0x92, 0x61] },
    { first: Buffer.concat([shared("{p=!!!!}"), Buffer.from([])]), again: [0x92] },
    {
      first: Buffer.concat([shared("[200i]"), Buffer.alloc(200)]),
      again: [0x92, ...Array.from({ length: 200 }, () => 7)],
    },
    { first: Buffer.concat([shared("iiiiiiii"), Buffer.alloc(8)]), again: [0x92, 1, 2, 3, 4, 5, 6, 7, 8] },
    { first: Buffer.concat([shared("c"), Buffer.from([0])]), again: [0x84, 0x01, 0x63, 0x00] },
  ]);
  const count = Math.floor(
    (random.pick([50_000, BYTES_MAX]) - pick.first.length - HEADER.length) / pick.again.length,
  );
  return new Uint8Array(
    Buffer.concat([HEADER, pick.first, Buffer.alloc(count * pick.again.length, Buffer.from(pick.again))]),
  );
}

/** Bodies of many runs, sets of attributes, parts, entities; of long texts and names. */
function heavyBody(random: SeededRandom): Uint8Array {
  const count = random.pick([1_000, 5_000, 20_000]);
  const long: AttributeValue = { kind: "string", value: "s".repeat(random.pick([10, 100_000, 400_000])) };
  const data = { kind: "data", value: new Uint8Array(random.pick([10, 200_000])) } as const;
  const sameData: AttributeValue = { kind: "data", value: data.value.slice() };
  const runOf = random.pick<(index: number) => AttributeRun>([
    (index) => messageRun(1, { part: index }),
    (index) => messageRun(1, { part: index % 2 }),
    (index) =>
      messageRun(1, {
        part: 0,
        ...(index % 2 === 0 ? { styles: ["bold", "italic", "underline", "strikethrough"], effect: 5 } : {}),
      }),
    (index) => withValues(index, [["__kIMLinkAttributeName", { kind: "url", value: `https://${index}` }]]),
    (index) =>
      withValues(index, [
        ["IMAudioTranscription", long],
        ["number", { kind: "integer", value: BigInt(index) }],
        ["__kIMFileTransferGUIDAttributeName", { kind: "string", value: `at_${index % 3}` }],
      ]),
    (index) => withValues(index, [["__kIMDataDetectedAttributeName", index % 2 === 0 ? data : sameData]]),
    (index) => withValues(index, [["__kIMMentionConfirmedMention", long]]),
    (index) => withValues(0, [[`key${index % 5_000}`, { kind: "null" }]]),
    () => ({ length: 1, attributes: new Map() }),
  ]);
  const text = random.pick(["x", "\uFFFC", "a\uFFFC", "漢", "\uFFFC\uFFFD"]).repeat(count).slice(0, count);
  const bytes = encodeAttributedBody({
    text,
    runs: Array.from({ length: count }, (_, index) => runOf(index)),
    style: random.pick(["mac", "ios"]),
    sharesNames: random.chance(0.5),
  });
  return bytes.slice(0, random.chance(0.9) ? BYTES_MAX : bytes.length);
}

function withValues(index: number, values: readonly (readonly [string, AttributeValue])[]): AttributeRun {
  return {
    length: 1,
    attributes: new Map<string, AttributeValue>([
      ...values,
      ["__kIMMessagePartAttributeName", { kind: "integer", value: BigInt(index % 50) }],
    ]),
  };
}

/** Objects that Foundation knows, in each other, or of unknown classes; long class chains. */
function heavyTree(random: SeededRandom): Uint8Array {
  const object: TypedClass = { kind: "class", name: "NSObject", version: 0, superclass: null };
  const classOf = (name: string, superclass = object): TypedClass => ({
    kind: "class",
    name,
    version: 0,
    superclass,
  });
  const group = (encoding: string, ...values: readonly TypedValue[]): TypedGroup => ({ encoding, values });
  const integer = (value: number): TypedValue => ({ kind: "integer", value });
  const string = (text: string): TypedObject => ({
    kind: "object",
    class: stringClass,
    groups: [group("+", { kind: "bytes", bytes: Buffer.from(text) })],
  });
  const stringClass = classOf("NSString");
  const dictionaryClass = classOf(random.pick(["NSDictionary", "XYUnknown"]));
  const arrayClass = classOf("NSArray");
  let deep = object;
  for (let depth = random.integer(0, 30); depth > 0; depth -= 1) {
    deep = classOf(`C${depth}`, deep);
  }
  const count = random.pick([500, 4_000, 15_000]);
  const key = string("k".repeat(random.pick([1, 50_000])));
  const dictionary = (entries: readonly (readonly [TypedObject, TypedObject])[]): TypedObject => ({
    kind: "object",
    class: dictionaryClass,
    groups: [
      group("i", integer(entries.length)),
      ...entries.flatMap(([name, value]) => [group("@", name), group("@", value)]),
    ],
  });
  let last = dictionary([]);
  const objects = Array.from({ length: count }, (_, index) => {
    switch (index % 3) {
      case 0:
        last = dictionary([[key, last]]);
        return last;
      case 1:
        return {
          kind: "object",
          class: arrayClass,
          groups: [group("i", integer(2)), group("@", last), group("@", last)],
        } as const;
      default:
        return { kind: "object", class: classOf("D", deep), groups: [] } as const;
    }
  });
  const attributes = dictionary(
    objects.map((value, index) => [index % 2 === 0 ? key : string(`k${index}`), value]),
  );
  const root: TypedObject = {
    kind: "object",
    class: classOf("NSAttributedString"),
    groups: [group("@", string("x")), group("iI", integer(1), integer(1)), group("@", attributes)],
  };
  const stream: TypedStream = { systemVersion: 1000, groups: [group("@", root)] };
  return encodeTypedStream(stream).slice(0, BYTES_MAX);
}

/** A property list of as many small objects as fit, all in one array or dictionary. */
function manyObjects(random: SeededRandom): Uint8Array {
  const count = random.pick([1_000, 20_000, 60_000]);
  const object = random.pick([
    () => Uint8Array.of(0x09),
    (index: number) => Uint8Array.of(0x12, ...bigEndian(index, 4)),
    (index: number) => Uint8Array.of(0x54, ...Buffer.from(String(1000 + (index % 9000)))),
    () => Uint8Array.of(0xa0),
    () => Uint8Array.of(0x41, 0x00),
    (index: number) => Uint8Array.of(0xd1, ...bigEndian(index, 2), ...bigEndian(index, 2)),
  ]);
  const isDictionary = random.chance(0.5);
  const references = Array.from({ length: isDictionary ? 2 * Math.floor(count / 2) : count }, (_, index) =>
    bigEndian(index + 1, 4),
  );
  const size = isDictionary ? references.length / 2 : references.length;
  const root = Buffer.concat([
    Uint8Array.of(isDictionary ? 0xdf : 0xaf, 0x12, ...bigEndian(size, 4)),
    ...references,
  ]);
  return assemble([root, ...Array.from({ length: count }, (_, index) => object(index))], {
    offsetBytes: 4,
    referenceBytes: 4,
  });
}

/** Arrays of the same array, level upon level, or one long value that many refer to. */
function laughs(random: SeededRandom): Uint8Array {
  const levels = random.integer(1, 40);
  const width = random.pick([2, 10, 200, 20_000]);
  const reference = (target: number) => bigEndian(target, 2);
  const objects = Array.from({ length: levels }, (_, level) =>
    Buffer.concat([
      Uint8Array.of(0xaf, 0x12, ...bigEndian(width, 4)),
      ...Array.from({ length: width }, () => reference(level + 1)),
    ]),
  );
  const leaf = random.pick([
    Uint8Array.of(0x51, 0x61),
    Buffer.concat([Uint8Array.of(0x5f, 0x12, ...bigEndian(100_000, 4)), Buffer.alloc(100_000, 0x61)]),
  ]);
  return assemble([...objects, leaf].slice(-Math.max(2, Math.floor(900_000 / (2 * width)))), {
    offsetBytes: 4,
    referenceBytes: 2,
  });
}

/** A history of many versions, or of many parts; long lists of parts, and long texts. */
function heavySummary(random: SeededRandom): Uint8Array {
  const count = random.pick([1_000, 4_000]);
  const body = encodeAttributedBody({ text: "x".repeat(random.pick([5, 300])), style: "ios" });
  const version = (index: number): PropertyListLiteral =>
    new Map<string, PropertyListLiteral>([
      ["t", body],
      ["d", index],
    ]);
  const versions = Array.from({ length: count }, (_, index) => version(index));
  const history = random.chance(0.5)
    ? new Map([["0", versions]])
    : new Map(versions.map((each, part) => [String(part), [each]]));
  const numbers = Array.from({ length: 4 * count }, (_, index) => BigInt(index));
  const ranges = numbers.map((part): [string, PropertyListLiteral] => [
    String(part),
    new Map([
      ["lo", part],
      ["le", 1n],
    ]),
  ]);
  const entries: [string, PropertyListLiteral][] = [
    ["ec", history],
    ["ep", numbers],
    ["rp", numbers],
    ["otr", new Map(ranges)],
    ["ams", "long ".repeat(20_000)],
    ...numbers.map((number): [string, PropertyListLiteral] => [`new${number}`, number]),
  ];
  return encodePropertyList(propertyListOf(new Map(entries.filter(() => random.chance(0.6)))));
}

/** Archives of many objects, in one list or in each other, as what a payload's parts may be. */
function heavyArchive(random: SeededRandom): Uint8Array {
  const count = random.pick([1_000, 8_000]);
  const leaf = random.pick<(index: number) => ArchivedValue>([
    (index) => text(`t${index}`),
    (index) => url(`https://example.com/${index}`, "https://example.com"),
    (index) => dictionary({ [`k${index}`]: text("v") }),
    () => substitute(1),
    () => text("x".repeat(100)),
  ]);
  const items: ArchivedValue = {
    kind: "array",
    items: Array.from({ length: count }, (_, index) => leaf(index)),
  };
  const fields = dictionary(
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, leaf(index)])),
  );
  const makers = [
    () => linkPayload({ images: items, icons: items, URL: fields }),
    () => appPayload({ userInfo: fields, URL: text("u"), new: items }),
    () => appPayload({ URL: url(`data:,${"A".repeat(400_000)}`) }),
    () => appPayload({ URL: url(hostileQuery(count * 16)) }),
    () =>
      appPayload({
        URL: url(
          pollUrl({
            version: 1,
            item: {
              orderedPollOptions: Array.from({ length: count }, (_, index) => ({
                optionIdentifier: String(index),
                text: "t",
              })),
            },
          }),
        ),
      }),
  ];
  return random.pick(makers)();
}
