import { FakeClock, temporaryDirectory } from "@imesh/testing";
import Database from "better-sqlite3";
import type { SendTarget } from "../../applescript/applescript.ts";
import type { ChatDatabase } from "../../mac/chat-database.ts";
import { openMac } from "../../mac/mac.ts";
import { makeAccount } from "../account.ts";
import { writeHistory } from "../history.ts";
import { Messages, type MessagesDelays } from "../messages.ts";
import type { SayOrder } from "../say-order.ts";
import { SeededRandom } from "../seeded-random.ts";

/** A contact the history does not know. */
export const CONTACT = "+15551234567";
/** The direct chat with {@link CONTACT}. */
export const CHAT = `any;-;${CONTACT}`;
const DELAYS: MessagesDelays = {
  join: { minMs: 0, maxMs: 0 },
  row: { minMs: 20, maxMs: 20 },
  sent: { minMs: 30, maxMs: 30 },
  delivered: { minMs: 40, maxMs: 40 },
  appleEventMs: 5,
  appleEventTimeoutMs: 500,
};
/** Counts of a new database. */
export const HISTORY = { incoming: 5n, own: 1n, chats: 3n, headRowid: 6n };

/** A Messages over real files and a fake clock, with a reader of its own connection as a bridge has it. */
export async function withMessages(
  run: (parts: {
    messages: Messages;
    clock: FakeClock;
    read: Reader;
    /** The writer of the first start. */
    database: ChatDatabase;
    /** What was recorded since this was asked last, as "message 7 new". */
    news: () => readonly string[];
    /** States after all changes for a reason, in order. */
    states: (reason: string) => readonly string[];
    /** Saves so far, as another connection sees them. */
    saves: () => number;
    /** Directory that stands for the home. */
    home: string;
    restart: () => Promise<Messages>;
  }) => Promise<void>,
): Promise<void> {
  await using directory = await temporaryDirectory();
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const start = () => {
    const mac = openMac(
      directory.path,
      () => {
        const random = new SeededRandom(1n, "test");
        const account = makeAccount("+15550000000", "A-1");
        const fill = (tables: typeof mac.database.tables) =>
          writeHistory(tables, { account, nowUnixNs: clock.wallUnixNs(), random });
        return { uniqueIdentifier: "U-1", accountGuid: account.guid, fill };
      },
      clock,
    );
    const options = { seed: 7n, accountAddress: "+15550000000", delays: DELAYS };
    return { mac, messages: new Messages({ database: mac.database, clock }, options) };
  };
  let current = start();
  const reader = new Database(current.mac.paths.chatDb, { readonly: true });
  reader.defaultSafeIntegers(true);
  stack.defer(() => {
    reader.close();
  });
  stack.defer(() => current.mac[Symbol.dispose]());
  stack.defer(() => current.messages[Symbol.asyncDispose]());
  const restart = async () => {
    await current.messages[Symbol.asyncDispose]();
    current.mac[Symbol.dispose]();
    current = start();
    return current.messages;
  };
  const read: Reader = (sql, ...values) => reader.prepare(sql).all(...values);
  let told = 0n;
  const news = () => {
    const found = current.mac.truth.after(told, 10_000);
    told = found.at(-1)?.sequence ?? told;
    return found.map(({ change }) => `${change.subject} ${change.rowid} ${change.reason}`);
  };
  const states = (reason: string) =>
    current.mac.truth
      .after(0n, 10_000)
      .filter(({ change }) => change.reason === reason)
      .map(({ change }) => change.state);
  const saves = () => Number((read(SAVES)[0] as { value: string }).value);
  const { database } = current.mac;
  await run({
    messages: current.messages,
    clock,
    read,
    database,
    news,
    states,
    saves,
    home: directory.path,
    restart,
  });
}

const SAVES = "SELECT value FROM _SqliteDatabaseProperties WHERE key = '__CSDBRecordSequenceNumber'";

/** Rows of a query on the reader's connection. */
export type Reader = (sql: string, ...values: unknown[]) => unknown[];

/** What {@link CONTACT} says in the direct chat. */
export const said = (text: string, order: Partial<SayOrder> = {}): SayOrder => {
  return { from: CONTACT, text, groupGuid: "", joinDelayMs: undefined, ageNs: 0n, ...order };
};

/** A chat of the history. */
export const toChat = { kind: "chat", guid: "any;-;+15552010001" } satisfies SendTarget;

/** Own rows without the one of the history. */
export const OWN = `SELECT m.error, m.is_finished, m.is_sent, m.is_delivered, m.date_delivered > m.date AS receipt,
  m.text, length(m.attributedBody) > 0 AS body, m.service,
  (SELECT count(*) FROM chat_message_join j WHERE j.message_id = m.ROWID) AS joins
  FROM message m WHERE m.is_from_me = 1 AND m.ROWID > 6 ORDER BY m.ROWID`;

/** A row of {@link OWN} just written. */
export const OWN_ROW = {
  error: 0n,
  is_finished: 1n,
  is_sent: 0n,
  is_delivered: 0n,
  receipt: 0n,
  text: null,
  body: 1n,
  service: "iMessage",
  joins: 1n,
};
