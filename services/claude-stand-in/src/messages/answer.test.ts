import assert from "node:assert/strict";
import { test } from "node:test";
import { ANSWER_LABEL, answerTo } from "./answer.ts";
import { parseMessagesRequest } from "./request.ts";

function requestOf(content: string) {
  const request = parseMessagesRequest(
    JSON.stringify({ model: "m", max_tokens: 1_000, messages: [{ role: "user", content }] }),
  );
  assert.ok(!("status" in request));
  return request;
}

test("answerTo() gives the same request the same answer, with its label", () => {
  const answer = answerTo(requestOf("Grüße,  Welt"), { kind: "answer" });
  assert.deepEqual(answer, answerTo(requestOf("Grüße,  Welt"), { kind: "answer" }));
  assert.equal(answer.pieces.join(""), `${ANSWER_LABEL} You said: “Grüße,  Welt”`);
});

test("answerTo() repeats a long text only in part, between characters", () => {
  const text = answerTo(requestOf(`${"a".repeat(499)}😀`), { kind: "answer" }).pieces.join("");
  assert.equal(text, `${ANSWER_LABEL} You said: “${"a".repeat(499)}…”`);
});
