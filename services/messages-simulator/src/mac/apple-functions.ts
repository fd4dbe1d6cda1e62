import type { Database } from "better-sqlite3";

/**
 * Registers the seven SQL functions that exist on Apple's connection only. SQLite looks them up when it prepares a statement
 * that could fire their trigger, so without them no chat can be inserted and no message deleted (which
 * protects a real chat.db from strangers). Called once for each writing connection, before its first statement.
 *
 * What they answer: everything is allowed (`verify_chat` = 1), Messages in iCloud is off (`is_mic_enabled` = 0), and the
 * hooks that remove files from disk do nothing: whoever deletes an attachment removes its file after the commit.
 */
export function registerAppleFunctions(database: Database): void {
  database.function("verify_chat", { deterministic: true }, (_guid: unknown) => 1);
  database.function("is_mic_enabled", { deterministic: true }, () => 0);
  database.function("guid_for_chat", { deterministic: true }, guidForChat);
  database.function("delete_attachment_path", (_filename: unknown) => null);
  database.function("before_delete_attachment_path", (_rowid: unknown, _guid: unknown) => null);
  database.function("after_delete_message_plugin", (_rowid: unknown, _guid: unknown) => null);
  database.function(
    "delete_chat_background_before_deleting_chat",
    (_guid: unknown, _properties: unknown) => null,
  );
}

/** `<service>;<sign of the style>;<identifier>`; the style column holds the sign's ASCII code. */
function guidForChat(identifier: unknown, service: unknown, style: unknown): string {
  return `${String(service)};${String.fromCharCode(Number(style))};${String(identifier)}`;
}
