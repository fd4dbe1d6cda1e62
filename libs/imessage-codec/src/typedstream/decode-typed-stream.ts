import { unreachable } from "@imesh/flow";
import { ByteReader } from "./byte-reader.ts";
import { ReferenceTables } from "./reference-tables.ts";
import { SIGNATURE, SIGNATURE_BIG_ENDIAN, STREAMER_VERSION, TAG } from "./tags.ts";
import { TREE_PART_BYTES, type TreePart, treeBytesMax } from "./tree-memory.ts";
import { parseTypeEncoding, type ScalarCode, type TypeSpec } from "./type-encoding.ts";
import { TypedStreamError } from "./typed-stream-error.ts";
import { TYPED_STREAM_LIMITS, type TypedStreamLimits } from "./typed-stream-limits.ts";
import type {
  OddNumber,
  TypedClass,
  TypedGroup,
  TypedInteger,
  TypedObject,
  TypedStream,
  TypedString,
  TypedValue,
} from "./typed-value.ts";
import { NIL } from "./typed-value.ts";

/**
 * Reads a whole typedstream, strictly: every byte is accounted for, every reference points at a slot of the right
 * kind. Takes time linear in the bytes, and memory within the limits, whatever they are. encodeTypedStream() gives the same
 * bytes back. Throws TypedStreamError and nothing else. The result holds views into `bytes`; the caller must not change them.
 */
