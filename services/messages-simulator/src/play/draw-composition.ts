import type { BodyForm, ComposeAct, FilePiece, Piece, TextPiece } from "../messages/acts/shapes.ts";
import type { SeededRandom } from "../messages/seeded-random.ts";
import { type Draw, drawContact, drawGroupGuid, drawRow, drawText } from "./chance.ts";

const GROUP_SHARE = 0.4;
const OWN_SHARE = 0.25;
const SIZE_BYTES_MAX = 50_000;
const FILES_MAX = 4;
const FORMS: readonly [BodyForm, ...BodyForm[]] = ["drawn", "drawn", "drawn", "drawn", "both", "body"];
const EFFECT_IDS: readonly [string, ...string[]] = [
  ...(["gentle", "impact", "invisibleink", "loud"] as const).map(
    (name) => `com.apple.MobileSMS.expressivesend.${name}`,
  ),
  ...(["Confetti", "Echo", "Fireworks", "HappyBirthday", "Heart", "Lasers", "Spotlight"] as const).map(
    (name) => `com.apple.messages.effect.CK${name}Effect`,
  ),
] as unknown as [string, ...string[]];
const TEXT_EFFECTS = ["big", "small", "shake", "nod", "explode", "ripple", "bloom", "jitter"] as const;
const STYLES = ["bold", "italic", "underline", "strikethrough"] as const;
const DETECTED = ["phone-number", "address", "calendar-event", "data"] as const;
const SHORT_CODES = ["262966", "78787", "CHASE"] as const;
const REACTION_TEXTS = [
  "Loved “see you at eight”",
  "Liked “yes”",
  "Laughed at an image",
  "Reacted 🎉 to “naïve”",
  "Removed a heart from “yes”",
] as const;

type Shape = (draw: Draw) => Partial<ComposeAct> & { readonly pieces: readonly Piece[] };

/** What a composed message can be; each as often as the others. */
const SHAPES: readonly [Shape, ...Shape[]] = [
  ({ random }) => ({
    pieces: [words(random), written({ text: "@you", mention: drawContact(random) }), words(random)],
  }),
  ({ random }) => {
    const url = `https://example.com/${random.integer(1, 9_999)}?q=${encodeURIComponent(drawText(random).slice(0, 40).toWellFormed())}`;
    return { pieces: [words(random), written({ text: url, link: url })] };
  },
  ({ random }) => ({
    pieces: [
      words(random),
      written({ text: drawText(random), styles: [random.pick(STYLES)] }),
      written({ text: drawText(random), styles: ["bold", "italic", "underline"] }),
    ],
  }),
  ({ random }) => ({ pieces: [written({ text: drawText(random), effect: random.pick(TEXT_EFFECTS) })] }),
  ({ random }) => ({
    pieces: [words(random), written({ text: "+1 555 400 0001", detected: random.pick(DETECTED) })],
  }),
  ({ random }) => {
    const code = String(random.integer(100_000, 999_999));
    const pieces = [written({ text: "Your code is " }), written({ text: code, oneTimeCode: code })];
    return { pieces, from: random.pick(SHORT_CODES), chatGuid: "", service: "SMS" };
  },
  ({ random }) => ({ pieces: [words(random)], subject: drawText(random).slice(0, 60).toWellFormed() }),
  ({ random }) => ({ pieces: [words(random)], effectId: random.pick(EFFECT_IDS) }),
  ({ random }) => ({
    pieces: Array.from({ length: random.integer(1, FILES_MAX) }, () => [file(random), words(random)]).flat(),
  }),
  ({ random }) => ({
    pieces: [
      words(random),
      genmoji(random, "a cat with a hat"),
      words(random),
      genmoji(random, "a sad cake"),
    ],
  }),
  ({ random }) => ({ pieces: [words(random)], isAutoReply: true }),
  ({ random }) => ({ ...twin(random, random.pick(["SMS", "RCS"])), pieces: [words(random)] }),
  ({ random }) => ({
    ...twin(random, "SMS"),
    pieces: [written({ text: random.pick(REACTION_TEXTS) })],
  }),
  ({ random }) => ({ pieces: [words(random)], form: "text" }),
  ({ random }) => ({ pieces: [words(random)], form: "broken" }),
];

/** A message of any shape, or an inline reply with any words. */
export function drawComposition(draw: Draw): ComposeAct | undefined {
  const { random } = draw;
  const isReply = random.next() < 0.15;
  return isReply ? drawReply(draw) : { ...base(draw), ...random.pick(SHAPES)(draw) };
}

/** To any message, by somebody in its chat. */
function drawReply(draw: Draw): ComposeAct | undefined {
  const { random, tables } = draw;
  const rowid = drawRow("message", draw);
  const chat = rowid === undefined ? undefined : tables.changes.chatsOf(rowid)[0];
  if (rowid === undefined || chat === undefined) return undefined;
  const members = tables.cast.membersWithMessage(rowid).filter((address) => address.startsWith("+"));
  const [member] = members;
  const stored = tables.chats.findChat(chat.guid);
  const isOwn = member === undefined || random.next() < OWN_SHARE;
  return {
    ...base(draw),
    from: isOwn ? "" : member,
    chatGuid: chat.guid,
    service: isOwn ? "" : (stored?.service ?? ""),
    pieces: [words(random)],
    reply: { rowid, part: random.next() < 0.8 ? 0 : 1 },
  };
}

function base({ random }: Draw): Omit<ComposeAct, "pieces"> {
  const isOwn = random.next() < OWN_SHARE;
  const contact = drawContact(random);
  const isGroup = random.next() < GROUP_SHARE;
  const groupGuid = isGroup ? drawGroupGuid(random) : "";
  return {
    kind: "compose",
    from: isOwn ? "" : contact,
    chatGuid: isOwn ? `any;-;${contact}` : groupGuid,
    service: "",
    subject: "",
    effectId: "",
    reply: undefined,
    isAutoReply: false,
    form: random.pick(FORMS),
  };
}

/** A contact over another service: their other chat. */
function twin(random: SeededRandom, service: string) {
  return { from: drawContact(random), chatGuid: "", service };
}

function words(random: SeededRandom): TextPiece {
  return written({ text: `${drawText(random)} ` });
}

function written(piece: Partial<TextPiece> & { readonly text: string }): TextPiece {
  return {
    kind: "text",
    mention: "",
    link: "",
    styles: [],
    effect: undefined,
    detected: undefined,
    oneTimeCode: "",
    ...piece,
  };
}

function file(random: SeededRandom): FilePiece {
  const sizeBytes = BigInt(random.integer(0, SIZE_BYTES_MAX));
  return { kind: "file", sizeBytes, transferState: random.pick([0, 3, 5, 5]), genmoji: "" };
}

function genmoji(random: SeededRandom, description: string): FilePiece {
  return { ...file(random), transferState: 5, genmoji: description };
}
