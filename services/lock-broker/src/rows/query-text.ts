import type { ChatDbSchema, ChatDbTable } from "./schema-probe.ts";

/**
 * Bytes of text and blobs that a row may bring; more is left out of it. One frame holds at least one row and must stay
 * under gRPC's 4 MiB with room for the other columns. Real rows stay under 100 kB (docs/chat-db.md §13).
 */
export const ROW_BODY_BYTES_MAX = 2 * 1024 * 1024;

/** Bytes of a text that names something: a guid, an address, a path, a title. A longer one is left out. */
export const NAME_BYTES_MAX = 2 * 1024;

/** Bytes of a blob beside the bodies: a chat's properties, what an attachment says of itself. A larger one is left out. */
export const BLOB_BYTES_MAX = 64 * 1024;

/** Chats of one message that are read; a message is in one, seldom in two. */
export const MESSAGE_CHATS_MAX = 32;

/**
 * A number to bind. Hidden in a sum, because SQLite (built with STAT4, as the driver's is) plans a query anew each time a bare
 * parameter that its plan could depend on gets another value: 75 µs for a row instead of 5.
 */
export const NUMBER = "(? + 0)";

/** A text to bind, hidden likewise. */
export const TEXT = "(? || '')";

/** The column where there is one, else NULL. */
export function columnOf(schema: ChatDbSchema, table: ChatDbTable, alias: string, column: string): string {
  return schema.has(table, column) ? `${alias}.${column}` : "NULL";
}

/** A list of columns, each named as the database names it; missing ones read as NULL. */
export function pick(
  schema: ChatDbSchema,
  table: ChatDbTable,
  alias: string,
  columns: readonly string[],
): string {
  return columns.map((column) => `${columnOf(schema, table, alias, column)} AS ${column}`).join(", ");
}

/** As {@link pick}; values of more than `bytesMax` bytes read as NULL. Their size is in the record's header: nothing is loaded. */
export function pickUpTo(
  bytesMax: number,
  ...[schema, table, alias, columns]: Parameters<typeof pick>
): string {
  return columns
    .map((column) => `${upTo(bytesMax, columnOf(schema, table, alias, column))} AS ${column}`)
    .join(", ");
}

/** The value, or NULL when it has more than `bytesMax` bytes. */
export function upTo(bytesMax: number, value: string): string {
  return value === "NULL" ? value : `CASE WHEN octet_length(${value}) <= ${bytesMax} THEN ${value} END`;
}

/** The value, or how many bytes it has when they are more than `bytesMax`. */
export function sizeIfLarge(bytesMax: number, value: string): string {
  return value === "NULL"
    ? value
    : `CASE WHEN octet_length(${value}) <= ${bytesMax} THEN ${value} ELSE octet_length(${value}) END`;
}

/** Bytes of these columns together, without loading them. */
export function octets(
  schema: ChatDbSchema,
  table: ChatDbTable,
  alias: string,
  columns: readonly string[],
): string {
  const present = columns.filter((column) => schema.has(table, column));
  if (present.length === 0) return "0";
  return `(${present.map((column) => `COALESCE(octet_length(${alias}."${column}"), 0)`).join(" + ")})`;
}

/**
 * The chats `c` that the message `rowid` is in, as the rest of a FROM. A join counts once its chat is there too: the chat may be
 * stored after the message (docs/chat-db.md §2). CROSS JOIN keeps SQLite from choosing the order by Apple's statistics: without an
 * index on message_id, asking each chat for the message is far cheaper than reading every join there is.
 */
export function chatsOf(schema: ChatDbSchema, rowid: string): string {
  return schema.isIndexed("chat_message_join", "message_id")
    ? `chat_message_join j CROSS JOIN chat c ON c.ROWID = j.chat_id WHERE j.message_id = ${rowid}`
    : `chat c CROSS JOIN chat_message_join j ON j.chat_id = c.ROWID AND j.message_id = ${rowid} WHERE true`;
}

/** Whether the message `rowid`, which is in no chat, was moved to Recently Deleted (docs/chat-db.md §12). Undefined before macOS 13. */
export function recoverableQuery(schema: ChatDbSchema): string | undefined {
  const table = "chat_recoverable_message_join";
  if (!schema.has(table, "message_id")) return undefined;
  return schema.isIndexed(table, "message_id") || !schema.has(table, "chat_id")
    ? `SELECT 1 FROM ${table} r WHERE r.message_id = ${NUMBER} LIMIT 1`
    : `SELECT 1 FROM chat c CROSS JOIN ${table} r ON r.chat_id = c.ROWID AND r.message_id = ${NUMBER} LIMIT 1`;
}
