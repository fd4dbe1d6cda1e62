import {
  AgentServiceClient,
  type AgentServiceService,
  type WatchTurnsResponse,
} from "@imesh/contracts/agent/v1";
import type { Event } from "@imesh/contracts/bridge/v1/event";
import {
  type BurstRequest,
  SimulatorServiceClient,
  type SimulatorServiceService,
  type WrittenMessage,
} from "@imesh/contracts/simulator/v1";
import { backoffTo, connect, type RpcClient, subscribeForever } from "@imesh/rpc";
import { type Clock, deadlineSignal, type Random } from "@imesh/time";
import { followEvents } from "../clients/event-feed.ts";
import { type Exchange, type ExchangeOutcome, outcomeOf } from "./exchange.ts";
import { ExchangeBook } from "./exchange-book.ts";

/** Where the processes of a simulated stack are. */
export interface ExchangeTargets {
  readonly simulator: string;
  readonly bridge: string;
  readonly agent: string;
}

/** Collaborators of a follower. */
export interface ExchangePorts {
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * How an exchange ended. `timed-out`: not delivered within the time given; the exchange says how far it came.
 */
export interface ExchangeResult {
  readonly exchange: Exchange;
  readonly outcome: Exclude<ExchangeOutcome, { kind: "open" }> | { readonly kind: "timed-out" };
}

/** What the contact says. */
export interface Saying {
  /** Address of the contact. */
  readonly from: string;
  readonly text: string;
  /** Longest wait for the delivered answer, in milliseconds. */
  readonly timeoutMs: number;
}

// The agent promises a sign of life every 5 seconds.
const IDLE_TIMEOUT_MS = 15_000;
const CONSUMER = "imesh-start";

interface Waiting {
  readonly onChange: (exchange: Exchange) => void;
  readonly over: (result: ExchangeResult) => void;
}

/**
 * Lets a contact of the simulated Mac speak and follows each message to its answer, by listening to everyone
 * who reports on the way: the simulator's own times, mac-bridge's journal, the agent's turns.
 */
export class ExchangeFollower implements AsyncDisposable {
  /** Rejects when following is not possible any more; resolves after disposal. */
  readonly ended: Promise<void>;
  readonly #ports: ExchangePorts;
  readonly #simulator: RpcClient<typeof SimulatorServiceService>;
  readonly #agent: RpcClient<typeof AgentServiceService>;
  readonly #stop = new AbortController();
  readonly #waiting = new Map<string, Waiting>();
  readonly #watchers = new Set<(event: Event) => void>();
  readonly #book = new ExchangeBook((exchange) => this.#report(exchange));
  readonly #listening = Promise.withResolvers<void>();

  private constructor(ports: ExchangePorts, targets: ExchangeTargets) {
    this.#ports = ports;
    this.#simulator = connect(SimulatorServiceClient, targets.simulator, ports);
    this.#agent = connect(AgentServiceClient, targets.agent, ports);
    this.ended = Promise.all([this.#followEvents(targets.bridge), this.#followTurns()]).then(() => {});
    this.ended.catch((error: unknown) => this.#listening.reject(error));
  }

  /**
   * Resolves once it listens, so that nothing said afterwards is missed. Rejects with the reason of `signal`.
   */
  static async start(
    ports: ExchangePorts,
    targets: ExchangeTargets,
    signal: AbortSignal,
  ): Promise<ExchangeFollower> {
    const follower = new ExchangeFollower(ports, targets);
    const abort = () => follower.#listening.reject(signal.reason);
    signal.addEventListener("abort", abort);
    try {
      signal.throwIfAborted();
      await follower.#listening.promise;
      return follower;
    } catch (error) {
      await follower[Symbol.asyncDispose]();
      throw error;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  /** Says something and resolves with how it ended; never rejects for an answer that does not come. */
  async say(saying: Saying, onChange: (exchange: Exchange) => void = () => {}): Promise<ExchangeResult> {
    using deadline = deadlineSignal(this.#ports.clock, saying.timeoutMs, this.#stop.signal);
    const { message } = await this.#simulator.call(
      "say",
      { from: saying.from, text: saying.text, chatGuid: "" },
      { deadlineMs: saying.timeoutMs, signal: this.#stop.signal },
    );
    if (message === undefined)
      throw new Error("Cannot follow message: the simulator did not tell which it is");
    const { promise, resolve } = Promise.withResolvers<ExchangeResult>();
    this.#waiting.set(message.guid, { onChange, over: resolve });
    const giveUp = () => {
      const exchange = this.#book.close(message.guid);
      if (exchange !== undefined) resolve({ exchange, outcome: { kind: "timed-out" } });
    };
    deadline.signal.addEventListener("abort", giveUp);
    try {
      this.#book.open(message);
      if (deadline.signal.aborted) giveUp();
      return await promise;
    } finally {
      deadline.signal.removeEventListener("abort", giveUp);
      this.#waiting.delete(message.guid);
    }
  }

  /** Lets many contacts speak at once; each message is handed over once it is committed. */
  async burst(
    request: BurstRequest,
    onWritten: (message: WrittenMessage) => void,
    signal: AbortSignal,
  ): Promise<void> {
    for await (const { message } of this.#simulator.stream("burst", request, { signal })) {
      if (message !== undefined) onWritten(message);
    }
  }

  /**
   * Calls `watcher` with every event from now on until the returned function is called. It must not throw.
   */
  watchEvents(watcher: (event: Event) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error("Nobody follows any more"));
    await this.ended.catch(() => {});
    await this.#simulator[Symbol.asyncDispose]();
    await this.#agent[Symbol.asyncDispose]();
  }

  #report(exchange: Exchange): void {
    const waiting = this.#waiting.get(exchange.said.guid);
    waiting?.onChange(exchange);
    const outcome = outcomeOf(exchange);
    if (outcome.kind !== "open") waiting?.over({ exchange, outcome });
  }

  #followEvents(target: string): Promise<void> {
    return followEvents({
      ...this.#ports,
      target,
      consumer: CONSUMER,
      start: { kind: "from-head" },
      onEvents: (events) => {
        for (const event of events) {
          this.#book.addEvent(event);
          for (const watcher of this.#watchers) watcher(event);
        }
      },
      onCaughtUp: () => this.#listening.resolve(),
      signal: this.#stop.signal,
    });
  }

  #followTurns(): Promise<void> {
    return subscribeForever<WatchTurnsResponse, undefined>({
      ...this.#ports,
      cursor: undefined,
      open: (_cursor, attempt) => this.#agent.stream("watchTurns", {}, attempt),
      onMessage: ({ frame }) => {
        if (frame?.$case === "turn") this.#book.addTurn(frame.value);
        return undefined;
      },
      idleTimeoutMs: IDLE_TIMEOUT_MS,
      backoff: backoffTo(this.#agent.target),
      signal: this.#stop.signal,
    });
  }
}
