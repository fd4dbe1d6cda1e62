import assert from "node:assert/strict";
import { test } from "node:test";
import { InformationRequested, StartupError } from "@imesh/lifecycle";
import { type CommandContext, defineCommand, JSON_FLAG } from "./command.ts";

const seen: unknown[] = [];

const greet = defineCommand({
  name: "greet",
  summary: "Greets.",
  operands: [
    { name: "WHO", help: "Who is greeted" },
    { name: "HOW", help: "How" },
  ],
  flags: {
    times: { type: "integer", min: 1, max: 3, default: 1, help: "How often" },
    loud: { type: "boolean", default: false, help: "Louder" },
    ...JSON_FLAG,
  },
  notes: [],
  run: async (call) => {
    seen.push(call);
    return 0;
  },
});

/** The command ignores its context. */
const context = {} as CommandContext;

async function parse(...argv: string[]): Promise<unknown> {
  await greet.run(argv, context);
  return seen.pop();
}

async function refusal(...argv: string[]): Promise<readonly [number, string]> {
  const error = await greet.run(argv, context).catch((caught: unknown) => caught);
  assert.ok(error instanceof StartupError);
  assert.equal(error.hint, "See imesh greet --help");
  return [error.exitCode, error.message];
}

test("flags and operands may come in any order", async () => {
  const expected = { operands: ["Ann", "hi"], flags: { times: 2, loud: true, json: false } };
  assert.deepEqual(await parse("Ann", "hi", "--times", "2", "--loud"), expected);
  assert.deepEqual(await parse("--times=2", "Ann", "--loud", "hi"), expected);
  assert.deepEqual(await parse("--loud", "--times", "2", "--", "Ann", "hi"), expected);
});

test("after -- everything is an operand, dashes and all", async () => {
  assert.deepEqual(await parse("Ann", "--", "--loud"), {
    operands: ["Ann", "--loud"],
    flags: { times: 1, loud: false, json: false },
  });
});

test("a wrong command line is refused with 64 and a line that names what is wrong", async () => {
  assert.deepEqual(await refusal("Ann"), [64, "Cannot use HOW (required)"]);
  assert.deepEqual(await refusal("Ann", "hi", "you"), [
    64,
    'Cannot use argument: "you" (only 2 wanted; put a text with blanks in quotes)',
  ]);
  assert.deepEqual(await refusal("Ann", "hi", "--times", "4"), [
    64,
    'Cannot use --times: "4" (integer 1..3)',
  ]);
  assert.deepEqual(await refusal("Ann", "hi", "--quiet"), [64, "Cannot use --quiet (no such flag)"]);
  assert.deepEqual(await refusal("Ann", "hi", "--loud", "--loud"), [64, "Cannot use --loud (given twice)"]);
});

test("a text that begins with a dash comes after --, and the refusal says so", async () => {
  const hintOf = async (text: string) => {
    const error = await greet.run(["Ann", text], context).catch((caught: unknown) => caught);
    return error instanceof StartupError ? error.hint : error;
  };
  for (const text of ["-5", "-hello", "--well, hello"]) {
    const hint = `Put -- before a text that begins with a dash: imesh greet -- "${text}"`;
    assert.equal(await hintOf(text), hint);
    assert.deepEqual(await parse("--", "Ann", text), {
      operands: ["Ann", text],
      flags: { times: 1, loud: false, json: false },
    });
  }
  assert.equal(await hintOf("--quiet"), "See imesh greet --help");
});

test("--help wins over everything else on the line", async () => {
  for (const argv of [["--help"], ["-h"], ["Ann", "--times", "9", "--help"]]) {
    await assert.rejects(greet.run(argv, context), (error: unknown) => {
      assert.ok(error instanceof InformationRequested);
      assert.equal(error.text, greet.help);
      return true;
    });
  }
});
