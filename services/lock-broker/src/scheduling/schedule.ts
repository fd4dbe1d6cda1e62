import { assert } from "@imesh/flow";

/** Somebody waits for an interactive request; nobody in particular for one in bulk (a scan). */
export type Priority = "interactive" | "bulk";

/** What the schedule knows of a request. Identity is the object's own: each is offered once. */
export interface ScheduledRequest {
  /** Who asks. Clients of one class have their turns one after the other, however much each of them asks. */
  readonly client: string;
  readonly priority: Priority;
  /** Monotonic milliseconds; from then on nothing is done for it. Infinity for none. */
  readonly deadlineMs: number;
  /** It wants several pages and keeps what they found until it is done; the others hold nothing and need no place for it. */
  readonly isMultiPage: boolean;
}

/** Bounds of a {@link Schedule}, each an integer of at least 1. */
export interface ScheduleBounds {
  /** Most requests of one class, those that have begun included (I8). */
  readonly requestsMax: number;
  /** Most requests of one client in one class. */
  readonly clientRequestsMax: number;
  /** Most requests of several pages in one class that have begun and not ended: each holds what it found so far. */
  readonly begunMax: number;
  /** Most of those of one client, fewer than all, so that nobody takes every place. */
  readonly clientBegunMax: number;
  /** Interactive pages in a row while bulk waits; then comes one bulk page. */
  readonly interactivePagesMax: number;
}

/** What {@link Schedule.offer} says. A refusal names the bound: that of everybody, or the client's own. */
export type Admission = "admitted" | "queue-full" | "client-full";

/** What {@link Schedule.take} gives. */
export interface Turn<Request> {
  /** Whose page is next; undefined when nobody waits. */
  readonly next: Request | undefined;
  /** Requests whose deadline passed; they are in the schedule no more. */
  readonly expired: readonly Request[];
}

/**
 * Whose page is next. The unit is the page, not the request: a request gives way after each page and comes back at the end of its
 * client's line. Interactive goes before bulk, clients take turns within a class, and within a client the requests do.
 *
 *     interactive   client a: ▢▢▢   ─┐ one page each,                  at most one page is out at a time:
 *                   client b: ▢     ─┴ round and round ─┐ 8 pages      take → (the page runs) → putBack or remove
 *     bulk          client scan: ▢  ─────────────────── ┴ 1 page
 *
 * Pure: it reads no clock and runs nothing. A request is in it from `offer` until `remove` or until `take` names it
 * expired, so none is lost and none is served twice.
 */
export class Schedule<Request extends ScheduledRequest> {
  readonly #bounds: ScheduleBounds;
  readonly #lanes: Readonly<Record<Priority, Lane<Request>>>;
  #taken: Request | undefined;
  /** Interactive pages since bulk last had its turn or nothing to do. */
  #interactivePages = 0;

  constructor(bounds: ScheduleBounds) {
    for (const [name, bound] of Object.entries(bounds)) {
      assert(Number.isSafeInteger(bound) && bound >= 1, `${name} is an integer of at least 1`);
    }
    this.#bounds = bounds;
    this.#lanes = { interactive: new Lane(bounds), bulk: new Lane(bounds) };
  }

  /** Requests in it: those that wait and the one that is out. */
  get size(): number {
    return this.#lanes.interactive.size + this.#lanes.bulk.size;
  }

  /** Requests that wait for their turn. */
  get waiting(): number {
    return this.#taken === undefined ? this.size : this.size - 1;
  }

  /** Puts a request at the end of its client's line, or says which bound refuses it and forgets it. */
  offer(request: Request): Admission {
    return this.#lanes[request.priority].offer(request);
  }

