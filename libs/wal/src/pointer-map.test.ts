import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { isPointerMapPage } from "./pointer-map.ts";

test("the map's pages come after as many pages as they have entries", () => {
  const pages = Array.from({ length: 2_000 }, (_, index) => index);
  deepEqual(
    pages.filter((page) => isPointerMapPage(page, 4096)),
    [2, 822, 1642],
  );
  deepEqual(pages.filter((page) => isPointerMapPage(page, 512)).slice(0, 3), [2, 105, 208]);
});

test("the page of the pending byte is left out, and the map comes one later", () => {
  equal(isPointerMapPage(1_048_577, 1024), false);
  equal(isPointerMapPage(1_048_578, 1024), true);
  equal(isPointerMapPage(1_048_577 + 205, 1024), true);
});
