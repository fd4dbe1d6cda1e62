import { unreachable } from "@imesh/flow";
import type { Act } from "../messages/acts/act.ts";
import type { ShapeAct } from "../messages/acts/shapes.ts";
import { type Draw, drawActor, drawChat, drawContact, drawGroupGuid, drawRow, drawText } from "./chance.ts";
import { drawComposition } from "./draw-composition.ts";

const NS_PER_S = 1_000_000_000n;
const DAY_S = 86_400;

const GROUP_SHARE = 0.5;
const UNITS_MAX = 60;
const POLL_OPTIONS_MAX = 4;
const NEXT_STEP_SHARE = 0.4;
const APPS = ["apple-cash", "game", "game", "check-in", "find-my", "handwriting", "digital-touch"] as const;

/** As drawAct(), of the acts of acts/shapes.ts. */
export function drawShape(kind: ShapeAct["kind"], draw: Draw): Act | undefined {
  const { random } = draw;
  switch (kind) {
    case "compose":
      return drawComposition(draw);
    case "say-app":
      return drawApp(draw);
    case "poll-create": {
      const options = Array.from({ length: random.integer(2, POLL_OPTIONS_MAX) }, () => drawWords(draw));
      return { kind, ...drawPlace(draw), service: "", title: drawWords(draw), options };
    }
    case "poll-add-option":
    case "poll-vote":
    case "keep-audio":
    case "add-to-chat":
    case "schedule-edit":
      return drawRowShape(kind, draw);
    case "change-background":
    case "share-location":
    case "call":
    case "change-number":
    case "change-own-membership":
      return drawChatShape(kind, draw);
    default:
      return unreachable(kind);
  }
}

function drawApp(draw: Draw): Act | undefined {
  const { random, tables } = draw;
  const caption = drawWords(draw);
  const replacedRowid = random.next() < NEXT_STEP_SHARE ? drawRow("game", draw) : undefined;
  if (replacedRowid === undefined) {
    const app = random.pick(APPS);
    return { kind: "say-app", ...drawPlace(draw), service: "", app, caption, replacedRowid: 0n };
  }
  const from = drawActor(tables.cast.membersWithMessage(replacedRowid), random);
  return { kind: "say-app", from, chatGuid: "", service: "", app: "game", caption, replacedRowid };
}

function drawRowShape(
  kind: "poll-add-option" | "poll-vote" | "keep-audio" | "add-to-chat" | "schedule-edit",
  draw: Draw,
): Act | undefined {
  const { random, tables } = draw;
  const rowid = drawRow(castOf(kind), draw);
  if (rowid === undefined) return undefined;
  const from = drawActor(tables.cast.membersWithMessage(rowid), random);
  switch (kind) {
    case "poll-add-option":
      return { kind, rowid, from, text: drawWords(draw) };
    case "poll-vote": {
      const options = Array.from({ length: random.integer(0, 2) }, () =>
        random.integer(0, POLL_OPTIONS_MAX - 1),
      );
      return { kind, rowid, from, options };
    }
    case "keep-audio":
      return { kind, rowid, from };
    case "add-to-chat": {
      const chatGuid = drawChat(draw, false)?.guid;
      return chatGuid === undefined ? undefined : { kind, rowid, chatGuid };
    }
    case "schedule-edit": {
      const isMoved = random.next() < 0.5;
      const delayNs = isMoved ? BigInt(random.integer(1, 14 * DAY_S)) * NS_PER_S : 0n;
      return { kind, rowid, text: isMoved ? "" : drawText(random), delayNs };
    }
    default:
      return unreachable(kind);
  }
}

function castOf(kind: Parameters<typeof drawRowShape>[0]) {
  if (kind === "keep-audio") return "voice";
  if (kind === "schedule-edit") return "waiting";
  return kind === "add-to-chat" ? "message" : "poll";
}

function drawChatShape(
  kind: "change-background" | "share-location" | "call" | "change-number" | "change-own-membership",
  draw: Draw,
): Act | undefined {
  const { random, tables } = draw;
  const isOfGroups = kind === "change-number" || kind === "change-own-membership";
  const chat = drawChat(draw, isOfGroups || random.next() < GROUP_SHARE);
  if (chat === undefined) return undefined;
  const chatGuid = chat.guid;
  const members = tables.cast.members(chat.rowid);
  const from = drawActor(members, random);
  switch (kind) {
    case "change-background":
      return { kind, chatGuid, from, isRemoved: random.next() < 0.3 };
    case "share-location":
      return { kind, chatGuid, from, isStopped: random.next() < 0.4 };
    case "call":
      return { kind, chatGuid, from };
    case "change-number": {
      const [address] = members;
      return address === undefined ? undefined : { kind, chatGuid, address, newAddress: drawContact(random) };
    }
    case "change-own-membership":
      return { kind, chatGuid, isMember: random.next() < 0.6 };
    default:
      return unreachable(kind);
  }
}

function drawPlace({ random }: Draw): { readonly from: string; readonly chatGuid: string } {
  const from = drawContact(random);
  if (random.next() < GROUP_SHARE) return { from, chatGuid: drawGroupGuid(random) };
  return random.next() < GROUP_SHARE ? { from, chatGuid: "" } : { from: "", chatGuid: `any;-;${from}` };
}

/** A line at most. */
function drawWords({ random }: Draw): string {
  return drawText(random).slice(0, UNITS_MAX).toWellFormed();
}
