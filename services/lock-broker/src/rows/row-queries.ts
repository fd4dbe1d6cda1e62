import type { ChatDbSchema, ChatDbTable } from "./schema-probe.ts";

/**
 * Bytes of text and blobs that a row may bring; more is left out of it. One frame holds at least one row and must stay
 * under gRPC's 4 MiB with room for the other columns. Real rows stay under 100 kB (reference §8).
 */
export const ROW_BODY_BYTES_MAX = 2 * 1024 * 1024;

/** Every statement the broker runs against chat.db, as text. Built from the columns that exist; none selects by position. */
export interface RowQueries {
  /** uid, headRowid, sequence: once a transaction. */
  readonly facts: string;
  /** (rowid) → guid. */
  readonly guidAt: string;
  /** (after, through, limit) → observations by rising ROWID. */
  readonly observeAfter: string;
  /** (rowid) → one observation. */
  readonly observeOne: string;
  /** (first, last, limit) → ROWIDs of own rows in between. */
  readonly ownBetween: string;
  /** (rowid) → the message with its sender. */
  readonly message: string;
  /** (message rowid) → its chats by rising ROWID. */
  readonly chatsOfMessage: string;
  /** (last date, chat rowid, limit) → chats before that place, newest message first. */
  readonly chatList: string;
  /** (chat rowid) → its other participants. Undefined where the tables are missing. */
  readonly participants: string | undefined;
  /** → `_ClientVersion`. Undefined where the table is missing. */
  readonly clientVersion: string | undefined;
}

/** Columns of `message` that become text, flags and numbers of a StoredMessage; missing ones read as NULL. */
const MESSAGE_COLUMNS = [
  "guid",
  "service",
  "account",
  "destination_caller_id",
  "date",
  "date_read",
  "date_delivered",
  "date_edited",
  "is_from_me",
  "is_finished",
  "is_sent",
  "is_delivered",
  "is_read",
  "is_empty",
  "error",
  "item_type",
  "group_action_type",
  "associated_message_guid",
  "associated_message_type",
  "associated_message_emoji",
  "balloon_bundle_id",
  "expressive_send_style_id",
  "thread_originator_guid",
  "thread_originator_part",
  "part_count",
  "cache_has_attachments",
  "is_audio_message",
  "schedule_type",
  "schedule_state",
] as const;

/** Columns whose size a stranger decides; they share {@link ROW_BODY_BYTES_MAX}. */
const BODY_COLUMNS = ["text", "subject", "attributedBody", "message_summary_info", "group_title"] as const;

const OBSERVED_COLUMNS = [
  "guid",
  "date",
  "date_read",
  "date_delivered",
  "date_edited",
  "is_from_me",
  "is_finished",
  "is_sent",
  "is_delivered",
  "is_read",
  "error",
] as const;

const CHAT_COLUMNS = ["guid", "chat_identifier", "service_name", "style", "display_name"] as const;

/**
 * A value to bind. Hidden in a sum, because SQLite (built with STAT4, as the driver's is) plans a query anew each time a bare
 * parameter that its plan could depend on gets another value: 75 µs for a row instead of 5.
 */
const VALUE = "(? + 0)";

/** Writes the statements for one schema. Pure. */
export function rowQueries(schema: ChatDbSchema): RowQueries {
  const pick = (table: ChatDbTable, alias: string, columns: readonly string[]) =>
    columns.map((column) => `${has(schema, table, alias, column)} AS ${column}`).join(", ");
  const bytes = bodyBytes(schema);
  const bodies = BODY_COLUMNS.map((column) => {
    const value = has(schema, "message", "m", column);
    return `CASE WHEN ${bytes} <= ${ROW_BODY_BYTES_MAX} THEN ${value} END AS ${column}`;
  }).join(", ");
  const sender = senderOf(schema);
  const observe = `SELECT m.ROWID AS rowid, ${pick("message", "m", OBSERVED_COLUMNS)}, ${bytes} AS bytes,
    EXISTS (SELECT 1 FROM ${chatsOf(schema, "m.ROWID")}) AS is_joined, ${recoverable(schema)} AS is_recoverable FROM message m`;
  return {
    facts: factsQuery(schema),
    guidAt: `SELECT m.guid FROM message m WHERE m.ROWID = ${VALUE}`,
    observeAfter: `${observe} WHERE m.ROWID > ${VALUE} AND m.ROWID <= ${VALUE} ORDER BY m.ROWID LIMIT ${VALUE}`,
    observeOne: `${observe} WHERE m.ROWID = ${VALUE}`,
    ownBetween: `SELECT m.ROWID FROM message m WHERE m.ROWID >= ${VALUE} AND m.ROWID <= ${VALUE}
      AND ${has(schema, "message", "m", "is_from_me")} ORDER BY m.ROWID LIMIT ${VALUE}`,
    message: `SELECT m.ROWID AS rowid, ${pick("message", "m", MESSAGE_COLUMNS)}, ${bodies}, ${sender.columns}
      FROM message m ${sender.join} WHERE m.ROWID = ${VALUE}`,
    chatsOfMessage: `SELECT c.ROWID AS rowid, ${pick("chat", "c", CHAT_COLUMNS)}
      FROM ${chatsOf(schema, VALUE)} ORDER BY c.ROWID`,
    chatList: `SELECT rowid, ${CHAT_COLUMNS.join(", ")}, last_date
      FROM (SELECT c.ROWID AS rowid, ${pick("chat", "c", CHAT_COLUMNS)}, ${lastDate(schema)} AS last_date FROM chat c)
      WHERE (last_date, rowid) < (${VALUE}, ${VALUE}) ORDER BY last_date DESC, rowid DESC LIMIT ${VALUE}`,
    participants: participantsQuery(schema),
    clientVersion: schema.hasTable("_SqliteDatabaseProperties") ? propertyQuery("_ClientVersion") : undefined,
  };
}

