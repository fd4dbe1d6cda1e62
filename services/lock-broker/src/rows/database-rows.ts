import type { Clock } from "@imesh/time";
import type { ChatDb } from "./chat-db.ts";
import { DatabaseTail } from "./database-tail.ts";
import type {
  ChatListPosition,
  ChatSummary,
  DatabaseDescription,
  RowSource,
  RowTail,
  RowTailOptions,
} from "./rows.ts";

/** {@link RowSource} over chat.db. */
export class DatabaseRows implements RowSource {
  readonly #ports: { readonly db: ChatDb; readonly clock: Clock };
  readonly #settleDeadlineMs: number;

  constructor(
    ports: { readonly db: ChatDb; readonly clock: Clock },
    options: { readonly settleDeadlineMs: number },
  ) {
    this.#ports = ports;
    this.#settleDeadlineMs = options.settleDeadlineMs;
  }

  openTail(cursor: Uint8Array, options: RowTailOptions): RowTail {
    return DatabaseTail.open(this.#ports, { ...options, settleDeadlineMs: this.#settleDeadlineMs }, cursor);
  }

  describe(): DatabaseDescription {
    const { db } = this.#ports;
    return db.read(({ reader, facts, identity }) => ({
      identity,
      headRowid: facts.headRowid,
      messageColumns: reader.schema.messageColumns,
      clientVersion: reader.clientVersion(),
      sqliteVersion: db.sqliteVersion,
    }));
  }

  listChats(chatsMax: number, after: ChatListPosition | undefined): readonly ChatSummary[] {
    return this.#ports.db.read(({ reader }) => reader.chatList(chatsMax, after));
  }
}
