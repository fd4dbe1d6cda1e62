import type { Model, ModelCall, ModelReply, Prompt } from "../model/model.ts";

/** How a {@link ScriptedModel} answers one prompt. */
export type ScriptedAnswer = (prompt: Prompt, call: ModelCall) => Promise<ModelReply> | ModelReply;

/** A model that answers as a test says; by default with what it was told last. */
export class ScriptedModel implements Model {
  readonly name = "scripted";
  readonly prompts: Prompt[] = [];
  /** Replace it to have the next prompts answered otherwise. */
  answer: ScriptedAnswer = (prompt) => replyOf(`You said: ${prompt.messages.at(-1)?.text}`);

  async reply(prompt: Prompt, call: ModelCall): Promise<ModelReply> {
    this.prompts.push(prompt);
    call.signal.throwIfAborted();
    call.onFirstToken();
    return await this.answer(prompt, call);
  }
}

/** A whole answer with this text. */
export function replyOf(text: string): ModelReply {
  const usage = { inputTokens: 10, outputTokens: 4, cacheReadTokens: 2, cacheWriteTokens: 1 };
  return { text, stopReason: "end_turn", usage, model: "scripted-1" };
}

/** Never answers; gives up when the call is aborted. */
export const silence: ScriptedAnswer = (_prompt, { signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
