import { assert } from "@imesh/flow";
import { encodeTypedStream } from "../typedstream/encode-typed-stream.ts";
import type { TypedGroup, TypedObject } from "../typedstream/typed-value.ts";
import { ATTRIBUTE_KEY } from "./attribute-keys.ts";
import type { AttributeRun, Attributes, AttributeValue } from "./attributed-body.ts";
import { FOUNDATION_CLASS, FoundationObjects } from "./foundation-objects.ts";
import { messageRun } from "./message-run.ts";

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
}

const SYSTEM_VERSION = 1000;

/**
 * Writes `message.attributedBody` as the Messages of a Mac or an iPhone would. decodeAttributedBody() gives the
 * text and runs back. Runs that do not fit the text, and "opaque" values, are the caller's defect (AssertionError).
 */
export function encodeAttributedBody(body: ComposedBody): Uint8Array {
  const style = body.style ?? "mac";
  const runs = body.runs ?? defaultRuns(body.text);
  const lengthSum = runs.reduce((sum, run) => sum + run.length, 0);
  assert(lengthSum === body.text.length, "the runs of a body cover exactly its text");
  const objects = new FoundationObjects(style === "mac" ? "i" : "q");
  const stringClass = style === "mac" ? FOUNDATION_CLASS.mutableString : FOUNDATION_CLASS.string;
  const groups: TypedGroup[] = [objectGroup(objects.string(body.text, stringClass))];
  const indexes = new Map<string, number>();
  for (const run of runs) {
    const attributes = style === "mac" ? run.attributes : withWritingDirection(run.attributes);
    const key = identityOf(attributes);
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
    class: style === "mac" ? FOUNDATION_CLASS.mutableAttributedString : FOUNDATION_CLASS.attributedString,
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

// Foundation keeps equal sets of attributes of one string once; equal is by value and regardless of order.
function identityOf(attributes: Attributes): string {
  const entries = [...attributes].sort(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify(entries, (_key, value: unknown) => {
    if (typeof value === "bigint" || typeof value === "number") {
      return Object.is(value, -0) ? "-0" : String(value);
    }
    if (value instanceof Map) {
      return [...value];
    }
    return value instanceof Uint8Array ? [...value] : value;
  });
}
