/** Writes every row's folder: `node test/vectors/rows/generate.ts`. What it wrote once it writes for ever. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expectedText, rowText } from "./row-json.ts";
import { ROW_SHAPES } from "./shapes.ts";

for (const { name, row } of ROW_SHAPES) {
  const folder = join(import.meta.dirname, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "row.json"), rowText(row));
  writeFileSync(join(folder, "expected.json"), expectedText(row));
}
