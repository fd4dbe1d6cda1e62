/** Writes every shape's folder: `node test/vectors/bodies/generate.ts`. What it wrote once it writes for ever. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expectedText } from "./expected.ts";
import { SHAPES } from "./shapes.ts";

for (const { name, bytes } of SHAPES) {
  const folder = join(import.meta.dirname, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "body.bin"), bytes);
  writeFileSync(join(folder, "expected.json"), expectedText(bytes));
}
