/** I14: a change of the oldest message is found as fast as one of the newest, from the pages that its commit wrote. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { BrokerServiceClient, type BrokerServiceService, type MessageRow } from "@imesh/contracts/broker/v1";
import { type ActRequest, ReceiptKind } from "@imesh/contracts/simulator/v1";
import { connect, type RpcClient } from "@imesh/rpc";
import { waitFor } from "@imesh/testing";
import { SystemClock } from "@imesh/time";
import { Observer } from "../changes/observer.ts";
import { Fleet } from "../fleet/fleet.ts";

const clock = new SystemClock();

test("edit, receipt and unsend of the oldest of 100,000 messages arrive, and nothing is scanned", {
  timeout: 180_000,
}, async () => {
  await using fleet = await Fleet.start({
    services: ["messages-simulator", "lock-broker"],
    flags: { "messages-simulator": ["--history-messages", "100000"] },
  });
  await using broker = connect(BrokerServiceClient, `unix:${fleet.socket("lock-broker")}`, { clock });
  const statistics = async () => await broker.call("getStatistics", {}, { deadlineMs: 5_000 });
  await waitFor(async () => (await statistics()).scanProgress === undefined, {
    deadlineMs: 90_000,
    what: "the broker to know every row",
  });
  await using observer = new Observer(fleet.socket("lock-broker"));
  await waitFor(() => observer.isAtHead, { deadlineMs: 10_000, what: "the observer at the head" });
  // Of the drawn past: links and attachments cannot be edited, and the contacts' oldest messages were read long ago.
  const first = await oldest(broker, "message of words", isOfWords);
  const ours = await oldest(broker, "message of our own that nobody has read", isOwnUnread);
  const before = await statistics();

  const act = async (action: ActRequest["action"]) =>
    await fleet.simulator().call("act", { action }, { deadlineMs: 20_000 });
  await act({ $case: "edit", value: { rowid: first, part: 0, text: "said otherwise" } });
  await told(observer, first, "content", 1);
  await act({ $case: "receipt", value: { rowid: ours, kind: ReceiptKind.READ } });
  await told(observer, ours, "read", 1);
  await act({ $case: "unsend", value: { rowid: first, parts: [] } });
  await told(observer, first, "content", 2);

  const after = await statistics();
  assert.deepEqual(after.scans, before.scans, "no scan was begun");
  assert.equal(after.changesFoundByScan, before.changesFoundByScan);
  const lookedUp = Number(after.candidatesLookedUp - before.candidatesLookedUp);
  assert.ok(lookedUp < 1_000, `${lookedUp} rows were looked up`);
  const statements = Number(after.statements - before.statements);
  assert.ok(statements < 10_000, `${statements} statements were run`);
  assert.deepEqual(
    observer.told.map(({ rowid, reason }) => `${rowid} ${reason}`),
    [`${first} content`, `${ours} read`, `${first} content`],
  );
});

/** ROWID of the oldest message of which this is true: one of the first hundred. */
async function oldest(
  broker: RpcClient<typeof BrokerServiceService>,
  what: string,
  isIt: (row: MessageRow) => boolean,
): Promise<bigint> {
  for (let rowid = 1n; rowid <= 100n; rowid += 1n) {
    const name = { $case: "rowid", value: rowid } as const;
    const { message } = await broker.call("getMessage", { name }, { deadlineMs: 5_000 });
    if (message !== undefined && isIt(message)) return rowid;
  }
  assert.fail(`the first hundred messages have a ${what}`);
}

function isOfWords(row: MessageRow): boolean {
  const isPlain = row.balloonBundleId === undefined && row.associatedMessageType === 0;
  return isPlain && row.dateEdited === 0n && row.attachments.length === 0;
}

function isOwnUnread(row: MessageRow): boolean {
  return isOfWords(row) && row.isFromMe && row.isSent && row.dateRead === 0n;
}

async function told(observer: Observer, rowid: bigint, reason: string, times: number): Promise<void> {
  await waitFor(
    () =>
      observer.told.filter((change) => change.rowid === rowid && change.reason === reason).length >= times,
    { deadlineMs: 10_000, what: `"${reason}" of message ${rowid}` },
  );
}
