import type { Attributes, AttributeValue } from "./attributed-body.ts";

/**
 * Tells sets of attributes of one body apart. Foundation keeps equal sets once; equal is by value and regardless of order.
 * Each value is looked into once, however many sets have it.
 */
export class SetIdentities {
  readonly #nameIds = new Map<string, number>();
  readonly #ids = new Map<AttributeValue, number>();
  readonly #idsByContent = new Map<string, number>();

  /** The same string for equal sets, and only for those. */
  of(attributes: Attributes): string {
    const pairs = Array.from(attributes, ([name, value]) => `${this.#nameIdOf(name)}:${this.#idOf(value)}`);
    return pairs.sort().join();
  }

  #nameIdOf(name: string): number {
    const id = this.#nameIds.get(name) ?? this.#nameIds.size;
    this.#nameIds.set(name, id);
    return id;
  }

  #idOf(value: AttributeValue): number {
    const known = this.#ids.get(value);
    if (known !== undefined) {
      return known;
    }
    const content = contentOf(value);
    const id = this.#idsByContent.get(content) ?? this.#idsByContent.size;
    this.#idsByContent.set(content, id);
    this.#ids.set(value, id);
    return id;
  }
}

// Gives every byte a character of its own, as any encoding of single bytes does.
const singleByteDecoder = new TextDecoder("latin1");

function contentOf(value: AttributeValue): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === "bigint" || typeof inner === "number") {
      return Object.is(inner, -0) ? "-0" : String(inner);
    }
    if (inner instanceof Map) {
      return [...inner];
    }
    return inner instanceof Uint8Array ? singleByteDecoder.decode(inner) : inner;
  });
}
