/** Rows with what they are decoded to: a row.json and an expected.json each, written once by generate.ts. What a row was once it stays. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { expectedText, rowOfText, rowText } from "./row-json.ts";
import { ROW_SHAPES } from "./shapes.ts";

const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

function fileOf(name: string, file: string): string {
  return readFileSync(join(import.meta.dirname, name, file), "utf8");
}

test("there is a folder for each row, and generating anew changes nothing", () => {
  assert.deepEqual(folders.sort(), ROW_SHAPES.map(({ name }) => name).sort());
  for (const { name, row } of ROW_SHAPES) assert.equal(fileOf(name, "row.json"), rowText(row), name);
});

for (const name of folders) {
  test(`${name} is decoded to what is expected`, () => {
    assert.equal(expectedText(rowOfText(fileOf(name, "row.json"))), fileOf(name, "expected.json"));
  });
}
