import { unreachable } from "@imesh/flow";
import type { ModelError, ModelFault, ModelReply } from "../model/model.ts";
import { replyParts } from "./reply-parts.ts";
import type { Thought } from "./turn.ts";

/** Put behind a reply that the model could not finish, so that the contact sees it was cut. */
const CUT_MARK = "…";

/** Reasons of turns that ended because there was nothing to say, not because something broke. */
export const SILENT_REASONS: ReadonlySet<string> = new Set([
  "MODEL_REFUSED",
  "MODEL_REPLY_EMPTY",
  "ANSWERED_BY_PERSON",
]);

/**
 * What the agent makes of a reply. The product's rule for each way the model can stop:
 *
 * | it stopped because | the contact gets |
 * | --- | --- |
 * | it was done (end_turn, stop_sequence) | the text; nothing when it is blank (MODEL_REPLY_EMPTY) |
 * | it ran out of tokens (max_tokens) or of context | the text so far and "…"; nothing when there is none |
 * | it would not answer (refusal) | nothing, not even what came before (MODEL_REFUSED) |
 * | it paused more often than it is asked to go on | nothing (MODEL_PAUSED) |
 * | it wants a tool, of which it has none, or we do not know | nothing (MODEL_STOP_UNEXPECTED) |
 */
export function thoughtOf(reply: ModelReply): Thought {
  const { stopReason } = reply;
  switch (stopReason) {
    case "end_turn":
    case "stop_sequence":
      return decided(reply.text, "", "MODEL_REPLY_EMPTY");
    case "max_tokens":
      return decided(reply.text, CUT_MARK, "MODEL_TOKENS_EXHAUSTED");
    case "model_context_window_exceeded":
      return decided(reply.text, CUT_MARK, "MODEL_CONTEXT_EXCEEDED");
    case "refusal":
      return { kind: "failed", reason: "MODEL_REFUSED" };
    case "pause_turn":
      return { kind: "failed", reason: "MODEL_PAUSED" };
    case "tool_use":
    case "unknown":
      return { kind: "failed", reason: "MODEL_STOP_UNEXPECTED" };
    default:
      return unreachable(stopReason);
  }
}

/** The stable reason of a turn whose model could not be asked. */
export function reasonOf(error: ModelError): string {
  return REASONS[error.fault];
}

const REASONS: Readonly<Record<ModelFault, string>> = {
  "authentication-failed": "MODEL_AUTHENTICATION_FAILED",
  "request-refused": "MODEL_REQUEST_REFUSED",
  overloaded: "MODEL_OVERLOADED",
  "api-failed": "MODEL_FAILED",
  unreachable: "MODEL_UNREACHABLE",
  "timed-out": "MODEL_TIMED_OUT",
};

function decided(text: string, mark: string, emptyReason: string): Thought {
  const isBlank = replyParts(text).length === 0;
  if (isBlank) return { kind: "failed", reason: emptyReason };
  return { kind: "decided", decision: { parts: replyParts(`${text.trimEnd()}${mark}`) } };
}
