/**
 * Fuzzes the codec: `node test/fuzz/codec.ts --seconds 600 --seed 7`. Prints the seed, so that a run can be had again; what
 * is found is minimised and kept in found/. Exits 1 when something was found.
 */
import { parseArgs } from "node:util";
import { SeededRandom } from "@imesh/testing";
import { fuzz } from "./fuzzer.ts";

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "60" }, seed: { type: "string" } },
});
const seconds = Number(values.seconds);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(values.seed);
if (!(seconds > 0) || !Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
  process.stderr.write("Cannot fuzz: --seconds must be above 0, --seed an integer in 0..2^32-1\n");
  process.exit(64);
}
process.stdout.write(`seed ${seed}, ${seconds} s\n`);
const startMs = performance.now();
const { inputs, executions, finds } = fuzz(new SeededRandom(seed), startMs + seconds * 1_000);
const perSecond = Math.round(executions / ((performance.now() - startMs) / 1_000));
process.stdout.write(`${inputs} inputs, ${executions} executions, ${perSecond}/s, ${finds.length} finds\n`);
for (const { target, fault, byteLength, path } of finds) {
  process.stdout.write(`${target}: ${fault.kind}, ${fault.fact}; ${byteLength} bytes in ${path}\n`);
}
process.exitCode = finds.length === 0 ? 0 : 1;
