import type { SeededRandom } from "../seeded-random.ts";
import { appMessage } from "./app-payload.ts";

/** `balloon_bundle_id` of a poll, its updates and its votes. */
export const POLL_BUNDLE_ID =
  "com.apple.messages.MSMessageExtensionBalloonPlugin:0000000000:com.apple.messages.Polls";

/** A poll with its options in order. */
export interface PollFacts {
  readonly title: string;
  /** Who made it. */
  readonly creator: string;
  /** Upper-case UUID, the same for the poll, its updates and its votes. */
  readonly session: string;
  readonly options: readonly PollOptionFacts[];
}

/** Something to vote for. */
export interface PollOptionFacts {
  /** Upper-case UUID. */
  readonly identifier: string;
  readonly text: string;
  readonly creator: string;
}

/** A poll, or with an option more the update of one. */
export function pollPayload(poll: PollFacts, random: SeededRandom): Uint8Array {
  const orderedPollOptions = poll.options.map(({ identifier, text, creator }) => ({
    optionIdentifier: identifier,
    text,
    attributedText: text,
    creatorHandle: creator,
    canBeEdited: false,
  }));
  const item = { title: poll.title, creatorHandle: poll.creator, orderedPollOptions };
  return payloadOf(item, { session: poll.session, caption: poll.title, count: poll.options.length }, random);
}

/** All votes of one person; none to take them back. `serverVoteTime` is seconds since 2001. */
export function votesPayload(
  votes: {
    readonly session: string;
    readonly participant: string;
    readonly identifiers: readonly string[];
    readonly atSeconds: number;
  },
  random: SeededRandom,
): Uint8Array {
  const item = {
    votes: votes.identifiers.map((voteOptionIdentifier) => ({
      voteOptionIdentifier,
      participantHandle: votes.participant,
      serverVoteTime: votes.atSeconds,
    })),
  };
  const { session, identifiers } = votes;
  return payloadOf(item, { session, caption: "", count: identifiers.length }, random);
}

function payloadOf(
  item: object,
  facts: { readonly session: string; readonly caption: string; readonly count: number },
  random: SeededRandom,
): Uint8Array {
  const json = Buffer.from(JSON.stringify({ version: 1, item })).toString("base64");
  return appMessage(facts, random, { name: "Polls", url: `data:,${json}?src=p&c=${facts.count}` });
}
