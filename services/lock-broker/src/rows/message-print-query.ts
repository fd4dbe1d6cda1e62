import { chatsOf, columnOf, NUMBER, octets, ROW_BODY_BYTES_MAX, sizeIfLarge, upTo } from "./query-text.ts";
import type { ChatDbSchema } from "./schema-probe.ts";

/** The flags of a message as one number, by bit. */
export const FLAG = {
  fromMe: 1 << 0,
  finished: 1 << 1,
  sent: 1 << 2,
  downgraded: 1 << 3,
  delivered: 1 << 4,
  read: 1 << 5,
  played: 1 << 6,
  empty: 1 << 7,
  audio: 1 << 8,
  system: 1 << 9,
  autoReply: 1 << 10,
} as const;

/** The column of each flag; `ofNull` is what NULL counts as: finished, everywhere else not. */
export const FLAG_COLUMNS: readonly {
  readonly column: string;
  readonly bit: number;
  readonly ofNull: boolean;
}[] = [
  { column: "is_from_me", bit: FLAG.fromMe, ofNull: false },
  { column: "is_finished", bit: FLAG.finished, ofNull: true },
  { column: "is_sent", bit: FLAG.sent, ofNull: false },
  { column: "was_downgraded", bit: FLAG.downgraded, ofNull: false },
  { column: "is_delivered", bit: FLAG.delivered, ofNull: false },
  { column: "is_read", bit: FLAG.read, ofNull: false },
  { column: "is_played", bit: FLAG.played, ofNull: false },
  { column: "is_empty", bit: FLAG.empty, ofNull: false },
  { column: "is_audio_message", bit: FLAG.audio, ofNull: false },
  { column: "is_system_message", bit: FLAG.system, ofNull: false },
  { column: "is_auto_reply", bit: FLAG.autoReply, ofNull: false },
];

/** Dates are stirred in as the rest of a division by the largest prime below 2⁵³. */
export const DATE_MODULUS = 9_007_199_254_740_881n;

/** Flags that belong to what a message says. */
export const CONTENT_FLAGS = FLAG.empty | FLAG.audio | FLAG.system | FLAG.autoReply;

/** Texts and numbers that belong to what a message says, in the order in which they are stirred in. */
export const CONTENT_TEXTS = [
  "text",
  "subject",
  "group_title",
  "balloon_bundle_id",
  "associated_message_guid",
  "associated_message_emoji",
  "expressive_send_style_id",
  "thread_originator_guid",
  "thread_originator_part",
] as const;
/** Those that people write. */
const LONG_TEXTS: ReadonlySet<string> = new Set(["text", "subject", "group_title"]);
export const CONTENT_DATES = ["date_edited", "date_retracted"] as const;
export const CONTENT_NUMBERS = [
  "part_count",
  "associated_message_type",
  "associated_message_range_location",
  "associated_message_range_length",
  "item_type",
  "group_action_type",
  "share_status",
  "share_direction",
  "other_handle",
  "message_action_type",
  "expire_state",
] as const;

/** The blobs that belong to it. */
export const CONTENT_BLOBS = ["attributedBody", "message_summary_info", "payload_data"] as const;

/** Columns of a line of the print queries before those of the content. */
const HEAD_COLUMNS = [
  "rowid",
  "guid",
  "flags",
  "error",
  "date",
  "date_delivered",
  "date_read",
  "date_played",
  "schedule_type",
  "schedule_state",
  "service",
  "handle",
  "sender",
  "chat",
  "attachment",
  "otherBytes",
  "bodyBytes",
  "summaryBytes",
  "payloadBytes",
] as const;

/** Places in a line of the print queries. */
export const AT = {
  rowid: 0,
  guid: 1,
  flags: 2,
  error: 3,
  date: 4,
  dateDelivered: 5,
  dateRead: 6,
  datePlayed: 7,
  scheduleType: 8,
  scheduleState: 9,
  service: 10,
  handle: 11,
  sender: 12,
  chat: 13,
  attachment: 14,
  otherBytes: 15,
  bodyBytes: 16,
  summaryBytes: 17,
  payloadBytes: 18,
  content: HEAD_COLUMNS.length,
  contentEnd: HEAD_COLUMNS.length + CONTENT_TEXTS.length + CONTENT_DATES.length + CONTENT_NUMBERS.length,
  /** In {@link MessagePrintQueries.one} only. */
  blobs: HEAD_COLUMNS.length + CONTENT_TEXTS.length + CONTENT_DATES.length + CONTENT_NUMBERS.length,
} as const;

/** Stands in `chat` and `attachment` for several, which are then asked for by themselves. */
export const SEVERAL = -1;

/** The statements that messages' prints are made from. */
export interface MessagePrintQueries {
  /** (rowid) → one line, with the blobs in a row. */
  readonly one: string;
  /** (rowid, limit) → lines by rising ROWID after it, without blobs. */
  readonly after: string;
  /** (rowid, limit) → the same rows' blobs in a row, as one. */
  readonly blobsAfter: string;
  /** (rowid, limit) → lines by falling ROWID before it, without blobs. */
  readonly before: string;
  /** (rowid, limit) → the same rows' blobs in a row, as one. */
  readonly blobsBefore: string;
  /** (rowid) → ROWIDs of its chats. */
  readonly chats: string;
  /** (rowid) → ROWIDs of its attachments. */
  readonly attachments: string | undefined;
}

