import type { SeededRandom } from "../seeded-random.ts";
import {
  archivedDictionary,
  archivedInteger,
  archivedObject,
  archivedText,
  archivedUrl,
  archiveOf,
} from "./archived.ts";

/** Balloons that are no plain words. */
export type AppKind = "apple-cash" | "game" | "check-in" | "find-my" | "handwriting" | "digital-touch";

/** A message of an app as it is drawn. */
export interface AppFacts {
  readonly app: AppKind;
  readonly caption: string;
  /** Upper-case UUID, the same for messages that replace each other. */
  readonly session: string;
  /** Unix seconds, for what says a time. */
  readonly atUnixSeconds: number;
}

const EXTENSION = "com.apple.messages.MSMessageExtensionBalloonPlugin";
const NO_TEAM = "0000000000";

/** Bytes of an icon: a real one has thousands, and nobody draws it here. */
const ICON_BYTES = 64;

/** Half an hour's way home. */
const CHECK_IN_SECONDS = 1_800;

/** `balloon_bundle_id`. */
export const APP_BUNDLE_ID: Readonly<Record<AppKind, string>> = {
  "apple-cash": `${EXTENSION}:${NO_TEAM}:com.apple.PassbookUIService.PeerPaymentMessagesExtension`,
  game: `${EXTENSION}:EWFNLB79LQ:com.gamerdelights.gamepigeon.ext`,
  "check-in": `${EXTENSION}:${NO_TEAM}:com.apple.SafetyMonitorApp.SafetyMonitorMessages`,
  "find-my": `${EXTENSION}:${NO_TEAM}:com.apple.findmy.FindMyMessagesApp`,
  handwriting: "com.apple.Handwriting.HandwritingProvider",
  "digital-touch": "com.apple.DigitalTouchBalloonProvider",
};

/** `payload_data`: an archive of the app's message, or for drawings bytes that only Apple reads. */
export function appPayload(facts: AppFacts, random: SeededRandom): Uint8Array {
  switch (facts.app) {
    case "handwriting":
    case "digital-touch":
      return bytes(random, random.integer(100, 2_000));
    case "apple-cash":
      return appMessage(facts, random, { name: "Apple Cash", url: `?amount=${random.integer(1, 200)}` });
    case "game":
      return appMessage(facts, random, {
        name: "Board Games",
        url: `data:?game=8ball&move=${random.integer(1, 40)}`,
        storeId: 1_124_197_642n,
      });
    case "find-my":
      return appMessage(facts, random, { name: "Find My", url: "?FindMyMessagePayloadVersionKey=v0" });
    case "check-in": {
      const at = facts.atUnixSeconds;
      const end = at + CHECK_IN_SECONDS;
      return appMessage(facts, random, {
        name: "Check In",
        url: `?messageType=1&interfaceVersion=1&sendDate=${at}&estimatedEndTime=${end}`,
      });
    }
  }
}

/** The message of any app's extension, a poll's too. */
export function appMessage(
  facts: Pick<AppFacts, "caption" | "session">,
  random: SeededRandom,
  app: { readonly name: string; readonly url: string; readonly storeId?: bigint },
): Uint8Array {
  return archiveOf(
    archivedDictionary({
      an: archivedText(app.name),
      ai: { kind: "data", value: bytes(random, ICON_BYTES) },
      appid: app.storeId === undefined ? undefined : archivedInteger(app.storeId),
      URL: archivedUrl(app.url),
      ldtext: archivedText(facts.caption),
      userInfo: archivedDictionary({
        caption: archivedText(facts.caption),
        subcaption: archivedText(app.name),
      }),
      layoutClass: archivedText("MSMessageTemplateLayout"),
      sessionIdentifier: { kind: "uuid", value: facts.session },
      liveLayoutInfo: archivedObject("MSMessageLiveLayout", {}),
    }),
  );
}

function bytes(random: SeededRandom, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, () => random.integer(0, 255));
}
