/**
 * The least that the same guarantees cost: a second process that takes floor-reader.ts's stream, makes each message durable
 * in SQLite (WAL, synchronous FULL, one row, one commit) and only then streams it on. No codec, no cursor, no proof.
 *
 *   node floor-relay.ts READER_SOCKET JOURNAL SOCKET
 */
import { Client, credentials } from "@grpc/grpc-js";
import Database from "better-sqlite3";
import { serveBytes } from "./byte-stream.ts";

const [readerSocket = "", journal = "", socket = ""] = process.argv.slice(2);
const database = new Database(journal);
database.pragma("journal_mode = WAL");
database.pragma("synchronous = FULL");
database.exec("CREATE TABLE event (sequence INTEGER PRIMARY KEY, payload BLOB NOT NULL)");
const insert = database.prepare<[Buffer]>("INSERT INTO event (payload) VALUES (?)");
const identity = (bytes: Buffer): Buffer => bytes;

const publish = await serveBytes(socket);
const reader = new Client(`unix:${readerSocket}`, credentials.createInsecure());
const stream = reader.makeServerStreamRequest("/floor/stream", identity, identity, Buffer.alloc(0));
stream.once("metadata", () => process.stdout.write("ready\n"));
stream.on("data", (bytes: Buffer) => {
  insert.run(bytes);
  publish(bytes);
});
