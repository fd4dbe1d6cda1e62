import { ATTACHMENT_SLOT, type MessageRunFacts, messageRun, TEXT_EFFECT_NUMBER } from "@imesh/imessage-codec";
import { parseAttachmentGuid, parseHandleAddress } from "@imesh/imessage-model";
import { canonicalAddress } from "../address.ts";
import { scannerResult } from "../payloads/detected-data.ts";
import { OrderRefusedError } from "../say-order.ts";
import type { SeededRandom } from "../seeded-random.ts";
import { attachmentPart, planTransfer, type Transfer } from "./attachments.ts";
import type { MessagePart } from "./message-parts.ts";
import { checkTransfer } from "./order-checks.ts";
import type { FilePiece, Piece, TextPiece } from "./shapes.ts";

/** What pieces become. */
export interface ComposedParts {
  readonly parts: readonly MessagePart[];
  readonly transfers: readonly { readonly transfer: Transfer; readonly piece: FilePiece }[];
}

/** Points of a Genmoji among words. */
const GENMOJI_POINTS = 24;
const PIECES_MAX = 200;
const TEXT_UNITS_MAX = 100_000;
const LINK_UNITS_MAX = 8_000;
const SHORT_TEXT_UNITS_MAX = 200;
const STATE_FINISHED = 5;

/** Throws OrderRefusedError. */
export function checkPieces(pieces: readonly Piece[]): void {
  if (pieces.length === 0 || pieces.length > PIECES_MAX) {
    throw new OrderRefusedError("pieces", `must be 1 to ${PIECES_MAX}`);
  }
  const units = pieces.reduce((sum, piece) => sum + (piece.kind === "text" ? piece.text.length : 1), 0);
  if (units > TEXT_UNITS_MAX) {
    throw new OrderRefusedError("pieces", `must have at most ${TEXT_UNITS_MAX} UTF-16 code units together`);
  }
  for (const piece of pieces) {
    if (piece.kind === "file") checkFile(piece);
    else checkWords(piece);
  }
}

function checkFile({ sizeBytes, transferState, genmoji }: FilePiece): void {
  checkTransfer({ sizeBytes, transferState }, "pieces.");
  if (genmoji.length > SHORT_TEXT_UNITS_MAX) {
    throw new OrderRefusedError("pieces.genmoji", `must have at most ${SHORT_TEXT_UNITS_MAX} units`);
  }
  if (genmoji !== "" && transferState !== STATE_FINISHED) {
    throw new OrderRefusedError("pieces.transfer_state", "must be 5 for a Genmoji");
  }
}

function checkWords({ text, mention, link, oneTimeCode }: TextPiece): void {
  if (text === "") throw new OrderRefusedError("pieces.text", "must not be empty");
  if (mention !== "" && canonicalAddress(mention) === undefined) {
    throw new OrderRefusedError("pieces.mention", "must be E.164, mail or empty");
  }
  if (link !== "" && (link.length > LINK_UNITS_MAX || !URL.canParse(link))) {
    throw new OrderRefusedError("pieces.link", `must be an absolute URL of at most ${LINK_UNITS_MAX} units`);
  }
  if (oneTimeCode.length > SHORT_TEXT_UNITS_MAX) {
    throw new OrderRefusedError("pieces.one_time_code", `must have at most ${SHORT_TEXT_UNITS_MAX} units`);
  }
}

/** Puts checked pieces together: neighbouring words and Genmoji are one bubble, every other file has its own. */
export function composeParts(
  pieces: readonly Piece[],
  messageGuid: string,
  random: SeededRandom,
): ComposedParts {
  const parts: MessagePart[] = [];
  const transfers: { transfer: Transfer; piece: FilePiece }[] = [];
  let isOpen = false;
  for (const piece of pieces) {
    const isInline = piece.kind === "text" || piece.genmoji !== "";
    const last = isInline && isOpen ? parts.pop() : undefined;
    const part = last?.part ?? parts.length;
    const transfer =
      piece.kind === "file" ? planned(piece, part, transfers.length, messageGuid, random) : undefined;
    if (piece.kind === "file" && transfer !== undefined) transfers.push({ transfer, piece });
    const added = inlinePart(piece, part, last?.text.length ?? 0, transfer, random);
    parts.push({
      part,
      start: 0,
      text: (last?.text ?? "") + added.text,
      runs: [...(last?.runs ?? []), ...added.runs],
    });
    isOpen = isInline;
  }
  let start = 0;
  return {
    transfers,
    parts: parts.map((part) => {
      const placed = { ...part, start };
      start += part.text.length;
      return placed;
    }),
  };
}

function planned(
  piece: FilePiece,
  part: number,
  number: number,
  messageGuid: string,
  random: SeededRandom,
): Transfer {
  const transfer = planTransfer({ ...piece, part, messageGuid, isAudio: false }, random);
  if (piece.genmoji === "") return transfer;
  // Several may be in one bubble: the number is that of the file then, and says nothing of the part (docs/chat-db.md §14).
  return { guid: `at_${number}_${messageGuid}`, name: "Genmoji.heic" };
}

function inlinePart(
  piece: Piece,
  part: number,
  start: number,
  transfer: Transfer | undefined,
  random: SeededRandom,
): Pick<MessagePart, "text" | "runs"> {
  if (piece.kind === "text") {
    return {
      text: piece.text,
      runs: [messageRun(piece.text.length, { part, ...marks(piece, start, random) })],
    };
  }
  const guid = transfer?.guid ?? "";
  if (piece.genmoji === "") return attachmentPart(part, guid);
  const attachmentGuid = parseAttachmentGuid(guid);
  const inlineSize = { width: GENMOJI_POINTS, height: GENMOJI_POINTS };
  const run = messageRun(ATTACHMENT_SLOT.length, { part, attachmentGuid, inlineSize, isEmojiImage: true });
  return { text: ATTACHMENT_SLOT, runs: [run] };
}

function marks(piece: TextPiece, start: number, random: SeededRandom): Omit<MessageRunFacts, "part"> {
  const { mention, link, styles, effect, detected, oneTimeCode } = piece;
  const range = { start, length: piece.text.length };
  return {
    ...(mention === "" ? {} : { mention: parseHandleAddress(mention) }),
    ...(link === "" ? {} : { link: { url: link, isRichLink: true } }),
    ...(styles.length === 0 ? {} : { styles }),
    ...(effect === undefined ? {} : { effect: TEXT_EFFECT_NUMBER[effect] }),
    ...(detected === undefined
      ? {}
      : { detected: { what: detected, archive: scannerResult(detected, range, random) } }),
    ...(oneTimeCode === "" ? {} : { oneTimeCode: { code: oneTimeCode, displayCode: oneTimeCode } }),
  };
}
