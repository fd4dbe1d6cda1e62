import assert from "node:assert/strict";
import { test } from "node:test";
import { type OutgoingColumns, outgoingStateOf } from "./outgoing-state.ts";

const WRITTEN: OutgoingColumns = {
  error: 0,
  dateRead: 0n,
  isDelivered: false,
  dateDelivered: null,
  isSent: false,
};
const DATE = 657_208_635_075_000_000n;

test("outgoingStateOf() takes the error first and then the furthest receipt", () => {
  const cases: readonly [Partial<OutgoingColumns>, string][] = [
    [{}, "written"],
    [{ isSent: true }, "sent"],
    [{ isSent: true, isDelivered: true }, "delivered"],
    [{ dateDelivered: DATE }, "delivered"],
    [{ isSent: true, isDelivered: true, dateRead: DATE }, "read"],
    [{ dateRead: DATE }, "read"],
    [{ error: 22 }, "failed"],
    [{ error: 22, isSent: true, isDelivered: true, dateRead: DATE }, "failed"],
  ];
  for (const [columns, state] of cases) {
    assert.equal(outgoingStateOf({ ...WRITTEN, ...columns }), state, JSON.stringify(Object.keys(columns)));
  }
});

test("outgoingStateOf() does not take INT64_MAX for a read receipt", () => {
  assert.equal(outgoingStateOf({ ...WRITTEN, isSent: true, dateRead: 2n ** 63n - 1n }), "sent");
});
