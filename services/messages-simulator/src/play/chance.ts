import type { CastKind } from "../mac/cast-tables.ts";
import type { Tables } from "../mac/tables.ts";
import type { SeededRandom } from "../messages/seeded-random.ts";

/** Contacts of programs: numbers that belong to nobody, and few, so that they meet again. */
const CONTACTS = 12;
const GROUPS = 4;

/** Every second time something happens to one of the newest, as in life; else to any, however old. */
const RECENT_SHARE = 0.5;
const RECENT_ROWS = 30n;

/** A few texts are longer than a page, so that their rows have pages of their own. */
const WORDS_MAX = 12;
const LONG_SHARE = 0.05;
const LONG_WORDS_MAX = 1_500;
const WORDS: readonly [string, ...string[]] = [
  "yes",
  "no",
  "tomorrow",
  "at",
  "eight",
  "the",
  "train",
  "was",
  "late",
  "👍",
  "👩‍👩‍👧",
  "naïve",
  "日本語",
  "“so”",
  "why?",
];

/** What a step is drawn from. */
export interface Draw {
  readonly tables: Tables;
  readonly random: SeededRandom;
}

/** Address of one of the contacts. */
export function drawContact(random: SeededRandom): string {
  return `+1555400${String(random.integer(1, CONTACTS)).padStart(4, "0")}`;
}

/** Guid of one of the groups, which is made when somebody speaks in it. */
export function drawGroupGuid(random: SeededRandom): string {
  return `any;+;chat71000000000000000${random.integer(1, GROUPS)}`;
}

/** Something to say. */
export function drawText(random: SeededRandom): string {
  const count = random.next() < LONG_SHARE ? LONG_WORDS_MAX : WORDS_MAX;
  return Array.from({ length: random.integer(1, count) }, () => random.pick(WORDS)).join(" ");
}

/** For whatever has chance of its own. */
export function drawSeed(random: SeededRandom): bigint {
  return BigInt(random.integer(0, 0xffff_ffff));
}

/** A row of the kind, one of the newest or any; undefined without any. */
export function drawRow(kind: CastKind, { tables, random }: Draw): bigint | undefined {
  const { cast, messages } = tables;
  const head = kind === "transfer" ? cast.attachmentHead() : messages.head();
  const isRecent = random.next() < RECENT_SHARE;
  const lowest = isRecent && head > RECENT_ROWS ? head - RECENT_ROWS : 1n;
  const from = BigInt(random.integer(Number(lowest), Math.max(Number(head), 1)));
  return cast.from(kind, from) ?? cast.from(kind, 0n);
}

/** A chat, or only a group; undefined without any. */
export function drawChat({ tables, random }: Draw, isGroup: boolean) {
  const from = BigInt(random.integer(1, Math.max(Number(tables.chats.count()), 1)));
  return tables.cast.chatFrom(from, isGroup) ?? tables.cast.chatFrom(0n, isGroup);
}

/** One of those, or this account as the empty text. */
export function drawActor(members: readonly string[], random: SeededRandom): string {
  return ["", ...members][random.integer(0, members.length)] ?? "";
}
