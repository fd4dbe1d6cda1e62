import assert from "node:assert/strict";
import { test } from "node:test";
import type { MessageRow as WireRow } from "@imesh/contracts/broker/v1";
import { type EditState, UNCHANGED } from "@imesh/imessage-codec";
import { wireHandle, wireRow } from "../testing/rows.ts";
import { contentDigest, contentFingerprint, parseContentFingerprint } from "./content-fingerprint.ts";
import { rowOfWire } from "./row-of-wire.ts";

function digestOf(columns: Partial<WireRow>): string | null {
  return contentDigest(rowOfWire(wireRow({ rowid: 7n, columns })));
}

test("a fingerprint gives back the state and the digest that it was made of", () => {
  const states: readonly (EditState | null)[] = [
    null,
    UNCHANGED,
    { versions: [{ part: 0, count: 3 }], unsentParts: [], isWhole: false },
    { versions: [], unsentParts: [2], isWhole: false },
    { versions: [], unsentParts: [], isWhole: true },
    {
      versions: [
        { part: 0, count: 3 },
        { part: 12, count: 2 },
      ],
      unsentParts: [1, 999_999_999],
      isWhole: true,
    },
  ];
  const digests = [null, "0", "89abcdef"];
  const texts = states.flatMap((state) =>
    digests.map((digest) => {
      const text = contentFingerprint({ state, digest }, 17n);
      assert.deepEqual(parseContentFingerprint(text), { state, digest }, text);
      return text;
    }),
  );
  assert.equal(new Set(texts).size, texts.length);
  assert.equal(texts.at(-1), "0x3,12x2/1,999999999/whole;89abcdef:17");
  assert.notEqual(contentFingerprint({ state: null, digest: null }, 18n), texts[0]);
});

test("a state that takes too much room is forgotten, and the key stays short", () => {
  const long = [40, 1_000_000].map((length) => Array.from({ length }, (_, part) => part + 100_000));
  for (const parts of long) {
    const versions = parts.map((part) => ({ part, count: 2 }));
    for (const state of [
      { ...UNCHANGED, versions },
      { ...UNCHANGED, unsentParts: parts },
    ]) {
      const text = contentFingerprint({ state, digest: "1" }, 3n);
      assert.equal(text, "?;1:3");
      assert.deepEqual(parseContentFingerprint(text), { state: null, digest: "1" });
    }
  }
});

test("what is no such fingerprint says nothing", () => {
  const nothing = { state: null, digest: null };
  for (const text of ["", "3", "sent:0:3", ";:", "/;1", "/;1:x", "/;G:1"]) {
    assert.deepEqual(parseContentFingerprint(text), nothing, text);
  }
  for (const state of [
    "",
    "0/",
    "0x2",
    "0x2,/",
    ",0x2/",
    "0x2/1,",
    "0x20x3/",
    "/1/2",
    "/1/whole/",
    "/12whole",
  ]) {
    assert.deepEqual(parseContentFingerprint(`${state};a:1`), { state: null, digest: "a" }, state);
  }
});

test("the digest changes with all that a row says, and with nothing else", () => {
  const plain = digestOf({});
  assert.match(plain ?? "", /^[0-9a-f]{1,8}$/);
  const said: readonly Partial<WireRow>[] = [
    { text: "x" },
    { subject: "x" },
    { groupTitle: "x" },
    { balloonBundleId: "x" },
    { associatedMessageGuid: "x" },
    { associatedMessageEmoji: "x" },
    { expressiveSendStyleId: "x" },
    { threadOriginatorGuid: "x" },
    { threadOriginatorPart: "x" },
    { dateEdited: 1n },
    { dateRetracted: 1n },
    { partCount: 3 },
    { associatedMessageType: 3 },
    { associatedMessageRangeLocation: 3n },
    { associatedMessageRangeLength: 3n },
    { itemType: 3 },
    { groupActionType: 3 },
    { shareStatus: 3 },
    { shareDirection: 3 },
    { otherHandle: wireHandle("x") },
    { messageActionType: 3 },
    { expireState: 3 },
    { isEmpty: true },
    { isAudioMessage: true },
    { isSystemMessage: true },
    { isAutoReply: true },
    { attributedBody: Buffer.from("x") },
    { messageSummaryInfo: Buffer.from("x") },
    { payloadData: Buffer.from("x") },
    { payloadData: Buffer.from("y") },
    { messageSummaryInfo: Buffer.from("x"), payloadData: Buffer.from("y") },
    { messageSummaryInfo: Buffer.from("xy") },
  ];
  const digests = said.map(digestOf);
  assert.equal(new Set([plain, ...digests]).size, said.length + 1);
  const unsaid = { isRead: true, dateRead: 5n, isSent: true, dateDelivered: 5n, isSpam: true, chats: [] };
  assert.equal(digestOf(unsaid), plain);
  assert.equal(digestOf({ isOversized: true }), null);
});
