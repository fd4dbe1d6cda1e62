import { unreachable } from "@imesh/flow";
import type { ArchivedValue } from "../keyed-archive/archived-value.ts";
import { decodeKeyedArchive } from "../keyed-archive/keyed-archive.ts";
import { KeyedArchiveError } from "../keyed-archive/keyed-archive-error.ts";
import { ContentBudget } from "../property-list/content-budget.ts";
import { readAppMessage } from "./app-message.ts";
import type { Balloon } from "./balloon.ts";
import {
  type BalloonBundle,
  type BundleMeaning,
  meaningOfBundle,
  parseBalloonBundle,
} from "./balloon-bundle.ts";
import { readCheckIn } from "./check-in.ts";
import { linkMetadataOf, readLinkPreview } from "./link-preview.ts";
import { PayloadError } from "./payload-error.ts";
import { decodePollUrl } from "./poll.ts";

/** The columns of `message` that decodePayload() looks at. */
export interface PayloadColumns {
  readonly balloonBundleId: string | null;
  readonly payloadData: Uint8Array | null;
  /** Tells an update of a poll (2, 3) from a poll. */
  readonly associatedMessageType: number | null;
}

/** As much content as a payload of this size may have is in no balloon, however large its payload: 262,144 units. */
const BUDGET_BYTES_MAX = 65_536;

/**
 * Says what balloon a row has; null for a row without bundle and payload, which has none. Total: never
 * throws, and takes time and memory linear in the payload; one that cannot be read is an undecodable balloon
 * (I9). The result holds no views.
 */
export function decodePayload(columns: PayloadColumns): Balloon | null {
  const { balloonBundleId, payloadData } = columns;
  const bundle =
    balloonBundleId === null || balloonBundleId === "" ? null : parseBalloonBundle(balloonBundleId);
  const meaning = bundle === null ? "unknown" : meaningOfBundle(bundle);
  const facts: Facts = { bundle, payloadBytes: payloadData?.length ?? 0 };
  if (payloadData === null || payloadData.length === 0) {
    return bundle === null ? null : { kind: "no-payload", ...facts, meaning };
  }
  try {
    return decode(columns, payloadData, { facts, meaning });
  } catch (error) {
    if (!(error instanceof PayloadError || error instanceof KeyedArchiveError)) {
      throw error;
    }
    return { kind: "undecodable", ...facts, meaning, code: error.code, offset: error.offset };
  }
}

interface Facts {
  readonly bundle: BalloonBundle | null;
  readonly payloadBytes: number;
}

function decode(
  columns: PayloadColumns,
  payload: Uint8Array,
  { facts, meaning }: { readonly facts: Facts; readonly meaning: BundleMeaning },
): Balloon {
  switch (meaning) {
    case "handwriting":
    case "digital-touch":
    case "chatbot":
      return { kind: meaning, ...facts };
    case "unknown":
      // A part of Messages that is not known; or no bundle at all, as some rows with links have none.
      return facts.bundle === null ? decodeWithoutBundle(payload, facts) : { kind: meaning, ...facts };
    case "link-preview":
      return linkBalloon(rootOf(payload), facts);
    case "poll":
      return pollBalloon(rootOf(payload), columns, facts);
    case "check-in": {
      const app = readAppMessage(rootOf(payload), budgetOf(facts));
      return { kind: meaning, ...facts, app, checkIn: readCheckIn(app.url) };
    }
    case "app":
    case "apple-cash":
    case "business":
    case "find-my":
    case "photos":
    case "fitness":
      return { kind: meaning, ...facts, app: readAppMessage(rootOf(payload), budgetOf(facts)) };
    default:
      return unreachable(meaning);
  }
}

function rootOf(payload: Uint8Array): ArchivedValue | undefined {
  return decodeKeyedArchive(payload).root();
}

// The longest honest content is a poll's; an icon is only measured. What is larger makes an event that no stream carries.
function budgetOf({ payloadBytes }: Facts): ContentBudget {
  return new ContentBudget(Math.min(payloadBytes, BUDGET_BYTES_MAX));
}

function decodeWithoutBundle(payload: Uint8Array, facts: Facts): Balloon {
  const root = rootOf(payload);
  return linkMetadataOf(root, budgetOf(facts)) === null
    ? { kind: "unknown", ...facts }
    : linkBalloon(root, facts);
}

function linkBalloon(root: ArchivedValue | undefined, facts: Facts): Balloon {
  const link = readLinkPreview(root, budgetOf(facts));
  const { collaboration } = link;
  return collaboration === null
    ? { kind: "link-preview", ...facts, link }
    : { kind: "collaboration", ...facts, link, collaboration };
}

function pollBalloon(root: ArchivedValue | undefined, columns: PayloadColumns, facts: Facts): Balloon {
  const app = readAppMessage(root, budgetOf(facts));
  if (app.url === null) {
    throw new PayloadError("poll-url", "a poll without a URL");
  }
  const content = decodePollUrl(app.url);
  // The poll is in the URL: what is left of the app's message need not carry it a second time.
  const rest = { ...app, url: null };
  if (content.kind === "votes") {
    return { kind: "poll-vote", ...facts, app: rest, votes: content.votes };
  }
  const association = columns.associatedMessageType ?? 0;
  const kind = association === 2 || association === 3 ? "poll-update" : "poll";
  return { kind, ...facts, app: rest, poll: content.poll };
}
