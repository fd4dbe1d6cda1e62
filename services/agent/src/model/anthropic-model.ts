import type Anthropic from "@anthropic-ai/sdk";
import type { Message, MessageParam } from "@anthropic-ai/sdk/resources/messages";
import {
  type Model,
  type ModelCall,
  ModelError,
  type ModelFault,
  type ModelReply,
  type ModelUsage,
  type Prompt,
  type StopReason,
} from "./model.ts";

/** Settings of {@link AnthropicModel}. */
export interface AnthropicModelOptions {
  readonly model: string;
  readonly apiKey: string;
  /** Base URL of the API: `https://api.anthropic.com`, or of something that speaks its wire format. */
  readonly endpoint: string;
  /** Most tokens of one answer. */
  readonly maxTokens: number;
}

/** Until the API begins to answer. The SDK's own is ten minutes; a contact does not wait that long. */
const ATTEMPT_TIMEOUT_MS = 120_000;

/** Retries of passing trouble (408, 409, 429, 5xx, no connection), 0.5 s apart and more. */
const RETRIES_MAX = 2;

/** How often an answer that the API paused is asked to go on; nothing that we ask for takes it so long. */
const CONTINUATIONS_MAX = 3;

const STOP_REASONS: ReadonlySet<string> = new Set<StopReason>([
  "end_turn",
  "stop_sequence",
  "max_tokens",
  "pause_turn",
  "refusal",
  "model_context_window_exceeded",
  "tool_use",
]);

/** What the SDK's module is to us; imported late, because it costs 26 MB and 100 ms. */
type Sdk = typeof import("@anthropic-ai/sdk");

/**
 * Claude, by the Messages API and Anthropic's SDK. Answers are streamed, because long ones may not be asked for otherwise and the first
 * piece is worth knowing of. The end of the prompt is marked for the prompt cache, so that the next turn of the conversation reads
 * it at a tenth of the price. Neither trace ids nor anything else about us is sent along, and the SDK logs nothing.
 */
export class AnthropicModel implements Model {
  readonly name: string;
  readonly #options: AnthropicModelOptions;
  #loading: Promise<{ sdk: Sdk; client: Anthropic }> | undefined;

  constructor(options: AnthropicModelOptions) {
    this.name = options.model;
    this.#options = options;
  }

  async reply(prompt: Prompt, call: ModelCall): Promise<ModelReply> {
    const { sdk, client } = await this.#load();
    try {
      return await this.#converse(client, prompt, call);
    } catch (error) {
      call.signal.throwIfAborted();
      throw modelError(sdk, error);
    }
  }

  /** Loads the SDK, so that the first reply need not wait for it. Called at start; harmless when called again. */
  async load(): Promise<void> {
    await this.#load();
  }

  #load(): Promise<{ sdk: Sdk; client: Anthropic }> {
    this.#loading ??= import("@anthropic-ai/sdk").then((sdk) => ({ sdk, client: this.#newClient(sdk) }));
    return this.#loading;
  }

  #newClient(sdk: Sdk): Anthropic {
    return new sdk.Anthropic({
      apiKey: this.#options.apiKey,
      baseURL: this.#options.endpoint,
      timeout: ATTEMPT_TIMEOUT_MS,
      maxRetries: RETRIES_MAX,
      // Its log would go to our standard output, and its debug lines hold what was said.
      logLevel: "off",
      openTelemetry: { propagation: false, traces: { contentMode: "metadata_only" } },
    });
  }

  /** Asks, and asks to go on while the API says that it only paused. */
  async #converse(client: Anthropic, prompt: Prompt, call: ModelCall): Promise<ModelReply> {
    const messages: MessageParam[] = prompt.messages.map(({ role, text }) => ({ role, content: text }));
    let text = "";
    let usage: ModelUsage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
    let hasBegun = false;
    const onText = () => {
      if (!hasBegun) call.onFirstToken();
      hasBegun = true;
    };
    for (let continuations = 0; ; continuations += 1) {
      const stream = client.messages.stream(
        {
          model: this.#options.model,
          max_tokens: this.#options.maxTokens,
          system: prompt.system,
          messages,
          cache_control: { type: "ephemeral" },
        },
        { signal: call.signal },
      );
      stream.on("text", onText);
      const message = await stream.finalMessage();
      text += textOf(message);
      usage = sum(usage, message);
      const stopReason = stopReasonOf(message);
      if (stopReason !== "pause_turn" || continuations === CONTINUATIONS_MAX) {
        return { text, stopReason, usage, model: message.model };
      }
      messages.push({ role: "assistant", content: message.content });
    }
  }
}

function textOf(message: Message): string {
  return message.content.map((block) => (block.type === "text" ? block.text : "")).join("");
}

function stopReasonOf(message: Message): StopReason {
  const stopReason = message.stop_reason ?? "unknown";
  return STOP_REASONS.has(stopReason) ? (stopReason as StopReason) : "unknown";
}

/** The API counts cached tokens apart; ours are all that went in. */
function sum(before: ModelUsage, { usage }: Message): ModelUsage {
  const cacheRead = usage.cache_read_input_tokens ?? 0;
  const cacheWrite = usage.cache_creation_input_tokens ?? 0;
  return {
    inputTokens: before.inputTokens + usage.input_tokens + cacheRead + cacheWrite,
    outputTokens: before.outputTokens + usage.output_tokens,
    cacheReadTokens: before.cacheReadTokens + cacheRead,
    cacheWriteTokens: before.cacheWriteTokens + cacheWrite,
  };
}

/** One of the world's failures, whatever the SDK threw: none of them may end the process or reach a contact. */
function modelError(sdk: Sdk, error: unknown): ModelError {
  if (error instanceof sdk.APIConnectionTimeoutError) return new ModelError("timed-out", { cause: error });
  if (error instanceof sdk.APIConnectionError) return new ModelError("unreachable", { cause: error });
  if (error instanceof sdk.APIError) {
    const status = error.status ?? null;
    const facts = { status, apiType: error.type, requestId: error.requestID ?? null, cause: error };
    return new ModelError(faultOf(status, error.type), facts);
  }
  // A stream that is cut off ends in an error of the platform's fetch, or in an answer without an end.
  return new ModelError("unreachable", { cause: error });
}

/** By the status; an error in the middle of a stream has only a type. */
function faultOf(status: number | null, type: string | null): ModelFault {
  if (status === 401 || status === 403 || type === "authentication_error" || type === "permission_error") {
    return "authentication-failed";
  }
  if (status === 429 || status === 529 || type === "overloaded_error" || type === "rate_limit_error")
    return "overloaded";
  if (status === 408 || type === "timeout_error") return "timed-out";
  if (status === null || status >= 500) return "api-failed";
  return "request-refused";
}
