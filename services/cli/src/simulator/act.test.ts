import assert from "node:assert/strict";
import { test } from "node:test";
import { actExamples } from "./act-examples.ts";
import { parseActRequest } from "./act-request.ts";

test("every example is an act that the contract takes, and every act has one", () => {
  const examples = actExamples();
  assert.ok(examples.length >= 30);
  assert.equal(new Set(examples.map(({ name }) => name)).size, examples.length);
  for (const { name, json } of examples) assert.equal(parseActRequest(json).action?.$case, name);
});

test("parseActRequest() reads names and numbers in both of their forms", () => {
  const value = { rowid: 7n, part: 0, text: "new" };
  for (const rowid of ['"7"', "7"]) {
    const request = parseActRequest(`{"edit":{"rowid":${rowid},"part":0,"text":"new"}}`);
    assert.deepEqual(request.action, { $case: "edit", value });
  }
  for (const name of ["recentlyDelete", "recently_delete"]) {
    const request = parseActRequest(`{"${name}":{"rowid":"9007199254740993"}}`);
    assert.deepEqual(request.action, { $case: "recentlyDelete", value: { rowid: 9_007_199_254_740_993n } });
  }
});

test("parseActRequest() says what is wrong, as a wrong command line", () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ["{", /JSON/],
    ['{"edti":{}}', /edti/],
    ['{"edit":{"row":1}}', /row/],
    ['{"edit":{"rowid":"x"}}', /rowid/],
    ['{"edit":{},"unsend":{}}', /oneof/],
  ];
  for (const [text, reason] of wrong) {
    assert.throws(() => parseActRequest(text), { exitCode: 64, message: reason, hint: /sim act/ });
  }
});
