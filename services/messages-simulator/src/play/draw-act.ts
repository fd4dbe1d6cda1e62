import { unreachable } from "@imesh/flow";
import type { Act } from "../messages/acts/act.ts";
import type { ShapeAct } from "../messages/acts/shapes.ts";
import { directAddress, groupIdentifier } from "../messages/address.ts";
import { type Draw, drawActor, drawChat, drawContact, drawGroupGuid, drawRow, drawText } from "./chance.ts";
import { drawShape } from "./draw-shape.ts";

/** What an act can be. */
export type ActKind = Act["kind"];

const PART_MAX = 3;
const NS_PER_S = 1_000_000_000n;
const DAY_S = 86_400;

/** Attachments are small as a rule: each is a file that is written. */
const ATTACHMENTS_MAX = 3;
const SIZE_BYTES_MAX = 50_000;
const GROUP_SHARE = 0.3;
const AUDIO_SHARE = 0.25;
const LATE_JOIN_SHARE = 0.3;
/** Tapbacks are given rather than taken back, and parts are the first as a rule. */
const TAKEN_BACK_SHARE = 0.25;
/** Stickers that are put anywhere on a bubble. */
const PLACED_SHARE = 0.1;
const FIRST_PART_SHARE = 0.8;
const TYPE_PLACED = 1_000;
const TYPE_EMOJI = 2_006;
const EMOJI: readonly [string, ...string[]] = ["🎉", "👀", "🤷‍♀️", "❤️‍🔥"];
const NAMES: readonly [string, ...string[]] = ["", "Cake", "Trip to 日本", "Sunday", "👩‍👩‍👧"];

/**
 * Draws an act of the kind; undefined when nothing is there that it could happen to. That it can happen to what was
 * drawn is not certain: who performs it says so.
 */
export function drawAct(kind: ActKind, draw: Draw): Act | undefined {
  switch (kind) {
    case "edit":
    case "unsend":
    case "receipt":
    case "tapback":
    case "transcribe":
    case "add-link-preview":
    case "rewrite-message-guid":
    case "recently-delete":
    case "recover":
    case "hard-delete":
    case "schedule-send":
    case "schedule-cancel":
      return drawMessageAct(kind, draw);
    case "rename-chat":
    case "change-membership":
    case "change-photo":
      return drawGroupAct(kind, draw);
    case "rewrite-chat-guid":
    case "delete-chat":
      return drawChatAct(kind, draw);
    case "say-attachment":
      return drawAttachment(draw);
    case "advance-attachment": {
      const rowid = drawRow("transfer", draw);
      // The end of a transfer is by far the most frequent.
      return rowid === undefined
        ? undefined
        : { kind, rowid, transferState: draw.random.pick([3, 5, 5, 5, 6, 7]) };
    }
    case "schedule-create": {
      const delayNs = BigInt(draw.random.integer(1, 14 * DAY_S)) * NS_PER_S;
      return { kind, to: drawContact(draw.random), text: drawText(draw.random), delayNs };
    }
    default:
      return drawShape(kind, draw);
  }
}

type MessageActKind = Exclude<
  Extract<Act, { rowid: bigint }>["kind"],
  ShapeAct["kind"] | "advance-attachment"
>;

function drawMessageAct(kind: MessageActKind, draw: Draw): Act | undefined {
  const { random } = draw;
  const rowid = drawRow(castOf(kind), draw);
  if (rowid === undefined) return undefined;
  switch (kind) {
    case "edit":
      return { kind, rowid, part: drawPart(draw), text: drawText(random) };
    case "unsend":
      return { kind, rowid, parts: random.next() < FIRST_PART_SHARE ? [] : [drawPart(draw)] };
    case "receipt":
      return {
        kind,
        rowid,
        receipt: random.pick(["sent", "delivered", "delivered", "read", "read", "played", "failed"]),
      };
    case "tapback":
      return random.next() < TAKEN_BACK_SHARE ? drawTakenBack(rowid, draw) : drawTapback(rowid, draw);
    case "transcribe":
      return { kind, rowid, text: drawText(random) };
    case "add-link-preview":
    case "rewrite-message-guid":
    case "recently-delete":
    case "recover":
    case "hard-delete":
    case "schedule-send":
    case "schedule-cancel":
      return { kind, rowid };
    default:
      return unreachable(kind);
  }
}

function drawTapback(rowid: bigint, draw: Draw): Act {
  const { random, tables } = draw;
  const from = drawActor(tables.cast.membersWithMessage(rowid), random);
  const type = random.next() < PLACED_SHARE ? TYPE_PLACED : random.integer(2_000, 2_007);
  const emoji = type === TYPE_EMOJI ? random.pick(EMOJI) : "";
  return { kind: "tapback", rowid, part: drawPart(draw), from, type, emoji };
}

/** What stands at the row or above it goes again. */
function drawTakenBack(rowid: bigint, { tables }: Draw): Act | undefined {
  const given = tables.cast.tapbackFrom(rowid) ?? tables.cast.tapbackFrom(0n);
  if (given === undefined) return undefined;
  const { targetRowid, type, ...tapback } = given;
  return { kind: "tapback", rowid: targetRowid, type: type + 1_000, ...tapback };
}

function castOf(kind: MessageActKind) {
  if (kind === "transcribe") return "voice";
  if (kind === "recover") return "recoverable";
  return kind === "schedule-send" || kind === "schedule-cancel" ? "waiting" : "message";
}

function drawPart({ random }: Draw): number {
  return random.next() < FIRST_PART_SHARE ? 0 : random.integer(1, PART_MAX);
}

function drawGroupAct(
  kind: "rename-chat" | "change-membership" | "change-photo",
  draw: Draw,
): Act | undefined {
  const { random, tables } = draw;
  const chat = drawChat(draw, true);
  if (chat === undefined) return undefined;
  const chatGuid = chat.guid;
  const from = drawActor(tables.cast.members(chat.rowid), random);
  switch (kind) {
    case "rename-chat":
      return { kind, chatGuid, from, name: random.pick(NAMES) };
    case "change-membership":
      return { kind, chatGuid, from, address: drawContact(random), isAdded: random.next() < 0.6 };
    case "change-photo":
      return { kind, chatGuid, from, isRemoved: random.next() < 0.3 };
    default:
      return unreachable(kind);
  }
}

function drawChatAct(kind: "rewrite-chat-guid" | "delete-chat", draw: Draw): Act | undefined {
  const chatGuid = drawChat(draw, false)?.guid;
  if (chatGuid === undefined) return undefined;
  if (kind === "delete-chat") return { kind, chatGuid };
  // Who sends codes keeps their service.
  if ((directAddress(chatGuid) ?? groupIdentifier(chatGuid)) === undefined) return undefined;
  const service = draw.random.pick(["any", "iMessage", "RCS"]);
  return { kind, chatGuid, newChatGuid: `${service}${chatGuid.slice(chatGuid.indexOf(";"))}` };
}

function drawAttachment({ random }: Draw): Act {
  const isAudio = random.next() < AUDIO_SHARE;
  return {
    kind: "say-attachment",
    from: drawContact(random),
    groupGuid: random.next() < GROUP_SHARE ? drawGroupGuid(random) : "",
    text: isAudio || random.next() < 0.5 ? "" : drawText(random),
    attachments: isAudio ? 1 : random.integer(1, ATTACHMENTS_MAX),
    sizeBytes: BigInt(random.integer(0, SIZE_BYTES_MAX)),
    transferState: random.pick([0, 3, 5]),
    isAudio,
    isJoinLate: random.next() < LATE_JOIN_SHARE,
  };
}
