/** The gate's share of the fuzzing: every find ever made, and a few seconds of new inputs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { fuzz, fuzzHeavily, replayFound } from "./fuzzer.ts";
import { heavyInput } from "./heavy.ts";
import { HOSTILE_INPUTS } from "./hostile.ts";
import { minimised } from "./minimise.ts";
import { inputsOverPeak, type PeakInput } from "./peak.ts";
import { type Family, TARGETS, type Target } from "./target.ts";
import { heldBytes, judge, TIME_UNITS_MAX, unitMs } from "./verdict.ts";

const SECONDS = Number(process.env.IMESH_FUZZ_SECONDS ?? "5");

/** With these a decoder without its bound on depth, on memory, or on what a digest takes in, shows a fault: tried. */
const HEAVY_SEED = 2;
const HEAVY_INPUTS = 20;

test("what was found once is found no more", () => {
  assert.deepEqual(replayFound(), []);
});

test(`${SECONDS} s of inputs show no fault`, () => {
  const random = SeededRandom.fromEnvironment("codec fuzzing");
  const { executions, finds } = fuzz(random, performance.now() + SECONDS * 1_000);
  process.stdout.write(`# ${executions} executions\n`);
  assert.deepEqual(finds, []);
  assert.ok(executions > 100 * SECONDS, `${executions} executions`);
});

test("heavy inputs show no fault", () => {
  assert.deepEqual(fuzzHeavily(new SeededRandom(HEAVY_SEED), HEAVY_INPUTS), []);
});

test("hostile inputs show no fault", () => {
  const unit = unitMs();
  const faults = hostileInputs().flatMap(({ name, family, bytes }) =>
    TARGETS.filter((target) => target.family === family).flatMap((target) => {
      const fault = judge(target, bytes, unit);
      return fault === null ? [] : [{ name, target: target.name, fault }];
    }),
  );
  assert.deepEqual(faults, []);
});

test("no input needs much memory, not even for a moment", async () => {
  const random = new SeededRandom(HEAVY_SEED);
  const heavy = (["typedstream", "property-list"] as const).flatMap((family) =>
    Array.from({ length: HEAVY_INPUTS / 2 }, (_, index) => heavyNamed(`${family} ${index}`, random, family)),
  );
  assert.deepEqual(await inputsOverPeak([...hostileInputs(), ...heavy]), []);
});

function hostileInputs(): readonly PeakInput[] {
  return HOSTILE_INPUTS.map(({ name, family, make }) => ({ name, family, bytes: make() }));
}

function heavyNamed(name: string, random: SeededRandom, family: Family): PeakInput {
  return { name, family, bytes: heavyInput(random, family) };
}

// A check that cannot fail is a defect: these decoders have each fault.

function targetOf(rest: Pick<Target, "decode"> & Partial<Target>): Target {
  return { name: "faulty", family: "typedstream", error: null, ...rest };
}

const INPUT = Uint8Array.of(1, 2, 3, 0xbd, 4, 5);

test("judge() sees an error of another type, and lets the typed one pass", () => {
  const decode = () => {
    throw new RangeError("out of stack");
  };
  assert.deepEqual(judge(targetOf({ decode }), INPUT, 1), {
    kind: "throws",
    fact: "RangeError: out of stack",
  });
  assert.equal(judge(targetOf({ decode, error: RangeError }), INPUT, 1), null);
});

test("judge() sees a contradiction", () => {
  const check = () => assert.fail("two is not three");
  assert.equal(judge(targetOf({ decode: () => 2, check }), INPUT, 1)?.kind, "contradiction");
});

test("judge() sees a decoder that takes long", () => {
  const decode = () => Array.from({ length: TIME_UNITS_MAX }, unitMs).length;
  assert.equal(judge(targetOf({ decode }), INPUT, 1)?.kind, "slow");
});

test("judge() sees a decoder whose result is large, and lets garbage pass", () => {
  // 40 MB, quickly: it must not be slow as well.
  const large = () => Array.from({ length: 500 }, () => new Array<number>(10_000).fill(0.5));
  // First, because it collects what the tests before left: a heap that shrinks meanwhile would hide what is held.
  assert.ok(heldBytes(targetOf({ decode: () => large().length }), INPUT) < 1_000_000);
  assert.equal(judge(targetOf({ decode: large }), INPUT, 100)?.kind, "holds-much");
});

test("inputsOverPeak() names what a heap is too small for, and goes on behind it", async () => {
  const inputs = hostileInputs().filter(({ family }) => family === "typedstream");
  assert.deepEqual(await inputsOverPeak(inputs, 16), ["runs of one character each"]);
});

test("minimised() leaves what matters", () => {
  assert.deepEqual(
    minimised(INPUT, (bytes) => bytes.includes(0xbd)),
    Uint8Array.of(0xbd),
  );
});
