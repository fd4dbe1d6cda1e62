import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeTypedStream } from "../typedstream/encode-typed-stream.ts";
import type { TypedGroup, TypedObject } from "../typedstream/typed-value.ts";
import { decodeAttributedBody } from "./decode-attributed-body.ts";
import { FOUNDATION_CLASS, FoundationObjects } from "./foundation-objects.ts";

// Small bodies that mean very much, or forever. Each test ends at once, or not within the life of its reader.

const OBJECTS = new FoundationObjects({ integerType: "i", sharesNames: false });

function group(object: TypedObject): TypedGroup {
  return { encoding: "@", values: [object] };
}

function runGroup(index: number, length: number): TypedGroup {
  return {
    encoding: "iI",
    values: [
      { kind: "integer", value: index },
      { kind: "integer", value: length },
    ],
  };
}

function dictionaryOf(entries: readonly (readonly [TypedObject, TypedObject])[]): TypedObject {
  const groups: TypedGroup[] = [{ encoding: "i", values: [{ kind: "integer", value: entries.length }] }];
  for (const [key, value] of entries) {
    groups.push(group(key), group(value));
  }
  return { kind: "object", class: FOUNDATION_CLASS.dictionary, groups };
}

function decodeWithAttributes(dictionaries: readonly TypedObject[]) {
  const runs = dictionaries.flatMap((dictionary, index) => [runGroup(index + 1, 1), group(dictionary)]);
  const text = group(OBJECTS.string("x".repeat(dictionaries.length)));
  const root: TypedObject = {
    kind: "object",
    class: FOUNDATION_CLASS.attributedString,
    groups: [text, ...runs],
  };
  return decodeAttributedBody(encodeTypedStream({ systemVersion: 1000, groups: [group(root)] }));
}

test("dictionaries that hold each other twice, 60 deep, are not expanded", () => {
  let dictionary = dictionaryOf([]);
  for (let depth = 0; depth < 60; depth += 1) {
    dictionary = dictionaryOf([
      [OBJECTS.string("left"), dictionary],
      [OBJECTS.string("right"), dictionary],
    ]);
  }
  const left = decodeWithAttributes([dictionary]).runs[0]?.attributes.get("left");
  assert.equal(left?.kind, "dictionary");
});

test("a dictionary that holds itself is opaque inside itself", () => {
  const groups: TypedGroup[] = [{ encoding: "i", values: [{ kind: "integer", value: 1 }] }];
  const dictionary: TypedObject = { kind: "object", class: FOUNDATION_CLASS.dictionary, groups };
  groups.push(group(OBJECTS.string("self")), group(dictionary));
  const body = decodeWithAttributes([dictionary]);
  assert.deepEqual(body.runs, [
    { length: 1, attributes: new Map([["self", { kind: "opaque", className: "NSDictionary" }]]) },
  ]);
});

test("a chain of 6,000 dictionaries, hidden in an unknown object, does not exhaust the stack", () => {
  const hidden: TypedGroup[] = [];
  let dictionary = dictionaryOf([]);
  const key = OBJECTS.string("next");
  for (let depth = 0; depth < 6_000; depth += 1) {
    dictionary = dictionaryOf([[key, dictionary]]);
    hidden.push(group(dictionary));
  }
  const unknownClass = { kind: "class", name: "XYNew", version: 0, superclass: null } as const;
  // Written from the innermost, so that the bytes nest no deeper than two.
  const unknown: TypedObject = { kind: "object", class: unknownClass, groups: hidden };
  const holder = dictionaryOf([
    [OBJECTS.string("hidden"), unknown],
    [OBJECTS.string("chain"), dictionary],
  ]);
  const chain = decodeWithAttributes([holder]).runs[0]?.attributes.get("chain");
  assert.equal(chain?.kind, "dictionary");
});

test("10,000 runs that share one dictionary of 5,000 entries under one long key convert each once", () => {
  const key = OBJECTS.string("k".repeat(100_000));
  const value = OBJECTS.string("v");
  const dictionary = dictionaryOf(Array.from({ length: 5_000 }, () => [key, value] as const));
  const runs = decodeWithAttributes(Array.from({ length: 10_000 }, () => dictionary)).runs;
  assert.equal(runs.length, 10_000);
  assert.equal(runs[0]?.attributes, runs[9_999]?.attributes);
});
