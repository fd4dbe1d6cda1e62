import assert from "node:assert/strict";
import { test } from "node:test";
import { acceptedCommand, dispatchedCommand, NOW_UNIX_NS, uncertainCommand } from "../testing/commands.ts";
import { followCommand, proveCommand, refuseCommand, returnCommand } from "./command-steps.ts";

const LATER = NOW_UNIX_NS + 1_000n;
const proof = { databaseUid: "UID-1", generation: "1:1:0", rowid: 11n, messageGuid: "A" };

test("proveCommand() clears a doubt and takes back the time of settling", () => {
  const proven = proveCommand(uncertainCommand(1n, 10n), proof, LATER);
  assert.equal(proven.state, "written");
  assert.equal(proven.fault, null);
  assert.deepEqual(proven.proof, proof);
  assert.equal(proven.times.writtenUnixNs, LATER);
  assert.equal(proven.times.settledUnixNs, null);
});

test("followCommand() passes skipped steps at the same moment and keeps earlier ones", () => {
  const written = proveCommand(dispatchedCommand(1n, 10n), proof, NOW_UNIX_NS);
  const read = followCommand(written, { state: "read", error: 0, messageGuid: "B" }, LATER);
  assert.deepEqual(read, {
    ...written,
    state: "read",
    proof: { ...proof, messageGuid: "B" },
    times: { ...written.times, sentUnixNs: LATER, deliveredUnixNs: LATER, settledUnixNs: LATER },
  });
});

test("followCommand() explains Messages' error and settles the command", () => {
  const written = proveCommand(dispatchedCommand(1n, 10n), proof, NOW_UNIX_NS);
  const failed = followCommand(written, { state: "failed", error: 22, messageGuid: "A" }, LATER);
  assert.equal(failed?.state, "failed");
  assert.deepEqual(failed?.fault, {
    reason: "MESSAGES_ERROR",
    number: 22,
    description: "Messages: the recipient is not on iMessage",
  });
  assert.equal(failed?.times.settledUnixNs, LATER);
});

test("followCommand() never steps back and is silent about what is known", () => {
  const written = proveCommand(dispatchedCommand(1n, 10n), proof, NOW_UNIX_NS);
  const delivered = followCommand(written, { state: "delivered", error: 0, messageGuid: "A" }, LATER);
  assert.ok(delivered !== null);
  for (const state of ["written", "sent", "delivered", "failed"] as const) {
    assert.equal(followCommand(delivered, { state, error: 0, messageGuid: "A" }, LATER), null);
  }
});

test("refuseCommand() asserts that the command may still be refused", () => {
  const fault = { reason: "CHAT_NOT_FOUND", number: -1728, description: "test" };
  assert.equal(refuseCommand(dispatchedCommand(1n, 0n), fault, LATER).times.settledUnixNs, LATER);
  const written = proveCommand(dispatchedCommand(1n, 10n), proof, NOW_UNIX_NS);
  assert.throws(() => refuseCommand(written, fault, LATER), /moves on as the model allows/);
});

test("returnCommand() is no change of state", () => {
  const command = acceptedCommand(1n);
  assert.deepEqual(returnCommand(command, LATER), {
    ...command,
    times: { ...command.times, returnedUnixNs: LATER },
  });
});
