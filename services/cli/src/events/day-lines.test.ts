import assert from "node:assert/strict";
import { test } from "node:test";
import { Event } from "@imesh/contracts/bridge/v1/event";
import { DayLines } from "./day-lines.ts";

/** Local noon of a day in January 2026. */
function noonNs(day: number): bigint {
  return BigInt(new Date(2026, 0, day, 12).getTime()) * 1_000_000n;
}

function eventOf(day: number): Event {
  return Event.fromPartial({
    hopTimes: { journaledTime: { seconds: noonNs(day) / 1_000_000_000n, nanos: 0 } },
  });
}

test("DayLines tells a day once, and today not at all", () => {
  const days = new DayLines(noonNs(7));
  const told = [eventOf(5), eventOf(5), Event.fromPartial({}), eventOf(6), eventOf(7), eventOf(7)].map(
    (event) => days.newDay(event),
  );
  assert.deepEqual(told, ["2026-01-05", undefined, undefined, "2026-01-06", "2026-01-07", undefined]);
  assert.equal(new DayLines(noonNs(7)).newDay(eventOf(7)), undefined);
});
