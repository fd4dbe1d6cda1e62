import { Attachment } from "@imesh/contracts/bridge/v1/content";
import { type AttachmentUpdate, AttachmentUpdateReason } from "@imesh/contracts/bridge/v1/event";
import type { DecodedAttachment } from "@imesh/imessage-codec";
import { ATTACHMENT_STATES } from "../intake/wire-words.ts";
import type { AttachmentUpdateFacts } from "../journal/event-payload.ts";
import type { EventRoom } from "./event-room.ts";
import { int32Of, int64Of } from "./wire-number.ts";

const NAME_UNITS_MAX = 1_024;
const DESCRIPTION_UNITS_MAX = 1_024;
const TRANSCRIPT_UNITS_MAX = 65_536;

/** A file as the wire describes it. */
export function attachmentToWire(attachment: DecodedAttachment, room: EventRoom): Attachment {
  return {
    guid: room.id(attachment.guid),
    name: room.text(attachment.name, NAME_UNITS_MAX),
    mimeType: room.id(attachment.mimeType),
    uti: room.id(attachment.uti),
    totalBytes: int64Of(attachment.totalBytes),
    state: ATTACHMENT_STATES[attachment.state],
    isSticker: attachment.isSticker,
    isHidden: attachment.isHidden,
    transcript: room.text(attachment.transcript, TRANSCRIPT_UNITS_MAX),
    description: room.text(attachment.description, DESCRIPTION_UNITS_MAX),
    width: int32Of(attachment.width),
    height: int32Of(attachment.height),
    isRowMissing: attachment.isRowMissing,
  };
}

/** What changed about an attachment. */
export function attachmentUpdateToWire(update: AttachmentUpdateFacts, room: EventRoom): AttachmentUpdate {
  const { attachment } = update;
  return {
    messageGuid: room.id(update.messageGuid),
    attachment:
      attachment === null
        ? Attachment.fromPartial({ guid: room.id(update.guid) })
        : attachmentToWire(attachment, room),
    reason: REASONS[update.reason],
  };
}

const REASONS: Readonly<Record<AttachmentUpdateFacts["reason"], AttachmentUpdateReason>> = {
  progress: AttachmentUpdateReason.PROGRESS,
  ready: AttachmentUpdateReason.READY,
  failed: AttachmentUpdateReason.FAILED,
  guid: AttachmentUpdateReason.GUID,
  info: AttachmentUpdateReason.INFO,
  deleted: AttachmentUpdateReason.DELETED,
  other: AttachmentUpdateReason.UNSPECIFIED,
};
