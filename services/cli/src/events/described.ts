import {
  type Direction,
  Direction as Directions,
  type Event,
  type Sender,
} from "@imesh/contracts/bridge/v1/event";
import type { Tone } from "../terminal/style.ts";

/** What an event is, in the words of a line of `imesh tail`. Texts as they came: the line makes them safe. */
export interface Described {
  /** At most 11 letters. */
  readonly kind: string;
  readonly tone: Tone;
  readonly text: string;
  /** What is worth knowing beside it, in the order of weight; shown dim, in brackets. */
  readonly facts?: readonly string[];
}

/** Something that somebody did. */
export interface Authored {
  readonly direction: Direction;
  readonly sender?: Sender | undefined;
}

/** "→ chat" for what this account did, "← somebody in chat" for others; the chat is left out where it is theirs alone. */
export function whoIn(event: Event, { direction, sender }: Authored): string {
  const chat = chatName(event);
  const address = sender?.address ?? "somebody";
  if (direction === Directions.OWN) return `→ ${chat}`;
  return address === chat ? `← ${address}` : `← ${address} in ${chat}`;
}

/** What the event's chat is called: by people, else by Messages. */
export function chatName({ chat }: Event): string {
  return chat?.displayName || chat?.identifier || chat?.guid || "(no chat)";
}

/** News of a message or an attachment: where, which, what. */
export function news(where: string, guid: string, what: string): string {
  return `${where}  ${guid === "" ? "" : `${shortGuid(guid)} `}${what}`;
}

/** Enough of a guid to tell it from its neighbours: the first of the five groups of a UUID. JSON has all of it. */
export function shortGuid(guid: string): string {
  return guid.replaceAll(/([0-9a-f]{8})(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, "$1");
}

/** The tone of something that somebody did. */
export function toneOf({ direction }: Authored): Tone {
  return direction === Directions.OWN ? "accent" : "good";
}

/** A stranger's words in a sentence of ours. */
export function quoted(text: string): string {
  return `"${text}"`;
}

/** "part 1", "parts 1, 2". */
export function partsNamed(parts: readonly number[]): string {
  return `${parts.length === 1 ? "part" : "parts"} ${parts.join(", ")}`;
}

/** A message, or the part of it that is meant. */
export function partOf(guid: string, part: number | undefined): string {
  return part === undefined ? shortGuid(guid) : `${shortGuid(guid)} part ${part}`;
}
