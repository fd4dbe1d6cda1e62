import {
  type ChatProperties,
  decodeChatProperties,
  PropertyListError,
  personOf,
} from "@imesh/imessage-codec";
import type { ChatRef } from "@imesh/imessage-model";
import type { EventDraft } from "../journal/bridge-event.ts";
import { type BatchContext, newsFacts } from "./batch-context.ts";
import { chatFactsOf } from "./chat-facts.ts";
import type { ChatChange } from "./intake-change.ts";
import { type ToldReads, toldChat } from "./told-rows.ts";

/** `chat.state` of a chat that this account is in. */
const STATE_JOINED = 3;

/**
 * What a change of a chat becomes. Null for a new chat: its first message names it. Of one that is gone nothing is left but its guid,
 * so the journal is asked what it was called.
 */
export function chatChangeDraft(
  change: ChatChange,
  batch: BatchContext,
  journal: ToldReads,
): EventDraft | null {
  const { chat, reason, sequence } = change;
  if (reason === "new") return null;
  const told =
    chat !== null && reason === "deleted"
      ? toldChat({ ...batch.database, rowid: chat.rowid }, chat.guid, journal)
      : null;
  const source = { ...batch.database, rowid: 0n };
  return {
    ...newsFacts(null, batch),
    source,
    // The change's own place makes it one event however often it is read, and two alike changes two (I14).
    sourceKey: {
      ...source,
      rowid: chat?.rowid ?? 0n,
      reason: `chat-${reason}`,
      fingerprint: String(sequence),
    },
    chat: told ?? (chat === null ? null : chatFactsOf(chat)),
    payload: {
      kind: "chat-update",
      reason,
      participants: change.participants.map(personOf).filter((person) => person !== null),
      isArchived: chat?.isArchived ?? false,
      isJoined: chat?.state === STATE_JOINED,
      isFiltered: (chat?.filterKind ?? 0) !== 0,
      ...propertyFacts(chat),
    },
  };
}

function propertyFacts(chat: ChatRef | null) {
  const properties = propertiesOf(chat?.properties ?? null);
  const background = properties?.background ?? null;
  return {
    isMuted: properties?.isMuted ?? false,
    photoGuid: properties?.groupPhotoGuid ?? null,
    backgroundId: background?.channelGuid ?? background?.objectId ?? background?.assetId ?? null,
  };
}

/** Null where there are none that can be read: a chat with broken properties is a chat without. */
function propertiesOf(bytes: Uint8Array | null): ChatProperties | null {
  if (bytes === null) return null;
  try {
    return decodeChatProperties(bytes);
  } catch (error) {
    if (error instanceof PropertyListError) return null;
    throw error;
  }
}
