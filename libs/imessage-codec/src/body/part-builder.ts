import { OLD_BALLOON_SLOT } from "../attributed/attribute-keys.ts";
import { TypedStreamError } from "../typedstream/typed-stream-error.ts";
import { EntityBuilder } from "./entity-builder.ts";
import type { BodyPart, PartPlace, TextRange } from "./message-body.ts";
import type { RunFacts } from "./run-facts.ts";

/** Messages shows a hundred pictures in a bubble of their own each; this bounds what a stranger makes of one body. */
const PARTS_MAX = 4_096;

/** Characters with the same facts that are all slots, or all not. */
export interface BodyPiece {
  readonly range: TextRange;
  readonly facts: RunFacts;
  readonly isSlot: boolean;
}

/** Puts the pieces of one body together to parts. */
export class PartBuilder {
  readonly #text: string;
  readonly #firstPart: number | null;
  readonly #entities = new EntityBuilder();
  readonly #parts: BodyPart[] = [];
  #pieces: BodyPiece[] = [];
  #index: number;

  /** `firstPart`: the first part number that any run has; null when none has. */
  constructor(text: string, firstPart: number | null) {
    this.#text = text;
    this.#firstPart = firstPart;
    this.#index = firstPart ?? 0;
  }

  /** In order, without gaps; empty ones are left out. */
  add(range: TextRange, facts: RunFacts, isSlot: boolean): void {
    if (range.length === 0) {
      return;
    }
    const piece = { range, facts, isSlot };
    const index = this.#indexOf(piece);
    if (index !== this.#index) {
      this.#closePart();
      this.#index = index;
    }
    this.#pieces.push(piece);
  }

  /** Throws TypedStreamError (value-budget), as add() does. */
  finish(): readonly BodyPart[] {
    this.#closePart();
    return this.#parts;
  }

  // Characters without a number belong to the part before them. Where nothing is numbered, as Messages would number them.
  #indexOf({ facts, isSlot }: BodyPiece): number {
    const before = this.#pieces.at(-1);
    if (this.#firstPart !== null || before === undefined) {
      return facts.part ?? this.#index;
    }
    return isSlot || before.isSlot ? this.#index + 1 : this.#index;
  }

  #closePart(): void {
    const pieces = this.#pieces;
    const [first] = pieces;
    const last = pieces.at(-1);
    if (first === undefined || last === undefined) {
      return;
    }
    this.#pieces = [];
    const { start } = first.range;
    const place = {
      index: this.#index,
      range: { start, length: last.range.start + last.range.length - start },
    };
    if (pieces.every(({ isSlot }) => isSlot)) {
      this.#addSlots(pieces);
    } else if (this.#text === OLD_BALLOON_SLOT) {
      this.#push({ kind: "plugin", ...place });
    } else if (pieces.every(({ facts }) => facts.isBreadcrumb)) {
      this.#push({ kind: "breadcrumb", ...place, text: this.#textIn(place) });
    } else {
      this.#push({ kind: "text", ...place, text: this.#textIn(place), entities: this.#entities.of(pieces) });
    }
  }

  // A file may be cut into runs like words.
  #addSlots(pieces: readonly BodyPiece[]): void {
    const ends: BodyPiece[] = [];
    for (const piece of pieces) {
      const before = ends.at(-1);
      const guid = piece.facts.attachment?.transferGuid;
      if (before !== undefined && before.facts.attachment?.transferGuid === guid) {
        const range = { start: before.range.start, length: before.range.length + piece.range.length };
        ends[ends.length - 1] = { ...before, range };
      } else {
        ends.push(piece);
      }
    }
    for (const { range, facts } of ends) {
      const place = { index: this.#index, range };
      this.#push(
        facts.attachment === null
          ? { kind: "plugin", ...place }
          : { kind: "attachment", ...place, attachment: facts.attachment },
      );
    }
  }

  #textIn({ range }: PartPlace): string {
    return this.#text.slice(range.start, range.start + range.length);
  }

  #push(part: BodyPart): void {
    if (this.#parts.length === PARTS_MAX) {
      throw new TypedStreamError("value-budget", null, `more than ${PARTS_MAX} parts`);
    }
    this.#parts.push(part);
  }
}
