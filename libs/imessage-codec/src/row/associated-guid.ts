import { isMessageGuid } from "@imesh/imessage-model";
import type { ReactionTarget } from "../decoded-row.ts";

/** 9 digits are any number of bubbles. */
const OF_PART = /^p:(-1|[0-9]{1,9})\/(.+)$/s;
const OF_BALLOON = /^bp:(.+)$/s;
/** A guid is no path and begins with no word and a colon: such a form is not known. */
const BARE = /^(?![a-z]+:)[^/]+$/s;

/**
 * Reads `associated_message_guid`: `p:<part>/<guid>`, `bp:<guid>` for a balloon, or the guid alone. Strict: null for anything else, as
 * for a guid that cannot be one.
 */
export function associatedTargetOf(column: string | null): ReactionTarget | null {
  const text = column ?? "";
  const [, number = "-1", guidOfPart] = OF_PART.exec(text) ?? [];
  const guid = guidOfPart ?? OF_BALLOON.exec(text)?.[1] ?? BARE.exec(text)?.[0] ?? "";
  return isMessageGuid(guid) ? { guid, part: number === "-1" ? null : Number(number) } : null;
}
