/** Plays every script of this folder and compares what came with what it says. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { formatScript, parseScript } from "./script.ts";
import { Stage } from "./stage.ts";

const folder = import.meta.dirname;
const isRewriting = process.env.IMESH_REWRITE === "1";

for (const name of readdirSync(folder).filter((file) => file.endsWith(".txt"))) {
  test(name.replace(".txt", "").replaceAll("-", " "), { timeout: 90_000 }, async () => {
    const path = join(folder, name);
    const [opening, ...steps] = parseScript(readFileSync(path, "utf8"));
    const cast = opening?.commands.find(({ verb }) => verb === "cast");
    assert.ok(opening !== undefined && cast !== undefined, "a script begins with its cast");
    await using stage = await Stage.start(cast.words);
    const outputs: string[][] = [[]];
    for (const step of steps) {
      const output: string[] = [];
      for (const command of step.commands) output.push(...(await stage.run(command)));
      outputs.push(output);
      if (!isRewriting) assert.deepEqual(output, step.expected, step.source.join("\n"));
    }
    if (isRewriting) writeFileSync(path, formatScript([opening, ...steps], outputs));
  });
}
