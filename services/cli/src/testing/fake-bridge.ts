import { BridgeServiceService, SendMessageResponse } from "@imesh/contracts/bridge/v1";
import { Command, CommandState } from "@imesh/contracts/bridge/v1/command";
import { Event } from "@imesh/contracts/bridge/v1/event";
import { Signal } from "@imesh/flow";
import {
  HealthRegistry,
  notFound,
  type RpcServer,
  rpcService,
  serverStream,
  startRpcServer,
  unary,
  unimplemented,
} from "@imesh/rpc";
import { SystemClock } from "@imesh/time";
import { JOURNAL_ID } from "./wire-fixtures.ts";

/**
 * A mac-bridge as far as the CLI talks to it: a journal in memory that outlives its server, and scripted
 * commands.
 */
export class FakeBridge {
  readonly target: string;
  /** Streams that were opened, by where they started: "head" or a sequence. */
  readonly opened: string[] = [];
  /** What the next answers about a command are; the last one stays. */
  states: CommandState[] = [];
  sent = 0;
  readonly #path: string;
  readonly #events: Event[] = [];
  readonly #grown = new Set<Signal>();
  #server: RpcServer | undefined;

  constructor(path: string) {
    this.#path = path;
    this.target = `unix:${path}`;
  }

  /** Starts to serve, again after {@link stop}. */
  async start(): Promise<void> {
    const service = rpcService(BridgeServiceService, {
      subscribe: serverStream(async ({ start }, context, write) => {
        const from = start?.$case === "afterSequence" ? Number(start.value) : this.#events.length;
        this.opened.push(start?.$case === "afterSequence" ? String(start.value) : "head");
        const grown = new Signal();
        this.#grown.add(grown);
        context.draining.addEventListener("abort", () => grown.notify());
        let position = from;
        let isCaughtUp = false;
        while (!context.draining.aborted) {
          const events = this.#events.slice(position);
          position += events.length;
          if (events.length > 0) await write({ frame: { $case: "batch", value: { events } } });
          const head = { journalId: JOURNAL_ID, headSequence: BigInt(position) };
          if (!isCaughtUp) await write({ frame: { $case: "caughtUp", value: head } });
          isCaughtUp = true;
          await grown.wait(context.signal);
        }
      }),
      sendMessage: unary(({ requestId, chatGuid }) => {
        this.sent += 1;
        return SendMessageResponse.fromPartial({ command: this.#next(requestId, chatGuid) });
      }),
      getCommand: unary(({ requestId }) => ({ command: this.#next(requestId, "") })),
      listCommands: unary(() =>
        Promise.reject(unimplemented({ reason: "NOT_HERE", message: "Cannot list" })),
      ),
      listChats: unary(() => Promise.reject(notFound({ reason: "NOT_HERE", message: "Cannot list chats" }))),
      getStatus: unary(() => Promise.reject(unimplemented({ reason: "NOT_HERE", message: "Cannot tell" }))),
    });
    const clock = new SystemClock();
    this.#server = await startRpcServer({
      services: [service],
      listen: [{ kind: "unix", path: this.#path }],
      health: new HealthRegistry(),
      clock,
      observer: { serverCall: () => {}, unexpectedError: (_method, error) => Promise.reject(error) },
    });
  }

  /** Goes away as a restart does. */
  async stop(): Promise<void> {
    await this.#server?.drain();
    this.#server = undefined;
  }

  /** Adds events to the journal. */
  append(count: number): void {
    for (let index = 0; index < count; index += 1) {
      this.#events.push(
        Event.fromPartial({ sequence: BigInt(this.#events.length + 1), journalId: JOURNAL_ID }),
      );
    }
    for (const grown of this.#grown) grown.notify();
  }

  #next(requestId: string, chatGuid: string): Command {
    const state = this.states.length > 1 ? this.states.shift() : this.states[0];
    return Command.fromPartial({
      ...{ requestId, chatGuid, ...(state === undefined ? {} : { state }) },
      ...(state === CommandState.REFUSED ? { error: { reason: "CHAT_NOT_FOUND" } } : {}),
    });
  }
}
