import { assert } from "@imesh/flow";
import type { Database, Statement } from "better-sqlite3";
import {
  type ColumnValue,
  type ColumnValues,
  toBlob,
  toFlag,
  toInt32,
  toInt64,
  toText,
} from "./column-values.ts";
import { DATABASE_UID_BYTES_MAX } from "./row-cursor.ts";
import { type RowObservation, textHash, toObservation } from "./row-observation.ts";
import { rowQueries } from "./row-queries.ts";
import type { ChatListPosition, ChatSummary, StoredChat, StoredHandle, StoredMessage } from "./rows.ts";
import type { ChatDbSchema } from "./schema-probe.ts";

type BoundValues = (bigint | number)[];
type Query = Statement<BoundValues, ColumnValues>;
type ValueQuery = Statement<BoundValues, ColumnValue>;

/** What is read at the start of every transaction. */
export interface ReaderFacts {
  /** `_UniqueIdentifier`; empty if absent. */
  readonly databaseUid: string;
  /** Largest ROWID of `message`; 0 when empty. */
  readonly headRowid: bigint;
  /** Largest ROWID ever given out, as far as the database says. */
  readonly endRowid: bigint;
}

const INT64_MAX = 2n ** 63n - 1n;

/**
 * The prepared statements of one connection and one schema, and what their columns mean. Every method is meant to be called
 * inside a read transaction, which ChatDb opens; each reads a bounded number of rows at once and leaves no statement
 * un-reset (an open iterator would pin the snapshot, reference §6.7).
 */
export class ChatDbReader {
  readonly schema: ChatDbSchema;
  readonly #facts: Query;
  readonly #guidAt: ValueQuery;
  readonly #observeAfter: Query;
  readonly #observeOne: Query;
  readonly #ownBetween: ValueQuery;
  readonly #message: Query;
  readonly #chatsOfMessage: Query;
  readonly #chatList: Query;
  readonly #participants: Query | undefined;
  readonly #clientVersion: ValueQuery | undefined;

  constructor(db: Database, schema: ChatDbSchema) {
    const queries = rowQueries(schema);
    const query = (sql: string): Query => db.prepare(sql);
    const value = (sql: string): ValueQuery => db.prepare<BoundValues, ColumnValue>(sql).pluck();
    this.schema = schema;
    this.#facts = query(queries.facts);
    this.#guidAt = value(queries.guidAt);
    this.#observeAfter = query(queries.observeAfter);
    this.#observeOne = query(queries.observeOne);
    this.#ownBetween = value(queries.ownBetween);
    this.#message = query(queries.message);
    this.#chatsOfMessage = query(queries.chatsOfMessage);
    this.#chatList = query(queries.chatList);
    this.#participants = queries.participants === undefined ? undefined : query(queries.participants);
    this.#clientVersion = queries.clientVersion === undefined ? undefined : value(queries.clientVersion);
  }

  facts(): ReaderFacts {
    const values = this.#facts.get();
    assert(values !== undefined, "a query without FROM has a row");
    const uid = toText(values.uid) ?? "";
    const headRowid = toInt64(values.head_rowid);
    const sequence = toInt64(values.sequence);
    return {
      // A longer one is no UUID of Apple's; its hash tells as much and fits a cursor.
      databaseUid: Buffer.byteLength(uid) <= DATABASE_UID_BYTES_MAX ? uid : `hash-${textHash(uid)}`,
      headRowid,
      endRowid: sequence > headRowid ? sequence : headRowid,
    };
  }

  /** textHash of the guid at `rowid`; undefined when there is no such row. */
  guidHashAt(rowid: bigint): number | undefined {
    const guid = this.#guidAt.get(rowid);
    return guid === undefined ? undefined : textHash(toText(guid) ?? "");
  }

  /** The first `limit` rows with `after` < ROWID ≤ `through` (undefined: no end), rising. */
  observeAfter(after: bigint, through: bigint | undefined, limit: number): RowObservation[] {
    return this.#observeAfter.all(after, through ?? INT64_MAX, limit).map(toObservation);
  }

  /** The row as it is now; undefined when it is gone. */
  observe(rowid: bigint): RowObservation | undefined {
    const values = this.#observeOne.get(rowid);
    return values === undefined ? undefined : toObservation(values);
  }

