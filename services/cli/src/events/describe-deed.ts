import {
  type Call,
  type Edit,
  type Event,
  type GroupChange,
  GroupChangeKind,
  type KeptAudio,
  type LocationShare,
  type PollUpdate,
  type PollVote,
  type Reaction,
  ReactionAction,
  ReactionKind,
  type Sender,
  type Unsend,
} from "@imesh/contracts/bridge/v1/event";
import {
  type Authored,
  type Described,
  partOf,
  partsNamed,
  quoted,
  shortGuid,
  toneOf,
  whoIn,
} from "./described.ts";
import { enumWord } from "./enum-word.ts";
import { attachmentWords, messageFacts, pollWords } from "./message-facts.ts";

/** What somebody did, "← +1555 in Cake  did this". */
function deed(
  event: Event,
  who: Authored,
  {
    kind,
    what,
    facts = [],
  }: { readonly kind: string; readonly what: string; readonly facts?: readonly string[] },
): Described {
  return { kind, tone: toneOf(who), text: `${whoIn(event, who)}  ${what}`, facts };
}

/** Old and new of every part that changed; the new text where Messages does not say which did. */
export function describeEdit(event: Event, { message, parts, failedParts }: Edit): Described {
  if (message === undefined) return { kind: "edit", tone: "warning", text: "of nothing" };
  const changes = parts.map(({ part, oldText, newText }) => {
    const change = `${oldText === undefined ? "?" : quoted(oldText)} → ${newText === undefined ? "?" : quoted(newText)}`;
    return parts.length === 1 && part === 0 ? change : `part ${part}: ${change}`;
  });
  const said = changes.length === 0 ? `→ ${quoted(message.text)}` : changes.join(", ");
  const failure = failedParts.length === 0 ? [] : [`edit of ${partsNamed(failedParts)} failed`];
  const facts = [...messageFacts(message).filter((fact) => fact !== "edited"), ...failure];
  return deed(event, message, { kind: "edit", what: `${shortGuid(message.guid)} ${said}`, facts });
}

/** What was taken back, and what is left. */
export function describeUnsend(event: Event, unsend: Unsend): Described {
  const { parts, isWhole, message, failedParts } = unsend;
  const guid = shortGuid(unsend.guid);
  const what =
    isWhole || parts.length === 0 ? `took back ${guid}` : `took back ${partsNamed(parts)} of ${guid}`;
  const facts = [
    !isWhole && message !== undefined && `left ${quoted(message.text)}`,
    failedParts.length > 0 && `unsend of ${partsNamed(failedParts)} failed`,
  ];
  return deed(event, unsend, { kind: "unsend", what, facts: facts.filter((fact) => fact !== false) });
}

/** Which reaction, on what. */
export function describeReaction(event: Event, reaction: Reaction): Described {
  const { action, targetGuid, targetPart, quotedText, replacedGuid } = reaction;
  const took = action === ReactionAction.REMOVED ? "took back " : "";
  const facts = [
    quotedText !== "" && quoted(quotedText),
    replacedGuid !== "" && `in place of ${shortGuid(replacedGuid)}`,
  ];
  return deed(event, reaction, {
    kind: "reaction",
    what: `${took}${reactionWords(reaction)} on ${partOf(targetGuid, targetPart)}`,
    facts: facts.filter((fact) => fact !== false),
  });
}

function reactionWords({ kind, emoji, sticker }: Reaction): string {
  if (kind === ReactionKind.EMOJI) return emoji === "" ? "emoji" : emoji;
  const word = enumWord(ReactionKind, kind);
  return sticker === undefined ? word : `${word} ${attachmentWords({ ...sticker, isSticker: false })}`;
}

/** Who did what to the group or to whom. */
export function describeGroupChange(event: Event, change: GroupChange): Described {
  return deed(event, change, { kind: "group", what: groupChangeWords(change) });
}

function groupChangeWords({ kind, participant, name }: GroupChange): string {
  switch (kind) {
    case GroupChangeKind.PARTICIPANT_ADDED:
      return `added ${personWords(participant)}`;
    case GroupChangeKind.PARTICIPANT_REMOVED:
      return `removed ${personWords(participant)}`;
    case GroupChangeKind.PARTICIPANT_LEFT:
      return "left";
    case GroupChangeKind.ADDRESS_CHANGED:
      return "changed address";
    case GroupChangeKind.RENAMED:
      return `named it ${quoted(name)}`;
    case GroupChangeKind.NAME_REMOVED:
      return "removed its name";
    case GroupChangeKind.PHOTO_CHANGED:
      return "changed its photo";
    case GroupChangeKind.PHOTO_REMOVED:
      return "removed its photo";
    case GroupChangeKind.BACKGROUND_CHANGED:
      return "changed its background";
    case GroupChangeKind.BACKGROUND_REMOVED:
      return "removed its background";
    default:
      return "changed something";
  }
}

function personWords(person: Sender | undefined): string {
  return person?.address ?? "this account";
}

/** Whose location begins or ends to be seen. */
export function describeLocationShare(event: Event, share: LocationShare): Described {
  const what = share.isStarted ? "shares a location" : "no longer shares a location";
  return deed(event, share, { kind: "location", what });
}

/** Which voice message was kept. */
export function describeKeptAudio(event: Event, kept: KeptAudio): Described {
  return deed(event, kept, {
    kind: "kept-audio",
    what: `kept ${shortGuid(kept.targetGuid) || "a voice message"}`,
  });
}

/** Who began a call. */
export function describeCall(event: Event, call: Call): Described {
  return deed(event, call, { kind: "call", what: "began a call" });
}

/** Which options got a vote, by their ids: their texts are in the poll. */
export function describePollVote(event: Event, vote: PollVote): Described {
  const { optionIds } = vote;
  const pollGuid = shortGuid(vote.pollGuid);
  const what =
    optionIds.length === 0
      ? `took back the votes in ${pollGuid}`
      : `votes ${optionIds.join(", ")} in ${pollGuid}`;
  return deed(event, vote, { kind: "vote", what });
}

/** The poll as it is now. */
export function describePollUpdate(event: Event, update: PollUpdate): Described {
  const { pollGuid, poll } = update;
  const facts = poll === undefined ? [] : [pollWords(poll)];
  return deed(event, update, { kind: "poll", what: `added an option to ${shortGuid(pollGuid)}`, facts });
}
