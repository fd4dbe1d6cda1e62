import type { AppMessage } from "./app-message.ts";
import type { BalloonBundle, BundleMeaning } from "./balloon-bundle.ts";
import type { CheckIn } from "./check-in.ts";
import type { Collaboration, LinkPreview } from "./link-preview.ts";
import type { PayloadErrorCode } from "./payload-error.ts";
import type { Poll, PollVote } from "./poll.ts";

/** What every balloon tells. */
interface BalloonFacts {
  /** Null for link rows that have none. */
  readonly bundle: BalloonBundle | null;
  /** Of `payload_data`. */
  readonly payloadBytes: number;
}

/** What a row with a balloon shows besides, or in place of, its text. */
export type Balloon =
  | LinkBalloon
  | CollaborationBalloon
  | AppBalloon
  | CheckInBalloon
  | PollBalloon
  | PollVoteBalloon
  | OpaqueBalloon
  | EmptyBalloon
  | UndecodableBalloon;

/** A preview of a linked page. */
export interface LinkBalloon extends BalloonFacts {
  readonly kind: "link-preview";
  readonly link: LinkPreview;
}

/** A link to a document that several people edit. */
export interface CollaborationBalloon extends BalloonFacts {
  readonly kind: "collaboration";
  readonly link: LinkPreview;
  readonly collaboration: Collaboration;
}

/** The message of an app. Of Apple Cash, the captions and the fallback text say how much and what for. */
export interface AppBalloon extends BalloonFacts {
  readonly kind: "app" | "apple-cash" | "business" | "find-my" | "photos" | "fitness";
  readonly app: AppMessage;
}

/** Check In. */
export interface CheckInBalloon extends BalloonFacts {
  readonly kind: "check-in";
  readonly app: AppMessage;
  readonly checkIn: CheckIn;
}

/** A poll. In an update (an option was added) it is whole, with the new option. */
export interface PollBalloon extends BalloonFacts {
  readonly kind: "poll" | "poll-update";
  readonly app: AppMessage;
  readonly poll: Poll;
}

/**
 * The votes of one person for the poll that the row is associated with; they replace that person's former
 * ones.
 */
export interface PollVoteBalloon extends BalloonFacts {
  readonly kind: "poll-vote";
  readonly app: AppMessage;
  readonly votes: readonly PollVote[];
}

/** What is not looked into: drawings (protobuf), and parts of Messages that are not known. */
export interface OpaqueBalloon extends BalloonFacts {
  readonly kind: "handwriting" | "digital-touch" | "chatbot" | "unknown";
}

/** The row has no payload, or not yet: a link's arrives after the message. */
export interface EmptyBalloon extends BalloonFacts {
  readonly kind: "no-payload";
  readonly meaning: BundleMeaning;
}

/** The payload cannot be read. */
export interface UndecodableBalloon extends BalloonFacts {
  readonly kind: "undecodable";
  /** What the bundle says that it is. */
  readonly meaning: BundleMeaning;
  readonly code: PayloadErrorCode;
  readonly offset: number | null;
}
