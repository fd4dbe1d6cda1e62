import { assert } from "@imesh/flow";
import { encodeTypedStream } from "../typedstream/encode-typed-stream.ts";
import type { TypedGroup, TypedObject } from "../typedstream/typed-value.ts";
import { ATTRIBUTE_KEY } from "./attribute-keys.ts";
import type { AttributeRun, Attributes, AttributeValue } from "./attributed-body.ts";
import { FOUNDATION_CLASS, FoundationObjects } from "./foundation-objects.ts";
import { messageRun } from "./message-run.ts";
import { SetIdentities } from "./set-identities.ts";

/** A body to write. */
export interface ComposedBody {
  readonly text: string;
  /**
   * Lengths add up to text.length. Default: one run, part 0; none for an empty text. Neighbours with equal
   * attributes stay apart, as given.
   */
  readonly runs?: readonly AttributeRun[];
  /**
   * "mac" (default): mutable classes, numbers of type i. "ios", which is also what edits look like: immutable
   * classes, numbers of type q, and a natural writing direction on every run.
   */
  readonly style?: "mac" | "ios";
  /** Whether the classes of the string are the mutable ones. Default: as the style has it; both occur with both. */
  readonly isMutable?: boolean;
  /** Whether sets of attributes share the strings that name them. Default false; both occur, even in one body. */
  readonly sharesNames?: boolean;
}

const SYSTEM_VERSION = 1000;

/**
 * Writes `message.attributedBody` as the Messages of a Mac or an iPhone would: a set of attributes once, equal numbers once,
 * any other value once for each AttributeValue (runs that one link covers share it: extendRun()). decodeAttributedBody()
 * gives the text and runs back. Runs that do not fit the text, and "opaque" values, are the caller's defect (AssertionError).
 */
export function encodeAttributedBody(body: ComposedBody): Uint8Array {
  const style = body.style ?? "mac";
  const runs = body.runs ?? defaultRuns(body.text);
  const lengthSum = runs.reduce((sum, run) => sum + run.length, 0);
  assert(lengthSum === body.text.length, "the runs of a body cover exactly its text");
  const integerType = style === "mac" ? "i" : "q";
  const isMutable = body.isMutable ?? style === "mac";
  const objects = new FoundationObjects({ integerType, sharesNames: body.sharesNames ?? false });
  const stringClass = isMutable ? FOUNDATION_CLASS.mutableString : FOUNDATION_CLASS.string;
  const groups: TypedGroup[] = [objectGroup(objects.string(body.text, stringClass))];
  const identities = new SetIdentities();
  const indexes = new Map<string, number>();
  for (const run of runs) {
    const attributes = style === "mac" ? run.attributes : withWritingDirection(run.attributes);
    const key = identities.of(attributes);
    const known = indexes.get(key);
    const index = known ?? indexes.size + 1;
    groups.push({
      encoding: "iI",
      values: [
        { kind: "integer", value: index },
        { kind: "integer", value: run.length },
      ],
    });
    if (known === undefined) {
      indexes.set(key, index);
      groups.push(objectGroup(objects.dictionary(attributes)));
    }
  }
  const root: TypedObject = {
    kind: "object",
    class: isMutable ? FOUNDATION_CLASS.mutableAttributedString : FOUNDATION_CLASS.attributedString,
    groups,
  };
  return encodeTypedStream({ systemVersion: SYSTEM_VERSION, groups: [objectGroup(root)] });
}

function defaultRuns(text: string): readonly AttributeRun[] {
  return text.length === 0 ? [] : [messageRun(text.length, { part: 0 })];
}

function objectGroup(object: TypedObject): TypedGroup {
  return { encoding: "@", values: [object] };
}

function withWritingDirection(attributes: Attributes): Attributes {
  if (attributes.has(ATTRIBUTE_KEY.baseWritingDirection)) {
    return attributes;
  }
  const natural: AttributeValue = { kind: "integer", value: -1n };
  return new Map([[ATTRIBUTE_KEY.baseWritingDirection, natural], ...attributes]);
}
