import { ATTACHMENT_SLOT } from "../attributed/attribute-keys.ts";
import type { AttributedBody, Attributes } from "../attributed/attributed-body.ts";
import { decodeAttributedBody } from "../attributed/decode-attributed-body.ts";
import type { MessageBody } from "./message-body.ts";
import { PartBuilder } from "./part-builder.ts";
import { type RunFacts, runFactsOf } from "./run-facts.ts";

const UNREAD_ATTRIBUTES_MAX = 32;
const UNREAD_NAME_LENGTH_MAX = 128;

/**
 * Reads `message.attributedBody` as what a person sees (also the bodies kept of edited messages, and of recoverable parts).
 * Takes time linear in the bytes, about 2 µs for 300; gives at most 4,096 parts and 16,384 entities, a body with more is
 * refused (value-budget). Throws TypedStreamError only. The archives of detected data are views into `attributedBody`.
 */
export function decodeBody(attributedBody: Uint8Array): MessageBody {
  return messageBodyOf(decodeAttributedBody(attributedBody));
}

/** As decodeBody(), of a body that is decoded already. Throws TypedStreamError (value-budget) only. */
export function messageBodyOf(body: AttributedBody): MessageBody {
  const facts = new FactsOfRuns(body);
  const parts = new PartBuilder(body.text, facts.firstPart);
  const hasSlots = body.text.includes(ATTACHMENT_SLOT);
  let start = 0;
  for (const [position, run] of body.runs.entries()) {
    const ofRun = facts.ofRun[position] as RunFacts;
    const end = start + run.length;
    if (!hasSlots) {
      parts.add({ start, length: run.length }, ofRun, false);
    } else {
      addPieces(parts, body.text, start, end, ofRun);
    }
    start = end;
  }
  return { text: body.text, parts: parts.finish(), unreadAttributes: facts.unreadAttributes() };
}

/** Cuts a run where slots end and where they begin. */
function addPieces(parts: PartBuilder, text: string, start: number, end: number, facts: RunFacts): void {
  for (let from = start; from < end; ) {
    const isSlot = text[from] === ATTACHMENT_SLOT;
    let to = from + 1;
    while (to < end && (text[to] === ATTACHMENT_SLOT) === isSlot) {
      to += 1;
    }
    parts.add({ start: from, length: to - from }, facts, isSlot);
    from = to;
  }
}

/** The facts of each run; sets of attributes that runs share are read once. */
class FactsOfRuns {
  readonly ofRun: readonly RunFacts[];
  readonly #distinct = new Map<Attributes, RunFacts>();

  constructor(body: AttributedBody) {
    this.ofRun = body.runs.map(({ attributes }) => {
      const known = this.#distinct.get(attributes);
      if (known !== undefined) {
        return known;
      }
      const facts = runFactsOf(attributes);
      this.#distinct.set(attributes, facts);
      return facts;
    });
  }

  /** Null when no run has a part number. */
  get firstPart(): number | null {
    return this.ofRun.find(({ part }) => part !== null)?.part ?? null;
  }

  unreadAttributes(): readonly string[] {
    const names = new Set<string>();
    for (const { unread } of this.#distinct.values()) {
      for (const name of unread) {
        if (names.size === UNREAD_ATTRIBUTES_MAX) {
          return [...names];
        }
        names.add(name.slice(0, UNREAD_NAME_LENGTH_MAX).toWellFormed());
      }
    }
    return [...names];
  }
}
