import { type ColumnValues, toBlob, toFlag, toInt32, toInt64, toText } from "./column-values.ts";
import { toHandle } from "./message-row.ts";
import { finishHash, HASH_START, mixValue, type PrintValue, sumHashes } from "./print-hash.ts";
import type { ChatPrint } from "./prints.ts";
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
  upTo,
} from "./query-text.ts";
import { type RecordShape, recordBytesMax, recordShape } from "./record-size.ts";
import type { ChatListPosition, ChatSummary, StoredChat, StoredHandle } from "./rows.ts";
import type { ChatDbSchema } from "./schema-probe.ts";
import type { Query, Statements } from "./statements.ts";

/** Texts of a chat, each read up to {@link NAME_BYTES_MAX}. */
export const CHAT_TEXTS = [
  "guid",
  "chat_identifier",
  "service_name",
  "display_name",
  "group_id",
  "room_name",
  "account_login",
  "last_addressed_handle",
] as const;

/** Numbers of a chat. */
export const CHAT_NUMBERS = ["style", "state", "is_archived", "is_filtered", "is_blackholed"] as const;

/** What ChatPrint.state is made of. */
const STATE = ["state", "is_archived", "is_filtered", "is_blackholed"] as const;

/** Members of one chat that are read. Messages lets in 32, SMS groups of other makes a few more. */
const CHAT_MEMBERS_MAX = 512;

/** Places in a line of the print queries. */
const AT = { rowid: 0, guid: 1, bytes: 2, name: 3, properties: 4, state: 5 } as const;

const INT64_MAX = 2n ** 63n - 1n;

/** A handle whose address is damaged: a member all the same. */
const NOBODY: StoredHandle = {
  address: "",
  service: "",
  country: undefined,
  personCentricId: undefined,
};

/** Reads chats. */
export class ChatRows {
  readonly #shape: RecordShape;
  readonly #one: Query<ColumnValues>;
  readonly #byGuid: Query<ColumnValues>;
  readonly #summary: Query<ColumnValues>;
  readonly #list: Query<ColumnValues>;
  readonly #members: Query<ColumnValues> | undefined;
  readonly #memberTexts: Query<readonly PrintValue[]> | undefined;
  readonly #print: Query<readonly PrintValue[]>;
  readonly #printsAfter: Query<readonly PrintValue[]>;

