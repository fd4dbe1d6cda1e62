import { encodeAttributedBody } from "@imesh/imessage-codec";
import { FakeClock, temporaryDirectory } from "@imesh/testing";
import Database from "better-sqlite3";
import { type Mac, openMac } from "../../mac/mac.ts";
import { makeAccount } from "../account.ts";
import { ensureChat } from "../chats.ts";
import { incomingRow } from "../message-rows.ts";
import type { WriterPorts } from "../writer-ports.ts";

/** A simulated disk without a Messages, and a reader of its own. */
export interface Disk {
  readonly mac: Mac;
  readonly clock: FakeClock;
  /** Rows as arrays, on a connection that is opened for each query, so whatever file is at the path. */
  readonly read: (sql: string) => unknown[];
  /** Writes messages of one contact, each with its chat, in one save. */
  readonly messages: (count: number) => void;
  readonly writer: WriterPorts;
  /** Ends the waits of {@link writer}. */
  readonly stop: (reason: Error) => void;
}

const ACCOUNT = makeAccount("+15550000000", "A-1");

/** Runs over real files in a directory that is removed afterwards. */
export async function withDisk(run: (disk: Disk) => void | Promise<void>): Promise<void> {
  await using directory = await temporaryDirectory();
  const clock = new FakeClock();
  const birth = () => ({ uniqueIdentifier: "U-1", accountGuid: ACCOUNT.guid, fill: () => {} });
  using mac = openMac(directory.path, birth, clock);
  const stopping = new AbortController();
  const writer: WriterPorts = { database: mac.database, clock, account: ACCOUNT, stopping: stopping.signal };
  let written = 0;
  const messages = (count: number) => {
    const order = { address: "+15551234567", groupGuid: undefined, groupId: "G-1" };
    const { chat, handleRowid } = ensureChat(mac.database, order, ACCOUNT);
    mac.database.save((tables) => {
      for (let index = 0; index < count; index += 1) {
        written += 1;
        const date = 700_000_000_000_000_000n + BigInt(written);
        const text = `message number ${written}`;
        const attributedBody = encodeAttributedBody({ text });
        const facts = {
          guid: `M-${written}`,
          text,
          attributedBody,
          date,
          account: ACCOUNT,
          chatGuid: chat.guid,
        };
        const rowid = tables.messages.insert(incomingRow({ ...facts, previousGuid: null, handleRowid }));
        tables.messages.join(chat.rowid, rowid, date);
        tables.messages.donate(rowid);
      }
    });
  };
  const read = (sql: string) => {
    const reader = new Database(mac.paths.chatDb, { readonly: true });
    reader.defaultSafeIntegers(true);
    try {
      return reader.prepare(sql).raw().all();
    } finally {
      reader.close();
    }
  };
  await run({ mac, clock, read, messages, writer, stop: (reason) => stopping.abort(reason) });
}
