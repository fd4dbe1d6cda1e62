import assert from "node:assert/strict";
import { test } from "node:test";
import {
  HealthClient,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "@imesh/contracts/grpc/health/v1";
import { connect, HealthRegistry, startRpcServer } from "@imesh/rpc";
import { temporaryDirectory } from "@imesh/testing";
import { ChatDbWriter } from "../fixtures/chat-db-writer.ts";
import { bodyOf, MessageLibrary } from "../fixtures/message-library.ts";
import { ReadStage } from "../fixtures/read-stage.ts";
import { ChatDb } from "../rows/chat-db.ts";

const TIMEOUT = { timeout: 300_000 };

const LIST = {
  chatGuid: undefined,
  order: "newest-first",
  fromDate: undefined,
  untilDate: undefined,
  messagesMax: 20,
  after: undefined,
} as const;

/** Scans everything, as scans/ does, until the end or until `signal` aborts; resolves to the rows seen. */
async function scan(stage: ReadStage, signal: AbortSignal): Promise<number> {
  let rows = 0;
  for (let rowid = 0n; ; ) {
    const page = await stage.reads.messagePrintsAfter({ rowid, limit: 1_000, content: true }, signal);
    rows += page.prints.length;
    rowid = page.prints.at(-1)?.rowid ?? rowid;
    if (page.isEnd) return rows;
  }
}

test(
  "a scan of 200,000 rows leaves the event loop free, lets others between its pages, and ends when told",
  TIMEOUT,
  async () => {
    await using home = await temporaryDirectory();
    using library = MessageLibrary.create(home.file("chat.db"));
    library.write(200_000, (index) =>
      index % 2 === 0 ? {} : { text: null, attributedBody: bodyOf(`body ${index}`) },
    );
    await using stage = new ReadStage(library.path);
    const { clock } = stage;
    const path = home.file("h.sock");
    await using _server = await startRpcServer({
      services: [],
      listen: [{ kind: "unix", path }],
      health: new HealthRegistry(),
      observer: { serverCall: () => {}, unexpectedError: () => {} },
      clock,
    });
    await using checks = connect(HealthClient, `unix:${path}`, { clock });
    const controller = new AbortController();
    let isScanning = true;
    const scanned = scan(stage, controller.signal).finally(() => {
      isScanning = false;
    });
    let turns = 0;
    let answers = 0;
    while (isScanning) {
      await new Promise((resolve) => setImmediate(resolve));
      turns += 1;
      if (turns % 500 !== 0) continue;
      const { status } = await checks.call("check", { service: "" });
      assert.equal(status, ServingStatus.SERVING);
      const pagesBefore = stage.readsMs.length;
      const page = await stage.reads.listMessages(LIST, stage.call());
      answers += 1;
      assert.equal(page.messages.length, 20);
      // The bulk page that was out, and its own.
      assert(stage.readsMs.length - pagesBefore <= 2, "an answer waits for one bulk page at most");
    }
    assert.equal(await scanned, 200_000);
    assert(
      answers >= 5 && turns / stage.readsMs.length >= 5,
      `${turns} turns beside ${stage.readsMs.length} pages`,
    );
    const cancelled = assert.rejects(scan(stage, controller.signal), { message: "no more" });
    setImmediate(() => controller.abort(new Error("no more")));
    await cancelled;
  },
);

test("the thread's end leaves the locks of the tail's connection alone", TIMEOUT, async () => {
  await using home = await temporaryDirectory();
  await using writer = ChatDbWriter.start();
  await writer.create(home.file("chat.db"));
  await writer.insert();
  await using stage = new ReadStage(home.file("chat.db"));
  using tail = ChatDb.open(home.file("chat.db"), {
    clock: stage.clock,
    onRead: () => {},
    onReplaced: () => {},
  });
  const head = () => tail.read(({ facts }) => facts.headRowid);
  assert.equal(head(), 1n);
  assert.equal((await stage.reads.listMessages(LIST, stage.call())).messages.length, 1);
  await stage.thread[Symbol.asyncDispose]();
  await writer.insert();
  assert.equal(head(), 2n);
  // The last connection of a database deletes its log when it closes; ours holds a lock that says it is not the last.
  await writer.close();
  assert.equal(tail.isReplaced(), false);
  await writer.open(home.file("chat.db"));
  await writer.insert();
  assert.equal(head(), 3n);
});
