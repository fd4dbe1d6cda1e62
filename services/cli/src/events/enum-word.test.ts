import assert from "node:assert/strict";
import { test } from "node:test";
import { ReactionKind } from "@imesh/contracts/bridge/v1/event";
import { enumWord } from "./enum-word.ts";

test("enumWord() says a number by its name, and does not know those of a later version", () => {
  const words = [ReactionKind.PLACED_STICKER, ReactionKind.UNSPECIFIED, ReactionKind.UNRECOGNIZED, 99].map(
    (kind) => enumWord(ReactionKind, kind),
  );
  assert.deepEqual(words, ["placed-sticker", "unspecified", "unspecified", "unspecified"]);
});