  /** ROWIDs of own rows with `first` ≤ ROWID ≤ `last`, at most `limit` of them. */
  ownBetween(first: bigint, last: bigint, limit: number): bigint[] {
    return this.#ownBetween.all(first, last, limit).map(toInt64);
  }

  /** The whole row with its sender and chats. Asserts that it is there: it was observed in the same transaction. */
  message(rowid: bigint): StoredMessage {
    const values = this.#message.get(rowid);
    assert(values !== undefined, "a row that was observed is there in the same snapshot");
    return toMessage(rowid, values, this.#chatsOfMessage.all(rowid).map(toChat));
  }

  /** At most `chatsMax` chats after the place, newest message first, each with its participants. */
  chatList(chatsMax: number, after: ChatListPosition | undefined): ChatSummary[] {
    const lastDate = after?.lastMessageDate ?? INT64_MAX;
    const rowid = after?.chatRowid ?? INT64_MAX;
    return this.#chatList.all(lastDate, rowid, chatsMax).map((values) => {
      const chat = toChat(values);
      const participants = this.#participants?.all(chat.rowid).map(toHandle) ?? [];
      return { chat, participants, lastMessageDate: toInt64(values.last_date) };
    });
  }

  /** `_ClientVersion`; empty if absent. */
  clientVersion(): string {
    return toText(this.#clientVersion?.get()) ?? "";
  }
}

function toChat(values: ColumnValues): StoredChat {
  return {
    rowid: toInt64(values.rowid),
    guid: toText(values.guid) ?? "",
    identifier: toText(values.chat_identifier) ?? "",
    serviceName: toText(values.service_name),
    style: toInt32(values.style),
    displayName: toText(values.display_name),
  };
}

function toHandle(values: ColumnValues): StoredHandle {
  return {
    address: toText(values.address) ?? "",
    service: toText(values.service) ?? "",
    country: toText(values.country),
  };
}

function toSender(values: ColumnValues): StoredHandle | undefined {
  const address = toText(values.sender_address);
  if (address === undefined) return undefined;
  return {
    address,
    service: toText(values.sender_service) ?? "",
    country: toText(values.sender_country),
  };
}

function toMessage(rowid: bigint, values: ColumnValues, chats: readonly StoredChat[]): StoredMessage {
  return {
    rowid,
    guid: toText(values.guid) ?? "",
    text: toText(values.text),
    subject: toText(values.subject),
    attributedBody: toBlob(values.attributedBody),
    messageSummaryInfo: toBlob(values.message_summary_info),
    service: toText(values.service),
    account: toText(values.account),
    destinationCallerId: toText(values.destination_caller_id),
    date: toInt64(values.date),
    dateRead: toInt64(values.date_read),
    dateDelivered: toInt64(values.date_delivered),
    dateEdited: toInt64(values.date_edited),
    isFromMe: toFlag(values.is_from_me),
    isFinished: toFlag(values.is_finished),
    isSent: toFlag(values.is_sent),
    isDelivered: toFlag(values.is_delivered),
    isRead: toFlag(values.is_read),
    isEmpty: toFlag(values.is_empty),
    error: toInt32(values.error),
    itemType: toInt32(values.item_type),
    groupActionType: toInt32(values.group_action_type),
    groupTitle: toText(values.group_title),
    associatedMessageGuid: toText(values.associated_message_guid),
    associatedMessageType: toInt32(values.associated_message_type),
    associatedMessageEmoji: toText(values.associated_message_emoji),
    balloonBundleId: toText(values.balloon_bundle_id),
    expressiveSendStyleId: toText(values.expressive_send_style_id),
    threadOriginatorGuid: toText(values.thread_originator_guid),
    threadOriginatorPart: toText(values.thread_originator_part),
    partCount: toInt32(values.part_count),
    cacheHasAttachments: toFlag(values.cache_has_attachments),
    isAudioMessage: toFlag(values.is_audio_message),
    scheduleType: toInt32(values.schedule_type),
    scheduleState: toInt32(values.schedule_state),
    sender: toSender(values),
    chats,
  };
}
