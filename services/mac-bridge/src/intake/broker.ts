import type { BrokerServiceService, TailResponse } from "@imesh/contracts/broker/v1";
import { type RpcClient, RpcError, type StreamAttempt } from "@imesh/rpc";
import type { RowSource } from "../journal/bridge-event.ts";
import type { DatabaseHead } from "../send/database-head.ts";

/** Rows in a frame at most; with 1 MiB of flow control a catch-up runs at the speed of the journal. */
const BATCH_ROWS_MAX = 256;

/** The question takes half a millisecond; a broker that needs longer than this is not there. */
const HEAD_DEADLINE_MS = 2_000;

/** The tail of chat.db after a cursor, as lock-broker streams it. */
export function openTail(
  client: RpcClient<BrokerServiceService>,
  cursor: Uint8Array,
  attempt: StreamAttempt,
): AsyncIterable<TailResponse> {
  return client.stream("tail", { cursor: Buffer.from(cursor), maxBatchSize: BATCH_ROWS_MAX }, attempt);
}

/** Whether lock-broker refused a cursor because what came after it is no longer kept; no later attempt will do better. */
export function isCursorExpired(error: unknown): boolean {
  return error instanceof RpcError && error.reason === "CURSOR_EXPIRED";
}

/** Where chat.db ends, by asking lock-broker each time. */
export class BrokerDatabaseHead implements DatabaseHead {
  readonly #client: RpcClient<BrokerServiceService>;

  constructor(client: RpcClient<BrokerServiceService>) {
    this.#client = client;
  }

  /** Rejects with RpcError when lock-broker cannot be asked or has no database. */
  async read(signal: AbortSignal): Promise<RowSource> {
    const { database, headRowid } = await this.#client.call(
      "getDatabase",
      {},
      { signal, deadlineMs: HEAD_DEADLINE_MS },
    );
    return {
      databaseUid: database?.databaseUid ?? "",
      generation: database?.generation ?? "",
      rowid: headRowid,
    };
  }
}
