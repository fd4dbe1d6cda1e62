import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChatPrint } from "../rows/prints.ts";
import type { ChatReason } from "./changes.ts";
import { decideChat } from "./decide-chat.ts";

const CHAT: ChatPrint = {
  rowid: 3n,
  guid: "any;-;x",
  isOverflowing: false,
  name: 1,
  members: 1,
  properties: 1,
  state: 1,
};

test("decideChat() tells a chat first, and nothing of the same again", () => {
  const first = decideChat(undefined, CHAT, { isBaseline: false });
  assert.deepEqual(first, { reasons: ["new"], keep: { print: CHAT } });
  const again = decideChat(first.keep, { ...CHAT }, { isBaseline: false });
  assert.deepEqual(again.reasons, []);
  assert.equal(again.keep, first.keep);
  assert.deepEqual(decideChat(undefined, CHAT, { isBaseline: true }), { reasons: [], keep: { print: CHAT } });
});

test("decideChat() tells exactly the columns that differ, for every combination of them", () => {
  const values: readonly [ChatReason, Partial<ChatPrint>][] = [
    ["guid", { guid: "any;-;y" }],
    ["name", { name: 2 }],
    ["members", { members: 2 }],
    ["properties", { properties: 2 }],
    ["state", { state: 2 }],
  ];
  for (let set = 0; set < 2 ** values.length; set += 1) {
    const chosen = values.filter((_value, index) => (set & (1 << index)) !== 0);
    const seen = Object.assign({ ...CHAT }, ...chosen.map(([, value]) => value));
    const { reasons, keep } = decideChat({ print: CHAT }, seen, { isBaseline: false });
    assert.deepEqual(
      reasons,
      chosen.map(([reason]) => reason),
    );
    assert.deepEqual(keep, { print: seen });
  }
});

test("decideChat() keeps a row that only moved to larger pages, and tells what is gone once", () => {
  const grown = decideChat({ print: CHAT }, { ...CHAT, isOverflowing: true }, { isBaseline: false });
  assert.deepEqual(grown, { reasons: [], keep: { print: { ...CHAT, isOverflowing: true } } });
  assert.deepEqual(decideChat({ print: CHAT }, undefined, { isBaseline: false }), {
    reasons: ["deleted"],
    keep: undefined,
  });
  assert.deepEqual(decideChat(undefined, undefined, { isBaseline: false }), { reasons: [], keep: undefined });
});
