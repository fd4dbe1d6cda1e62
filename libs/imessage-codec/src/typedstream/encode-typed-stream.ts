import { assert, unreachable } from "@imesh/flow";
import { ByteWriter } from "./byte-writer.ts";
import { REFERENCE_BASE, SIGNATURE, SIGNATURE_BIG_ENDIAN, STREAMER_VERSION, TAG } from "./tags.ts";
import { parseTypeEncoding, type ScalarCode, type TypeSpec } from "./type-encoding.ts";
import type {
  NumberType,
  OddForms,
  TypedClass,
  TypedGroup,
  TypedNil,
  TypedObject,
  TypedStream,
  TypedString,
  TypedValue,
} from "./typed-value.ts";

/**
 * Writes a typedstream as Apple's archiver does: shortest integers, equal type encodings and class names once, the
 * same *instance* of an object, class or C-string once, equal instances twice; and what `oddForms` says otherwise. Whatever
 * was decoded therefore comes out byte for byte. A value that does not fit its encoding is the caller's defect
 * (AssertionError).
 */
export function encodeTypedStream(stream: TypedStream): Uint8Array {
  return new StreamWriter(stream).bytes();
}

class StreamWriter {
  readonly #stream: TypedStream;
  readonly #oddForms: OddForms | undefined;
  readonly #writer: ByteWriter;
  readonly #sharedTexts: string[] = [];
  readonly #sharedStrings = new Map<string, number>();
  readonly #types = new Map<string, readonly TypeSpec[]>();
  readonly #table = new Map<TypedClass | TypedObject | TypedString, number>();

  constructor(stream: TypedStream) {
    this.#stream = stream;
    this.#oddForms = stream.oddForms;
    this.#writer = new ByteWriter(stream.isBigEndian ? "big" : "little");
  }

  bytes(): Uint8Array {
    const stream = this.#stream;
    this.#writer.byte(STREAMER_VERSION);
    this.#writer.byte(SIGNATURE.length);
    this.#writer.latin1(stream.isBigEndian ? SIGNATURE_BIG_ENDIAN : SIGNATURE);
    this.#integer(stream.systemVersion, "signed");
    for (const group of stream.groups) {
      this.#group(group);
    }
    return this.#writer.toBytes();
  }

