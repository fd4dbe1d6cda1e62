import { type ColumnValues, toBlob, toFlag, toInt32, toInt64, toText } from "./column-values.ts";
import { finishHash, HASH_START, mixValue, type PrintValue } from "./print-hash.ts";
import type { AttachmentPrint } from "./prints.ts";
import {
  BLOB_BYTES_MAX,
  columnOf,
  NAME_BYTES_MAX,
  NUMBER,
  octets,
  pick,
  pickUpTo,
  sizeIfLarge,
  TEXT,
} from "./query-text.ts";
import { type RecordShape, recordBytesMax, recordShape } from "./record-size.ts";
import type { MessageReference, StoredAttachment } from "./rows.ts";
import type { ChatDbSchema } from "./schema-probe.ts";
import type { Query, Statements } from "./statements.ts";

/** Attachments of one message that are read. With their names they take 1.2 MiB of a frame at most. */
const MESSAGE_ATTACHMENTS_MAX = 100;

/** Blobs of all attachments of one message together; those of further ones are left out. */
const MESSAGE_BLOBS_BYTES_MAX = 512 * 1024;

/** Messages of one attachment that are read; it belongs to one, a sticker that was sent often to more. */
const ATTACHMENT_MESSAGES_MAX = 64;

const TEXTS = [
  "guid",
  "original_guid",
  "filename",
  "transfer_name",
  "mime_type",
  "uti",
  "emoji_image_short_description",
] as const;
const BLOBS = ["user_info", "sticker_user_info", "attribution_info"] as const;
const NUMBERS = [
  "total_bytes",
  "transfer_state",
  "created_date",
  "is_outgoing",
  "is_sticker",
  "hide_attachment",
] as const;

/** What AttachmentPrint.progress is made of. */
const PROGRESS = [
  "filename",
  "transfer_name",
  "mime_type",
  "uti",
  "total_bytes",
  "hide_attachment",
  "is_sticker",
] as const;

/** What AttachmentPrint.info is made of. */
const INFO = [...BLOBS, "emoji_image_short_description"] as const;

/** Places in a line of the print queries. */
const AT = { rowid: 0, guid: 1, transferState: 2, bytes: 3, progress: 4, info: 4 + PROGRESS.length } as const;

/** Reads attachments. Each query is undefined where the Mac lacks the tables. */
export class AttachmentRows {
  readonly #shape: RecordShape;
  readonly #one: Query<ColumnValues> | undefined;
  readonly #byGuid: Query<ColumnValues> | undefined;
  readonly #byOriginalGuid: Query<ColumnValues> | undefined;
  readonly #ofMessage: Query<ColumnValues> | undefined;
  readonly #messages: Query<ColumnValues> | undefined;
  readonly #print: Query<readonly PrintValue[]> | undefined;
  readonly #printsAfter: Query<readonly PrintValue[]> | undefined;

