import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { contextWindow, type TranscriptLine } from "./context-window.ts";

const contact = (text: string): TranscriptLine => ({ author: "contact", text });
const agent = (text: string): TranscriptLine => ({ author: "agent", text });
const own = (text: string): TranscriptLine => ({ author: "own", text });
const user = (text: string) => ({ role: "user", text });
const assistant = (text: string) => ({ role: "assistant", text });

test("contextWindow() alternates, lines of one side together", () => {
  const lines = [contact("a"), contact("b"), agent("c"), own("d"), contact("e")];
  assert.deepEqual(contextWindow(lines), [user("a\nb"), assistant("c\nd"), user("e")]);
});

test("contextWindow() begins with the contact", () => {
  assert.deepEqual(contextWindow([agent("a"), own("b"), contact("c")]), [user("c")]);
});

test("contextWindow() ends with the contact, though somebody has since written as this account", () => {
  const lines = [contact("a"), agent("b"), contact("c"), contact("d"), own("e")];
  assert.deepEqual(contextWindow(lines), [user("a"), assistant("b\ne"), user("c\nd")]);
});

test("contextWindow() takes the newest lines up to both bounds", () => {
  const lines = [contact("one"), agent("two"), contact("six"), agent("ten"), contact("new")];
  assert.deepEqual(contextWindow(lines, { linesMax: 3, bytesMax: 100 }), [
    user("six"),
    assistant("ten"),
    user("new"),
  ]);
  assert.deepEqual(contextWindow(lines, { linesMax: 9, bytesMax: 6 }), [user("new")]);
});

test("contextWindow() cuts a single line that is too long by itself, between code points", () => {
  assert.deepEqual(contextWindow([contact("aé😀z")], { linesMax: 9, bytesMax: 6 }), [user("aé")]);
});

test("contextWindow() is empty when the contact said nothing in it", () => {
  assert.deepEqual(contextWindow([agent("a"), own("b")]), []);
  assert.deepEqual(contextWindow([]), []);
});

test("contextWindow() is always what the API takes", () => {
  const random = SeededRandom.fromEnvironment("contextWindow()");
  for (let run = 0; run < 300; run += 1) {
    const lines = Array.from({ length: random.integer(1, 12) }, (_, index) =>
      random.pick([contact, agent, own])(`${"é".repeat(random.integer(1, 8))}${index}`),
    );
    const bounds = { linesMax: random.integer(1, 8), bytesMax: random.integer(8, 60) };
    const messages = contextWindow(lines, bounds);
    for (const [index, message] of messages.entries()) {
      assert.equal(message.role, index % 2 === 0 ? "user" : "assistant");
      assert.notEqual(message.text.trim(), "");
    }
    assert.equal(messages.length % 2, messages.length === 0 ? 0 : 1);
  }
});