  #group(group: TypedGroup): void {
    const types = this.#types.get(group.encoding) ?? parseTypeEncoding(group.encoding);
    assert(types !== null, "a group has an encoding that typedstreams have");
    this.#types.set(group.encoding, types);
    this.#sharedString(group.encoding);
    this.#values(types, group.values);
  }

  #values(types: readonly TypeSpec[], values: readonly TypedValue[]): void {
    assert(types.length === values.length, "there is one value for each type of an encoding");
    for (const [index, type] of types.entries()) {
      this.#value(type, values[index] as TypedValue);
    }
  }

  #value(type: TypeSpec, value: TypedValue): void {
    switch (type.kind) {
      case "scalar":
        this.#scalar(type.code, value);
        return;
      case "bytes":
        assert(value.kind === "bytes" && value.bytes.length === type.count, "[Nc] has N bytes");
        this.#writer.raw(value.bytes);
        return;
      case "array":
        assert(value.kind === "list" && value.items.length === type.count, "[Nx] has N elements");
        for (const item of value.items) {
          this.#value(type.element, item);
        }
        return;
      case "struct":
        assert(value.kind === "list", "a struct is a list of its members");
        this.#values(type.members, value.items);
        return;
      default:
        unreachable(type);
    }
  }

  #scalar(code: ScalarCode, value: TypedValue): void {
    const writer = this.#writer;
    switch (code) {
      case "c":
      case "C":
      case "B":
        assert(value.kind === "integer", "a character is an integer");
        writer.byte(value.value & 0xff);
        return;
      case "s":
      case "i":
      case "l":
      case "S":
      case "I":
      case "L":
        assert(value.kind === "integer", "an integer type has an integer");
        this.#integer(value.value, code === "s" || code === "i" || code === "l" ? "signed" : "unsigned");
        return;
      case "q":
      case "Q":
        assert(value.kind === "long", "a 64-bit type has a long");
        this.#integer(value.value, code === "q" ? "signed" : "unsigned");
        return;
      case "f":
      case "d":
        assert(value.kind === "real", "a floating-point type has a real");
        if (!this.#isWrittenOddly(value.value, code === "f" ? "float" : "double")) {
          writer.real(value.value, code === "f" ? 4 : 8);
        }
        return;
      case "!":
        return;
      default:
        if (value.kind === "nil") {
          writer.byte(TAG.nil);
        } else {
          this.#pointer(code, value);
        }
    }
  }

  #pointer(code: "+" | "%" | ":" | "*" | "#" | "@", value: Exclude<TypedValue, TypedNil>): void {
    switch (code) {
      case "+":
        assert(value.kind === "bytes", "+ has bytes");
        this.#integer(value.bytes.length, "unsigned");
        this.#writer.raw(value.bytes);
        return;
      case "%":
      case ":":
        assert(value.kind === "atom", "% and : have an atom");
        this.#sharedString(value.text);
        return;
      case "*":
        assert(value.kind === "c-string", "* has a C-string");
        if (this.#isNew(value)) {
          this.#sharedString(value.text);
        }
        return;
      case "#":
        assert(value.kind === "class", "# has a class");
        this.#class(value);
        return;
      case "@":
        assert(value.kind === "object", "@ has an object");
        this.#object(value);
        return;
      default:
        unreachable(code);
    }
  }

  #object(object: TypedObject): void {
    if (!this.#isNew(object)) {
      return;
    }
    this.#class(object.class);
    for (const group of object.groups) {
      this.#group(group);
    }
    this.#writer.byte(TAG.end);
  }

  #class(itsClass: TypedClass): void {
    for (let current: TypedClass | null = itsClass; current !== null; current = current.superclass) {
      if (!this.#isNew(current)) {
        return;
      }
      this.#sharedString(current.name);
      this.#integer(current.version, "signed");
    }
    this.#writer.byte(TAG.nil);
  }

  // Writes the tag and takes the slot of something new, or writes the reference to something known.
  #isNew(entry: TypedClass | TypedObject | TypedString): boolean {
    const index = this.#table.get(entry);
    if (index !== undefined) {
      this.#integer(index + REFERENCE_BASE, "signed");
      return false;
    }
    this.#table.set(entry, this.#table.size);
    this.#writer.byte(TAG.new);
    return true;
  }

  #sharedString(text: string): void {
    const odd = this.#oddForms?.strings.get(this.#writer.length);
    const known = this.#sharedStrings.get(text);
    const index = odd !== undefined && odd !== null && this.#sharedTexts[odd] === text ? odd : known;
    if (index !== undefined && odd !== null) {
      this.#integer(index + REFERENCE_BASE, "signed");
      return;
    }
    if (known === undefined) {
      this.#sharedStrings.set(text, this.#sharedTexts.length);
    }
    this.#sharedTexts.push(text);
    this.#writer.byte(TAG.new);
    this.#integer(text.length, "unsigned");
    this.#writer.latin1(text);
  }

  #integer(value: number | bigint, type: NumberType): void {
    if (!this.#isWrittenOddly(value, type)) {
      this.#writer.integer(value);
    }
  }

  #isWrittenOddly(value: number | bigint, type: NumberType): boolean {
    const odd = this.#oddForms?.numbers.get(this.#writer.length);
    if (odd === undefined || odd.type !== type || !isSameNumber(odd.value, value)) {
      return false;
    }
    this.#writer.raw(odd.bytes);
    return true;
  }
}

// The value of a long is a bigint in the tree whatever its size.
function isSameNumber(left: number | bigint, right: number | bigint): boolean {
  return typeof left === typeof right ? Object.is(left, right) : BigInt(left) === BigInt(right);
}
