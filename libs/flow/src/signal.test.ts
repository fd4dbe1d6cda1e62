import { deepEqual, equal, rejects } from "node:assert/strict";
import { test } from "node:test";
import { Signal } from "./signal.ts";

const NEVER = new AbortController().signal;

/** Lets promise chains run and says whether `promise` is settled. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const mark = () => {
    settled = true;
  };
  promise.then(mark, mark);
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

test("wait() resolves at the next notify()", async () => {
  const signal = new Signal();
  const waiting = signal.wait(NEVER);
  equal(await isSettled(waiting), false);
  signal.notify();
  await waiting;
});

test("a notify() before the wait is not lost, and any number of them is one", async () => {
  const signal = new Signal();
  signal.notify();
  signal.notify();
  await signal.wait(NEVER);
  const next = signal.wait(NEVER);
  equal(await isSettled(next), false);
  signal.notify();
  await next;
});

test("several notify() during one wait leave nothing behind but those after it resolved", async () => {
  const signal = new Signal();
  const waiting = signal.wait(NEVER);
  signal.notify();
  signal.notify();
  await waiting;
  // The second came when nobody waited any more: it may be about a later position, so it counts.
  await signal.wait(NEVER);
  equal(await isSettled(signal.wait(NEVER)), false);
});

test("an abort rejects with its reason, removes its listener and keeps later notifications", async () => {
  const signal = new Signal();
  const controller = new AbortController();
  const waiting = signal.wait(controller.signal);
  controller.abort(new Error("stopped"));
  await rejects(waiting, { message: "stopped" });
  signal.notify();
  await signal.wait(NEVER);
});

test("wait() on an aborted signal rejects and keeps the notification", async () => {
  const signal = new Signal();
  signal.notify();
  await rejects(signal.wait(AbortSignal.abort(new Error("stopped"))), { message: "stopped" });
  await signal.wait(NEVER);
});

test("a second waiter is our bug", async () => {
  const signal = new Signal();
  const first = signal.wait(NEVER);
  await rejects(signal.wait(NEVER), { name: "AssertionError" });
  signal.notify();
  await first;
});

test("ten thousand waits leave no listener on the abort signal", async () => {
  const signal = new Signal();
  const controller = new AbortController();
  const counts = { added: 0, removed: 0 };
  const { addEventListener, removeEventListener } = controller.signal;
  controller.signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    counts.added += 1;
    addEventListener.apply(controller.signal, args);
  };
  controller.signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    counts.removed += 1;
    removeEventListener.apply(controller.signal, args);
  };
  for (let round = 0; round < 10_000; round += 1) {
    const waiting = signal.wait(controller.signal);
    signal.notify();
    await waiting;
  }
  deepEqual(counts, { added: 10_000, removed: 10_000 });
});
