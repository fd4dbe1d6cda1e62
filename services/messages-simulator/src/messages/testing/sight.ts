import type { ChatDatabase } from "../../mac/chat-database.ts";
import type { Tables } from "../../mac/tables.ts";
import type { AttachmentReason, ChatReason, MessageReason, SeenChange } from "../../truth/truth.ts";
import { seeAttachment, seeChat, seeMessage } from "../see.ts";
import type { Reader } from "./messages-fixture.ts";

/** State by reason of every row that can be seen, by "message 7". */
type Sight = ReadonlyMap<string, ReadonlyMap<string, string>>;

const MESSAGE_REASONS: readonly MessageReason[] = [
  "guid",
  "status",
  "delivered",
  "read",
  "played",
  "content",
  "schedule",
  "attachments",
  "chats",
];
const CHAT_REASONS: readonly ChatReason[] = ["guid", "name", "members", "properties", "state"];
const ATTACHMENT_REASONS: readonly AttachmentReason[] = ["guid", "progress", "info"];

/**
 * Looks at everything that can be seen before and after every save of a database, and tells each save after which
 * something looks different than what was recorded in it; for people, empty when all is well.
 */
export function watchSaves(
  database: ChatDatabase,
  read: Reader,
  recorded: () => readonly string[],
): readonly string[] {
  const faults: string[] = [];
  const save = database.save.bind(database);
  let before = look(database.tables, read);
  database.save = (write) => {
    recorded();
    const result = save(write);
    const after = look(database.tables, read);
    const expected = differences(before, after).sort();
    const found = [...recorded()].sort();
    if (expected.join() !== found.join()) faults.push(`changed: ${expected}; recorded: ${found}`);
    before = after;
    return result;
  };
  return faults;
}

function look(tables: Tables, read: Reader): Sight {
  const sight = new Map<string, Map<string, string>>();
  const truth = {
    record: ({ subject, rowid, reason, state }: SeenChange) => {
      const key = `${subject} ${rowid}`;
      sight.set(key, (sight.get(key) ?? new Map()).set(reason, state));
    },
  };
  const dark = { ...tables, truth };
  const rowids = (sql: string) => (read(sql) as { rowid: bigint }[]).map(({ rowid }) => rowid);
  for (const rowid of rowids("SELECT message_id AS rowid FROM chat_message_join")) {
    seeMessage(dark, rowid, ...MESSAGE_REASONS);
    sight.get(`message ${rowid}`)?.set("place", "chat");
  }
  for (const rowid of rowids("SELECT message_id AS rowid FROM chat_recoverable_message_join")) {
    seeMessage(dark, rowid, ...MESSAGE_REASONS);
    sight.get(`message ${rowid}`)?.set("place", "bin");
  }
  for (const rowid of rowids("SELECT ROWID AS rowid FROM chat")) seeChat(dark, rowid, ...CHAT_REASONS);
  for (const { rowid, state } of read("SELECT ROWID AS rowid, transfer_state AS state FROM attachment") as {
    rowid: bigint;
    state: bigint;
  }[]) {
    seeAttachment(dark, rowid, ...ATTACHMENT_REASONS);
    sight.get(`attachment ${rowid}`)?.set("place", String(state));
  }
  return sight;
}

function differences(before: Sight, after: Sight): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key) => {
    const old = before.get(key);
    const now = after.get(key);
    if (now === undefined) return [`${key} deleted`];
    // An attachment is new with its message.
    if (old === undefined) return key.startsWith("attachment") ? [] : [`${key} new`];
    return [...now]
      .filter(([reason, state]) => old.get(reason) !== state)
      .flatMap(([reason]) => wordOf(key, reason, old, now))
      .map((word) => `${key} ${word}`);
  });
}

function wordOf(
  key: string,
  reason: string,
  old: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): readonly string[] {
  const isMoved = old.get("place") !== now.get("place");
  if (key.startsWith("attachment")) {
    if (reason === "place") return [];
    const state = now.get("place");
    if (reason !== "progress" || !isMoved) return [reason];
    return [state === "5" ? "ready" : state === "6" || state === "7" ? "failed" : "progress"];
  }
  if (reason === "place") return [now.get("place") === "bin" ? "recently-deleted" : "recovered"];
  return reason === "chats" && isMoved ? [] : [reason];
}