/** Writes them for one schema. Pure. */
export function messagePrintQueries(schema: ChatDbSchema): MessagePrintQueries {
  const line = lineOf(schema);
  const blobs = blobsOf(schema);
  const sender = hasSender(schema) ? "LEFT JOIN handle h ON h.ROWID = m.handle_id" : "";
  const rising = `WHERE m.ROWID > ${NUMBER} ORDER BY m.ROWID LIMIT ${NUMBER}`;
  const falling = `WHERE m.ROWID < ${NUMBER} ORDER BY m.ROWID DESC LIMIT ${NUMBER}`;
  const together = (rest: string) =>
    `SELECT CAST(group_concat(b, '') AS BLOB) FROM (SELECT ${blobs} AS b FROM message m ${rest})`;
  return {
    one: `SELECT ${line}, CAST(${blobs} AS BLOB) FROM message m ${sender} WHERE m.ROWID = ${NUMBER}`,
    after: `SELECT ${line} FROM message m ${sender} ${rising}`,
    blobsAfter: together(rising),
    before: `SELECT ${line} FROM message m ${sender} ${falling}`,
    blobsBefore: together(falling),
    chats: `SELECT c.ROWID FROM ${chatsOf(schema, NUMBER)}`,
    attachments: hasAttachments(schema)
      ? `SELECT j.attachment_id FROM message_attachment_join j WHERE j.message_id = ${NUMBER}`
      : undefined,
  };
}

function lineOf(schema: ChatDbSchema): string {
  const value = (column: string) => columnOf(schema, "message", "m", column);
  const bytes = (column: string) => `octet_length(${value(column)})`;
  const head: Readonly<Record<(typeof HEAD_COLUMNS)[number], string>> = {
    // A number holds it up to 2⁵³.
    rowid:
      "CASE WHEN m.ROWID BETWEEN -9007199254740991 AND 9007199254740991 THEN m.ROWID ELSE CAST(m.ROWID AS TEXT) END",
    guid: "m.guid",
    flags: flagsOf(schema),
    error: value("error"),
    date: shortDate(value("date")),
    date_delivered: shortDate(value("date_delivered")),
    date_read: shortDate(value("date_read")),
    date_played: shortDate(value("date_played")),
    schedule_type: value("schedule_type"),
    schedule_state: value("schedule_state"),
    service: value("service"),
    handle: value("handle_id"),
    sender: hasSender(schema) ? "h.id" : "NULL",
    chat: `(SELECT CASE COUNT(*) WHEN 0 THEN NULL WHEN 1 THEN MAX(c.ROWID) ELSE ${SEVERAL} END
      FROM ${chatsOf(schema, "m.ROWID")})`,
    attachment: hasAttachments(schema)
      ? `(SELECT CASE COUNT(*) WHEN 0 THEN NULL WHEN 1 THEN MAX(j.attachment_id) ELSE ${SEVERAL} END
      FROM message_attachment_join j WHERE j.message_id = m.ROWID)`
      : "NULL",
    otherBytes: octets(schema, "message", "m", otherColumns(schema)),
    bodyBytes: bytes("attributedBody"),
    summaryBytes: bytes("message_summary_info"),
    payloadBytes: bytes("payload_data"),
  };
  return [
    ...HEAD_COLUMNS.map((column) => head[column]),
    ...CONTENT_TEXTS.map((column) =>
      LONG_TEXTS.has(column) ? sizeIfLarge(ROW_BODY_BYTES_MAX, value(column)) : value(column),
    ),
    ...CONTENT_DATES.map((column) => shortDate(value(column))),
    // "None" was -1 in 10.11 and is 0 since.
    ...CONTENT_NUMBERS.map((column) =>
      column === "other_handle" ? `MAX(${value(column)}, 0)` : value(column),
    ),
  ].join(", ");
}

function flagsOf(schema: ChatDbSchema): string {
  return FLAG_COLUMNS.map(({ column, bit, ofNull }) => {
    const test = ofNull ? "IS NOT FALSE" : "IS TRUE";
    return `(${columnOf(schema, "message", "m", column)} ${test}) * ${bit}`;
  }).join(" + ");
}

/**
 * A date in a number that holds it exactly: 64 bits do not fit, the rest of a division by the largest prime below 2⁵³ does. Two dates
 * that give the same are 104 days apart to the nanosecond.
 */
function shortDate(value: string): string {
  return value === "NULL" ? value : `${value} % ${DATE_MODULUS}`;
}

function blobsOf(schema: ChatDbSchema): string {
  const values = CONTENT_BLOBS.map((column) =>
    upTo(ROW_BODY_BYTES_MAX, columnOf(schema, "message", "m", column)),
  );
  return `concat(${values.join(", ")})`;
}

/** Columns of unbounded size that the print has no use for but to know how large the record is. */
export function otherColumns(schema: ChatDbSchema): readonly string[] {
  const used = new Set<string>(
    ["guid", "service", ...CONTENT_TEXTS, ...CONTENT_BLOBS].map((name) => name.toLowerCase()),
  );
  return schema.variableColumns("message").filter((column) => !used.has(column.toLowerCase()));
}

function hasSender(schema: ChatDbSchema): boolean {
  return schema.has("message", "handle_id") && schema.has("handle", "id");
}

function hasAttachments(schema: ChatDbSchema): boolean {
  const table = "message_attachment_join";
  return schema.has(table, "message_id") && schema.has(table, "attachment_id");
}
