import assert from "node:assert/strict";
import { test } from "node:test";
import { temporaryDirectory, waitFor } from "@imesh/testing";
import { BrokerProcess, TailConsumer } from "./fixtures/broker-process.ts";
import { appleNs } from "./fixtures/chat-db-fixture.ts";
import { ChatDbWriter } from "./fixtures/chat-db-writer.ts";

const TIMEOUT = { timeout: 60_000 };
/** Long enough that nothing about the row is followed. */
const OLD = { date: appleNs(1_600_000_000_000) };

test(
  "metrics and GetStatistics say the same of the head and of the last commit, and tails hear no other",
  TIMEOUT,
  async () => {
    await using home = await temporaryDirectory();
    await using writer = ChatDbWriter.start();
    await writer.create(home.file("chat.db"));
    await using broker = await BrokerProcess.start(home);
    const metric = async (name: string) => {
      const page = await (await fetch(broker.metricsUrl)).text();
      return Number(new RegExp(`^${name} (.*)$`, "m").exec(page)?.[1]);
    };
    const statistics = () => broker.client.call("getStatistics", {});
    const before = await statistics();
    // No tail is open: a commit is seen all the same.
    await writer.insert(OLD);
    await waitFor(async () => (await statistics()).headSequence > before.headSequence, {
      deadlineMs: 10_000,
      what: "the row to be told",
    });
    const { headSequence, lastCommitTime } = await statistics();
    assert.equal(await metric("imesh_broker_head_sequence"), Number(headSequence));
    assert(lastCommitTime !== undefined);
    const lastCommitS = Number(lastCommitTime.seconds) + lastCommitTime.nanos / 1e9;
    // A metric is a double: it keeps a microsecond of today.
    const differenceS = Math.abs((await metric("imesh_broker_last_commit_time_seconds")) - lastCommitS);
    assert(differenceS < 1e-5, `${differenceS} s`);

    await using consumer = new TailConsumer(broker);
    await consumer.caughtUp();
    await writer.insert(OLD);
    await consumer.until("the next row", ({ rows }) => rows.length > 0);
    assert.deepEqual([consumer.rows[0]?.sequence], [(await statistics()).headSequence]);
  },
);
