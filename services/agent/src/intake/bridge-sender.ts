import type { BridgeServiceService } from "@imesh/contracts/bridge/v1";
import { type RpcClient, RpcError, type RpcErrorCode } from "@imesh/rpc";
import type { Reply, ReplySender, SendAttempt } from "../turn/turn-runner.ts";

/** mac-bridge answers when the command is on disk, which takes milliseconds. */
const DEADLINE_MS = 10_000;

/** Codes with which the same request is refused however often it comes: nothing was sent, and nothing will be. */
const FINAL_CODES: ReadonlySet<RpcErrorCode> = new Set([
  "INVALID_ARGUMENT",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "UNAUTHENTICATED",
  "FAILED_PRECONDITION",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
]);

/** Hands replies to mac-bridge by its SendMessage. */
export class BridgeSender implements ReplySender {
  readonly #client: Pick<RpcClient<BridgeServiceService>, "call">;

  constructor(client: Pick<RpcClient<BridgeServiceService>, "call">) {
    this.#client = client;
  }

  async send(reply: Reply, signal: AbortSignal): Promise<SendAttempt> {
    const { requestId, chatGuid, text, traceparent } = reply;
    try {
      await this.#client.call(
        "sendMessage",
        { requestId, chatGuid, text },
        { signal, deadlineMs: DEADLINE_MS, traceContext: traceparent === null ? undefined : { traceparent } },
      );
      return { kind: "accepted" };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof RpcError)) throw error;
      // Whatever else went wrong, it may have been accepted: the same key asks again, since another one could send twice.
      if (!FINAL_CODES.has(error.code)) return { kind: "unavailable", retryDelayMs: error.retryDelayMs ?? 0 };
      return { kind: "refused", reason: error.reason };
    }
  }
}
