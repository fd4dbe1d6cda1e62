import { assert, unreachable } from "@imesh/flow";
import { ByteWriter } from "./byte-writer.ts";
import { REFERENCE_BASE, SIGNATURE, STREAMER_VERSION, TAG } from "./tags.ts";
import { parseTypeEncoding, type ScalarCode, type TypeSpec } from "./type-encoding.ts";
import type {
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
 * same *instance* of an object, class or C-string once, equal instances twice. A decoded body therefore comes
 * out byte for byte. A value that does not fit its encoding is the caller's defect (AssertionError).
 */
export function encodeTypedStream(stream: TypedStream): Uint8Array {
  return new StreamWriter().stream(stream);
}

class StreamWriter {
  readonly #writer = new ByteWriter();
  readonly #sharedStrings = new Map<string, number>();
  readonly #table = new Map<TypedClass | TypedObject | TypedString, number>();

  stream(stream: TypedStream): Uint8Array {
    this.#writer.byte(STREAMER_VERSION);
    this.#writer.byte(SIGNATURE.length);
    this.#writer.latin1(SIGNATURE);
    this.#writer.integer(stream.systemVersion);
    for (const group of stream.groups) {
      this.#group(group);
    }
    return this.#writer.toBytes();
  }

  #group(group: TypedGroup): void {
    const types = parseTypeEncoding(group.encoding);
    assert(types !== null, "a group has an encoding that typedstreams have");
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
      case "S":
      case "i":
      case "I":
      case "l":
      case "L":
        assert(value.kind === "integer", "an integer type has an integer");
        writer.integer(value.value);
        return;
      case "q":
      case "Q":
        assert(value.kind === "long", "a 64-bit type has a long");
        writer.integer(value.value);
        return;
      case "f":
      case "d":
        assert(value.kind === "real", "a floating-point type has a real");
        writer.real(value.value, code === "f" ? 4 : 8);
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
        this.#writer.integer(value.bytes.length);
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
      this.#writer.integer(current.version);
    }
    this.#writer.byte(TAG.nil);
  }

  // Writes the tag and takes the slot of something new, or writes the reference to something known.
  #isNew(entry: TypedClass | TypedObject | TypedString): boolean {
    const index = this.#table.get(entry);
    if (index !== undefined) {
      this.#writer.integer(index + REFERENCE_BASE);
      return false;
    }
    this.#table.set(entry, this.#table.size);
    this.#writer.byte(TAG.new);
    return true;
  }

  #sharedString(text: string): void {
    const index = this.#sharedStrings.get(text);
    if (index !== undefined) {
      this.#writer.integer(index + REFERENCE_BASE);
      return;
    }
    this.#sharedStrings.set(text, this.#sharedStrings.size);
    this.#writer.byte(TAG.new);
    this.#writer.integer(text.length);
    this.#writer.latin1(text);
  }
}
