import { ContentBudget } from "../property-list/content-budget.ts";
import { decodePropertyListDictionary } from "../property-list/decode-property-list.ts";
import { DictionaryFields } from "../property-list/dictionary-fields.ts";
import type { ChatBackground, ChatProperties } from "./chat-properties.ts";

/** The picture's decryption key. It is read by nobody here and passed on to nobody. */
const BACKGROUND_SECRET_KEY = "trabak";

/**
 * Reads `chat.properties`. Throws PropertyListError where the bytes are no dictionary, and nothing else: a
 * key that cannot be read is among the faults. Time and memory are linear in the bytes.
 */
export function decodeChatProperties(bytes: Uint8Array): ChatProperties {
  const budget = new ContentBudget(bytes.length);
  const fields = new DictionaryFields(decodePropertyListDictionary(bytes), budget);
  const known = {
    groupPhotoGuid: fields.string("groupPhotoGuid"),
    isMuted: fields.flag("ignoreAlertsFlag") ?? false,
    isForcedToSms: fields.flag("shouldForceToSMS") ?? false,
    background: backgroundOf(fields, budget),
    propertiesVersion: fields.integer("pv"),
    lsmd: fields.take("LSMD") ?? null,
    responseCount: fields.integer("numberOfTimesRespondedtoThread"),
    isReportedAsSpam: fields.flag("hasBeenAutoSpamReported") ?? false,
    isLoadedOnce: fields.flag("EMLoadedOnce") ?? false,
  };
  return { ...known, other: fields.other(), faults: fields.faults() };
}

// Newer systems name the channel beside the dictionary too; either alone says that there is a background.
function backgroundOf(outer: DictionaryFields, budget: ContentBudget): ChatBackground | null {
  const channelGuid = outer.string("backgroundChannelGUID");
  const entries = outer.dictionary("backgroundProperties");
  if (entries.size === 0 && channelGuid === null) {
    return null;
  }
  const fields = new DictionaryFields(entries, budget);
  const known = {
    channelGuid: fields.string("trabaid") ?? channelGuid,
    url: fields.string("trabar"),
    assetId: fields.string("trabas"),
    objectId: fields.string("traboid"),
    fileBytes: fields.integer("trabafs"),
    posterVersion: fields.integer("trabapv"),
    version: fields.integer("trabav"),
    communicationSafety: fields.integer("trabaCommSafety"),
    refreshedSecondsSince2001: fields.seconds("refreshDate"),
  };
  fields.take(BACKGROUND_SECRET_KEY);
  return { ...known, other: fields.other(), faults: fields.faults() };
}
