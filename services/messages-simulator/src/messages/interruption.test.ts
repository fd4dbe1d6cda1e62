import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Interruption } from "./interruption.ts";

describe("Interruption", () => {
  test("rowsAreGone() ends the waits of its time, and only those", () => {
    const interruption = new Interruption(new AbortController().signal);
    const before = interruption.signal;
    interruption.rowsAreGone();
    assert.equal(before.reason.name, "DatabaseReplacedError");
    assert.equal(interruption.signal.aborted, false);
  });

  test("a stop ends every wait from now on, whatever is replaced afterwards", () => {
    const stopping = new AbortController();
    const interruption = new Interruption(stopping.signal);
    interruption.rowsAreGone();
    const reason = new Error("quit");
    stopping.abort(reason);
    interruption.rowsAreGone();
    assert.equal(interruption.signal.reason, reason);
    assert.equal(new Interruption(stopping.signal).signal.reason, reason);
  });
});
