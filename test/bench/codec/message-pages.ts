/**
 * The least that reading chat.db costs: better-sqlite3, pages by ROWID, every column a MessageRow has. Handles and chats, of which
 * there are few, are read once; joins page by page. For a database at rest with the columns of a current macOS.
 */
import {
  type AttachmentRef,
  type ChatRef,
  chatStyleOfColumn,
  type HandleRef,
  type MessageRow,
} from "@imesh/imessage-model";
import Database from "better-sqlite3";
import {
  ATTACHMENT_COLUMNS,
  type AttachmentColumns,
  attachmentOf,
  type Integer,
  type Joins,
  MESSAGE_COLUMNS,
  type MessageColumns,
  rowOf,
  type Text,
} from "./message-columns.ts";

const PAGE_SIZE = 1_000;

/** Every message, by rising ROWID, in pages. */
export function* messagePages(chatDbPath: string): Generator<readonly MessageRow[]> {
  using database = new OpenDatabase(chatDbPath);
  const page = database.statement<[bigint], MessageColumns>(
    `SELECT ${MESSAGE_COLUMNS} FROM message WHERE ROWID > ? ORDER BY ROWID LIMIT ${PAGE_SIZE}`,
  );
  const handles = database.handles();
  const joinsOf = database.joins();
  for (let after = 0n; ; ) {
    const lines = page.all(after);
    const last = lines.at(-1)?.[0];
    if (last === undefined) return;
    const joins = joinsOf(after, last);
    yield lines.map((columns) => rowOf(columns, handles, joins));
    after = last;
  }
}

class OpenDatabase implements Disposable {
  readonly #database: Database.Database;

  constructor(path: string) {
    this.#database = new Database(path, { readonly: true, fileMustExist: true });
    this.#database.defaultSafeIntegers(true);
  }

  statement<Parameters extends unknown[], Line>(sql: string): Database.Statement<Parameters, Line> {
    return this.#database.prepare<Parameters, Line>(sql).raw();
  }

  handles(): ReadonlyMap<bigint, HandleRef> {
    const select = this.statement<[], readonly [bigint, string, string, Text, Text]>(
      "SELECT ROWID, id, service, country, person_centric_id FROM handle",
    );
    const lines = select.all();
    return new Map(
      lines.map(([rowid, address, service, country, contactId]) => [
        rowid,
        { address, service, country, contactId },
      ]),
    );
  }

  /** Reads what is joined to the messages after the first ROWID, up to the second. */
  joins(): (after: bigint, last: bigint) => Joins {
    const allChats = this.#chats();
    const between = "WHERE message_id > ? AND message_id <= ?";
    const chatJoins = this.statement<[bigint, bigint], readonly [bigint, bigint]>(
      `SELECT message_id, chat_id FROM chat_message_join ${between} ORDER BY message_id, chat_id`,
    );
    const recoverable = this.statement<[bigint, bigint], readonly [bigint]>(
      `SELECT message_id FROM chat_recoverable_message_join ${between}`,
    );
    const attachments = this.statement<[bigint, bigint], readonly [bigint, ...AttachmentColumns]>(
      `SELECT message_id, ${ATTACHMENT_COLUMNS} FROM message_attachment_join JOIN attachment ON ROWID = attachment_id
       ${between} ORDER BY message_id, ROWID`,
    );
    return (after, last) => {
      const chatsOf = new Map<bigint, ChatRef[]>();
      for (const [messageRowid, chatRowid] of chatJoins.all(after, last)) {
        const chat = allChats.get(chatRowid);
        if (chat !== undefined) push(chatsOf, messageRowid, chat);
      }
      const attachmentsOf = new Map<bigint, AttachmentRef[]>();
      for (const [messageRowid, ...columns] of attachments.all(after, last)) {
        push(attachmentsOf, messageRowid, attachmentOf(columns));
      }
      const gone = new Set(recoverable.all(after, last).map(([rowid]) => rowid));
      return { chats: chatsOf, attachments: attachmentsOf, recoverable: gone };
    };
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #chats(): ReadonlyMap<bigint, ChatRef> {
    type ChatColumns = readonly [
      bigint,
      string,
      Text,
      Text,
      Integer,
      Text,
      Text,
      Text,
      Text,
      Text,
      ...Integer[],
    ];
    const select = this.statement<[], ChatColumns>(
      `SELECT ROWID, guid, chat_identifier, service_name, style, display_name, group_id, room_name, account_login,
              last_addressed_handle, state, is_archived, is_filtered, is_blackholed FROM chat`,
    );
    return new Map(
      select.all().map(([rowid, guid, identifier, serviceName, style, displayName, ...rest]) => {
        const [groupId, roomName, accountLogin, lastAddressedHandle, ...numbers] = rest;
        const [state = 0, isArchived, filterKind, isBlackholed] = numbers.map(Number);
        const chat: ChatRef = {
          ...{ rowid, guid, identifier, serviceName, displayName, groupId, roomName },
          ...{ accountLogin, lastAddressedHandle, state, properties: null },
          style: chatStyleOfColumn(style === null ? null : Number(style)),
          isArchived: isArchived === 1,
          filterKind: filterKind ?? 0,
          isBlackholed: isBlackholed === 1,
        };
        return [rowid, chat] as const;
      }),
    );
  }
}

function push<Value>(lists: Map<bigint, Value[]>, key: bigint, value: Value): void {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [value]);
  else known.push(value);
}
