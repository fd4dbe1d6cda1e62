import type {
  AppMessage as WireApp,
  Balloon as WireBalloon,
  CheckIn as WireCheckIn,
  Poll as WirePoll,
} from "@imesh/contracts/bridge/v1/content";
import type { Timestamp } from "@imesh/contracts/google/protobuf/timestamp";
import { unreachable } from "@imesh/flow";
import type { AppMessage, Balloon, BundleMeaning, CheckInBalloon, Poll } from "@imesh/imessage-codec";
import type { EventRoom } from "./event-room.ts";
import { BALLOON_TEXT_UNITS_MAX, linkToWire, URL_UNITS_MAX } from "./link-wire.ts";
import { timestampOf } from "./timestamp.ts";
import { int32Of, int64Of } from "./wire-number.ts";

/** Messages takes 12. */
const OPTIONS_MAX = 256;

/** 9999-12-31T23:59:59Z, the last second of a protobuf Timestamp. */
const UNIX_SECONDS_MAX = 253_402_300_799;

/** What a link or an app adds to a message. */
export function balloonToWire(balloon: Balloon, room: EventRoom): WireBalloon {
  const { bundle } = balloon;
  const teamId = bundle?.kind === "extension" ? bundle.teamId : "";
  return {
    bundleId: room.id(bundle?.id ?? null),
    teamId: /^0*$/.test(teamId) ? "" : room.id(teamId),
    content: contentOf(balloon, room),
  };
}

/** A poll as it is now. */
export function pollToWire(poll: Poll, room: EventRoom): WirePoll {
  return {
    title: room.text(poll.title, BALLOON_TEXT_UNITS_MAX),
    creatorAddress: room.id(poll.creatorHandle),
    options: room.list(poll.options, OPTIONS_MAX, (option) => ({
      optionId: room.id(option.identifier),
      text: room.text(option.text, BALLOON_TEXT_UNITS_MAX),
      creatorAddress: room.id(option.creatorHandle),
    })),
  };
}

function contentOf(balloon: Balloon, room: EventRoom): WireBalloon["content"] {
  switch (balloon.kind) {
    case "link-preview":
    case "collaboration":
      return { $case: "link", value: linkToWire(balloon.link, room) };
    case "app":
    case "apple-cash":
    case "business":
    case "find-my":
    case "photos":
    case "fitness":
      return { $case: "app", value: appToWire(balloon.kind, balloon.app, undefined, room) };
    case "check-in":
      return { $case: "app", value: appToWire(balloon.kind, balloon.app, checkInOf(balloon), room) };
    case "poll":
    case "poll-update":
      return { $case: "poll", value: pollToWire(balloon.poll, room) };
    case "poll-vote":
    case "handwriting":
    case "digital-touch":
    case "chatbot":
    case "unknown":
      return opaque(balloon.kind, balloon.payloadBytes, "");
    case "no-payload":
      return opaque(wordOf(balloon.meaning), balloon.payloadBytes, "");
    case "undecodable":
      return opaque(wordOf(balloon.meaning), balloon.payloadBytes, balloon.code);
    default:
      return unreachable(balloon);
  }
}

function opaque(kind: string, payloadBytes: number, fault: string): WireBalloon["content"] {
  return { $case: "opaque", value: { kind, payloadBytes: BigInt(payloadBytes), fault } };
}

function wordOf(meaning: BundleMeaning): string {
  return meaning === "link-preview" ? "link" : meaning;
}

function appToWire(
  kind: string,
  app: AppMessage,
  checkIn: WireCheckIn | undefined,
  room: EventRoom,
): WireApp {
  const captions = [
    app.caption,
    app.subcaption,
    app.secondarySubcaption,
    app.tertiarySubcaption,
    app.imageTitle,
    app.imageSubtitle,
  ];
  return {
    kind,
    appName: room.text(app.appName, BALLOON_TEXT_UNITS_MAX),
    appStoreId: int64Of(app.appStoreId),
    url: room.whole(app.url, URL_UNITS_MAX) ?? "",
    fallbackText: room.text(app.fallbackText, BALLOON_TEXT_UNITS_MAX),
    captions: captions
      .map((caption) => room.text(caption, BALLOON_TEXT_UNITS_MAX))
      .filter((caption) => caption !== ""),
    sessionIdentifier: room.id(app.sessionIdentifier),
    checkIn,
  };
}

function checkInOf({ checkIn }: CheckInBalloon): WireCheckIn {
  return {
    step: checkIn.messageType === null ? undefined : int32Of(checkIn.messageType),
    sentTime: timeOf(checkIn.sentUnixSeconds),
    estimatedEndTime: timeOf(checkIn.estimatedEndUnixSeconds),
    triggeredTime: timeOf(checkIn.triggeredUnixSeconds),
  };
}

function timeOf(unixSeconds: number | null): Timestamp | undefined {
  if (unixSeconds === null || !(unixSeconds >= 0 && unixSeconds <= UNIX_SECONDS_MAX)) return undefined;
  return timestampOf(BigInt(Math.round(unixSeconds * 1e6)) * 1_000n);
}