  constructor(statements: Statements, schema: ChatDbSchema) {
    this.#shape = recordShape(schema, "attachment");
    if (!schema.has("attachment", "guid")) return;
    const select = `SELECT a.ROWID AS rowid, ${pickUpTo(NAME_BYTES_MAX, schema, "attachment", "a", TEXTS)},
      ${pickUpTo(BLOB_BYTES_MAX, schema, "attachment", "a", BLOBS)}, ${pick(schema, "attachment", "a", NUMBERS)}`;
    const newest = "ORDER BY a.ROWID DESC LIMIT 1";
    this.#one = statements.rows(`${select} FROM attachment a WHERE a.ROWID = ${NUMBER}`);
    this.#byGuid = statements.rows(`${select} FROM attachment a WHERE a.guid = ${TEXT} ${newest}`);
    if (schema.has("attachment", "original_guid")) {
      this.#byOriginalGuid = statements.rows(
        `${select} FROM attachment a WHERE a.original_guid = ${TEXT} ${newest}`,
      );
    }
    const line = printLine(schema);
    this.#print = statements.arrays(`SELECT ${line} FROM attachment a WHERE a.ROWID = ${NUMBER}`);
    this.#printsAfter = statements.arrays(
      `SELECT ${line} FROM attachment a WHERE a.ROWID > ${NUMBER} ORDER BY a.ROWID LIMIT ${NUMBER}`,
    );
    const join = "message_attachment_join";
    if (!schema.has(join, "message_id") || !schema.has(join, "attachment_id")) return;
    this.#ofMessage =
      statements.rows(`${select} FROM ${join} j CROSS JOIN attachment a ON a.ROWID = j.attachment_id
      WHERE j.message_id = ${NUMBER} ORDER BY a.ROWID LIMIT ${MESSAGE_ATTACHMENTS_MAX}`);
    this.#messages = statements.rows(`SELECT m.ROWID AS rowid, m.guid AS guid
      FROM ${join} j CROSS JOIN message m ON m.ROWID = j.message_id
      WHERE j.attachment_id = ${NUMBER} ORDER BY m.ROWID LIMIT ${ATTACHMENT_MESSAGES_MAX}`);
  }

  /** Undefined when it is gone. */
  attachment(rowid: bigint): StoredAttachment | undefined {
    return toAttachmentOrNot(this.#one?.get(rowid));
  }

  /** By its guid now, else by its first; where several have it, the newest. */
  byGuid(guid: string): StoredAttachment | undefined {
    return toAttachmentOrNot(this.#byGuid?.get(guid) ?? this.#byOriginalGuid?.get(guid));
  }

  /** Those of a message, by ROWID, at most 100, with at most 512 KiB of blobs together. */
  ofMessage(rowid: bigint): readonly StoredAttachment[] {
    const found = this.#ofMessage?.all(rowid) ?? [];
    let bytes = 0;
    return found.map((values) => {
      const attachment = toAttachment(values);
      bytes += blobBytes(attachment);
      return bytes <= MESSAGE_BLOBS_BYTES_MAX ? attachment : withoutBlobs(attachment);
    });
  }

  /** The messages it belongs to, by ROWID, at most 64. */
  messages(rowid: bigint): readonly MessageReference[] {
    const found = this.#messages?.all(rowid) ?? [];
    return found.map((values) => ({ rowid: toInt64(values.rowid), guid: toText(values.guid) ?? "" }));
  }

  /** Undefined when it is gone. */
  print(rowid: bigint): AttachmentPrint | undefined {
    const line = this.#print?.get(rowid);
    return line === undefined ? undefined : toPrint(line, this.#shape);
  }

  /** Of the first `limit` attachments beyond `rowid`. */
  printsAfter(rowid: bigint, limit: number): readonly AttachmentPrint[] {
    const lines = this.#printsAfter?.all(rowid, limit) ?? [];
    return lines.map((line) => toPrint(line, this.#shape));
  }
}

function printLine(schema: ChatDbSchema): string {
  const value = (column: string) => columnOf(schema, "attachment", "a", column);
  const columns = [...PROGRESS, ...INFO].map((column) => sizeIfLarge(BLOB_BYTES_MAX, value(column)));
  const bytes = octets(schema, "attachment", "a", schema.variableColumns("attachment"));
  return `a.ROWID, a.guid, ${value("transfer_state")}, ${bytes}, ${columns.join(", ")}`;
}

function toPrint(line: readonly PrintValue[], shape: RecordShape): AttachmentPrint {
  const hashOf = (from: number, count: number) => {
    let hash = HASH_START;
    for (let at = from; at < from + count; at += 1) hash = mixValue(hash, line[at]);
    return finishHash(hash);
  };
  return {
    rowid: BigInt(line[AT.rowid] as number),
    guid: String(line[AT.guid] ?? ""),
    isOverflowing: recordBytesMax(shape, Number(line[AT.bytes])) > shape.localBytesMax,
    transferState: Number(line[AT.transferState] ?? 0) | 0,
    progress: hashOf(AT.progress, PROGRESS.length),
    info: hashOf(AT.info, INFO.length),
  };
}

function toAttachmentOrNot(values: ColumnValues | undefined): StoredAttachment | undefined {
  return values === undefined ? undefined : toAttachment(values);
}

function toAttachment(values: ColumnValues): StoredAttachment {
  return {
    rowid: toInt64(values.rowid),
    guid: toText(values.guid) ?? "",
    originalGuid: toText(values.original_guid),
    filename: toText(values.filename),
    transferName: toText(values.transfer_name),
    mimeType: toText(values.mime_type),
    uti: toText(values.uti),
    totalBytes: toInt64(values.total_bytes),
    transferState: toInt32(values.transfer_state),
    createdDate: toInt64(values.created_date),
    isOutgoing: toFlag(values.is_outgoing),
    isSticker: toFlag(values.is_sticker),
    hideAttachment: toFlag(values.hide_attachment),
    userInfo: toBlob(values.user_info),
    stickerUserInfo: toBlob(values.sticker_user_info),
    attributionInfo: toBlob(values.attribution_info),
    emojiImageShortDescription: toText(values.emoji_image_short_description),
  };
}

function blobBytes({ userInfo, stickerUserInfo, attributionInfo }: StoredAttachment): number {
  return (userInfo?.length ?? 0) + (stickerUserInfo?.length ?? 0) + (attributionInfo?.length ?? 0);
}

function withoutBlobs(attachment: StoredAttachment): StoredAttachment {
  return { ...attachment, userInfo: undefined, stickerUserInfo: undefined, attributionInfo: undefined };
}
