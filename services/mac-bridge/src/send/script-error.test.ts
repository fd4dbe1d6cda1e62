import assert from "node:assert/strict";
import { test } from "node:test";
import { scriptErrorNumber, verdictOf } from "./script-error.ts";

test("scriptErrorNumber() takes the number in parentheses at the very end, in any language", () => {
  assert.equal(
    scriptErrorNumber("x.applescript:1:2: execution error: Can’t get chat id “any;-;+1 (555)”. (-1728)\n"),
    -1728,
  );
  assert.equal(
    scriptErrorNumber("Ausführungsfehler: „Messages“ hat einen Fehler erhalten: AppleEvent (-1712) \n\n"),
    -1712,
  );
  assert.equal(scriptErrorNumber("error (1002)"), 1002);
  assert.equal(scriptErrorNumber("error (-1728) and more"), 0);
  assert.equal(scriptErrorNumber("no number"), 0);
  assert.equal(scriptErrorNumber(""), 0);
  assert.equal(scriptErrorNumber("(99999999999)"), 0);
});

test("verdictOf() is certain about nothing but what comes before dispatch", () => {
  const certain = [-1728, -1743, -1712, -1700, -600, 1002, 0, 22].filter(
    (number) => verdictOf(number).isCertain,
  );
  assert.deepEqual(certain, [-1728, -1743]);
  assert.deepEqual(
    [-1728, -1743, -1712, 1002].map((number) => verdictOf(number).reason),
    ["CHAT_NOT_FOUND", "AUTOMATION_DENIED", "TIMED_OUT", "SCRIPT_FAILED"],
  );
});