  constructor(statements: Statements, schema: ChatDbSchema) {
    this.#shape = recordShape(schema, "chat");
    const columns = `${pickUpTo(NAME_BYTES_MAX, schema, "chat", "c", CHAT_TEXTS)},
      ${pick(schema, "chat", "c", CHAT_NUMBERS)}`;
    const whole = `SELECT c.ROWID AS rowid, ${columns}, ${pickUpTo(BLOB_BYTES_MAX, schema, "chat", "c", ["properties"])}`;
    this.#one = statements.rows(`${whole} FROM chat c WHERE c.ROWID = ${NUMBER}`);
    this.#byGuid = statements.rows(
      `${whole} FROM chat c WHERE c.guid = ${TEXT} ORDER BY c.ROWID DESC LIMIT 1`,
    );
    this.#summary = statements.rows(
      `SELECT ${lastDate(schema)} AS last_date FROM chat c WHERE c.ROWID = ${NUMBER}`,
    );
    this.#list = statements.rows(`SELECT rowid, ${[...CHAT_TEXTS, ...CHAT_NUMBERS].join(", ")}, last_date
      FROM (SELECT c.ROWID AS rowid, ${columns}, ${lastDate(schema)} AS last_date FROM chat c)
      WHERE (last_date, rowid) < (${NUMBER}, ${NUMBER}) ORDER BY last_date DESC, rowid DESC LIMIT ${NUMBER}`);
    const line = printLine(schema);
    this.#print = statements.arrays(`SELECT ${line} FROM chat c WHERE c.ROWID = ${NUMBER}`);
    this.#printsAfter = statements.arrays(
      `SELECT ${line} FROM chat c WHERE c.ROWID > ${NUMBER} ORDER BY c.ROWID LIMIT ${NUMBER}`,
    );
    if (!schema.has("chat_handle_join", "handle_id") || !schema.has("handle", "id")) return;
    const handle = (column: string) => upTo(NAME_BYTES_MAX, columnOf(schema, "handle", "h", column));
    const members = `FROM chat_handle_join j CROSS JOIN handle h ON h.ROWID = j.handle_id
      WHERE j.chat_id = ${NUMBER} ORDER BY h.ROWID LIMIT ${CHAT_MEMBERS_MAX}`;
    this.#members = statements.rows(`SELECT ${handle("id")} AS address, ${handle("service")} AS service,
      ${handle("country")} AS country, ${handle("person_centric_id")} AS person_centric_id ${members}`);
    this.#memberTexts = statements.arrays(`SELECT ${handle("id")}, ${handle("service")} ${members}`);
  }

  /** With its properties; undefined when it is gone. */
  chat(rowid: bigint): StoredChat | undefined {
    const values = this.#one.get(rowid);
    return values === undefined ? undefined : toChat(values);
  }

  /** With its properties, who is in it, and the time of its newest message; where several have the guid, the newest. */
  summaryByGuid(guid: string): ChatSummary | undefined {
    const values = this.#byGuid.get(guid);
    if (values === undefined) return undefined;
    const chat = toChat(values);
    const lastMessageDate = toInt64(this.#summary.get(chat.rowid)?.last_date);
    return { chat, participants: this.participants(chat.rowid), lastMessageDate };
  }

  /** Everyone in it but the account itself, by the handles' ROWIDs, at most 512; empty when it is gone. */
  participants(rowid: bigint): readonly StoredHandle[] {
    const found = this.#members?.all(rowid) ?? [];
    return found.map((values) => toHandle(values, "") ?? NOBODY);
  }

  /** At most `limit` chats after the place, newest message first, each with its participants and without its properties. */
  list(limit: number, after: ChatListPosition | undefined): readonly ChatSummary[] {
    const lastDate = after?.lastMessageDate ?? INT64_MAX;
    const rowid = after?.chatRowid ?? INT64_MAX;
    return this.#list.all(lastDate, rowid, limit).map((values) => {
      const chat = toChat(values);
      return {
        chat,
        participants: this.participants(chat.rowid),
        lastMessageDate: toInt64(values.last_date),
      };
    });
  }

  /** Undefined when it is gone. */
  print(rowid: bigint): ChatPrint | undefined {
    const line = this.#print.get(rowid);
    return line === undefined ? undefined : this.#toPrint(line);
  }

  /** Of the first `limit` chats beyond `rowid`. */
  printsAfter(rowid: bigint, limit: number): readonly ChatPrint[] {
    return this.#printsAfter.all(rowid, limit).map((line) => this.#toPrint(line));
  }

  #toPrint(line: readonly PrintValue[]): ChatPrint {
    const rowid = BigInt(line[AT.rowid] as number);
    const members = this.#memberTexts?.all(rowid) ?? [];
    let state = HASH_START;
    for (let at: number = AT.state; at < AT.state + STATE.length; at += 1) state = mixValue(state, line[at]);
    return {
      rowid,
      guid: String(line[AT.guid] ?? ""),
      isOverflowing: recordBytesMax(this.#shape, Number(line[AT.bytes])) > this.#shape.localBytesMax,
      name: finishHash(mixValue(HASH_START, line[AT.name])),
      members: sumHashes(
        members.map(([address, service]) => finishHash(mixValue(mixValue(HASH_START, address), service))),
      ),
      properties: finishHash(mixValue(HASH_START, line[AT.properties])),
      state: finishHash(state),
    };
  }
}

/** Makes sense of a chat's columns. */
export function toChat(values: ColumnValues): StoredChat {
  return {
    rowid: toInt64(values.rowid),
    guid: toText(values.guid) ?? "",
    identifier: toText(values.chat_identifier) ?? "",
    serviceName: toText(values.service_name),
    style: toInt32(values.style),
    displayName: toText(values.display_name),
    groupId: toText(values.group_id),
    roomName: toText(values.room_name),
    accountLogin: toText(values.account_login),
    lastAddressedHandle: toText(values.last_addressed_handle),
    state: toInt32(values.state),
    isArchived: toFlag(values.is_archived),
    isFiltered: toInt32(values.is_filtered),
    isBlackholed: toFlag(values.is_blackholed),
    properties: toBlob(values.properties),
  };
}

function printLine(schema: ChatDbSchema): string {
  const value = (column: string) => columnOf(schema, "chat", "c", column);
  const bytes = octets(schema, "chat", "c", schema.variableColumns("chat"));
  const state = STATE.map(value).join(", ");
  const large = (column: string) => sizeIfLarge(BLOB_BYTES_MAX, value(column));
  return `c.ROWID, c.guid, ${bytes}, ${large("display_name")}, ${large("properties")}, ${state}`;
}

/**
 * Apple time of a chat's newest join. Where no index gives it at once, the join of the newest row has to say: before 10.13 that
 * is the only way, because joins had no date then, and dates were seconds.
 */
function lastDate(schema: ChatDbSchema): string {
  const join = "chat_message_join";
  const newest = `(SELECT MAX(j.message_id) FROM ${join} j WHERE j.chat_id = c.ROWID)`;
  if (schema.has(join, "message_date") && schema.isIndexed(join, "chat_id", "message_date")) {
    return `COALESCE((SELECT MAX(j.message_date) FROM ${join} j WHERE j.chat_id = c.ROWID), 0)`;
  }
  if (!schema.has("message", "date")) return "0";
  const unit = schema.has(join, "message_date") ? "" : " * 1000000000";
  return `COALESCE((SELECT m.date${unit} FROM message m WHERE m.ROWID = ${newest}), 0)`;
}