  /**
   * Takes the request whose page is next. Asserts that none is out. The caller runs one page and then says {@link putBack} or
   * {@link remove}.
   */
  take(nowMs: number): Turn<Request> {
    assert(this.#taken === undefined, "one page is out at a time");
    const expired = this.expire(nowMs);
    const { interactive, bulk } = this.#lanes;
    const isBulkWaiting = bulk.size > 0;
    if (!isBulkWaiting) this.#interactivePages = 0;
    const isBulkDue = isBulkWaiting && this.#interactivePages >= this.#bounds.interactivePagesMax;
    const lane = interactive.size > 0 && !isBulkDue ? interactive : bulk;
    const next = lane.take();
    if (next !== undefined) this.#interactivePages = lane === interactive ? this.#interactivePages + 1 : 0;
    this.#taken = next;
    return { next, expired };
  }

  /** The page of `request` is over and it wants another: to the end of its client's line. Nothing when it was removed meanwhile. */
  putBack(request: Request): void {
    if (this.#taken !== request) return;
    this.#taken = undefined;
    this.#lanes[request.priority].putBack(request);
  }

  /** Forgets a request, waiting or out. False when it is not in the schedule. */
  remove(request: Request): boolean {
    if (this.#taken === request) this.#taken = undefined;
    return this.#lanes[request.priority].remove(request);
  }

  /** Removes and returns the requests whose deadline passed, the one that is out among them. */
  expire(nowMs: number): Request[] {
    const expired = this.all().filter((request) => request.deadlineMs <= nowMs);
    for (const request of expired) this.remove(request);
    return expired;
  }

  /** The earliest deadline; Infinity without one. */
  nextDeadlineMs(): number {
    return this.all().reduce((earliest, { deadlineMs }) => Math.min(earliest, deadlineMs), Infinity);
  }

  /** Everything in it, in no particular order. */
  all(): Request[] {
    return [...this.#lanes.interactive.all(), ...this.#lanes.bulk.all()];
  }
}

/** The requests of one class. */
class Lane<Request extends ScheduledRequest> {
  readonly #bounds: ScheduleBounds;
  /** Clients in the order of their turns; the Map's order is the ring. Lines hold what waits, so a line may be empty. */
  readonly #lines = new Map<string, Request[]>();
  readonly #members = new Set<Request>();
  /** Those of several pages, from their first page until they end. */
  readonly #begun = new Set<Request>();

  constructor(bounds: ScheduleBounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#members.size;
  }

  all(): Iterable<Request> {
    return this.#members;
  }

  offer(request: Request): Admission {
    assert(!this.#members.has(request), "a request is offered once");
    const { requestsMax, clientRequestsMax } = this.#bounds;
    if (this.#members.size >= requestsMax) return "queue-full";
    if (countOf(this.#members, request.client) >= clientRequestsMax) return "client-full";
    this.#members.add(request);
    this.#enqueue(request);
    return "admitted";
  }

  /** The first client's first request that may run; then it is the next client's turn. */
  take(): Request | undefined {
    for (const [client, line] of this.#lines) {
      const index = line.findIndex((request) => this.#mayRun(request));
      const [request] = index < 0 ? [] : line.splice(index, 1);
      if (request === undefined) continue;
      this.#lines.delete(client);
      if (line.length > 0) this.#lines.set(client, line);
      if (request.isMultiPage) this.#begun.add(request);
      return request;
    }
    return undefined;
  }

  putBack(request: Request): void {
    assert(this.#members.has(request), "a request that comes back is still known");
    this.#enqueue(request);
  }

  remove(request: Request): boolean {
    if (!this.#members.delete(request)) return false;
    this.#begun.delete(request);
    const line = this.#lines.get(request.client);
    const index = line?.indexOf(request) ?? -1;
    if (line !== undefined && index >= 0) line.splice(index, 1);
    if (line?.length === 0) this.#lines.delete(request.client);
    return true;
  }

  #mayRun(request: Request): boolean {
    if (!request.isMultiPage || this.#begun.has(request)) return true;
    const { begunMax, clientBegunMax } = this.#bounds;
    return this.#begun.size < begunMax && countOf(this.#begun, request.client) < clientBegunMax;
  }

  #enqueue(request: Request): void {
    const line = this.#lines.get(request.client);
    if (line === undefined) this.#lines.set(request.client, [request]);
    else line.push(request);
  }
}

function countOf(requests: Iterable<ScheduledRequest>, client: string): number {
  let count = 0;
  for (const request of requests) if (request.client === client) count += 1;
  return count;
}
