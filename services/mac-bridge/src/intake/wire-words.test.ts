import assert from "node:assert/strict";
import { test } from "node:test";
import { ATTACHMENT_STATES, CHAT_STYLES, REACTION_KINDS, wordsByNumber } from "./wire-words.ts";

test("each word reads back as itself", () => {
  const tables: readonly Readonly<Record<string, number>>[] = [
    CHAT_STYLES,
    REACTION_KINDS,
    ATTACHMENT_STATES,
  ];
  for (const table of tables) {
    const words = wordsByNumber(table);
    for (const [word, number] of Object.entries(table)) assert.equal(words.get(number), word);
  }
});
