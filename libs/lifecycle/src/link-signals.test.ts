import { deepEqual, equal } from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { linkSignals } from "./link-signals.ts";

test("linkSignals() aborts with the reason of the first, and lets go of all", () => {
  const [left, right] = [new AbortController(), new AbortController()];
  using linked = linkSignals(left.signal, undefined, right.signal);
  equal(linked.signal.aborted, false);
  right.abort("right");
  left.abort("left");
  equal(linked.signal.reason, "right");
  deepEqual(
    [left, right].map(({ signal }) => getEventListeners(signal, "abort").length),
    [0, 0],
  );
});

test("linkSignals() of a signal already aborted is aborted, and listens to nothing", () => {
  const open = new AbortController();
  using linked = linkSignals(open.signal, AbortSignal.abort("before"));
  equal(linked.signal.reason, "before");
  equal(getEventListeners(open.signal, "abort").length, 0);
});

test("disposing removes the listeners and does not abort", () => {
  const open = new AbortController();
  const linked = linkSignals(open.signal);
  equal(getEventListeners(open.signal, "abort").length, 1);
  linked[Symbol.dispose]();
  equal(getEventListeners(open.signal, "abort").length, 0);
  open.abort();
  equal(linked.signal.aborted, false);
});