export function decodeTypedStream(
  bytes: Uint8Array,
  limits: TypedStreamLimits = TYPED_STREAM_LIMITS,
): TypedStream {
  if (bytes.length > limits.byteLengthMax) {
    throw new TypedStreamError(
      "too-large",
      null,
      `${bytes.length} bytes, at most ${limits.byteLengthMax} are read`,
    );
  }
  return new StreamReader(bytes, limits).stream();
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

// Most numbers of a body are small, and a hostile stream could have one in every byte.
const SMALL_INTEGERS: readonly TypedInteger[] = Array.from({ length: 384 }, (_, index) => ({
  kind: "integer",
  value: index - 128,
}));

function integerOf(value: number): TypedInteger {
  return SMALL_INTEGERS[value + 128] ?? { kind: "integer", value };
}

/** One pass over one stream. */
class StreamReader {
  readonly #reader: ByteReader;
  readonly #limits: TypedStreamLimits;
  readonly #tables: ReferenceTables;
  readonly #oddNumbers = new Map<number, OddNumber>();
  readonly #oddStrings = new Map<number, number | null>();
  #depth = 0;
  #memoryBytesLeft: number;

  constructor(bytes: Uint8Array, limits: TypedStreamLimits) {
    this.#reader = new ByteReader(bytes, (offset, odd) => {
      this.#charge("oddForm");
      this.#oddNumbers.set(offset, odd);
    });
    this.#limits = limits;
    this.#tables = new ReferenceTables(this.#reader, limits, (offset, index) => {
      this.#charge("oddForm");
      this.#oddStrings.set(offset, index);
    });
    this.#memoryBytesLeft = treeBytesMax(bytes.length, limits);
  }

  stream(): TypedStream {
    const isBigEndian = this.#header();
    const reader = this.#reader;
    const systemVersion = this.#int32();
    const groups: TypedGroup[] = [];
    while (!reader.isAtEnd) {
      groups.push(this.#group(reader.byte()));
    }
    const isOdd = this.#oddNumbers.size > 0 || this.#oddStrings.size > 0;
    return {
      systemVersion,
      groups,
      ...(isBigEndian ? { isBigEndian } : {}),
      ...(isOdd ? { oddForms: { numbers: this.#oddNumbers, strings: this.#oddStrings } } : {}),
    };
  }

  #header(): boolean {
    const reader = this.#reader;
    const hasStart = reader.byte() === STREAMER_VERSION && reader.byte() === SIGNATURE.length;
    const signature = hasStart ? reader.latin1(SIGNATURE.length) : "";
    if (signature === SIGNATURE_BIG_ENDIAN) {
      reader.setBigEndian();
      return true;
    }
    return signature === SIGNATURE ? false : reader.fail("bad-header", "not a typedstream of version 4", 0);
  }

  #charge(part: TreePart, count = 1): void {
    this.#memoryBytesLeft -= TREE_PART_BYTES[part] * count;
    if (this.#memoryBytesLeft < 0) {
      this.#reader.fail("value-budget", "more than the bytes of the stream can mean, or than is held");
    }
  }

  #int32(): number {
    return this.#reader.integerWithin(this.#reader.byte(), -0x8000_0000, 0x7fff_ffff);
  }

  #group(head: number): TypedGroup {
    const start = this.#reader.offset - 1;
    const encoding = this.#tables.sharedString(head);
    if (encoding === null) {
      return this.#reader.fail("unexpected-tag", "nil where a type encoding is due", start);
    }
    if (encoding.types === null) {
      this.#charge("typeCharacter", encoding.text.length);
      encoding.types =
        parseTypeEncoding(encoding.text) ??
        this.#reader.fail("encoding-invalid", "a type encoding that typedstreams do not have", start);
    }
    this.#charge("group");
    // Nearly every group has one value, and an array grown by one item keeps room for 17.
    const types = encoding.types;
    const values: TypedValue[] = [this.#value(types[0] as TypeSpec)];
    for (let index = 1; index < types.length; index += 1) {
      values.push(this.#value(types[index] as TypeSpec));
    }
    return { encoding: encoding.text, values };
  }

  #value(type: TypeSpec): TypedValue {
    this.#charge("value");
    switch (type.kind) {
      case "scalar":
        return this.#scalar(type.code);
      case "bytes":
        return { kind: "bytes", bytes: this.#view(type.count) };
      case "array": {
        const items: TypedValue[] = [];
        for (let index = 0; index < type.count; index += 1) {
          items.push(this.#value(type.element));
        }
        return { kind: "list", items };
      }
      case "struct":
        return { kind: "list", items: type.members.map((member) => this.#value(member)) };
      default:
        return unreachable(type);
    }
  }

  #view(count: number): Uint8Array {
    this.#charge("view");
    return this.#reader.take(count);
  }

  #scalar(code: ScalarCode): TypedValue {
    const reader = this.#reader;
    switch (code) {
      case "@":
        return this.#object(reader.byte()) ?? NIL;
      case "+": {
        const head = reader.byte();
        if (head === TAG.nil) {
          return NIL;
        }
        return { kind: "bytes", bytes: this.#view(reader.integerWithin(head, 0, 0xffff_ffff)) };
      }
      case "i":
      case "l":
        return integerOf(this.#int32());
      case "I":
      case "L":
        return integerOf(reader.length());
      case "*":
        return this.#cString(reader.byte()) ?? NIL;
      case "q":
      case "Q":
        return { kind: "long", value: reader.long(reader.byte(), code === "q") };
      // Characters are raw bytes: tags mean nothing in them.
      case "c":
        return integerOf((reader.byte() << 24) >> 24);
      case "C":
      case "B":
        return integerOf(reader.byte());
      case "f":
      case "d":
        return { kind: "real", value: reader.real(code === "f" ? 4 : 8) };
      case "s":
        return integerOf(reader.integerWithin(reader.byte(), -0x8000, 0x7fff));
      case "S":
        return integerOf(reader.integerWithin(reader.byte(), 0, 0xffff));
      case "%":
      case ":": {
        const text = this.#tables.sharedString(reader.byte())?.text;
        return text === undefined ? NIL : { kind: "atom", text };
      }
      case "#":
        return this.#class(reader.byte()) ?? NIL;
      case "!":
        return NIL;
      default:
        return unreachable(code);
    }
  }

  #object(head: number): TypedObject | null {
    if (head === TAG.nil) {
      return null;
    }
    if (head !== TAG.new) {
      return this.#tables.reference(head, "object");
    }
    const reader = this.#reader;
    const start = reader.offset - 1;
    this.#depth += 1;
    if (this.#depth > this.#limits.objectDepthMax) {
      return reader.fail("too-deep", `objects nest deeper than ${this.#limits.objectDepthMax}`, start);
    }
    // The object takes its slot before its class does. Nothing can see it until its class is known: class
    // chains refer to classes only.
    this.#charge("object");
    const groups: TypedGroup[] = [];
    const object = { kind: "object", groups } as unknown as Mutable<TypedObject>;
    this.#tables.register(object, start);
    const itsClass = this.#class(reader.byte());
    if (itsClass === null) {
      return reader.fail("unexpected-tag", "an object without a class", start);
    }
    object.class = itsClass;
    for (let next = reader.byte(); next !== TAG.end; next = reader.byte()) {
      groups.push(this.#group(next));
    }
    this.#depth -= 1;
    return object;
  }

  // A chain of new classes ends in nil or in a class that is known already.
  #class(head: number): TypedClass | null {
    const reader = this.#reader;
    const start = reader.offset - 1;
    let first: TypedClass | null = null;
    let last: Mutable<TypedClass> | null = null;
    let next = head;
    while (next === TAG.new) {
      const classStart = reader.offset - 1;
      const name = this.#tables.sharedString(reader.byte());
      if (name === null) {
        return reader.fail("unexpected-tag", "a class without a name", classStart);
      }
      this.#charge("class");
      const added: Mutable<TypedClass> = {
        kind: "class",
        name: name.text,
        version: this.#int32(),
        superclass: null,
      };
      this.#tables.register(added, classStart);
      if (last !== null) {
        last.superclass = added;
      }
      first ??= added;
      last = added;
      next = reader.byte();
    }
    const known = next === TAG.nil ? null : this.#tables.reference(next, "class");
    if (last === null) {
      return known;
    }
    last.superclass = known;
    this.#refuseLongChain(first, start);
    return first;
  }

  // Also ends the cycle of a class that names itself, or a class before it in the chain, as its superclass.
  #refuseLongChain(first: TypedClass | null, start: number): void {
    let length = 0;
    for (let current = first; current !== null; current = current.superclass) {
      length += 1;
      if (length > this.#limits.classChainLengthMax) {
        this.#reader.fail(
          "too-deep",
          `a class has more than ${this.#limits.classChainLengthMax} ancestors`,
          start,
        );
      }
    }
  }

  #cString(head: number): TypedString | null {
    if (head === TAG.nil) {
      return null;
    }
    if (head !== TAG.new) {
      return this.#tables.reference(head, "c-string");
    }
    const start = this.#reader.offset - 1;
    const text = this.#tables.sharedString(this.#reader.byte());
    if (text === null) {
      return this.#reader.fail("unexpected-tag", "nil where the text of a C-string is due", start);
    }
    this.#charge("value");
    const string: TypedString = { kind: "c-string", text: text.text };
    this.#tables.register(string, start);
    return string;
  }
}
