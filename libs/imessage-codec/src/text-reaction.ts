import type { TextReaction } from "./decoded-row.ts";

type Words = Pick<TextReaction, "kind" | "isRemoval">;

/** What an iPhone writes before the quoted words when its reaction goes to a phone that has none. */
const APPLE_WORDS: readonly (readonly [string, Words])[] = [
  ["Loved ", { kind: "love", isRemoval: false }],
  ["Liked ", { kind: "like", isRemoval: false }],
  ["Disliked ", { kind: "dislike", isRemoval: false }],
  ["Laughed at ", { kind: "laugh", isRemoval: false }],
  ["Emphasized ", { kind: "emphasize", isRemoval: false }],
  ["Emphasised ", { kind: "emphasize", isRemoval: false }],
  ["Questioned ", { kind: "question", isRemoval: false }],
  ["Reacted with a sticker to ", { kind: "sticker", isRemoval: false }],
  ["Removed a heart from ", { kind: "love", isRemoval: true }],
  ["Removed a like from ", { kind: "like", isRemoval: true }],
  ["Removed a dislike from ", { kind: "dislike", isRemoval: true }],
  ["Removed a laugh from ", { kind: "laugh", isRemoval: true }],
  ["Removed an exclamation from ", { kind: "emphasize", isRemoval: true }],
  ["Removed a question mark from ", { kind: "question", isRemoval: true }],
  ["Removed a sticker from ", { kind: "sticker", isRemoval: true }],
];

/** An emoji between two words; nothing before it where an Android phone writes. */
const EMOJI_FORMS: readonly (readonly [before: string, after: string, isRemoval: boolean])[] = [
  ["Reacted ", " to ", false],
  ["Removed ", " from ", true],
  ["", " to ", false],
  ["", " removed from ", true],
  ["", " from ", true],
];

/** The longest has 35: a family, its skins, a joiner between each two. */
const EMOJI_UNITS_MAX = 64;

/**
 * The reaction that a text stands for, by the words that phones write where their reactions cannot go: iPhones in English, and Google
 * Messages. Null unless the whole text has such a form. Takes time linear in the text. A guess: a person can type the same words.
 */
export function textReactionOf(text: string): TextReaction | null {
  return wordReaction(text) ?? emojiReaction(withoutPadding(text));
}

function wordReaction(text: string): TextReaction | null {
  const found = APPLE_WORDS.find(([words]) => text.startsWith(words));
  if (found === undefined) {
    return null;
  }
  const [words, meaning] = found;
  const target = targetIn(text.slice(words.length));
  return target === null ? null : { ...meaning, emoji: null, quotedText: target.quotedText };
}

function emojiReaction(text: string): TextReaction | null {
  for (const [before, after, isRemoval] of EMOJI_FORMS) {
    const head = text.slice(0, before.length + EMOJI_UNITS_MAX + after.length);
    const end = head.startsWith(before) ? head.indexOf(after, before.length) : -1;
    const emoji = end < 0 ? "" : withoutPadding(text.slice(before.length, end));
    const target = EMOJI.test(emoji) ? targetIn(text.slice(end + after.length)) : null;
    if (target !== null) {
      const quotedText = target.quotedText === null ? null : withoutPadding(target.quotedText);
      return { kind: "emoji", isRemoval, emoji, quotedText };
    }
  }
  return null;
}

/** One emoji as Unicode composes them: a flag, a keycap, or pictures with their skins and tags, joined. */
const EMOJI =
  /^(?:\p{RI}{2}|[0-9#*]\uFE0F?\u20E3|\p{ExtPict}[\uFE0F\p{EMod}]?[\u{E0020}-\u{E007F}]*(?:\u200D\p{ExtPict}[\uFE0F\p{EMod}]?)*)$/u;

/** What a phone calls what it cannot quote. */
const THING =
  /^an? (?:image|photo|picture|movie|video|gif|attachment|audio message|voice message|sticker|file|link|location|contact)$/i;

/** Null where neither quoted words nor a thing is all there is. */
function targetIn(text: string): Pick<TextReaction, "quotedText"> | null {
  const quotedText = quotedIn(text);
  if (quotedText !== null) {
    return { quotedText };
  }
  return text.length <= EMOJI_UNITS_MAX && THING.test(text) ? { quotedText: null } : null;
}

function quotedIn(text: string): string | null {
  const isQuoted =
    (text.startsWith("\u201C") && text.endsWith("\u201D")) || (text.startsWith('"') && text.endsWith('"'));
  const quoted = isQuoted ? text.slice(1, -1) : "";
  return withoutPadding(quoted) === "" ? null : quoted;
}

/** White space and what has no width: Google Messages puts them around the emoji and inside the quotes. */
const PADDING_BEFORE = /^[\s\u200B-\u200D\u2060]+/;
const isPadding = (unit: string): boolean => /[\s\u200B-\u200D\u2060]/.test(unit);

function withoutPadding(text: string): string {
  const start = PADDING_BEFORE.exec(text)?.[0].length ?? 0;
  let end = text.length;
  while (end > start && isPadding(text[end - 1] as string)) {
    end -= 1;
  }
  return text.slice(start, end);
}
