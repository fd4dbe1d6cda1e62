import { unreachable } from "@imesh/flow";
import { TypedStreamError } from "../typedstream/typed-stream-error.ts";
import type { BodyEntity, InlineAttachment, TextRange } from "./message-body.ts";
import type { BodyPiece } from "./part-builder.ts";
import type { BodyMark, RunFacts } from "./run-facts.ts";

/** 1,000 runs with everything that Messages offers have half as many; this bounds what a stranger makes of one body. */
const ENTITIES_MAX = 16_384;

// Gives every byte a character of its own, as any encoding of single bytes does.
const singleByteDecoder = new TextDecoder("latin1");

/** What a piece says about its characters: a mark, or that they stand for something. */
type PieceMark = BodyMark | Omit<InlineAttachment, "range"> | { readonly kind: "slot" };

/** An entity that the next piece may continue. */
interface OpenEntity {
  readonly mark: PieceMark;
  readonly range: { start: number; length: number };
}

const SLOT: PieceMark = { kind: "slot" };

const NOTHING_OPEN: readonly OpenEntity[] = [];

/** Makes entities of the pieces of text parts, one part after the other; one instance serves one body. */
export class EntityBuilder {
  #archives: SameArchives | null = null;
  #count = 0;
  #entities: BodyEntity[] = [];
  #open: readonly OpenEntity[] = NOTHING_OPEN;
  /** What the open ones were begun or continued by. */
  #last: BodyPiece | null = null;

  /** More pieces of the same part, in order. Throws TypedStreamError (value-budget). */
  add(pieces: readonly BodyPiece[]): void {
    for (const piece of pieces) {
      if (this.#isMore(piece)) {
        for (const { range } of this.#open) range.length += piece.range.length;
        continue;
      }
      this.#last = piece;
      const marks = marksOf(piece);
      this.#open =
        marks.length === 0
          ? NOTHING_OPEN
          : marks.map((mark) => this.#continued(mark, piece.range) ?? this.#begun(mark, piece.range));
    }
  }

  /** The entities of the part, which is ended by this. */
  take(): readonly BodyEntity[] {
    const entities = this.#entities;
    this.#entities = [];
    this.#open = NOTHING_OPEN;
    this.#last = null;
    return entities;
  }

  /** Of a file, slots and words alike. */
  #isMore({ facts, isSlot }: BodyPiece): boolean {
    const last = this.#last;
    return last?.facts === facts && (last.isSlot === isSlot || facts.attachment !== null);
  }

  #continued(mark: PieceMark, range: TextRange): OpenEntity | undefined {
    const before = this.#open.find((entity) => this.#isSame(entity.mark, mark));
    if (before !== undefined) {
      before.range.length += range.length;
    }
    return before;
  }

  #begun(mark: PieceMark, { start, length }: TextRange): OpenEntity {
    if (this.#count === ENTITIES_MAX) {
      throw new TypedStreamError("value-budget", null, `more than ${ENTITIES_MAX} entities`);
    }
    this.#count += 1;
    const range = { start, length };
    this.#entities.push({ ...mark, range });
    return { mark, range };
  }

  #isSame(left: PieceMark, right: PieceMark): boolean {
    if (left === right) {
      return true;
    }
    switch (left.kind) {
      case "slot":
        return right.kind === "slot";
      case "attachment":
        return right.kind === "attachment" && left.attachment.transferGuid === right.attachment.transferGuid;
      case "mention":
        return right.kind === "mention" && left.handle === right.handle;
      case "link":
        return right.kind === "link" && left.url === right.url && left.isRichLink === right.isRichLink;
      case "detected":
        return (
          right.kind === "detected" &&
          left.what === right.what &&
          this.#isSameArchive(left.archive, right.archive)
        );
      case "one-time-code":
        return (
          right.kind === "one-time-code" && left.code === right.code && left.displayCode === right.displayCode
        );
      case "style":
        return right.kind === "style" && left.style === right.style;
      case "effect":
        return right.kind === "effect" && left.number === right.number;
      case "writing-direction":
        return right.kind === "writing-direction" && left.direction === right.direction;
      default:
        return unreachable(left);
    }
  }

  #isSameArchive(left: Uint8Array, right: Uint8Array): boolean {
    this.#archives ??= new SameArchives();
    return this.#archives.isSame(left, right);
  }
}

function marksOf({ facts, isSlot }: BodyPiece): readonly PieceMark[] {
  const place = placeMark(facts, isSlot);
  return place === null ? facts.marks : [place, ...facts.marks];
}

function placeMark({ attachment }: RunFacts, isSlot: boolean): PieceMark | null {
  if (attachment !== null) {
    return { kind: "attachment", attachment };
  }
  return isSlot ? SLOT : null;
}

/**
 * Compares archives by their bytes, each once however often it is asked about: a hostile body can have two of them, as long
 * as itself, take turns at every run.
 */
class SameArchives {
  readonly #firstOf = new Map<Uint8Array, Uint8Array>();
  readonly #byContent = new Map<string, Uint8Array>();

  isSame(left: Uint8Array, right: Uint8Array): boolean {
    return left === right || (left.length === right.length && this.#first(left) === this.#first(right));
  }

  #first(archive: Uint8Array): Uint8Array {
    const known = this.#firstOf.get(archive);
    if (known !== undefined) {
      return known;
    }
    const content = singleByteDecoder.decode(archive);
    const first = this.#byContent.get(content) ?? archive;
    this.#byContent.set(content, first);
    this.#firstOf.set(archive, first);
    return first;
  }
}
