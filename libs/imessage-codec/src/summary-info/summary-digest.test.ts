import assert from "node:assert/strict";
import { test } from "node:test";
import { encodePropertyList } from "../property-list/encode-property-list.ts";
import type { PropertyListValue } from "../property-list/property-list-value.ts";
import { summaryDigest } from "./summary-digest.ts";

function summary(entries: Readonly<Record<string, PropertyListValue>>): Uint8Array {
  return encodePropertyList({ kind: "dictionary", entries: new Map(Object.entries(entries)) });
}

const edited: PropertyListValue = { kind: "array", items: [{ kind: "integer", value: 0n }] };
const retracted: PropertyListValue = { kind: "array", items: [{ kind: "integer", value: 1n }] };

test("summaryDigest() tells edits and unsends apart, and does not see Messages' own books", () => {
  const plain = summaryDigest(summary({ ep: edited }));
  assert.equal(typeof plain, "number");
  assert.equal(summaryDigest(summary({ orgid: { kind: "string", value: "GUID" }, ep: edited })), plain);
  assert.equal(summaryDigest(summary({ ust: { kind: "boolean", value: true }, ep: edited })), plain);
  assert.notEqual(summaryDigest(summary({ ep: retracted })), plain);
  assert.notEqual(summaryDigest(summary({ rp: edited })), plain);
  assert.notEqual(summaryDigest(summary({ ep: edited, unknown: { kind: "null" } })), plain);
});

test("summaryDigest() does not depend on the order of keys", () => {
  assert.equal(
    summaryDigest(summary({ ep: edited, rp: retracted })),
    summaryDigest(summary({ rp: retracted, ep: edited })),
  );
});

test("summaryDigest() is undefined for bytes that are no summary, and no bytes say nothing", () => {
  assert.equal(summaryDigest(new Uint8Array()), summaryDigest(summary({ orgid: { kind: "null" } })));
  assert.equal(summaryDigest(new TextEncoder().encode("bplist00 is not enough")), undefined);
});

test("summaryDigest() is undefined for a summary that repeats one long value very often", () => {
  const long: PropertyListValue = { kind: "data", value: new Uint8Array(100_000) };
  const words: PropertyListValue = { kind: "string", value: "x".repeat(100_000) };
  for (const value of [long, words]) {
    const twice = summary({ ep: { kind: "array", items: [value, value] } });
    const often = summary({ ep: { kind: "array", items: Array.from({ length: 15_000 }, () => value) } });
    assert.equal(typeof summaryDigest(twice), "number");
    assert.equal(summaryDigest(often), undefined);
  }
});
