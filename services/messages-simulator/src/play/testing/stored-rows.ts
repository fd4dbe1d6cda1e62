import type { AttachmentRef, HandleRef, MessageRow } from "@imesh/imessage-model";
import Database from "better-sqlite3";

type Columns = Readonly<Record<string, unknown>>;

const FLAGS = [
  "is_from_me",
  "is_finished",
  "is_sent",
  "is_delivered",
  "is_read",
  "is_played",
  "is_empty",
  "is_audio_message",
  "was_downgraded",
  "is_system_message",
  "is_auto_reply",
  "is_spam",
  "cache_has_attachments",
] as const;
const NUMBERS = [
  "error",
  "item_type",
  "group_action_type",
  "share_status",
  "share_direction",
  "message_action_type",
  "associated_message_type",
  "part_count",
  "schedule_type",
  "schedule_state",
  "expire_state",
] as const;
const OTHERS = [
  "guid",
  "text",
  "subject",
  "service",
  "account",
  "destination_caller_id",
  "date",
  "date_read",
  "date_delivered",
  "date_edited",
  "date_played",
  "date_retracted",
  "date_recovered",
  "group_title",
  "associated_message_guid",
  "associated_message_emoji",
  "associated_message_range_location",
  "associated_message_range_length",
  "balloon_bundle_id",
  "expressive_send_style_id",
  "thread_originator_guid",
  "thread_originator_part",
  "reply_to_guid",
  "message_summary_info",
  "payload_data",
  "ck_chat_id",
  "cache_roomnames",
] as const;

/** Every row of `message` as a broker reads it, but for its chats, which say nothing of what it is. By rising ROWID. */
export function readStoredRows(path: string): readonly MessageRow[] {
  const reader = new Database(path, { readonly: true });
  reader.defaultSafeIntegers(true);
  try {
    const columns = [...FLAGS, ...NUMBERS, ...OTHERS].map((name) => `m.${name}`).join(", ");
    const rows =
      reader.prepare(`SELECT m.ROWID AS rowid, m.attributedBody, m.handle_id, m.other_handle, ${columns}
      FROM message m ORDER BY m.ROWID`);
    const handle = reader.prepare(
      "SELECT id AS address, service, country, person_centric_id AS contactId FROM handle WHERE ROWID = ?",
    );
    const handleOf = (rowid: unknown) => (handle.get(rowid) as HandleRef | undefined) ?? null;
    const attachments = reader.prepare(`
      SELECT a.ROWID AS rowid, a.guid, original_guid, filename, transfer_name, mime_type, uti, total_bytes, transfer_state,
        created_date, is_outgoing, is_sticker, hide_attachment, user_info, sticker_user_info, attribution_info,
        emoji_image_short_description
      FROM message_attachment_join j JOIN attachment a ON a.ROWID = j.attachment_id WHERE j.message_id = ? ORDER BY a.ROWID`);
    return (rows.all() as Columns[]).map((row) => ({
      ...(named(row, OTHERS) as unknown as MessageRow),
      ...named(row, FLAGS, (value) => value === 1n),
      ...named(row, NUMBERS, (value) => Number(value ?? 0n)),
      rowid: row.rowid as bigint,
      attributedBody: row.attributedBody as Uint8Array | null,
      isOversized: false,
      isRecoverable: false,
      sender: handleOf(row.handle_id),
      otherHandle: handleOf(row.other_handle),
      chats: [],
      attachments: (attachments.all(row.rowid) as Columns[]).map(attachmentOf),
    }));
  } finally {
    reader.close();
  }
}

function attachmentOf(row: Columns): AttachmentRef {
  return {
    ...(named(row, Object.keys(row)) as unknown as AttachmentRef),
    transferState: Number(row.transfer_state),
    isOutgoing: row.is_outgoing === 1n,
    isSticker: row.is_sticker === 1n,
    hideAttachment: row.hide_attachment === 1n,
  };
}

/** Columns by their names in the model. */
function named(
  row: Columns,
  names: readonly string[],
  read: (value: unknown) => unknown = (value) => value,
): Columns {
  const camelCase = (name: string) =>
    name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(names.map((name) => [camelCase(name), read(row[name])]));
}
