import { unreachable } from "@imesh/flow";
import { ByteReader } from "./byte-reader.ts";
import { ReferenceTables } from "./reference-tables.ts";
import { SIGNATURE, STREAMER_VERSION, TAG } from "./tags.ts";
import { parseTypeEncoding, type ScalarCode, type TypeSpec } from "./type-encoding.ts";
import { TypedStreamError } from "./typed-stream-error.ts";
import { TYPED_STREAM_LIMITS, type TypedStreamLimits } from "./typed-stream-limits.ts";
import type {
  TypedClass,
  TypedGroup,
  TypedObject,
  TypedStream,
  TypedString,
  TypedValue,
} from "./typed-value.ts";
import { NIL } from "./typed-value.ts";

/**
 * Reads a whole typedstream, strictly: every byte is accounted for, every reference points at a slot of the right
 * kind. Takes time and memory linear in the bytes, whatever they are. Throws TypedStreamError and nothing else.
 * The result holds views into `bytes`; the caller must not change them.
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

/** One pass over one stream. */
class StreamReader {
  readonly #reader: ByteReader;
  readonly #limits: TypedStreamLimits;
  readonly #tables: ReferenceTables;
  #depth = 0;
  // Values take a byte or more, except `!`, empty structs and empty arrays: of those a hostile encoding could
  // hold any number behind a one-byte reference. No honest stream has more values than bytes.
  #valuesLeft: number;

  constructor(bytes: Uint8Array, limits: TypedStreamLimits) {
    this.#reader = new ByteReader(bytes);
    this.#limits = limits;
    this.#tables = new ReferenceTables(this.#reader, limits);
    this.#valuesLeft = bytes.length;
  }

  stream(): TypedStream {
    const reader = this.#reader;
    if (
      reader.byte() !== STREAMER_VERSION ||
      reader.byte() !== SIGNATURE.length ||
      reader.latin1(SIGNATURE.length) !== SIGNATURE
    ) {
      return reader.fail("bad-header", "not a little-endian typedstream of version 4", 0);
    }
    const systemVersion = this.#int32();
    const groups: TypedGroup[] = [];
    while (!reader.isAtEnd) {
      groups.push(this.#group(reader.byte()));
    }
    return { systemVersion, groups };
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
    encoding.types ??=
      parseTypeEncoding(encoding.text) ??
      this.#reader.fail("encoding-invalid", "a type encoding that typedstreams do not have", start);
    const values: TypedValue[] = [];
    for (const type of encoding.types) {
      values.push(this.#value(type));
    }
    return { encoding: encoding.text, values };
  }

  #value(type: TypeSpec): TypedValue {
    this.#valuesLeft -= 1;
    if (this.#valuesLeft < 0) {
      return this.#reader.fail("value-budget", "more values than the bytes of the stream can mean");
    }
    switch (type.kind) {
      case "scalar":
        return this.#scalar(type.code);
      case "bytes":
        return { kind: "bytes", bytes: this.#reader.take(type.count) };
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
        return { kind: "bytes", bytes: reader.take(reader.integerWithin(head, 0, 0xffff_ffff)) };
      }
      case "i":
      case "l":
        return { kind: "integer", value: this.#int32() };
      case "I":
      case "L":
        return { kind: "integer", value: reader.length() };
      case "*":
        return this.#cString(reader.byte()) ?? NIL;
      case "q":
      case "Q":
        return { kind: "long", value: reader.long(reader.byte(), code === "q") };
      // Characters are raw bytes: tags mean nothing in them.
      case "c":
        return { kind: "integer", value: (reader.byte() << 24) >> 24 };
      case "C":
      case "B":
        return { kind: "integer", value: reader.byte() };
      case "f":
      case "d":
        return { kind: "real", value: reader.real(code === "f" ? 4 : 8) };
      case "s":
        return { kind: "integer", value: reader.integerWithin(reader.byte(), -0x8000, 0x7fff) };
      case "S":
        return { kind: "integer", value: reader.integerWithin(reader.byte(), 0, 0xffff) };
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
    const string: TypedString = { kind: "c-string", text: text.text };
    this.#tables.register(string, start);
    return string;
  }
}
