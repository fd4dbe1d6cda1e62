import type { AttachmentGuid, AttachmentRef } from "@imesh/imessage-model";
import type { BodyAttachment, BodyEntity, BodyPart } from "../body/message-body.ts";
import { decodeAttachment, fileNameIn, TRANSCRIPT_UNITS_MAX } from "../decode-attachment.ts";
import { ATTACHMENTS_MAX, type DecodedAttachment } from "../decoded-row.ts";
import { cutColumn, cutText } from "./cut-text.ts";

/** The attachments of a message, and its parts with the guids that these have now. */
export interface MessageAttachments {
  readonly attachments: readonly DecodedAttachment[];
  /** Of those that the body names. */
  readonly attachmentGuids: readonly AttachmentGuid[];
  readonly parts: readonly BodyPart[];
}

/** Runs share their attributes: a body can name one long transcript for every file. */
const TRANSCRIPTS_UNITS_MAX = 262_144;

/** What is wider is no preview. */
const POINTS_MAX = 100_000;

/**
 * Joins what the body names with the rows, by guid or by the first guid, which bodies of own messages keep; then come the rows that the
 * body does not name. Each attachment once.
 */
export function joinAttachments(
  parts: readonly BodyPart[],
  refs: readonly AttachmentRef[],
): MessageAttachments {
  const named = attachmentsIn(parts);
  if (named.size === 0 && refs.length === 0) {
    return { attachments: [], attachmentGuids: [], parts };
  }
  const join = new AttachmentJoin(refs);
  const renamed = new Map<AttachmentGuid, AttachmentGuid>();
  for (const [transferGuid, attachment] of named) {
    const guid = join.addNamed(attachment);
    if (guid !== transferGuid) renamed.set(transferGuid, guid);
  }
  const attachmentGuids = join.guids();
  for (const ref of refs) join.addUnnamed(ref);
  return { attachments: join.attachments(), attachmentGuids, parts: withGuids(parts, renamed) };
}

/** By transfer guid, in reading order, the first ones. */
function attachmentsIn(parts: readonly BodyPart[]): ReadonlyMap<AttachmentGuid, BodyAttachment> {
  const named = new Map<AttachmentGuid, BodyAttachment>();
  const take = (attachment: BodyAttachment): void => {
    if (named.size < ATTACHMENTS_MAX && !named.has(attachment.transferGuid)) {
      named.set(attachment.transferGuid, attachment);
    }
  };
  for (const part of parts) {
    if (part.kind === "attachment") {
      take(part.attachment);
    } else if (part.kind === "text") {
      for (const entity of part.entities) {
        if (entity.kind === "attachment") take(entity.attachment);
      }
    }
  }
  return named;
}

class AttachmentJoin {
  readonly #refByGuid = new Map<string, AttachmentRef>();
  readonly #byGuid = new Map<AttachmentGuid, DecodedAttachment>();
  #transcriptUnitsLeft = TRANSCRIPTS_UNITS_MAX;

  constructor(refs: readonly AttachmentRef[]) {
    for (const ref of refs) {
      if (!this.#refByGuid.has(ref.guid)) this.#refByGuid.set(ref.guid, ref);
    }
    for (const ref of refs) {
      const { originalGuid } = ref;
      if (originalGuid !== null && !this.#refByGuid.has(originalGuid)) this.#refByGuid.set(originalGuid, ref);
    }
  }

  /** The guid that it goes by. */
  addNamed(inBody: BodyAttachment): AttachmentGuid {
    const ref = this.#refByGuid.get(inBody.transferGuid);
    const ofRow = ref === undefined ? withoutRow(inBody.transferGuid) : decodeAttachment(ref);
    this.#add({
      ...ofRow,
      name: ofRow.name ?? fileNameIn(inBody.fileName),
      transcript: cutColumn(inBody.transcript, TRANSCRIPT_UNITS_MAX) ?? ofRow.transcript,
      width: pointsOf(inBody.inlineWidth),
      height: pointsOf(inBody.inlineHeight),
    });
    return ofRow.guid;
  }

  addUnnamed(ref: AttachmentRef): void {
    if (this.#byGuid.size < ATTACHMENTS_MAX) this.#add(decodeAttachment(ref));
  }

  guids(): readonly AttachmentGuid[] {
    return [...this.#byGuid.keys()];
  }

  attachments(): readonly DecodedAttachment[] {
    return [...this.#byGuid.values()];
  }

  // The first that goes by a guid stays.
  #add(attachment: DecodedAttachment): void {
    if (this.#byGuid.has(attachment.guid)) {
      return;
    }
    const transcript = cutText(attachment.transcript ?? "", this.#transcriptUnitsLeft);
    this.#transcriptUnitsLeft -= transcript.length;
    this.#byGuid.set(attachment.guid, { ...attachment, transcript: transcript === "" ? null : transcript });
  }
}

function withoutRow(guid: AttachmentGuid): DecodedAttachment {
  return {
    guid,
    isRowMissing: true,
    name: null,
    mimeType: null,
    uti: null,
    totalBytes: 0n,
    state: "unknown",
    isSticker: false,
    isHidden: false,
    transcript: null,
    description: null,
    width: null,
    height: null,
  };
}

function pointsOf(value: number | null): number | null {
  return value !== null && value > 0 && value <= POINTS_MAX ? value : null;
}

type Renamed = ReadonlyMap<AttachmentGuid, AttachmentGuid>;

function withGuids(parts: readonly BodyPart[], renamed: Renamed): readonly BodyPart[] {
  return renamed.size === 0 ? parts : parts.map((part) => partWithGuids(part, renamed));
}

function partWithGuids(part: BodyPart, renamed: Renamed): BodyPart {
  switch (part.kind) {
    case "attachment":
      return { ...part, attachment: withGuid(part.attachment, renamed) };
    case "text":
      return { ...part, entities: part.entities.map((entity) => entityWithGuid(entity, renamed)) };
    default:
      return part;
  }
}

function entityWithGuid(entity: BodyEntity, renamed: Renamed): BodyEntity {
  return entity.kind === "attachment"
    ? { ...entity, attachment: withGuid(entity.attachment, renamed) }
    : entity;
}

function withGuid(attachment: BodyAttachment, renamed: Renamed): BodyAttachment {
  const transferGuid = renamed.get(attachment.transferGuid);
  return transferGuid === undefined ? attachment : { ...attachment, transferGuid };
}
