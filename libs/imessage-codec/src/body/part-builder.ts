import { OLD_BALLOON_SLOT } from "../attributed/attribute-keys.ts";
import { TypedStreamError } from "../typedstream/typed-stream-error.ts";
import { EntityBuilder } from "./entity-builder.ts";
import type { BodyPart, PartPlace, TextRange } from "./message-body.ts";
import type { RunFacts } from "./run-facts.ts";

/** Messages shows a hundred pictures in a bubble of their own each; this bounds what a stranger makes of one body. */
const PARTS_MAX = 4_096;

/** So many pieces of a part are kept until it ends; few have more than a dozen. */
const PIECES_KEPT_MAX = 1_024;

/** Characters with the same facts that are all slots, or all not. */
export interface BodyPiece {
  readonly range: TextRange;
  readonly facts: RunFacts;
  readonly isSlot: boolean;
}

/** What is known of the pieces of a part that are not kept any more. */
interface FormerPieces {
  readonly start: number;
  readonly areSlots: boolean;
  readonly areBreadcrumbs: boolean;
  /** Those that are files or balloons, while all are; no more of them than are too many. */
  readonly slots: readonly BodyPiece[];
}

/**
 * Puts the pieces of one body together to parts. What it holds is bounded by the parts and entities that it gives, not by the pieces: a
 * run of half a megabyte can be cut at every other character.
 */
export class PartBuilder {
  readonly #text: string;
  readonly #firstPart: number | null;
  readonly #entities = new EntityBuilder();
  readonly #parts: BodyPart[] = [];
  #pieces: BodyPiece[] = [];
  #former: FormerPieces | null = null;
  #index: number;

  /** `firstPart`: the first part number that any run has; null when none has. */
  constructor(text: string, firstPart: number | null) {
    this.#text = text;
    this.#firstPart = firstPart;
    this.#index = firstPart ?? 0;
  }

  /** In order, without gaps; empty ones are left out. Throws TypedStreamError (value-budget). */
  add(range: TextRange, facts: RunFacts, isSlot: boolean): void {
    if (range.length === 0) {
      return;
    }
    const piece = { range, facts, isSlot };
    const index = this.#indexOf(piece);
    if (index !== this.#index) {
      this.#closePart();
      this.#index = index;
    } else if (this.#pieces.length === PIECES_KEPT_MAX) {
      this.#compact();
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

  // As if the part ended as words: the bound on entities holds for what may yet become a file or a breadcrumb, too.
  #compact(): void {
    const pieces = this.#pieces;
    this.#entities.add(pieces);
    const areSlots = this.#isEvery("areSlots", ({ isSlot }) => isSlot);
    const slots = areSlots ? joinedSlots([...(this.#former?.slots ?? NO_PIECES), ...pieces]) : NO_PIECES;
    this.#former = {
      start: this.#former?.start ?? (pieces[0] as BodyPiece).range.start,
      areSlots,
      areBreadcrumbs: this.#isEvery("areBreadcrumbs", ({ facts }) => facts.isBreadcrumb),
      slots: slots.slice(0, PARTS_MAX + 1),
    };
    this.#pieces = [];
  }

  #isEvery(former: "areSlots" | "areBreadcrumbs", isSuch: (piece: BodyPiece) => boolean): boolean {
    return this.#former?.[former] !== false && this.#pieces.every(isSuch);
  }

  #closePart(): void {
    const [first] = this.#pieces;
    const last = this.#pieces.at(-1);
    if (first === undefined || last === undefined) {
      return;
    }
    const start = this.#former?.start ?? first.range.start;
    const place = {
      index: this.#index,
      range: { start, length: last.range.start + last.range.length - start },
    };
    if (this.#isEvery("areSlots", ({ isSlot }) => isSlot)) {
      this.#addSlots();
    } else if (this.#text === OLD_BALLOON_SLOT) {
      this.#push({ kind: "plugin", ...place });
    } else if (this.#isEvery("areBreadcrumbs", ({ facts }) => facts.isBreadcrumb)) {
      this.#push({ kind: "breadcrumb", ...place, text: this.#textIn(place) });
    } else {
      this.#entities.add(this.#pieces);
      this.#push({ kind: "text", ...place, text: this.#textIn(place), entities: this.#entities.take() });
    }
    if (this.#former !== null) {
      this.#former = null;
      this.#entities.take();
    }
    this.#pieces = [];
  }

  #addSlots(): void {
    const former = this.#former?.slots ?? NO_PIECES;
    for (const { range, facts } of joinedSlots([...former, ...this.#pieces])) {
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

const NO_PIECES: readonly BodyPiece[] = [];

// A file may be cut into runs like words.
function joinedSlots(pieces: readonly BodyPiece[]): readonly BodyPiece[] {
  const joined: BodyPiece[] = [];
  for (const piece of pieces) {
    const before = joined.at(-1);
    const guid = piece.facts.attachment?.transferGuid;
    if (before !== undefined && before.facts.attachment?.transferGuid === guid) {
      const range = { start: before.range.start, length: before.range.length + piece.range.length };
      joined[joined.length - 1] = { ...before, range };
    } else {
      joined.push(piece);
    }
  }
  return joined;
}
