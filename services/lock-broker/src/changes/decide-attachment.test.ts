import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import type { AttachmentPrint } from "../rows/prints.ts";
import { type AttachmentMoment, decideAttachment } from "./decide-attachment.ts";
import type { KnownAttachment } from "./known-rows.ts";

const SEEN: AttachmentPrint = {
  rowid: 4n,
  guid: "at_0_G",
  isOverflowing: false,
  transferState: 3,
  progress: 1,
  info: 1,
};

const TOLD: AttachmentMoment = { isMessageTold: true, isShown: false, isBaseline: false };
const SHOWN: AttachmentMoment = { ...TOLD, isShown: true };
const EARLY: AttachmentMoment = { ...TOLD, isMessageTold: false };
const BASELINE: AttachmentMoment = { ...EARLY, isBaseline: true };

function known(values: Partial<AttachmentPrint> = {}, isTold = true): KnownAttachment {
  return { print: { ...SEEN, ...values }, isTold };
}

test("decideAttachment() says how the transfer stands by transfer_state", () => {
  const reasonsOf = (before: number, after: number, progress = 1) =>
    decideAttachment(known({ transferState: before }), { ...SEEN, transferState: after, progress }, TOLD)
      .reasons;
  assert.deepEqual(reasonsOf(3, 5, 2), ["ready"]);
  assert.deepEqual(reasonsOf(3, 6), ["failed"]);
  assert.deepEqual(reasonsOf(6, 7), ["failed"]);
  assert.deepEqual(reasonsOf(0, 3), ["progress"]);
  assert.deepEqual(reasonsOf(5, -1), ["progress"]);
  assert.deepEqual(reasonsOf(5, 5, 2), ["progress"]);
  assert.deepEqual(reasonsOf(5, 8), ["progress"]);
  assert.deepEqual(reasonsOf(5, 5), []);
});

test("decideAttachment() tells guid and info beside it, in order", () => {
  const seen = { ...SEEN, guid: "at_0_H", transferState: 5, info: 2 };
  assert.deepEqual(decideAttachment(known(), seen, TOLD), {
    reasons: ["guid", "ready", "info"],
    keep: { print: seen, isTold: true },
  });
});

test("decideAttachment() is silent until a message with it was told, and that message shows it", () => {
  const early = decideAttachment(undefined, SEEN, EARLY);
  assert.deepEqual(early, { reasons: [], keep: known({}, false) });
  const ready = { ...SEEN, transferState: 5 };
  assert.deepEqual(decideAttachment(early.keep, ready, EARLY), {
    reasons: [],
    keep: { print: ready, isTold: false },
  });
  assert.deepEqual(decideAttachment(early.keep, ready, SHOWN), {
    reasons: [],
    keep: { print: ready, isTold: true },
  });
  assert.deepEqual(decideAttachment(early.keep, undefined, EARLY), { reasons: [], keep: undefined });
});

test("decideAttachment() tells one that comes to a message that was told without it", () => {
  assert.deepEqual(decideAttachment(undefined, { ...SEEN, transferState: 5 }, TOLD).reasons, ["ready"]);
  assert.deepEqual(decideAttachment(undefined, SEEN, TOLD).reasons, ["progress"]);
  assert.deepEqual(decideAttachment(undefined, SEEN, SHOWN), { reasons: [], keep: known() });
});

test("decideAttachment() keeps the baseline silently and tells what becomes of it", () => {
  const first = decideAttachment(undefined, SEEN, BASELINE);
  assert.deepEqual(first, { reasons: [], keep: known() });
  assert.deepEqual(decideAttachment(first.keep, { ...SEEN, transferState: 5 }, EARLY).reasons, ["ready"]);
  assert.deepEqual(decideAttachment(first.keep, undefined, EARLY), { reasons: ["deleted"], keep: undefined });
});

test("any sequence of states: what a consumer has of a told attachment is what is there, each difference told once", () => {
  const random = SeededRandom.fromEnvironment("decide-attachment");
  for (let round = 0; round < 2_000; round += 1) {
    let before: KnownAttachment | undefined;
    let consumer: AttachmentPrint | undefined;
    let isMessageTold = false;
    let seen = SEEN;
    for (let look = 0; look < 15; look += 1) {
      const isShown: boolean = !isMessageTold && random.chance(0.2);
      isMessageTold ||= isShown;
      const { reasons, keep } = decideAttachment(before, seen, { isMessageTold, isShown, isBaseline: false });
      if (isShown) consumer = seen;
      if (reasons.length > 0) {
        assert(consumer !== undefined, "told before its message");
        assert.notDeepEqual({ ...consumer, isOverflowing: false }, { ...seen, isOverflowing: false });
        consumer = seen;
      }
      if (consumer !== undefined) {
        assert.deepEqual({ ...consumer, isOverflowing: false }, { ...seen, isOverflowing: false });
      }
      const again = decideAttachment(keep, { ...seen }, { isMessageTold, isShown: false, isBaseline: false });
      assert.deepEqual([again.reasons, again.keep === keep], [[], true]);
      before = keep;
      seen = {
        ...seen,
        transferState: random.chance(0.3) ? random.integer(-1, 7) : seen.transferState,
        progress: random.integer(1, 2),
        info: random.integer(1, 2),
        guid: random.pick(["at_0_G", "at_0_H"]),
        isOverflowing: random.chance(0.3),
      };
    }
  }
});
