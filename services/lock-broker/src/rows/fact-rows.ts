import { createHash } from "node:crypto";
import { type ColumnValue, type ColumnValues, toInt64, toText } from "./column-values.ts";
import { NUMBER, TEXT } from "./query-text.ts";
import type { DatabaseFacts, WatchedTable } from "./rows.ts";
import type { ChatDbSchema } from "./schema-probe.ts";
import type { Query, Statements } from "./statements.ts";

/** Apple's is a UUID of 36 bytes. */
const DATABASE_UID_BYTES_MAX = 256;

/** Messages looked through for a guid where no index finds it (one such Mac is known, docs/chat-db.md §4): some 20 ms. */
const GUID_LOOKED_ROWS_MAX = 50_000;

/** Reads what the database is and which rows it has. */
export class FactRows {
  readonly #facts: Query<ColumnValues>;
  readonly #clientVersion: Query<ColumnValue> | undefined;
  readonly #exists: Readonly<Record<WatchedTable, Query<ColumnValue> | undefined>>;
  readonly #rowidsAfter: Query<ColumnValue>;
  readonly #messageRowid: Query<ColumnValue>;

  constructor(statements: Statements, schema: ChatDbSchema) {
    this.#facts = statements.rows(factsQuery(schema));
    this.#clientVersion = schema.has("_SqliteDatabaseProperties", "value")
      ? statements.values(propertyQuery("_ClientVersion"))
      : undefined;
    const exists = (table: WatchedTable) =>
      schema.hasTable(table)
        ? statements.values(`SELECT 1 FROM ${table} t WHERE t.ROWID = ${NUMBER}`)
        : undefined;
    this.#exists = { message: exists("message"), chat: exists("chat"), attachment: exists("attachment") };
    this.#rowidsAfter = statements.values(
      `SELECT m.ROWID FROM message m WHERE m.ROWID > ${NUMBER} ORDER BY m.ROWID LIMIT ${NUMBER}`,
    );
    const looked = schema.isIndexed("message", "guid")
      ? "message m"
      : `(SELECT n.ROWID AS ROWID, n.guid FROM message n ORDER BY n.ROWID DESC LIMIT ${GUID_LOOKED_ROWS_MAX}) m`;
    this.#messageRowid = statements.values(
      `SELECT m.ROWID FROM ${looked} WHERE m.guid = ${TEXT} ORDER BY m.ROWID DESC LIMIT 1`,
    );
  }

  facts(): DatabaseFacts {
    const values = this.#facts.get() ?? {};
    const uid = toText(values.uid) ?? "";
    return {
      databaseUid: Buffer.byteLength(uid) <= DATABASE_UID_BYTES_MAX ? uid : `sha256-${sha256(uid)}`,
      headRowid: toInt64(values.head_rowid),
      headChatRowid: toInt64(values.head_chat_rowid),
      headAttachmentRowid: toInt64(values.head_attachment_rowid),
    };
  }

  clientVersion(): string {
    return toText(this.#clientVersion?.get()) ?? "";
  }

  exists(table: WatchedTable, rowid: bigint): boolean {
    return this.#exists[table]?.get(rowid) !== undefined;
  }

  messageRowidsAfter(rowid: bigint, limit: number): readonly bigint[] {
    return this.#rowidsAfter.all(rowid, limit).map(toInt64);
  }

  /** ROWID of the newest message with the guid. */
  messageRowid(guid: string): bigint | undefined {
    const found = this.#messageRowid.get(guid);
    return found === undefined ? undefined : toInt64(found);
  }
}

function factsQuery(schema: ChatDbSchema): string {
  const uid = schema.has("_SqliteDatabaseProperties", "value")
    ? `(${propertyQuery("_UniqueIdentifier")})`
    : "NULL";
  const head = (table: WatchedTable) =>
    schema.hasTable(table) ? `(SELECT MAX(t.ROWID) FROM ${table} t)` : "NULL";
  return `SELECT ${uid} AS uid, ${head("message")} AS head_rowid, ${head("chat")} AS head_chat_rowid,
    ${head("attachment")} AS head_attachment_rowid`;
}

function propertyQuery(key: string): string {
  return `SELECT p.value FROM _SqliteDatabaseProperties p WHERE p.key = '${key}'`;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
