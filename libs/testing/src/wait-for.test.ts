import { equal, rejects } from "node:assert/strict";
import { test } from "node:test";
import { waitFor } from "./wait-for.ts";

test("waitFor() returns the first value that is something, errors on the way forgiven", async () => {
  let calls = 0;
  const value = await waitFor(
    () => {
      calls += 1;
      if (calls === 1) throw new Error("not there yet");
      return calls < 3 ? undefined : calls;
    },
    { deadlineMs: 5_000, what: "three calls" },
  );
  equal(value, 3);
});

test("waitFor() fails at the deadline, naming what and the last error", async () => {
  const cause = new Error("refused");
  const waiting = waitFor(() => Promise.reject(cause), { deadlineMs: 30, what: "the bridge" });
  await rejects(waiting, { message: "Cannot see the bridge in time (30 ms)", cause });
});
