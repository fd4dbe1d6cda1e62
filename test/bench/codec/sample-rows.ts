/** Rows to decode: of each weight a set of different ones. */
import { ATTACHMENT_SLOT } from "@imesh/imessage-codec";
import {
  type AttachmentGuid,
  type AttachmentRef,
  type MessageRow,
  parseAttachmentGuid,
  parseHandleAddress,
} from "@imesh/imessage-model";
import { bodyOf, editHistoryOf, linkPreviewOf, type Piece, wordsOf } from "./sample-bodies.ts";

/** Enough that no two rows in a row are alike, few enough that they stay in the processor's cache. */
const VARIANTS = 64;
const HEAVY_RUNS = 100;
const HEAVY_ATTACHMENTS = 4;
/** An attachment and the words after it. */
const SECTION_RUNS = HEAVY_RUNS / HEAVY_ATTACHMENTS;
const SENT = 657_208_635_075_000_000n;
const SECOND = 1_000_000_000n;

/** The weights, lightest first. */
export type Weight = "short" | "median" | "heavy";

/** Rows of the weight; the same every time. */
export function sampleRows(weight: Weight): readonly MessageRow[] {
  const make = { short: shortRow, median: medianRow, heavy: heavyRow }[weight];
  return Array.from({ length: VARIANTS }, (_, index) => make(index));
}

/** One run of a few words. */
function shortRow(index: number): MessageRow {
  return rowOf(index, { attributedBody: bodyOf([[wordsOf(index, 4), { part: 0 }]]) });
}

/** Three runs: a mention, words, a link. */
function medianRow(index: number): MessageRow {
  const url = `https://example.com/trip/${index}`;
  const pieces: readonly Piece[] = [
    ["Alice", { part: 0, mention: parseHandleAddress("+15552010001") }],
    [` ${wordsOf(index, 10)} `, { part: 0 }],
    [url, { part: 0, link: { url, isRichLink: false } }],
  ];
  return rowOf(index, { attributedBody: bodyOf(pieces) });
}

/** A hundred runs, four of them attachments, edited twice, with the preview of a link. */
function heavyRow(index: number): MessageRow {
  const files = Array.from({ length: HEAVY_ATTACHMENTS }, (_, part) =>
    parseAttachmentGuid(`at_${part}_${guidOf(index)}`),
  );
  const pieces = Array.from({ length: HEAVY_RUNS }, (_, run) => heavyPiece(index, run, files));
  return rowOf(index, {
    attributedBody: bodyOf(pieces),
    messageSummaryInfo: editHistoryOf(index, Number(SENT / SECOND)),
    payloadData: linkPreviewOf(`https://example.com/page/${index}`, wordsOf(index, 40)),
    balloonBundleId: "com.apple.messages.URLBalloonProvider",
    dateEdited: SENT + 90n * SECOND,
    cacheHasAttachments: true,
    partCount: HEAVY_ATTACHMENTS * 2,
    attachments: files.map((file, part) => attachmentOf(BigInt(index * HEAVY_ATTACHMENTS + part + 1), file)),
  });
}

/** Each attachment is a part of its own, and so are the words after it. */
function heavyPiece(index: number, run: number, files: readonly AttachmentGuid[]): Piece {
  const section = Math.floor(run / SECTION_RUNS);
  const file = run % SECTION_RUNS === 0 ? files[section] : undefined;
  if (file !== undefined) {
    const facts = {
      attachmentGuid: file,
      fileName: `IMG_${run}.HEIC`,
      inlineSize: { width: 320, height: 240 },
    };
    return [ATTACHMENT_SLOT, { part: section * 2, ...facts }];
  }
  const part = section * 2 + 1;
  const text = `${wordsOf(index + run, 3)} `;
  if (run % 10 === 3) return [text, { part, mention: parseHandleAddress("+15552010001") }];
  if (run % 10 === 7) return [text, { part, link: { url: `https://example.com/${run}`, isRichLink: false } }];
  return run % 2 === 0 ? [text, { part, styles: ["bold"] }] : [text, { part }];
}

function guidOf(index: number): string {
  return `6F8A2B3C-0000-4000-8000-${String(index).padStart(12, "0")}`;
}

function attachmentOf(rowid: bigint, guid: string): AttachmentRef {
  return {
    rowid,
    guid,
    originalGuid: guid,
    filename: `~/Library/Messages/Attachments/0a/10/${guid}/IMG.HEIC`,
    transferName: "IMG.HEIC",
    mimeType: "image/heic",
    uti: "public.heic",
    totalBytes: 1_500_000n,
    transferState: 5,
    createdDate: SENT / SECOND,
    isOutgoing: false,
    isSticker: false,
    hideAttachment: false,
    userInfo: null,
    stickerUserInfo: null,
    attributionInfo: null,
    emojiImageShortDescription: null,
  };
}

/** A row as it is read: incoming, read, in a direct chat. */
function rowOf(index: number, columns: Partial<MessageRow>): MessageRow {
  const rowid = BigInt(index + 1);
  return { ...USUAL, rowid, guid: guidOf(index), date: SENT + rowid * SECOND, ...columns };
}

const USUAL: MessageRow = {
  rowid: 0n,
  guid: "",
  text: null,
  subject: null,
  attributedBody: null,
  messageSummaryInfo: null,
  payloadData: null,
  isOversized: false,
  service: "iMessage",
  account: "E:me@example.com",
  destinationCallerId: "me@example.com",
  date: SENT,
  dateRead: SENT + 60n * SECOND,
  dateDelivered: 0n,
  dateEdited: 0n,
  datePlayed: 0n,
  dateRetracted: 0n,
  dateRecovered: 0n,
  isFromMe: false,
  isFinished: true,
  isSent: false,
  isDelivered: true,
  isRead: true,
  isPlayed: false,
  isEmpty: false,
  isAudioMessage: false,
  wasDowngraded: false,
  isSystemMessage: false,
  isAutoReply: false,
  isSpam: false,
  isRecoverable: false,
  error: 0,
  itemType: 0,
  groupActionType: 0,
  groupTitle: null,
  otherHandle: null,
  shareStatus: 0,
  shareDirection: 0,
  messageActionType: 0,
  associatedMessageGuid: null,
  associatedMessageType: 0,
  associatedMessageEmoji: null,
  associatedMessageRangeLocation: 0n,
  associatedMessageRangeLength: 0n,
  balloonBundleId: null,
  expressiveSendStyleId: null,
  threadOriginatorGuid: null,
  threadOriginatorPart: null,
  replyToGuid: "6F8A2B3C-0000-4000-8000-FFFFFFFFFFFF",
  partCount: 1,
  cacheHasAttachments: false,
  scheduleType: 0,
  scheduleState: 0,
  expireState: 0,
  sender: { address: "+15552010001", service: "iMessage", country: "us", contactId: null },
  chats: [],
  ckChatId: "any;-;+15552010001",
  cacheRoomnames: null,
  attachments: [],
};
