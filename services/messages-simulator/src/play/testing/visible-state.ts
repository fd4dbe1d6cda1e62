import { bodyDigest } from "@imesh/imessage-codec";
import Database from "better-sqlite3";
import { plainEntries } from "../../messages/testing/plain-entries.ts";

/** What a person sees of a row, one text for each reason a change is told for. Undefined reasons cannot be told apart here. */
export type Sight = ReadonlyMap<string, string>;

/** Sights by "message 17", "chat 2", "attachment 5". */
export type VisibleState = ReadonlyMap<string, Sight>;

interface Column {
  readonly reason: string;
  readonly sql: string;
}

const MESSAGE: readonly Column[] = [
  {
    reason: "status",
    sql: `m.is_sent, m.is_finished, m.error, m.was_downgraded, m.service, m.is_from_me,
      (SELECT id FROM handle WHERE ROWID = m.handle_id), iif(m.schedule_type = 0, m.date, 0)`,
  },
  { reason: "delivered", sql: "m.is_delivered, m.date_delivered" },
  { reason: "read", sql: "m.is_read, m.date_read" },
  { reason: "played", sql: "m.is_played, m.date_played" },
  { reason: "schedule", sql: "m.schedule_type, m.schedule_state, iif(m.schedule_type = 0, 0, m.date)" },
  {
    reason: "attachments",
    sql: "(SELECT group_concat(attachment_id) FROM (SELECT attachment_id FROM message_attachment_join WHERE message_id = m.ROWID ORDER BY 1))",
  },
  { reason: "guid", sql: "m.guid" },
  {
    reason: "content",
    sql: `m.text, m.subject, m.date_edited, m.date_retracted, m.part_count, m.is_empty, m.balloon_bundle_id, m.item_type,
      m.group_action_type, m.group_title, (SELECT id FROM handle WHERE ROWID = m.other_handle), m.associated_message_guid,
      m.associated_message_type, m.associated_message_emoji, m.associated_message_range_location,
      m.associated_message_range_length, m.is_audio_message, m.is_auto_reply, m.expressive_send_style_id,
      m.thread_originator_guid, m.thread_originator_part, m.share_status, m.share_direction, m.message_action_type,
      hex(m.payload_data)`,
  },
];

const CHAT: readonly Column[] = [
  { reason: "name", sql: "coalesce(c.display_name, '')" },
  {
    reason: "members",
    sql: "(SELECT group_concat(id) FROM (SELECT h.id FROM chat_handle_join j JOIN handle h ON h.ROWID = j.handle_id WHERE j.chat_id = c.ROWID ORDER BY 1))",
  },
  { reason: "guid", sql: "c.guid" },
  { reason: "properties", sql: "hex(c.properties)" },
  { reason: "state", sql: "c.state, c.is_archived, c.is_filtered, c.is_blackholed" },
];

const ATTACHMENT: readonly Column[] = [
  {
    reason: "transfer",
    sql: "a.transfer_state, a.filename, a.transfer_name, a.mime_type, a.uti, a.total_bytes, a.hide_attachment, a.is_sticker",
  },
  { reason: "guid", sql: "a.guid" },
  { reason: "info", sql: "hex(a.user_info)" },
];

/**
 * Reads all that a person sees from the database at `path`, by queries of its own: an oracle for what the ground truth says.
 * Messages that were never in a chat are not seen. Attachments are seen through what their messages show.
 */
export function readVisibleState(path: string): VisibleState {
  const database = new Database(path, { readonly: true });
  try {
    return new Map([
      ...messages(database),
      ...rows(database, { subject: "chat", from: "chat c", columns: CHAT }),
      ...rows(database, { subject: "attachment", from: "attachment a", columns: ATTACHMENT }),
    ]);
  } finally {
    database.close();
  }
}

function messages(database: Database.Database): (readonly [string, Sight])[] {
  const place = database.prepare(`
    SELECT m.ROWID AS rowid, m.attributedBody AS body, m.message_summary_info AS summaryInfo,
      (SELECT group_concat(chat_id) FROM chat_message_join WHERE message_id = m.ROWID) AS chats,
      EXISTS (SELECT 1 FROM chat_recoverable_message_join WHERE message_id = m.ROWID) AS isRecoverable
    FROM message m ORDER BY m.ROWID`);
  const places = place.all() as {
    rowid: number;
    body: Buffer | null;
    summaryInfo: Buffer | null;
    chats: string | null;
    isRecoverable: number;
  }[];
  const sights = rows(database, { subject: "message", from: "message m", columns: MESSAGE });
  return sights.flatMap(([key, sight], index) => {
    const at = places[index];
    if (at === undefined || (at.chats === null && at.isRecoverable === 0)) return [];
    const seen = new Map(sight);
    const body = at.body === null ? "" : String(bodyDigest(at.body));
    seen.set("content", `${seen.get("content")} ${body} ${summaryOf(at.summaryInfo)}`);
    if (at.chats !== null) seen.set("chats", at.chats);
    seen.set("place", at.isRecoverable === 1 ? "recently deleted" : "here");
    return [[key, seen] as const];
  });
}

/** All that it says but for the former guid. */
function summaryOf(summaryInfo: Buffer | null): string {
  const entries = [...plainEntries(summaryInfo)].filter(([key]) => key !== "orgid");
  return JSON.stringify(entries, (_key, value: unknown) => {
    if (value instanceof Map) return [...value];
    return typeof value === "bigint" ? String(value) : value;
  });
}

function rows(
  database: Database.Database,
  { subject, from, columns }: { subject: string; from: string; columns: readonly Column[] },
): (readonly [string, Sight])[] {
  const alias = from.split(" ")[1];
  const looks = columns.map(({ sql }) => `json_array(${sql})`).join(", ");
  const query = database
    .prepare(`SELECT ${alias}.ROWID, ${looks} FROM ${from} ORDER BY ${alias}.ROWID`)
    .raw();
  return (query.all() as [number, ...string[]][]).map(([rowid, ...values]) => {
    return [
      `${subject} ${rowid}`,
      new Map(columns.map(({ reason }, index) => [reason, values[index] ?? ""])),
    ] as const;
  });
}

/** What changed from one sight of a row to the next, in the words of the ground truth but for "transfer". */
export function changesBetween(before: Sight | undefined, after: Sight | undefined): readonly string[] {
  if (before === undefined) return after === undefined ? [] : ["new"];
  if (after === undefined) return ["deleted"];
  const [wasAt, isAt] = [before.get("place"), after.get("place")];
  if (wasAt !== isAt) return [isAt === "recently deleted" ? "recently-deleted" : "recovered"];
  return [...after.keys()].filter((reason) => before.get(reason) !== after.get(reason));
}
