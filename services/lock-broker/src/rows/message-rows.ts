import type { AttachmentRows } from "./attachment-rows.ts";
import { CHAT_NUMBERS, CHAT_TEXTS, toChat } from "./chat-rows.ts";
import type { ColumnValues } from "./column-values.ts";
import { toMessage } from "./message-row.ts";
import {
  chatsOf,
  columnOf,
  MESSAGE_CHATS_MAX,
  NAME_BYTES_MAX,
  NUMBER,
  octets,
  pick,
  pickUpTo,
  ROW_BODY_BYTES_MAX,
  recoverableQuery,
  upTo,
} from "./query-text.ts";
import type { StoredMessage } from "./rows.ts";
import type { ChatDbSchema } from "./schema-probe.ts";
import type { Query, Statements } from "./statements.ts";

/** Columns whose size a stranger decides; together at most {@link ROW_BODY_BYTES_MAX}, else they are left out. */
const BODIES = [
  "text",
  "subject",
  "attributedBody",
  "message_summary_info",
  "payload_data",
  "group_title",
] as const;

/** Texts that name something, at most {@link NAME_BYTES_MAX} each. */
const NAMES = [
  "guid",
  "service",
  "account",
  "destination_caller_id",
  "associated_message_guid",
  "associated_message_emoji",
  "balloon_bundle_id",
  "expressive_send_style_id",
  "thread_originator_guid",
  "thread_originator_part",
  "reply_to_guid",
  "ck_chat_id",
  "cache_roomnames",
] as const;

const NUMBERS = [
  "date",
  "date_read",
  "date_delivered",
  "date_edited",
  "date_played",
  "date_retracted",
  "date_recovered",
  "is_from_me",
  "is_finished",
  "is_sent",
  "is_delivered",
  "is_read",
  "is_played",
  "is_empty",
  "error",
  "item_type",
  "group_action_type",
  "share_status",
  "share_direction",
  "message_action_type",
  "associated_message_type",
  "associated_message_range_location",
  "associated_message_range_length",
  "part_count",
  "cache_has_attachments",
  "is_audio_message",
  "schedule_type",
  "schedule_state",
  "was_downgraded",
  "is_system_message",
  "is_auto_reply",
  "is_spam",
  "expire_state",
] as const;

/** Reads whole messages. */
export class MessageRows {
  readonly #message: Query<ColumnValues>;
  readonly #chats: Query<ColumnValues>;
  readonly #recoverable: Query<unknown> | undefined;
  readonly #attachments: AttachmentRows;

  constructor(statements: Statements, schema: ChatDbSchema, attachments: AttachmentRows) {
    const recoverable = recoverableQuery(schema);
    this.#message = statements.rows(messageQuery(schema));
    this.#chats = statements.rows(
      `SELECT c.ROWID AS rowid, ${pickUpTo(NAME_BYTES_MAX, schema, "chat", "c", CHAT_TEXTS)},
       ${pick(schema, "chat", "c", CHAT_NUMBERS)}
       FROM ${chatsOf(schema, NUMBER)} ORDER BY c.ROWID LIMIT ${MESSAGE_CHATS_MAX}`,
    );
    this.#recoverable = recoverable === undefined ? undefined : statements.values(recoverable);
    this.#attachments = attachments;
  }

  /** The message with its sender, chats and attachments; undefined when it is gone. */
  message(rowid: bigint): StoredMessage | undefined {
    const values = this.#message.get(rowid);
    if (values === undefined) return undefined;
    const chats = this.#chats.all(rowid).map(toChat);
    return toMessage(rowid, values, {
      chats,
      attachments: this.#attachments.ofMessage(rowid),
      isRecoverable: chats.length === 0 && this.#recoverable?.get(rowid) !== undefined,
    });
  }
}

function messageQuery(schema: ChatDbSchema): string {
  const sender = handleOf(schema, "handle_id", "s", "sender");
  const other = handleOf(schema, "other_handle", "o", "other");
  return `SELECT ${pickUpTo(NAME_BYTES_MAX, schema, "message", "m", NAMES)},
    ${pickUpTo(ROW_BODY_BYTES_MAX, schema, "message", "m", BODIES)},
    ${pick(schema, "message", "m", NUMBERS)},
    ${octets(schema, "message", "m", BODIES)} AS body_bytes, ${sender.columns}, ${other.columns}
    FROM message m ${sender.join} ${other.join} WHERE m.ROWID = ${NUMBER}`;
}

/** As toHandle() reads them. */
const HANDLE_COLUMNS = ["address", "service", "country", "person_centric_id"] as const;

/** The handle that `column` names, its columns called `<name>_address` and so on. */
function handleOf(
  schema: ChatDbSchema,
  column: "handle_id" | "other_handle",
  alias: string,
  name: string,
): { readonly columns: string; readonly join: string } {
  if (!schema.has("message", column) || !schema.has("handle", "id")) {
    const columns = HANDLE_COLUMNS.map((part) => `NULL AS ${name}_${part}`).join(", ");
    return { columns, join: "" };
  }
  const value = (part: string) => upTo(NAME_BYTES_MAX, columnOf(schema, "handle", alias, part));
  return {
    columns: HANDLE_COLUMNS.map(
      (part) => `${value(part === "address" ? "id" : part)} AS ${name}_${part}`,
    ).join(", "),
    join: `LEFT JOIN handle ${alias} ON ${alias}.ROWID = m.${column}`,
  };
}
