import type { Turn } from "@imesh/contracts/agent/v1";
import type { Event } from "@imesh/contracts/bridge/v1/event";
import type { WrittenMessage } from "@imesh/contracts/simulator/v1";
import { type Exchange, openExchange, outcomeOf, withEvent, withTurn } from "./exchange.ts";

// Reports kept for exchanges that are opened after them: the event of a message usually overtakes the answer
// of the simulator's Say. Generous against a burst of a few hundred messages; about 1 KiB each.
const EVENTS_MAX = 4_096;
const TURNS_MAX = 4_096;

/**
 * Puts the reports of several streams together into exchanges. The streams run independently, so anything may
 * come first: each report is kept for a while, and an exchange is made anew from all kept ones whenever it
 * may have changed. Single-threaded and synchronous. Bounds: 4096 events and 4096 turns, the oldest are
 * forgotten first (I8); an exchange keeps what it had learned from them.
 */
export class ExchangeBook {
  readonly #events: Event[] = [];
  readonly #turns = new Map<string, Turn>();
  readonly #open = new Map<string, Exchange>();
  readonly #onChange: (exchange: Exchange) => void;

  /** `onChange` is called synchronously with every new state of an exchange; it must not throw. */
  constructor(onChange: (exchange: Exchange) => void) {
    this.#onChange = onChange;
  }

  /**
   * Follows the exchange that begins with `message`, until its outcome is known or {@link close} is called.
   */
  open(message: WrittenMessage): Exchange {
    const exchange = this.#replayed(openExchange(message));
    this.#store(exchange);
    return exchange;
  }

  /** Exchanges without an outcome yet. */
  get openCount(): number {
    return this.#open.size;
  }

  /** Stops following; returns the last state, or undefined when it was closed or over before. */
  close(guid: string): Exchange | undefined {
    const exchange = this.#open.get(guid);
    this.#open.delete(guid);
    return exchange;
  }

  /** A report of mac-bridge. */
  addEvent(event: Event): void {
    this.#events.push(event);
    if (this.#events.length > EVENTS_MAX) this.#events.shift();
    for (const exchange of [...this.#open.values()]) this.#advance(exchange, withEvent(exchange, event));
  }

  /** A report of the agent. */
  addTurn(turn: Turn): void {
    this.#turns.delete(turn.turnId);
    this.#turns.set(turn.turnId, turn);
    const [oldest] = this.#turns.keys();
    if (this.#turns.size > TURNS_MAX && oldest !== undefined) this.#turns.delete(oldest);
    for (const exchange of [...this.#open.values()]) this.#advance(exchange, withTurn(exchange, turn));
  }

  #advance(before: Exchange, after: Exchange): void {
    if (after === before) return;
    // What was learned (the sequence, the request_id) may make sense of reports that came earlier.
    this.#store(this.#replayed(after));
  }

  #replayed(exchange: Exchange): Exchange {
    let current = this.#events.reduce(withEvent, exchange);
    for (const turn of this.#turns.values()) current = withTurn(current, turn);
    return this.#events.reduce(withEvent, current);
  }

  #store(exchange: Exchange): void {
    if (outcomeOf(exchange).kind === "open") this.#open.set(exchange.said.guid, exchange);
    else this.#open.delete(exchange.said.guid);
    this.#onChange(exchange);
  }
}
