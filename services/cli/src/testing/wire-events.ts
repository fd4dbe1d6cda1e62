import { AttachmentState, DetectedKind, PartKind, TextStyle } from "@imesh/contracts/bridge/v1/content";
import {
  ArrivalClass,
  AttachmentUpdateReason,
  ChatUpdateReason,
  DeletionState,
  Direction,
  Event,
  GroupChangeKind,
  Message,
  MessageUpdateReason,
  ReactionAction,
  ReactionKind,
  ReceiptKind,
  ScheduleState,
} from "@imesh/contracts/bridge/v1/event";
import { at, JOURNAL_ID } from "./wire-fixtures.ts";

/** Everyone in these events by one address. */
const ANN = {
  address: "+15550101",
  service: "iMessage",
  personKey: "+15550101",
  contactId: "C",
  country: "us",
};
const BEN = { address: "ben@example.com", service: "iMessage", personKey: "ben@example.com" };
const IN = { direction: Direction.INCOMING, sender: ANN };
const PHOTO = { guid: "at-1", name: "cake.heic", mimeType: "image/heic", state: AttachmentState.READY };
const POLL = {
  title: "Which?",
  creatorAddress: "+15550101",
  options: [
    { optionId: "1", text: "plum" },
    { optionId: "2", text: "pear" },
  ],
};

/** A message that has something of everything. */
export function fullMessage(): Message {
  return Message.fromPartial({
    guid: "M",
    ...IN,
    text: "see \ufffc bold",
    subject: "cake",
    service: "iMessage",
    replyToGuid: "R",
    replyToPart: 1,
    effectId: "com.apple.MobileSMS.expressivesend.impact",
    attachmentGuids: ["at-1"],
    mentions: [{ start: 0, length: 3, address: "ben@example.com" }],
    edited: true,
    parts: [
      { index: 0, start: 0, length: 10, kind: PartKind.TEXT },
      { index: 2, start: 0, length: 0, kind: PartKind.BALLOON },
    ],
    entities: [
      { start: 0, length: 3, kind: { $case: "mention", value: "ben@example.com" } },
      { start: 0, length: 3, kind: { $case: "link", value: "https://example.com/" } },
      { start: 4, length: 1, kind: { $case: "attachmentGuid", value: "at-1" } },
      { start: 6, length: 4, kind: { $case: "style", value: TextStyle.BOLD } },
      { start: 6, length: 4, kind: { $case: "effect", value: "shake" } },
      { start: 6, length: 4, kind: { $case: "detected", value: DetectedKind.PHONE_NUMBER } },
      { start: 6, length: 4, kind: { $case: "oneTimeCode", value: "123456" } },
      { start: 6, length: 4 },
    ],
    attachments: [
      { ...PHOTO, totalBytes: 5n },
      { guid: "at-2", isHidden: true, state: AttachmentState.READY },
      { guid: "at-3", isRowMissing: true, transcript: "on my way", isSticker: true, description: "a cake" },
    ],
    balloon: { bundleId: "B", content: { $case: "poll", value: POLL } },
    isAudio: true,
    ownAddress: "me@example.com",
    otherChats: [{ guid: "G2", displayName: "Plums" }],
    isDowngraded: true,
    isAutoReply: true,
    isSpam: true,
    textReaction: { kind: ReactionKind.LOVE, isRemoval: true, quotedText: "yes" },
    bodyFault: "run-length",
    unsentParts: [1],
  });
}

type Payload = NonNullable<Event["payload"]>;

const EDITED = Message.fromPartial({ guid: "M", ...IN, text: "new", edited: true });

/** One payload of every kind that tells of what somebody did to a message, a group or a poll. */
const DEEDS: readonly Payload[] = [
  payload({
    $case: "edit",
    value: { message: EDITED, parts: [{ part: 0, oldText: "old", newText: "new" }], editTime: at(0) },
  }),
  payload({ $case: "unsend", value: { guid: "M", ...IN, parts: [1], message: EDITED, failedParts: [1] } }),
  payload({
    $case: "reaction",
    value: {
      guid: "T",
      ...IN,
      action: ReactionAction.ADDED,
      kind: ReactionKind.EMOJI,
      emoji: "🎂",
      targetGuid: "M",
      targetPart: 0,
      quotedText: "cake?",
      replacedGuid: "S",
    },
  }),
  payload({
    $case: "groupChange",
    value: { guid: "L", ...IN, kind: GroupChangeKind.PARTICIPANT_ADDED, participant: BEN },
  }),
  payload({ $case: "locationShare", value: { guid: "L", ...IN, isStarted: true } }),
  payload({ $case: "keptAudio", value: { guid: "L", ...IN, targetGuid: "M" } }),
  payload({ $case: "call", value: { guid: "L", ...IN } }),
  payload({ $case: "pollVote", value: { guid: "V", ...IN, pollGuid: "M", optionIds: ["1", "2"] } }),
  payload({ $case: "pollUpdate", value: { guid: "U", ...IN, pollGuid: "M", poll: POLL } }),
];

/** One payload of every kind that tells how something is now. */
const UPDATES: readonly Payload[] = [
  payload({ $case: "receipt", value: { guid: "M", direction: Direction.INCOMING, kind: ReceiptKind.READ } }),
  payload({
    $case: "scheduledMessage",
    value: {
      message: { guid: "M", direction: Direction.OWN, text: "later" },
      state: ScheduleState.SCHEDULED,
      sendTime: at(0),
    },
  }),
  payload({ $case: "deletion", value: { guid: "M", state: DeletionState.RECENTLY_DELETED } }),
  payload({
    $case: "messageUpdate",
    value: { message: { guid: "M", text: "hi" }, reason: MessageUpdateReason.GUID, formerGuid: "F" },
  }),
  payload({
    $case: "attachmentUpdate",
    value: { messageGuid: "M", attachment: PHOTO, reason: AttachmentUpdateReason.READY },
  }),
  payload({
    $case: "chatUpdate",
    value: {
      reason: ChatUpdateReason.MEMBERS,
      participants: [ANN, BEN],
      isMuted: true,
      isJoined: true,
      photoGuid: "at-9",
    },
  }),
];

/** An event of every kind that came with 0.2, in a group named Cake, in the order of the contract's sections. */
export function newEvents(): Event[] {
  return [...DEEDS, ...UPDATES].map(inCake);
}

/** An event in a group named Cake. */
export function inCake(payload: Payload): Event {
  return {
    ...Event.fromPartial({
      sequence: 7n,
      journalId: JOURNAL_ID,
      arrivalClass: ArrivalClass.LIVE,
      chat: { guid: "any;+;chat1", displayName: "Cake", identifier: "chat1" },
    }),
    payload,
  };
}

/** A payload; what is not given is as the wire has it. */
export function payload(sketch: PayloadSketch): Payload {
  // The generated type takes exact literals only, no values that were put together elsewhere.
  const event = Event.fromPartial({ payload: sketch } as never);
  if (event.payload === undefined) throw new TypeError("Cannot make a payload of nothing");
  return event.payload;
}

/** A payload with any of its fields. */
export type PayloadSketch = Sketch<Payload>;

type Sketch<T> = T extends bigint | number | string | boolean | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Sketch<Item>[]
    : T extends { readonly $case: string; readonly value: infer Value }
      ? { readonly $case: T["$case"]; readonly value: Sketch<Value> }
      : { readonly [Key in keyof T]?: Sketch<T[Key]> | undefined };
