import { decodeAttachment } from "@imesh/imessage-codec";
import { isAttachmentGuid } from "@imesh/imessage-model";
import type { EventDraft } from "../journal/bridge-event.ts";
import { type BatchContext, newsFacts } from "./batch-context.ts";
import type { AttachmentChange } from "./intake-change.ts";
import { guidOf } from "./message-change-payloads.ts";

/** What a change of an attachment becomes; the event names the first message that it belongs to. */
export function attachmentChangeDraft(change: AttachmentChange, batch: BatchContext): EventDraft {
  const { attachment, messages, reason, sequence } = change;
  const message = messages[0];
  const source = { ...batch.database, rowid: message?.rowid ?? 0n };
  const isThere = attachment !== null && reason !== "deleted";
  const guid = attachment?.guid ?? "";
  return {
    ...newsFacts(null, batch),
    source,
    sourceKey: {
      ...source,
      rowid: attachment?.rowid ?? 0n,
      reason: `attachment-${reason}`,
      fingerprint: String(sequence),
    },
    chat: null,
    payload: {
      kind: "attachment-update",
      messageGuid: message === undefined ? "" : guidOf(message),
      guid: isAttachmentGuid(guid) ? guid : "",
      attachment: isThere ? decodeAttachment(attachment) : null,
      reason,
    },
  };
}
