import { match, ok } from "node:assert/strict";
import { test } from "node:test";
import { SystemRandom } from "./random.ts";

test("SystemRandom gives numbers in [0, 1) and UUIDs of version 4", () => {
  const random = new SystemRandom();
  for (let round = 0; round < 100; round += 1) {
    const number = random.next();
    ok(number >= 0 && number < 1);
    match(random.uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});
