/**
 * A language model (port). Implemented by the adapter of Claude's Messages API and by fakes of tests.
 */
export interface Model {
  /** Name as configured: what a turn will be thought by. */
  readonly name: string;
  /**
   * Asks for the next message of a conversation. Called once a turn by its runner, several at a time for different
   * chats; never twice for a turn that was decided (I10). May take minutes; gives up when `signal` aborts, rejecting with
   * its reason. `onFirstToken` is called at most once, with the first piece of text. Rejects with {@link ModelError} for
   * everything the world did; retries of passing trouble have happened before.
   */
  reply(prompt: Prompt, call: ModelCall): Promise<ModelReply>;
}

/** What the model is given. */
export interface Prompt {
  /** Who it is and how it is to answer. */
  readonly system: string;
  /** Alternating, first and last the user's, none blank. */
  readonly messages: readonly PromptMessage[];
}

/** One message of a prompt. */
export interface PromptMessage {
  readonly role: "user" | "assistant";
  readonly text: string;
}

/** How a call is watched and ended. */
export interface ModelCall {
  readonly signal: AbortSignal;
  readonly onFirstToken: () => void;
}

/** What the model said. */
export interface ModelReply {
  readonly text: string;
  readonly stopReason: StopReason;
  readonly usage: ModelUsage;
  /** Model that answered, as the API names it. */
  readonly model: string;
}

/** Why the model stopped, as the Messages API says it; `unknown` for what this version has never heard of. */
export type StopReason =
  | "end_turn"
  | "stop_sequence"
  | "max_tokens"
  | "pause_turn"
  | "refusal"
  | "model_context_window_exceeded"
  | "tool_use"
  | "unknown";

/** Tokens of a call, all its continuations together. */
export interface ModelUsage {
  /** Into the model, cached ones included. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Of the input, read from the prompt cache. */
  readonly cacheReadTokens: number;
  /** Of the input, written to it. */
  readonly cacheWriteTokens: number;
}

/** Why there is no reply. */
export type ModelFault =
  /** The API does not know the key or does not allow it. A person must act. */
  | "authentication-failed"
  /** The API will never take this request: unknown model, malformed, too large. */
  | "request-refused"
  /** The API is overloaded or limits our rate, retries included. */
  | "overloaded"
  /** The API failed in another way, retries included. */
  | "api-failed"
  /** No connection, or cut off, retries included. */
  | "unreachable"
  /** No whole answer in time. */
  | "timed-out";

/** What is known of a failure; null: not said. None of it quotes a prompt. */
export interface ModelErrorFacts {
  /** HTTP status. */
  readonly status?: number | null;
  /** The API's name of the kind: `overloaded_error`. */
  readonly apiType?: string | null;
  /** The API's name of the call, to ask its people about. */
  readonly requestId?: string | null;
  readonly cause?: unknown;
}

/** Thrown by {@link Model.reply}. For operators; none of it ever reaches a contact. */
export class ModelError extends Error {
  override readonly name = "ModelError";
  readonly fault: ModelFault;
  readonly status: number | null;
  readonly apiType: string | null;
  readonly requestId: string | null;

  constructor(fault: ModelFault, facts: ModelErrorFacts = {}) {
    const { status = null, apiType = null, requestId = null, cause } = facts;
    super(
      `Cannot get a reply from the model: ${fault} (${status === null ? "no status" : `status ${status}`})`,
      { cause },
    );
    this.fault = fault;
    this.status = status;
    this.apiType = apiType;
    this.requestId = requestId;
  }
}
