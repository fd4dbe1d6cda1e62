import {
  type AttachmentGuid,
  type AttachmentRef,
  isAttachmentGuid,
  parseAttachmentGuid,
} from "@imesh/imessage-model";
import type { AttachmentState, DecodedAttachment } from "./decoded-row.ts";
import { decodePropertyListDictionary } from "./property-list/decode-property-list.ts";
import { PropertyListError } from "./property-list/property-list-error.ts";
import { cutColumn } from "./row/cut-text.ts";

/** File systems end at 255; as DecodedAttachment.description, which Apple writes in a sentence. */
const NAME_UNITS_MAX = 1_024;
const TYPE_UNITS_MAX = 256;

/** An hour of talk; longer ones are cut. */
export const TRANSCRIPT_UNITS_MAX = 65_536;

/**
 * What a row of `attachment` says. Total: never throws. A row whose guids cannot be any is given one made of its ROWID, `rowid:<n>`, so
 * that it is shown although nobody can ask for it.
 */
export function decodeAttachment(ref: AttachmentRef): DecodedAttachment {
  return {
    guid: guidOf(ref),
    isRowMissing: false,
    name: fileNameIn(ref.transferName),
    mimeType: cutColumn(ref.mimeType, TYPE_UNITS_MAX),
    uti: cutColumn(ref.uti, TYPE_UNITS_MAX),
    totalBytes: ref.totalBytes < 0n ? 0n : ref.totalBytes,
    state: attachmentStateOf(ref.transferState),
    isSticker: ref.isSticker,
    isHidden: ref.hideAttachment,
    transcript: transcriptIn(ref.userInfo),
    description: cutColumn(ref.emojiImageShortDescription, NAME_UNITS_MAX),
    width: null,
    height: null,
  };
}

/** The last name of a path of any system; null where there is none. At most 1,024 units. */
export function fileNameIn(path: string | null): string | null {
  if (path === null) {
    return null;
  }
  const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  return name === "." || name === ".." ? null : cutColumn(name, NAME_UNITS_MAX);
}

/** Reads `transfer_state` (IMFileTransferState). */
function attachmentStateOf(transferState: number): AttachmentState {
  switch (transferState) {
    case -1:
      return "archived";
    case 0:
      return "waiting";
    case 1: // accepted
    case 2: // preparing
    case 3: // transferring
    case 4: // finalizing
      return "transferring";
    case 5:
      return "ready";
    case 6:
    case 7: // recoverable
      return "failed";
    default:
      return "unknown";
  }
}

function guidOf({ guid, originalGuid, rowid }: AttachmentRef): AttachmentGuid {
  if (isAttachmentGuid(guid)) {
    return guid;
  }
  return originalGuid !== null && isAttachmentGuid(originalGuid)
    ? originalGuid
    : parseAttachmentGuid(`rowid:${rowid}`);
}

function transcriptIn(userInfo: Uint8Array | null): string | null {
  if (userInfo === null || userInfo.length === 0) {
    return null;
  }
  try {
    const transcript = decodePropertyListDictionary(userInfo).get("audio-transcription");
    return transcript?.kind === "string"
      ? cutColumn(transcript.value.toWellFormed(), TRANSCRIPT_UNITS_MAX)
      : null;
  } catch (error) {
    if (!(error instanceof PropertyListError)) {
      throw error;
    }
    // Keys that Messages keeps for itself: where they are broken, the attachment is still there.
    return null;
  }
}