/**
 * The chats `c` that the message `rowid` is in, as the rest of a FROM. A join counts once its chat is there too: the chat may be
 * stored after the message (reference §4.2). CROSS JOIN keeps SQLite from choosing the order by Apple's statistics: without an
 * index on message_id, asking each chat for the message is far cheaper than reading every join there is.
 */
function chatsOf(schema: ChatDbSchema, rowid: string): string {
  return schema.isIndexed("chat_message_join", "message_id")
    ? `chat_message_join j CROSS JOIN chat c ON c.ROWID = j.chat_id WHERE j.message_id = ${rowid}`
    : `chat c CROSS JOIN chat_message_join j ON j.chat_id = c.ROWID AND j.message_id = ${rowid} WHERE true`;
}

function has(schema: ChatDbSchema, table: ChatDbTable, alias: string, column: string): string {
  return schema.has(table, column) ? `${alias}.${column}` : "NULL";
}

function bodyBytes(schema: ChatDbSchema): string {
  const present = BODY_COLUMNS.filter((column) => schema.has("message", column));
  // octet_length reads the size from the record's header; the value itself is not loaded.
  return present.length === 0
    ? "0"
    : `(${present.map((column) => `COALESCE(octet_length(m.${column}), 0)`).join(" + ")})`;
}

/** Deleted by the user and kept for 30 days: such a row is no longer in a chat on purpose (reference §2.9). */
function recoverable(schema: ChatDbSchema): string {
  return schema.has("chat_recoverable_message_join", "message_id")
    ? "EXISTS (SELECT 1 FROM chat_recoverable_message_join r WHERE r.message_id = m.ROWID)"
    : "0";
}

function senderOf(schema: ChatDbSchema): { readonly columns: string; readonly join: string } {
  if (!schema.has("message", "handle_id") || !schema.has("handle", "id")) {
    return {
      columns: "NULL AS sender_address, NULL AS sender_service, NULL AS sender_country",
      join: "",
    };
  }
  const service = has(schema, "handle", "h", "service");
  const country = has(schema, "handle", "h", "country");
  return {
    columns: `h.id AS sender_address, ${service} AS sender_service, ${country} AS sender_country`,
    join: "LEFT JOIN handle h ON h.ROWID = m.handle_id",
  };
}

function factsQuery(schema: ChatDbSchema): string {
  const uid = schema.hasTable("_SqliteDatabaseProperties")
    ? `(${propertyQuery("_UniqueIdentifier")})`
    : "NULL";
  const sequence = schema.hasTable("sqlite_sequence")
    ? "(SELECT MAX(s.seq) FROM sqlite_sequence s WHERE s.name = 'message')"
    : "NULL";
  return `SELECT ${uid} AS uid, (SELECT MAX(m.ROWID) FROM message m) AS head_rowid, ${sequence} AS sequence`;
}

function propertyQuery(key: string): string {
  return `SELECT p.value FROM _SqliteDatabaseProperties p WHERE p.key = '${key}'`;
}

/** Before 10.13 the join had no date (and dates were seconds): the newest join's message has to say. */
function lastDate(schema: ChatDbSchema): string {
  if (schema.has("chat_message_join", "message_date")) {
    return "COALESCE((SELECT MAX(j.message_date) FROM chat_message_join j WHERE j.chat_id = c.ROWID), 0)";
  }
  if (!schema.has("message", "date")) return "0";
  return `COALESCE((SELECT m.date * 1000000000 FROM message m WHERE m.ROWID =
    (SELECT MAX(j.message_id) FROM chat_message_join j WHERE j.chat_id = c.ROWID)), 0)`;
}

function participantsQuery(schema: ChatDbSchema): string | undefined {
  const isThere = schema.has("chat_handle_join", "handle_id") && schema.has("handle", "id");
  if (!isThere) return undefined;
  const service = has(schema, "handle", "h", "service");
  const country = has(schema, "handle", "h", "country");
  return `SELECT h.id AS address, ${service} AS service, ${country} AS country
    FROM chat_handle_join j JOIN handle h ON h.ROWID = j.handle_id WHERE j.chat_id = ${VALUE} ORDER BY h.ROWID`;
}
