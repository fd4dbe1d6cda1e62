import { decodeUtf8 } from "../attributed/utf8.ts";
import { decodeBase64 } from "./base64.ts";
import { PayloadError } from "./payload-error.ts";

/** A poll as its last payload has it: the one that made it, or one that added an option. */
export interface Poll {
  /** Of the JSON; 1 so far. */
  readonly version: number;
  /** '' where the question was sent as a message of its own. Message text. */
  readonly title: string;
  /** Who made it. Personal data. */
  readonly creatorHandle: string | null;
  readonly options: readonly PollOption[];
  /** Usually none: votes come in rows of their own. */
  readonly votes: readonly PollVote[];
}

/** Something to vote for. */
export interface PollOption {
  /** What votes name it by; unique in its poll. */
  readonly identifier: string;
  /** Message text. */
  readonly text: string;
  /** Who added it. Personal data. */
  readonly creatorHandle: string | null;
}

/** The vote of one person for one option. */
export interface PollVote {
  readonly optionIdentifier: string;
  /** Personal data. */
  readonly participantHandle: string;
  /** When Apple's server took it, in seconds since 2001; null where it is not said. */
  readonly secondsSince2001: number | null;
}

/** What a poll's URL holds: a poll, or votes for one that was made before. */
export type PollContent =
  | { readonly kind: "poll"; readonly poll: Poll }
  | { readonly kind: "votes"; readonly version: number; readonly votes: readonly PollVote[] };

const URL_PREFIX = "data:,";

/** Messages takes 12 options; a group has 32 people, who may vote for all of them. */
const OPTIONS_MAX = 256;
const VOTES_MAX = 4096;

/**
 * Reads `data:,<base64 of JSON>?src=p&c=<options>`, strictly: what is there must be what it should be; fields
 * that are not known are passed over. The base64 may be of either alphabet. Throws PayloadError: poll-url, poll-base64, poll-json, poll-shape.
 */
export function decodePollUrl(url: string): PollContent {
  if (!url.startsWith(URL_PREFIX)) {
    throw new PayloadError("poll-url", "no data URL without a media type");
  }
  const query = url.indexOf("?", URL_PREFIX.length);
  const encoded = url.slice(URL_PREFIX.length, query < 0 ? url.length : query);
  // NSURL may escape the three characters of base64 that mean something in URLs.
  const bytes = decodeBase64(encoded.replace(/%(2B|2F|3D)/gi, decodeURIComponent));
  if (bytes === null || bytes.length === 0) {
    throw new PayloadError("poll-base64", "no base64 after data:,");
  }
  const text = decodeUtf8(bytes);
  if (text === null) {
    throw new PayloadError("poll-json", "JSON that is not UTF-8");
  }
  return contentOf(parseJson(text));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not its cause: V8 quotes the text that it cannot parse.
    throw new PayloadError("poll-json", "text that is no JSON");
  }
}

function contentOf(json: unknown): PollContent {
  const envelope = record(json);
  const item = record(envelope.item);
  const version = envelope.version ?? 1;
  if (typeof version !== "number" || !Number.isSafeInteger(version)) {
    throw shapeError("a version that is no integer");
  }
  const votes = list(item.votes ?? [], VOTES_MAX).map(voteOf);
  if (item.orderedPollOptions === undefined) {
    if (item.votes === undefined) {
      throw shapeError("neither options nor votes");
    }
    return { kind: "votes", version, votes };
  }
  const options = list(item.orderedPollOptions, OPTIONS_MAX).map(optionOf);
  if (new Set(options.map((option) => option.identifier)).size !== options.length) {
    throw shapeError("two options of one identifier");
  }
  const creatorHandle = optionalString(item.creatorHandle);
  return {
    kind: "poll",
    poll: { version, title: optionalString(item.title) ?? "", creatorHandle, options, votes },
  };
}

function optionOf(json: unknown): PollOption {
  const option = record(json);
  const text = optionalString(option.text) ?? optionalString(option.attributedText);
  if (text === null) {
    throw shapeError("an option without text");
  }
  return {
    identifier: string(option.optionIdentifier),
    text,
    creatorHandle: optionalString(option.creatorHandle),
  };
}

function voteOf(json: unknown): PollVote {
  const vote = record(json);
  const seconds = vote.serverVoteTime ?? null;
  if (seconds !== null && typeof seconds !== "number") {
    throw shapeError("a time that is no number");
  }
  return {
    optionIdentifier: string(vote.voteOptionIdentifier),
    participantHandle: string(vote.participantHandle),
    secondsSince2001: seconds,
  };
}

function record(json: unknown): Readonly<Record<string, unknown>> {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw shapeError("something else where an object is due");
  }
  return json as Readonly<Record<string, unknown>>;
}

function list(json: unknown, itemsMax: number): readonly unknown[] {
  if (!Array.isArray(json) || json.length > itemsMax) {
    throw shapeError(`no list of up to ${itemsMax} where one is due`);
  }
  return json;
}

function string(json: unknown): string {
  if (typeof json !== "string" || json === "") {
    throw shapeError("no string where one is due");
  }
  return json;
}

function optionalString(json: unknown): string | null {
  if (json === undefined || json === null) {
    return null;
  }
  if (typeof json !== "string") {
    throw shapeError("something else where a string is due");
  }
  return json;
}

function shapeError(fact: string): PayloadError {
  return new PayloadError("poll-shape", fact);
}
