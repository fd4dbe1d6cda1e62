import assert from "node:assert/strict";
import { test } from "node:test";
import type { MessageRow } from "@imesh/imessage-model";
import { decodeMessageRow } from "./decode-message-row.ts";
import type { TextReaction } from "./decoded-row.ts";
import { messageRow } from "./fixtures/message-row-fixture.ts";
import { textReactionOf } from "./text-reaction.ts";

type Told = readonly [
  kind: TextReaction["kind"],
  quotedText: string | null,
  isRemoval?: true | undefined,
  emoji?: string,
];

function check(text: string, told: Told | null): void {
  const [kind, quotedText, isRemoval = false, emoji = null] = told ?? [];
  const expected = told === null ? null : { kind, emoji, isRemoval, quotedText };
  assert.deepEqual(textReactionOf(text), expected, text);
}

test("textReactionOf() reads what iPhones write", () => {
  const cases: readonly (readonly [string, Told])[] = [
    ["Loved “See you”", ["love", "See you"]],
    ['Liked "See you"', ["like", "See you"]],
    ["Disliked “a\nb”", ["dislike", "a\nb"]],
    ["Laughed at “he said “no” to me”", ["laugh", "he said “no” to me"]],
    ["Emphasized “ now ”", ["emphasize", " now "]],
    ["Emphasised “now”", ["emphasize", "now"]],
    ["Questioned “?”", ["question", "?"]],
    ["Liked an image", ["like", null]],
    ["Laughed at a movie", ["laugh", null]],
    ["Questioned an audio message", ["question", null]],
    ["Reacted 😀 to “See you”", ["emoji", "See you", undefined, "😀"]],
    ["Reacted 👩‍👩‍👧 to an image", ["emoji", null, undefined, "👩‍👩‍👧"]],
    ["Reacted with a sticker to “See you”", ["sticker", "See you"]],
    ["Removed a heart from “See you”", ["love", "See you", true]],
    ["Removed a like from “See you”", ["like", "See you", true]],
    ["Removed a dislike from “See you”", ["dislike", "See you", true]],
    ["Removed a laugh from “See you”", ["laugh", "See you", true]],
    ["Removed an exclamation from “See you”", ["emphasize", "See you", true]],
    ["Removed a question mark from an attachment", ["question", null, true]],
    ["Removed a sticker from “See you”", ["sticker", "See you", true]],
    ["Removed 😀 from “See you”", ["emoji", "See you", true, "😀"]],
  ];
  for (const [text, told] of cases) check(text, told);
});

test("textReactionOf() reads what Google Messages writes", () => {
  const emoji = (mark: string, quoted: string | null, isRemoval?: true): Told => [
    "emoji",
    quoted,
    isRemoval,
    mark,
  ];
  check(
    "\u200A\u200B\u2764\uFE0F\u200B to \u201C\u200ASee you\u200A\u201D\u200A",
    emoji("\u2764\uFE0F", "See you"),
  );
  check(
    "\u200A\u200B👍\u200B removed from \u201C\u200ASee you\u200A\u201D\u200A",
    emoji("👍", "See you", true),
  );
  check("\u200A\u200C👍\u200C from \u201C\u200ASee you\u200A\u201D\u200A", emoji("👍", "See you", true));
  check("👍 to “ See you ”", emoji("👍", "See you"));
  check('👍🏽 to "See you"', emoji("👍🏽", "See you"));
  check(" ❤️ to an image", emoji("❤️", null));
  check("🇩🇪 to “See you”", emoji("🇩🇪", "See you"));
  check("1️⃣ to “See you”", emoji("1️⃣", "See you"));
  check(
    "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F} to “go”",
    emoji("🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}", "go"),
  );
});

test("textReactionOf() takes nothing else, above all no part of a text", () => {
  const texts = [
    "",
    "Loved",
    "Loved it",
    "Loved “it” so much",
    "I Loved “it”",
    "loved “it”",
    "Loved “it”.",
    'Loved “it"',
    "Loved “”",
    "Loved “ ”",
    'Loved "',
    "Loved an idea",
    "Liked an image of you",
    "Laughed “it”",
    "Removed a banana from “it”",
    "Reacted badly to “it”",
    "Reacted to “it”",
    "Reacted 😀😀 to “it”",
    "we drove to “it”",
    "1 to “it”",
    "👍",
    "👍 to it",
    "👍👍 to “it”",
    "👍 for “it”",
  ];
  for (const text of texts) check(text, null);
});

test("textReactionOf() takes time linear in the text", () => {
  const units = 262_144;
  for (const piece of [
    "Loved “",
    "“",
    " to ",
    "👍",
    "\u200A",
    "\u200B to “",
    "Reacted ",
    "👩\u200D",
    " from ",
  ]) {
    const text = piece.repeat(units / piece.length);
    for (const each of [text, `Loved ${text}`, `👍 to “${text}`, `Reacted 👍 to “${text}”x`]) {
      assert.equal(textReactionOf(each), null);
    }
  }
});

test("only texts that came by another service than iMessage are asked", () => {
  const kindOf = (columns: Partial<MessageRow>) => {
    const decoded = decodeMessageRow(messageRow({ text: "Loved “See you”", ...columns }));
    return decoded.kind === "message" ? (decoded.textReaction?.kind ?? null) : decoded.kind;
  };
  assert.deepEqual(
    ["SMS", "RCS", "SatelliteSMS", "iMessage", "iMessageLite", null].map((service) => kindOf({ service })),
    ["love", "love", "love", null, null, null],
  );
});
