import assert from "node:assert/strict";
import { test } from "node:test";
import { type Priority, Schedule, type ScheduleBounds, type ScheduledRequest } from "./schedule.ts";

const BOUNDS: ScheduleBounds = {
  requestsMax: 6,
  clientRequestsMax: 3,
  begunMax: 2,
  clientBegunMax: 2,
  interactivePagesMax: 2,
};

interface Named extends ScheduledRequest {
  readonly name: string;
}

function request(name: string, client: string, priority: Priority = "interactive", deadlineMs = Infinity) {
  return { name, client, priority, deadlineMs, isMultiPage: true };
}

/** Names in the order of their pages, `pages` of them, each request wanting more. */
function turns(schedule: Schedule<Named>, pages: number): string[] {
  return Array.from({ length: pages }, () => {
    const { next } = schedule.take(0);
    if (next !== undefined) schedule.putBack(next);
    return next?.name ?? "-";
  });
}

test("clients take turns, and within a client its requests do", () => {
  const schedule = new Schedule<Named>({ ...BOUNDS, begunMax: 6, clientBegunMax: 6 });
  for (const name of ["a1", "a2", "a3"]) schedule.offer(request(name, "a"));
  schedule.offer(request("b1", "b"));
  assert.deepEqual(turns(schedule, 8), ["a1", "b1", "a2", "b1", "a3", "b1", "a1", "b1"]);
});

test("bulk has one page after so many interactive ones, and all of them when nobody else waits", () => {
  const schedule = new Schedule<Named>(BOUNDS);
  schedule.offer(request("scan", "scan", "bulk"));
  assert.deepEqual(turns(schedule, 2), ["scan", "scan"]);
  const person = request("person", "a");
  schedule.offer(person);
  assert.deepEqual(turns(schedule, 7), ["person", "person", "scan", "person", "person", "scan", "person"]);
  schedule.remove(person);
  assert.deepEqual(turns(schedule, 2), ["scan", "scan"]);
});

test("no more requests begin than may hold answers, and the next begins when one ends", () => {
  const schedule = new Schedule<Named>(BOUNDS);
  const requests = ["a1", "a2", "a3"].map((name) => request(name, "a"));
  for (const each of requests) schedule.offer(each);
  schedule.offer(request("b1", "b"));
  assert.deepEqual(turns(schedule, 4), ["a1", "b1", "a1", "b1"]);
  const [first] = requests;
  assert(first !== undefined);
  schedule.remove(first);
  assert.deepEqual(turns(schedule, 4), ["a2", "b1", "a2", "b1"]);
});

test("a client does not take every place, and what wants one page needs none", () => {
  const schedule = new Schedule<Named>({ ...BOUNDS, begunMax: 2, clientBegunMax: 1 });
  for (const name of ["a1", "a2"]) schedule.offer(request(name, "a"));
  schedule.offer(request("b1", "b"));
  schedule.offer(request("c1", "c"));
  assert.deepEqual(turns(schedule, 4), ["a1", "b1", "a1", "b1"]);
  schedule.offer({ ...request("a3", "a"), isMultiPage: false });
  schedule.offer({ ...request("c2", "c"), isMultiPage: false });
  assert.deepEqual(turns(schedule, 6), ["c2", "a1", "b1", "c2", "a3", "b1"]);
});

test("offer() refuses what is beyond the client's bound and beyond everybody's, a class apart", () => {
  const schedule = new Schedule<Named>(BOUNDS);
  const offers = [..."aaaabbbcc"].map((client) => schedule.offer(request(client, client)));
  assert.deepEqual(offers, [
    ...["admitted", "admitted", "admitted", "client-full", "admitted", "admitted", "admitted"],
    ...["queue-full", "queue-full"],
  ]);
  assert.equal(schedule.offer(request("scan", "scan", "bulk")), "admitted");
  assert.equal(schedule.size, 7);
});

test("take() gives what is past its deadline back and never runs it", () => {
  const schedule = new Schedule<Named>(BOUNDS);
  const late = request("late", "a", "interactive", 10);
  schedule.offer(late);
  schedule.offer(request("early", "a", "interactive", 11));
  assert.equal(schedule.nextDeadlineMs(), 10);
  const turn = schedule.take(10);
  assert.deepEqual([turn.next?.name, turn.expired], ["early", [late]]);
  assert.equal(schedule.waiting, 0);
  assert.deepEqual(
    schedule.expire(11).map(({ name }) => name),
    ["early"],
  );
  assert.equal(schedule.size, 0);
  assert.deepEqual(schedule.take(12), { next: undefined, expired: [] });
});

test("a request that is removed while it is out does not come back", () => {
  const schedule = new Schedule<Named>(BOUNDS);
  const only = request("only", "a");
  schedule.offer(only);
  const { next } = schedule.take(0);
  assert.equal(next, only);
  assert.equal(schedule.remove(only), true);
  schedule.putBack(only);
  assert.equal(schedule.remove(only), false);
  assert.deepEqual(turns(schedule, 1), ["-"]);
});
