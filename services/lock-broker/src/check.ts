import { StartupError } from "@imesh/lifecycle";
import type { Clock } from "@imesh/time";
import { ChatDb } from "./rows/chat-db.ts";
import { ChatDbError } from "./rows/chat-db-error.ts";
import { startupFault } from "./startup-fault.ts";

/** What `--check` found. */
export interface CheckResult {
  /** One JSON object: `ok`, then what the database is, or why it cannot be read. */
  readonly line: string;
  /** Undefined when it can be read. */
  readonly failure: StartupError | undefined;
}

/**
 * Opens chat.db, probes its schema, closes it. For an installer that must know whether the grant has arrived, without starting
 * the service; it may run beside a running broker, being a process of its own.
 */
export function checkChatDb(databasePath: string, clock: Clock): CheckResult {
  try {
    using db = ChatDb.open(databasePath, { clock, onRead: () => {}, onReplaced: () => {} });
    const { identity, headRowid, ...rest } = db.describe();
    const found = {
      ok: true,
      path: databasePath,
      databaseUid: identity.databaseUid,
      headRowid: headRowid.toString(),
      clientVersion: rest.clientVersion,
      sqliteVersion: rest.sqliteVersion,
      messageColumns: rest.messageColumns,
    };
    return { line: JSON.stringify(found), failure: undefined };
  } catch (error) {
    const failure = startupFault(error);
    if (!(error instanceof ChatDbError) || !(failure instanceof StartupError)) throw error;
    const { code, detail } = error;
    const told = {
      ok: false,
      path: databasePath,
      code,
      detail,
      hint: failure.hint,
      exitCode: failure.exitCode,
    };
    return { line: JSON.stringify(told), failure };
  }
}
