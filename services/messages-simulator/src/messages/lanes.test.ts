import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "@imesh/testing";
import { Lanes } from "./lanes.ts";

const BOUNDS = { itemsMax: 3, bytesMax: 100 };

describe("run()", () => {
  test("runs the works of one key in order, one at a time, and those of others meanwhile", async () => {
    const clock = new FakeClock();
    const lanes = new Lanes(BOUNDS);
    const seen: string[] = [];
    const work = (name: string, ms: number) => async () => {
      seen.push(`${name} begins`);
      await clock.sleep(ms);
      seen.push(`${name} ends`);
      return name;
    };
    const results = [
      lanes.run("a", 1, work("a1", 10)),
      lanes.run("a", 1, work("a2", 1)),
      lanes.run("b", 1, work("b1", 5)),
    ];
    await clock.advance(20);
    assert.deepEqual(await Promise.all(results), ["a1", "a2", "b1"]);
    assert.deepEqual(seen, ["a1 begins", "b1 begins", "b1 ends", "a1 ends", "a2 begins", "a2 ends"]);
    assert.equal(lanes.size, 0);
  });

  test("goes on after a work that failed", async () => {
    const lanes = new Lanes(BOUNDS);
    const failed = lanes.run("a", 1, async () => {
      throw new Error("disk full");
    });
    const next = lanes.run("a", 1, async () => "next");
    await assert.rejects(failed, /disk full/);
    assert.equal(await next, "next");
  });

  test("refuses at the bound of items and of bytes, and takes again once there is room", async () => {
    const clock = new FakeClock();
    const lanes = new Lanes(BOUNDS);
    const refused = { name: "LanesFullError" };
    const three = ["a", "b", "c"].map((key) => lanes.run(key, 1, () => clock.sleep(10)));
    await assert.rejects(
      lanes.run("d", 1, async () => {}),
      refused,
    );
    await clock.advance(10);
    await Promise.all(three);
    await assert.rejects(
      lanes.run("d", 101, async () => {}),
      refused,
    );
    await lanes.run("d", 100, async () => {});
  });
});
