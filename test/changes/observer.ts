/** A consumer of lock-broker's tail as mac-bridge is one: changes and cursor are kept together, and it outlives every broker. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import {
  AttachmentChangeReason,
  BrokerServiceClient,
  type BrokerServiceService,
  ChatChangeReason,
  type MessageRow,
  type RowBatch,
  RowReason,
} from "@imesh/contracts/broker/v1";
import { connect, type RpcClient } from "@imesh/rpc";
import { SystemClock } from "@imesh/time";

/** A change as it was told, in the words of the ground truth. */
export interface ToldChange {
  readonly databaseUid: string;
  readonly sequence: bigint;
  readonly subject: "message" | "chat" | "attachment";
  readonly rowid: bigint;
  readonly reason: string;
  /** The row that came with a message's change. */
  readonly row: MessageRow | undefined;
}

/** Records every change from the head of the database on that it finds when it first connects. */
export class Observer implements AsyncDisposable {
  readonly told: ToldChange[] = [];
  /** Sequence of the newest heartbeat's knowledge: true once the tail has said that it is at the head. */
  isAtHead = false;
  readonly #client: RpcClient<typeof BrokerServiceService>;
  readonly #abort = new AbortController();
  readonly #running: Promise<void>;
  #cursor: Buffer = Buffer.alloc(0);
  #failure: unknown;

  constructor(socket: string) {
    this.#client = connect(BrokerServiceClient, `unix:${socket}`, { clock: new SystemClock() });
    this.#running = this.#run();
  }

  /** Throws what the observer has found wrong by itself: a sequence that does not rise. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#running;
    await this.#client[Symbol.asyncDispose]();
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        await this.#follow();
      } catch (error) {
        if (error instanceof assert.AssertionError) {
          this.#failure = error;
          return;
        }
      }
      this.isAtHead = false;
      await sleep(20, undefined, { signal }).catch(() => undefined);
    }
  }

  async #follow(): Promise<void> {
    const request = { cursor: this.#cursor, maxBatchSize: 0 };
    for await (const { frame } of this.#client.stream("tail", request, { signal: this.#abort.signal })) {
      if (frame?.$case === "batch") this.#take(frame.value);
      if (frame?.$case !== "heartbeat") continue;
      if (frame.value.nextCursor.length > 0) this.#cursor = frame.value.nextCursor;
      this.isAtHead = true;
    }
  }

  #take(batch: RowBatch): void {
    const changes = changesOf(batch);
    for (const change of changes) {
      assert.ok(
        change.sequence > (this.told.at(-1)?.sequence ?? 0n),
        `change ${change.sequence} came after ${this.told.at(-1)?.sequence}`,
      );
      this.told.push(change);
    }
    this.#cursor = batch.nextCursor;
  }
}

function changesOf(batch: RowBatch): ToldChange[] {
  const databaseUid = batch.database?.databaseUid ?? "";
  const messages = batch.rows.map((row): ToldChange => {
    const reason = wordOf(RowReason, row.reason);
    return { databaseUid, sequence: row.sequence, subject: "message", rowid: row.rowid, reason, row };
  });
  const chats = batch.chatChanges.map(({ sequence, reason, chat }): ToldChange => {
    const word = wordOf(ChatChangeReason, reason);
    return { databaseUid, sequence, subject: "chat", rowid: chat?.rowid ?? 0n, reason: word, row: undefined };
  });
  const attachments = batch.attachmentChanges.map(({ sequence, reason, attachment }): ToldChange => {
    const word = wordOf(AttachmentChangeReason, reason);
    const rowid = attachment?.rowid ?? 0n;
    return { databaseUid, sequence, subject: "attachment", rowid, reason: word, row: undefined };
  });
  return [...messages, ...chats, ...attachments].sort((a, b) => Number(a.sequence - b.sequence));
}

function wordOf(names: Readonly<Record<string, number>>, value: number): string {
  const name = Object.keys(names).find((each) => names[each] === value);
  assert.ok(name !== undefined, `a reason without a name: ${value}`);
  return name.toLowerCase().replaceAll("_", "-");
}
