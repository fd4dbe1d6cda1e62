import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { Schedule, type ScheduleBounds, type ScheduledRequest } from "./schedule.ts";

interface Tracked extends ScheduledRequest {
  readonly id: number;
  /** Pages until it is done. */
  pagesLeft: number;
}

type Fate = "admitted" | "refused" | "finished" | "expired" | "cancelled";

/** One life of a schedule under arrivals, pages, cancellations and passing time, with everything checked on the way. */
class Trial {
  readonly fates = new Map<Tracked, Fate>();
  readonly #random: SeededRandom;
  readonly #bounds: ScheduleBounds;
  readonly #schedule: Schedule<Tracked>;
  readonly #begun = new Set<Tracked>();
  /** Clients that had a page of this class since each waiting client had one: nobody is overtaken twice. */
  readonly #overtaken = new Map<string, Map<string, number>>();
  #nowMs = 0;
  #interactivePages = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#bounds = {
      requestsMax: random.integer(1, 20),
      clientRequestsMax: random.integer(1, 6),
      begunMax: random.integer(1, 5),
      clientBegunMax: random.integer(1, 3),
      interactivePagesMax: random.integer(1, 9),
    };
    this.#schedule = new Schedule(this.#bounds);
  }

  run(): void {
    for (let step = 0; step < 300; step += 1) {
      if (this.#random.chance(0.5)) this.#arrive(step);
      if (this.#random.chance(0.1)) this.#cancel();
      this.#page();
      this.#nowMs += this.#random.integer(0, 3);
    }
    for (let step = 0; this.#schedule.size > 0; step += 1) {
      assert(step < 10_000, "what was admitted comes to an end");
      this.#page();
      this.#nowMs += 1;
    }
    const unsettled = [...this.fates.values()].filter((fate) => fate === "admitted");
    assert.deepEqual(unsettled, [], "no request is lost");
  }

  #arrive(id: number): void {
    const request: Tracked = {
      id,
      client: this.#random.pick(["a", "b", "c", "d"]),
      priority: this.#random.chance(0.3) ? "bulk" : "interactive",
      deadlineMs: this.#random.chance(0.3) ? this.#nowMs + this.#random.integer(0, 40) : Infinity,
      isMultiPage: this.#random.chance(0.7),
      pagesLeft: this.#random.integer(1, 8),
    };
    const others = this.#alive().filter(({ priority }) => priority === request.priority);
    const own = others.filter(({ client }) => client === request.client);
    const expected =
      others.length >= this.#bounds.requestsMax
        ? "queue-full"
        : own.length >= this.#bounds.clientRequestsMax
          ? "client-full"
          : "admitted";
    assert.equal(this.#schedule.offer(request), expected);
    this.fates.set(request, expected === "admitted" ? "admitted" : "refused");
  }

  #cancel(): void {
    const alive = this.#alive();
    if (alive.length === 0) return;
    const request = this.#random.pick(alive);
    assert.equal(this.#schedule.remove(request), true);
    this.#settle(request, "cancelled");
  }

  #page(): void {
    const { next, expired } = this.#schedule.take(this.#nowMs);
    for (const request of expired) {
      assert(request.deadlineMs <= this.#nowMs, "what expires is past its deadline");
      this.#settle(request, "expired");
    }
    const alive = this.#alive();
    assert.equal(next === undefined, alive.length === 0, "somebody runs while anybody waits");
    if (next === undefined) return;
    assert.equal(this.fates.get(next), "admitted", "nothing runs after its end");
    assert(next.deadlineMs > this.#nowMs, "nothing runs after its deadline");
    this.#checkPriority(next, alive);
    this.#checkFairness(next, alive);
    if (next.isMultiPage) this.#begun.add(next);
    const begun = [...this.#begun].filter(({ priority }) => priority === next.priority);
    assert(begun.length <= this.#bounds.begunMax, "no more begin than may");
    const own = begun.filter(({ client }) => client === next.client);
    assert(own.length <= this.#bounds.clientBegunMax, "no more of one client begin than may");
    // Somebody may give up while the page is out.
    if (this.#random.chance(0.05)) {
      assert.equal(this.#schedule.remove(next), true);
      this.#settle(next, "cancelled");
    }
    next.pagesLeft -= 1;
    if (this.fates.get(next) !== "admitted" || next.pagesLeft > 0) {
      this.#schedule.putBack(next);
    } else {
      assert.equal(this.#schedule.remove(next), true);
      this.#settle(next, "finished");
    }
  }

  #checkPriority(next: Tracked, alive: readonly Tracked[]): void {
    const isWaiting = (priority: string) => alive.some((request) => request.priority === priority);
    if (!isWaiting("bulk")) this.#interactivePages = 0;
    if (next.priority === "interactive") {
      this.#interactivePages += 1;
      if (isWaiting("bulk")) assert(this.#interactivePages <= this.#bounds.interactivePagesMax);
    } else {
      const isDue = this.#interactivePages >= this.#bounds.interactivePagesMax;
      assert(isDue || !isWaiting("interactive"), "bulk goes first only when it is due");
      this.#interactivePages = 0;
    }
  }

  /** While a client could run, no other client of its class has two pages: only those not begun may be passed over. */
  #checkFairness(next: Tracked, alive: readonly Tracked[]): void {
    const lane = alive.filter(({ priority }) => priority === next.priority);
    const begun = lane.filter((request) => this.#begun.has(request));
    for (const client of new Set(lane.map((request) => request.client))) {
      const key = `${next.priority} ${client}`;
      const own = lane.filter((request) => request.client === client);
      const mayBegin =
        begun.length < this.#bounds.begunMax &&
        begun.filter((request) => request.client === client).length < this.#bounds.clientBegunMax;
      const isRunnable = own.some((request) => !request.isMultiPage || this.#begun.has(request) || mayBegin);
      const passed = this.#overtaken.get(key) ?? new Map<string, number>();
      this.#overtaken.set(key, passed);
      if (client === next.client || !isRunnable) {
        passed.clear();
        continue;
      }
      const times = (passed.get(next.client) ?? 0) + 1;
      assert(times <= 1, "a client that could run is not passed over again and again");
      passed.set(next.client, times);
    }
  }

  #alive(): Tracked[] {
    return [...this.fates].filter(([, fate]) => fate === "admitted").map(([request]) => request);
  }

  #settle(request: Tracked, fate: Fate): void {
    assert.equal(this.fates.get(request), "admitted", "a request ends once");
    this.fates.set(request, fate);
    this.#begun.delete(request);
    // A client that had left comes back behind the others.
    const { client, priority } = request;
    const isGone = !this.#alive().some((other) => other.client === client && other.priority === priority);
    if (isGone) this.#overtaken.delete(`${priority} ${client}`);
  }
}

test("whatever comes, waits and gives up: order, fairness, bounds and deadlines hold and nothing is lost", () => {
  const random = SeededRandom.fromEnvironment("schedule");
  const seen = new Set<Fate>();
  for (let trial = 0; trial < 60; trial += 1) {
    const life = new Trial(random);
    life.run();
    for (const fate of life.fates.values()) seen.add(fate);
  }
  assert.deepEqual([...seen].sort(), ["cancelled", "expired", "finished", "refused"]);
});
