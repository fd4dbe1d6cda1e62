import {
  BrokerServiceService,
  type DatabaseIdentity,
  DetectionSource,
  RowBatch,
  type TailRequest,
  type TailResponse,
  type MessageRow as WireRow,
} from "@imesh/contracts/broker/v1";
import { Signal } from "@imesh/flow";
import {
  HealthRegistry,
  type RpcServer,
  rpcService,
  serverStream,
  startRpcServer,
  unary,
  unavailable,
  unimplemented,
} from "@imesh/rpc";
import { type Clock, SystemClock } from "@imesh/time";
import { CHAT_GUID, wireChat, wireHandle } from "./rows.ts";

/** What a {@link FakeBroker} is. */
export interface FakeBrokerOptions {
  readonly socketPath: string;
  readonly database?: DatabaseIdentity;
}

const HEARTBEAT_MS = 1_000;

/**
 * A lock-broker without a chat.db: rows are committed to a list in memory, and a cursor is a place in it. Served over a real
 * Unix socket. May be stopped and started again on the same list.
 */
export class FakeBroker implements AsyncDisposable {
  database: DatabaseIdentity;
  /** While false, GetDatabase and ListChats fail as if chat.db could not be read. */
  isReadable = true;
  readonly #clock: Clock = new SystemClock();
  readonly #socketPath: string;
  readonly #log: WireRow[] = [];
  readonly #wakes = new Set<Signal>();
  #ends = new AbortController();
  #server: RpcServer | undefined;

  constructor(options: FakeBrokerOptions) {
    this.#socketPath = options.socketPath;
    this.database = options.database ?? { databaseUid: "UID-1", generation: "1:1:0" };
  }

  get headRowid(): bigint {
    return this.#log.reduce((max, { rowid }) => (rowid > max ? rowid : max), 0n);
  }

  async start(): Promise<void> {
    this.#ends = new AbortController();
    this.#server = await startRpcServer({
      services: [
        rpcService(BrokerServiceService, {
          tail: serverStream((request, context, write) =>
            this.#tail(
              request,
              AbortSignal.any([context.signal, context.draining, this.#ends.signal]),
              write,
            ),
          ),
          getDatabase: unary(() => {
            this.#refuseUnlessReadable();
            return {
              database: this.database,
              headRowid: this.headRowid,
              messageColumns: [],
              clientVersion: "",
              sqliteVersion: "",
            };
          }),
          getChat: unary(notServed),
          listMessages: unary(notServed),
          getMessage: unary(notServed),
          searchMessages: unary(notServed),
          readAttachment: serverStream(notServed),
          listAccounts: unary(notServed),
          getStatistics: unary(notServed),
          listChats: unary(({ pageSize, pageToken }) => {
            this.#refuseUnlessReadable();
            return {
              chats: [
                {
                  chat: wireChat(CHAT_GUID),
                  participants: [wireHandle("+15550100", { country: "us" })],
                  lastMessageDate: 0n,
                },
              ],
              nextPageToken: `${pageToken}+${pageSize}`,
            };
          }),
        }),
      ],
      listen: [{ kind: "unix", path: this.#socketPath }],
      health: new HealthRegistry(),
      observer: { serverCall: () => {}, unexpectedError: () => {} },
      clock: this.#clock,
      limits: { streamDrainMs: 200, unaryDrainMs: 200 },
    });
  }

  async stop(): Promise<void> {
    this.#ends.abort();
    await this.#server?.drain();
    this.#server = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Rows become visible to every tail, each as the next change. */
  commit(...rows: WireRow[]): void {
    for (const row of rows) this.#log.push({ ...row, sequence: BigInt(this.#log.length + 1) });
    for (const wake of this.#wakes) wake.notify();
  }

  /** Ends every open stream; clients come again. */
  dropStreams(): void {
    this.#ends.abort();
    this.#ends = new AbortController();
  }

  async #tail(
    request: TailRequest,
    signal: AbortSignal,
    write: (message: TailResponse) => Promise<void>,
  ): Promise<void> {
    let position = request.cursor.length === 0 ? this.#log.length : Number(request.cursor.toString());
    const headAtOpen = this.#log.length;
    let isHeadTold = false;
    const wake = new Signal();
    this.#wakes.add(wake);
    try {
      while (!signal.aborted) {
        if (position < this.#log.length) {
          const rows = this.#log.slice(position, position + (request.maxBatchSize || 256));
          position += rows.length;
          await write(this.#batch(rows, position, position < headAtOpen));
        } else if (!isHeadTold) {
          isHeadTold = true;
          await write(this.#heartbeat(position));
        } else if (!(await this.#somethingNew(wake, signal))) {
          await write(this.#heartbeat(position));
        }
      }
    } finally {
      this.#wakes.delete(wake);
    }
  }

  async #somethingNew(wake: Signal, signal: AbortSignal): Promise<boolean> {
    const timeout = new AbortController();
    const timer = this.#clock.setTimer(HEARTBEAT_MS, () => timeout.abort());
    try {
      await wake.wait(AbortSignal.any([signal, timeout.signal]));
      return true;
    } catch {
      return signal.aborted;
    } finally {
      timer.cancel();
    }
  }

  #batch(rows: WireRow[], position: number, catchingUp: boolean): TailResponse {
    const now = timestampOf(this.#clock.wallUnixNs());
    return {
      frame: {
        $case: "batch",
        value: RowBatch.fromPartial({
          rows,
          nextCursor: Buffer.from(String(position)),
          database: this.database,
          committedTime: now,
          detectedTime: now,
          readTime: now,
          detectionSource: DetectionSource.POLL,
          catchingUp,
        }),
      },
    };
  }

  #heartbeat(position: number): TailResponse {
    return {
      frame: {
        $case: "heartbeat",
        value: {
          headRowid: this.headRowid,
          nextCursor: Buffer.from(String(position)),
          pendingRows: 0,
          serverTime: timestampOf(this.#clock.wallUnixNs()),
          database: this.database,
        },
      },
    };
  }

  #refuseUnlessReadable(): void {
    if (!this.isReadable)
      throw unavailable({ reason: "DATABASE_UNREADABLE", message: "Cannot read chat.db: (test)" });
  }
}

function notServed(): never {
  throw unimplemented({ reason: "NOT_SERVED", message: "Cannot answer: (test)" });
}

function timestampOf(unixNs: bigint) {
  return { seconds: unixNs / 1_000_000_000n, nanos: Number(unixNs % 1_000_000_000n) };
}
