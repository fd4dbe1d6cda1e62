import assert from "node:assert/strict";
import { readdir, readlink, rename, writeFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { DetectionSource } from "@imesh/contracts/broker/v1";
import {
  HealthClient,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "@imesh/contracts/grpc/health/v1";
import { connect, RpcError } from "@imesh/rpc";
import { type TemporaryDirectory, temporaryDirectory, waitFor } from "@imesh/testing";
import { SystemClock } from "@imesh/time";
import { BrokerProcess, runBroker, TailConsumer } from "./fixtures/broker-process.ts";
import { appleNs } from "./fixtures/chat-db-fixture.ts";
import { ChatDbWriter } from "./fixtures/chat-db-writer.ts";
import { posixLocks } from "./fixtures/reading-process.ts";
import { BROKER_SERVICE } from "./monitor-health.ts";

const TIMEOUT = { timeout: 60_000 };
/** Long enough that nothing about the row is followed. */
const OLD = { date: appleNs(1_600_000_000_000) };

/** A home with a chat.db, its writer, and a broker over it. */
async function withBroker(
  argv: readonly string[],
  run: (parts: { broker: BrokerProcess; writer: ChatDbWriter; home: TemporaryDirectory }) => Promise<void>,
): Promise<void> {
  await using home = await temporaryDirectory();
  await using writer = ChatDbWriter.start();
  await writer.create(home.file("chat.db"));
  await using broker = await BrokerProcess.start(home, argv);
  await run({ broker, writer, home });
}

/** What a call fails with. */
async function failure(call: Promise<unknown>): Promise<RpcError> {
  try {
    await call;
  } catch (error) {
    assert(error instanceof RpcError);
    return error;
  }
  return assert.fail("the call succeeded");
}

describe("lock-broker, as a process beside one that writes", TIMEOUT, () => {
  test("streams rows as they are committed, late joins and own progress included", async () => {
    await withBroker([], async ({ broker, writer }) => {
      await writer.insert(OLD);
      await using consumer = new TailConsumer(broker);
      await consumer.caughtUp();
      const incoming = await writer.insert({ ...OLD, text: "hi" });
      const bare = await writer.insert(OLD, false);
      const own = await writer.insert({
        date: appleNs(new SystemClock().monotonicMs() + 1.8e12),
        is_from_me: 1,
      });
      await consumer.until("three rows", ({ rows }) => rows.length >= 2);
      await writer.join(bare);
      await writer.update(own, { is_sent: 1 });
      await writer.update(own, { is_delivered: 1, date_delivered: 5n });
      await consumer.until(
        "the join and the delivery",
        ({ rows }) => rows.some(({ isDelivered }) => isDelivered) && rows.some(({ rowid }) => rowid === bare),
      );
      const shown = consumer.shown.filter((line) => line.endsWith("NEW"));
      assert.deepEqual(shown, [`${incoming} NEW`, `${own} NEW`, `${bare} NEW`]);
      const [first] = consumer.rows;
      assert.deepEqual(
        [first?.text, first?.sender?.address, first?.chats.map(({ guid }) => guid)],
        ["hi", "+15550001", ["any;-;+15550001"]],
      );
      const [batch] = consumer.batches;
      assert(batch?.committedTime && batch.detectedTime && batch.readTime);
      assert.equal(batch.catchingUp, false);
      assert.notEqual(batch.detectionSource, DetectionSource.UNSPECIFIED);
    });
  });

  test("hands a row on without its chat after the deadline, and again with it", async () => {
    await withBroker(["--settle-deadline-ms", "200"], async ({ broker, writer }) => {
      await using consumer = new TailConsumer(broker);
      await consumer.caughtUp();
      const rowid = await writer.insert(OLD, false);
      await consumer.until("the deadline", ({ rows }) => rows.length === 1);
      await writer.join(rowid);
      await consumer.until("the join", ({ rows }) => rows.length === 2);
      assert.deepEqual(consumer.shown, [`${rowid} UNJOINED`, `${rowid} JOINED`]);
      assert.deepEqual(consumer.rows[0]?.chats, []);
    });
  });

  test("reads by the poll alone when hints are off (I2)", async () => {
    await withBroker(["--hints", "off", "--poll-ms", "5"], async ({ broker, writer }) => {
      await using consumer = new TailConsumer(broker);
      await consumer.caughtUp();
      for (let count = 0; count < 5; count += 1) await writer.insert(OLD);
      await consumer.until("five rows", ({ rows }) => rows.length === 5);
      const sources = new Set(consumer.batches.map(({ detectionSource }) => detectionSource));
      assert.deepEqual([...sources], [DetectionSource.POLL]);
    });
  });

  test("killed at any moment, loses and doubles nothing for a consumer that kept its cursor", async () => {
    await using home = await temporaryDirectory();
    await using writer = ChatDbWriter.start();
    await writer.create(home.file("chat.db"));
    let cursor: Buffer = Buffer.alloc(0);
    const shown: string[] = [];
    const bare: bigint[] = [];
    let isCatchingUpSeen = false;
    for (let round = 0; round < 4; round += 1) {
      // The socket and the status file of the killed one are in the way, and must not matter.
      await using broker = await BrokerProcess.start(home);
      await using consumer = new TailConsumer(broker, cursor, 3);
      await consumer.caughtUp();
      const before = consumer.rows.length;
      isCatchingUpSeen ||= consumer.batches.some(({ catchingUp }) => catchingUp);
      for (let count = 0; count < 7; count += 1) await writer.insert(OLD);
      bare.push(await writer.insert(OLD, false));
      await consumer.until("this round's rows", ({ rows }) => rows.length >= before + 7);
      // The bare row may be known by the last cursor or not; either way it comes once.
      cursor = consumer.cursor;
      shown.push(...consumer.shown);
      await broker.kill();
      await writer.insert(OLD);
      for (const rowid of bare.splice(0)) await writer.join(rowid);
    }
    await using broker = await BrokerProcess.start(home);
    await using consumer = new TailConsumer(broker, cursor);
    await consumer.caughtUp();
    shown.push(...consumer.shown);
    const expected = Array.from({ length: 36 }, (_, index) => `${index + 1} NEW`);
    const byRowid = (left: string, right: string) => Number.parseInt(left, 10) - Number.parseInt(right, 10);
    assert.deepEqual(shown.toSorted(byRowid), expected);
    assert.equal(isCatchingUpSeen, true);
  });

  test("says that another database took the place, tells what a young one holds, and goes on", async () => {
    await withBroker([], async ({ broker, writer, home }) => {
      for (let count = 0; count < 5; count += 1) await writer.insert(OLD);
      await using consumer = new TailConsumer(broker);
      await consumer.caughtUp();
      const before = consumer.database;
      await writer.close();
      await using other = ChatDbWriter.start();
      await other.create(home.file("fresh.db"), { databaseUid: "UID-B" });
      const first = await other.insert(OLD);
      await other.checkpoint();
      await other.close();
      for (const suffix of ["-wal", "-shm"])
        await rename(home.file(`chat.db${suffix}`), home.file(`old${suffix}`)).catch(() => {});
      await rename(home.file("fresh.db"), home.file("chat.db"));
      await consumer.until("the other database", ({ database }) => database?.databaseUid === "UID-B");
      assert.notEqual(consumer.database?.generation, before?.generation);
      await consumer.until("its first row", ({ rows }) => rows.length > 0);
      await other.open(home.file("chat.db"));
      const rowid = await other.insert(OLD);
      await consumer.until("its next row", ({ rows }) => rows.length > 1);
      assert.deepEqual(consumer.shown, [`${first} NEW`, `${rowid} NEW`]);
      const page = await (await fetch(broker.metricsUrl)).text();
      assert.match(page, /^imesh_broker_database_changes_total 1$/m);
    });
  });

  test("while chat.db is gone: streams end, calls and health say so, and all is well when it is back", async () => {
    await withBroker([], async ({ broker, writer, home }) => {
      await writer.insert(OLD);
      await using consumer = new TailConsumer(broker);
      await consumer.caughtUp();
      await using health = connect(HealthClient, `unix:${home.file("b.sock")}`, { clock: new SystemClock() });
      const status = async () => (await health.call("check", { service: BROKER_SERVICE })).status;
      assert.equal(await status(), ServingStatus.SERVING);
      await rename(home.file("chat.db"), home.file("away"));
      const ended = await consumer.end();
      assert.deepEqual([ended?.code, ended?.reason], ["UNAVAILABLE", "DATABASE_UNREADABLE"]);
      const refused = await failure(broker.client.call("getDatabase", {}));
      assert.deepEqual(
        [refused.code, refused.reason, refused.metadata],
        ["UNAVAILABLE", "DATABASE_UNREADABLE", { fault: "not-found" }],
      );
      assert.equal(await status(), ServingStatus.NOT_SERVING);
      const ready = await fetch(broker.metricsUrl.replace("/metrics", "/readyz"));
      assert.equal(ready.status, 503);
      await rename(home.file("away"), home.file("chat.db"));
      await waitFor(async () => (await status()) === ServingStatus.SERVING, {
        deadlineMs: 10_000,
        what: "health to come back",
      });
      await using resumed = new TailConsumer(broker, consumer.cursor);
      await resumed.caughtUp();
      const rowid = await writer.insert(OLD);
      await resumed.until("the next row", ({ rows }) => rows.length > 0);
      assert.deepEqual(resumed.shown, [`${rowid} NEW`]);
    });
  });

  test("refuses what is none of its cursors, tokens or sizes", async () => {
    await withBroker([], async ({ broker }) => {
      await using foreign = new TailConsumer(broker, Buffer.from("not a cursor"));
      const cursorError = await foreign.end();
      assert.deepEqual([cursorError?.code, cursorError?.reason], ["FAILED_PRECONDITION", "CURSOR_INVALID"]);
      await using negative = new TailConsumer(broker, Buffer.alloc(0), -1);
      const sizeError = await negative.end();
      assert.deepEqual(
        [sizeError?.code, sizeError?.fieldViolations[0]?.field],
        ["INVALID_ARGUMENT", "max_batch_size"],
      );
      const tokenError = await failure(broker.client.call("listChats", { pageSize: 0, pageToken: "x" }));
      assert.deepEqual([tokenError.code, tokenError.reason], ["INVALID_ARGUMENT", "PAGE_TOKEN_INVALID"]);
    });
  });

  test("describes the database and lists chats page by page", async () => {
    await withBroker([], async ({ broker, writer }) => {
      const rowid = await writer.insert(OLD);
      await writer.join(rowid, 2);
      const found = await broker.client.call("getDatabase", {});
      assert.deepEqual(
        [found.database?.databaseUid, found.headRowid, found.clientVersion, found.messageColumns[0]],
        ["UID-A", 1n, "18013", "ROWID"],
      );
      const guids: (string | undefined)[] = [];
      let pageToken = "";
      do {
        const page = await broker.client.call("listChats", { pageSize: 1, pageToken });
        guids.push(...page.chats.map(({ chat }) => chat?.guid));
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
      assert.deepEqual(guids, ["any;+;chat2", "any;-;+15550001"]);
    });
  });

  test("opens chat.db and -shm by SQLite alone, and keeps its locks whatever it does (I1)", {
    skip: process.platform !== "linux",
  }, async () => {
    await withBroker([], async ({ broker, writer, home }) => {
      const descriptors = async () => {
        const names = await readdir(`/proc/${broker.pid}/fd`);
        const paths = await Promise.all(
          names.map((fd) => readlink(`/proc/${broker.pid}/fd/${fd}`).catch(() => "")),
        );
        const ours = paths.filter((path) => path.startsWith(home.file("chat.db")));
        return Object.fromEntries(
          ["", "-shm", "-wal"].map((suffix) => {
            const path = home.file(`chat.db${suffix}`);
            return [suffix, ours.filter((each) => each === path).length];
          }),
        );
      };
      await using consumer = new TailConsumer(broker);
      await using second = new TailConsumer(broker);
      await consumer.caughtUp();
      await second.caughtUp();
      // The baseline is over, and the reader thread stays for a minute: two connections share -shm, and capture has its own -wal.
      await waitFor(async () => (await broker.client.call("getStatistics", {})).scanProgress === undefined, {
        deadlineMs: 10_000,
        what: "the broker to know every row",
      });
      const expected = { "": 2, "-shm": 1, "-wal": 3 };
      assert.deepEqual(await descriptors(), expected);
      for (let count = 0; count < 20; count += 1) await writer.insert(OLD);
      await writer.checkpoint();
      await broker.client.call("listChats", { pageSize: 0, pageToken: "" });
      await broker.client.call("getDatabase", {});
      await consumer.until("the rows", ({ rows }) => rows.length === 20);
      assert.deepEqual(await descriptors(), expected);
      assert.notDeepEqual(posixLocks(broker.pid, home.file("chat.db")), []);
      assert.notDeepEqual(posixLocks(broker.pid, home.file("chat.db-shm")), []);
    });
  });

  test("ends its streams and itself when asked to, and leaves nothing in the way", async () => {
    await withBroker([], async ({ broker, home }) => {
      await using consumer = new TailConsumer(broker);
      await consumer.caughtUp();
      assert.equal(await broker.stop(), 0);
      assert.equal(await consumer.end(), undefined);
      const left = await readdir(home.path);
      assert.deepEqual(
        left.filter((name) => name.startsWith("status") || name === "b.sock"),
        [],
      );
    });
  });
});

describe("lock-broker does not start", TIMEOUT, () => {
  test("beside another one on the same socket, and does after that one was killed", async () => {
    await withBroker([], async ({ broker, home }) => {
      const argv = ["--chat-db", home.file("chat.db"), "--socket", home.file("b.sock"), "--metrics", "off"];
      const second = await runBroker(argv);
      assert.equal(second.exitCode, 75);
      assert.match(
        second.stderr,
        /^lock-broker: Cannot start lock-broker: ".*" \(another one is running\)\n {2}→ Stop/,
      );
      await broker.client.call("getDatabase", {});
      await broker.kill();
      await using third = await BrokerProcess.start(home);
      await third.client.call("getDatabase", {});
    });
  });

  test("where something else listens", async () => {
    await using home = await temporaryDirectory();
    await using writer = ChatDbWriter.start();
    await writer.create(home.file("chat.db"));
    const { createServer } = await import("node:net");
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(home.file("b.sock"), resolve));
    const ended = await runBroker([
      "--chat-db",
      home.file("chat.db"),
      "--socket",
      home.file("b.sock"),
      "--metrics",
      "off",
    ]);
    server.close();
    assert.equal(ended.exitCode, 75);
  });

  test("without a chat.db, with something else in its place, or with a wrong command line", async () => {
    await using home = await temporaryDirectory();
    await writeFile(
      home.file("text"),
      "this is a text and no database, whatever its name may promise to you",
    );
    const argv = (chatDb: string) => [
      "--chat-db",
      home.file(chatDb),
      "--socket",
      home.file("b.sock"),
      "--metrics",
      "off",
    ];
    const missing = await runBroker(argv("missing"));
    const text = await runBroker(argv("text"));
    const usage = await runBroker(["--chat-db", home.file("text"), "--poll-ms", "2"]);
    const socketless = await runBroker(["--chat-db", home.file("text")]);
    assert.deepEqual(
      [missing.exitCode, text.exitCode, usage.exitCode, socketless.exitCode],
      [66, 78, 64, 64],
    );
    assert.match(missing.stderr, /Cannot read chat\.db: ".*missing" \(ENOENT\)/);
    assert.match(usage.stderr, /Cannot use --poll-ms: "2" \(integer 5\.\.1000\)/);
  });

  const isRoot = process.getuid?.() === 0;
  test("without the permission to read it, and says where to give it", { skip: !isRoot }, async () => {
    await using home = await temporaryDirectory();
    await using writer = ChatDbWriter.start();
    await writer.create(home.file("chat.db"));
    // Root may read everything, so it looks as somebody who may not even enter the directory.
    const ended = await runBroker(["--chat-db", home.file("chat.db"), "--check"], { uid: 65_534 });
    assert.equal(ended.exitCode, 77);
    const told = JSON.parse(ended.stdout) as { ok: boolean; code: string; hint: string };
    assert.deepEqual([told.ok, told.code], [false, "no-permission"]);
    assert.match(told.hint, /System Settings → Privacy & Security → Full Disk Access/);
  });
});

describe("lock-broker --check", TIMEOUT, () => {
  test("says in one line of JSON what there is, beside a running broker", async () => {
    await withBroker([], async ({ writer, home }) => {
      await writer.insert(OLD);
      const ended = await runBroker(["--chat-db", home.file("chat.db"), "--check"]);
      assert.equal(ended.exitCode, 0);
      const told = JSON.parse(ended.stdout) as Record<string, unknown>;
      assert.deepEqual(
        [told.ok, told.databaseUid, told.headRowid, Array.isArray(told.messageColumns)],
        [true, "UID-A", "1", true],
      );
    });
  });

  test("says in one line of JSON why it cannot be read", async () => {
    await using home = await temporaryDirectory();
    const ended = await runBroker(["--chat-db", home.path, "--check"]);
    assert.equal(ended.exitCode, 66);
    const told = JSON.parse(ended.stdout) as Record<string, unknown>;
    assert.deepEqual([told.ok, told.code, told.detail], [false, "cannot-open", "a directory"]);
  });
});
