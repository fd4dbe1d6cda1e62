import assert from "node:assert/strict";
import { test } from "node:test";
import { RpcError } from "@imesh/rpc";
import { waitFor } from "@imesh/testing";
import { drained, failure, LIST, startServedBroker } from "../fixtures/served-broker.ts";
import { ChatDbError } from "../rows/chat-db-error.ts";
import { SCHEDULE_BOUNDS } from "../scheduling/read-scheduler.ts";

const TIMEOUT = { timeout: 60_000 };

test("GetStatistics tells what was counted", TIMEOUT, async () => {
  await using broker = await startServedBroker();
  const statistics = await broker.client.call("getStatistics", {});
  assert.deepEqual(statistics, {
    database: { databaseUid: "UID-A", generation: "1:2:0" },
    walBytes: 1n,
    walFrames: 2n,
    walResets: 3n,
    commitsSeen: 4n,
    commitsIrrelevant: 5n,
    lastCommitTime: { seconds: 6n, nanos: 7 },
    lastReadTime: undefined,
    candidatesLookedUp: 8n,
    changesFound: 9n,
    changesFoundByScan: 10n,
    scans: { start: 11n },
    scanProgress: 0.5,
    reads: 12n,
    statements: 13n,
    longestRead: { seconds: 0n, nanos: 14_500_000 },
    queueDepth: 15,
    requestsRefused: 16n,
    headSequence: 17n,
    oldestSequence: 18n,
    tails: 19,
  });
});

test(
  "a full queue is RESOURCE_EXHAUSTED with a time to try again; another connection has its own",
  TIMEOUT,
  async () => {
    await using broker = await startServedBroker({ bounds: { ...SCHEDULE_BOUNDS, clientRequestsMax: 1 } });
    const { client, library } = broker;
    library.write(10);
    await using other = broker.connect();
    const [others, ...calls] = await Promise.allSettled([
      other.call("listMessages", LIST),
      ...[1, 2, 3].map(() => client.call("listMessages", LIST)),
    ]);
    assert.equal(others?.status, "fulfilled");
    const refused = calls.flatMap((call) => (call.status === "rejected" ? [call.reason] : []));
    assert(refused.length >= 1);
    for (const error of refused) {
      assert(error instanceof RpcError);
      const { code, reason, retryDelayMs, metadata } = error;
      assert.deepEqual(
        [code, reason, retryDelayMs, metadata],
        ["RESOURCE_EXHAUSTED", "QUEUE_FULL", 500, { queue: "client", requestsMax: "1" }],
      );
    }
    assert.deepEqual([...new Set(broker.stage.refused)], ["client"]);
  },
);

test(
  "a call whose deadline passes before its turn is DEADLINE_EXCEEDED and leaves the queue",
  TIMEOUT,
  async () => {
    await using broker = await startServedBroker();
    const held = Promise.withResolvers<void>();
    // A page that does not end, in the name of somebody else.
    const blocking = broker.stage.scheduler.run(broker.stage.terms(), async () => {
      await held.promise;
      return { kind: "done", value: "held" };
    });
    const late = await failure(broker.client.call("listMessages", LIST, { deadlineMs: 50 }));
    assert.equal(late.split(" ")[0], "DEADLINE_EXCEEDED");
    await waitFor(() => broker.stage.scheduler.queueDepth === 0, {
      deadlineMs: 5_000,
      what: "the call to leave",
    });
    held.resolve();
    assert.equal(await blocking, "held");
  },
);

test("GetDatabase describes the database", TIMEOUT, async () => {
  await using broker = await startServedBroker();
  const described = await broker.client.call("getDatabase", {});
  assert.deepEqual(described, {
    database: { databaseUid: "UID-A", generation: "1:2:0" },
    headRowid: 7n,
    messageColumns: ["guid", "text"],
    clientVersion: "18013",
    sqliteVersion: "3.54.0",
  });
});

test("Tail: batch sizes, cursors that are refused, and a database that cannot be read", TIMEOUT, async () => {
  const starts: unknown[] = [];
  const failures: Error[] = [];
  let hasRoom = true;
  await using broker = await startServedBroker({
    tails: {
      hasRoom: () => hasRoom,
      run: ({ cursor, changesMax }) => {
        starts.push([cursor.length, changesMax]);
        const error = failures.shift();
        return error === undefined ? Promise.resolve() : Promise.reject(error);
      },
      cursorFault: (error) => {
        if (!(error instanceof RangeError)) return undefined;
        return { kind: error.message === "old" ? "expired" : "invalid", detail: "of another" };
      },
    },
  });
  const tail = (maxBatchSize: number, error?: Error) => {
    if (error !== undefined) failures.push(error);
    return failure(drained(broker.client.stream("tail", { cursor: Buffer.from("c"), maxBatchSize })));
  };
  assert.deepEqual(
    [
      await tail(0),
      await tail(3),
      await tail(5_000),
      await tail(-1),
      await tail(1, new RangeError("old")),
      await tail(1, new RangeError("x")),
      await tail(1, new ChatDbError({ code: "no-permission", path: "/p", detail: "EPERM" })),
    ],
    [
      "OK",
      "OK",
      "OK",
      "INVALID_ARGUMENT INVALID_ARGUMENT max_batch_size",
      "FAILED_PRECONDITION CURSOR_EXPIRED",
      "FAILED_PRECONDITION CURSOR_INVALID",
      "UNAVAILABLE DATABASE_UNREADABLE",
    ],
  );
  assert.deepEqual(starts.slice(0, 3), [
    [1, 256],
    [1, 3],
    [1, 1_024],
  ]);
  hasRoom = false;
  assert.equal(await tail(0), "RESOURCE_EXHAUSTED TAILS_EXHAUSTED");
  assert.deepEqual(broker.refused, ["tails"]);
});

test(
  "a database that is not there is UNAVAILABLE, DATABASE_UNREADABLE, with the fault",
  TIMEOUT,
  async () => {
    await using broker = await startServedBroker();
    const { library } = broker;
    library.fixture.db.exec("ALTER TABLE message RENAME TO away");
    await assert.rejects(broker.client.call("listMessages", LIST), (error) => {
      assert(error instanceof RpcError);
      assert.deepEqual(
        [error.code, error.reason, error.metadata],
        ["UNAVAILABLE", "DATABASE_UNREADABLE", { fault: "wrong-schema" }],
      );
      return true;
    });
  },
);
