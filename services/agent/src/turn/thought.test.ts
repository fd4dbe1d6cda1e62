import assert from "node:assert/strict";
import { test } from "node:test";
import { ModelError, type ModelReply, type StopReason } from "../model/model.ts";
import { reasonOf, thoughtOf } from "./thought.ts";

function replyOf(text: string, stopReason: StopReason): ModelReply {
  const usage = { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 };
  return { text, stopReason, usage, model: "m" };
}

const table: readonly [StopReason, string, object][] = [
  ["end_turn", "hi ", { kind: "decided", decision: { parts: ["hi"] } }],
  ["stop_sequence", "hi", { kind: "decided", decision: { parts: ["hi"] } }],
  ["end_turn", " \n\0", { kind: "failed", reason: "MODEL_REPLY_EMPTY" }],
  ["max_tokens", "so far ", { kind: "decided", decision: { parts: ["so far…"] } }],
  ["max_tokens", "", { kind: "failed", reason: "MODEL_TOKENS_EXHAUSTED" }],
  ["model_context_window_exceeded", "so", { kind: "decided", decision: { parts: ["so…"] } }],
  ["model_context_window_exceeded", "", { kind: "failed", reason: "MODEL_CONTEXT_EXCEEDED" }],
  ["refusal", "I was about to", { kind: "failed", reason: "MODEL_REFUSED" }],
  ["pause_turn", "wait", { kind: "failed", reason: "MODEL_PAUSED" }],
  ["tool_use", "let me", { kind: "failed", reason: "MODEL_STOP_UNEXPECTED" }],
  ["unknown", "text", { kind: "failed", reason: "MODEL_STOP_UNEXPECTED" }],
];

for (const [stopReason, text, thought] of table) {
  test(`thoughtOf() has a rule for ${stopReason} with ${JSON.stringify(text)}`, () => {
    assert.deepEqual(thoughtOf(replyOf(text, stopReason)), thought);
  });
}

test("reasonOf() names every failure of the model", () => {
  const faults = [
    "authentication-failed",
    "request-refused",
    "overloaded",
    "api-failed",
    "unreachable",
    "timed-out",
  ];
  assert.deepEqual(
    faults.map((fault) => reasonOf(new ModelError(fault as ModelError["fault"]))),
    [
      "MODEL_AUTHENTICATION_FAILED",
      "MODEL_REQUEST_REFUSED",
      "MODEL_OVERLOADED",
      "MODEL_FAILED",
      "MODEL_UNREACHABLE",
      "MODEL_TIMED_OUT",
    ],
  );
});
