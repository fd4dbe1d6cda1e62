import assert from "node:assert/strict";
import { test } from "node:test";
import { COMMANDS, TOPICS } from "./command-table.ts";
import { findCommand, helpPage, overview, unknownCommand } from "./help.ts";
import { actExamples } from "./simulator/act-examples.ts";

const COLUMNS_MAX = 110;

test("the overview is as reviewed", (context) => {
  context.assert.snapshot(overview(), { serializers: [asText] });
});

for (const { name } of [...COMMANDS, ...TOPICS]) {
  test(`help of "${name}" is as reviewed, and fits a terminal`, async (context) => {
    const page = await helpPage(name.split(" "));
    assert.deepEqual(
      page.split("\n").filter((line) => line.length > COLUMNS_MAX),
      [],
    );
    context.assert.snapshot(page, { serializers: [asText] });
  });
}

test("help of the simulated Mac shows an example of everything that can happen in it", async () => {
  const page = await helpPage(["sim", "act"]);
  for (const { json } of actExamples()) assert.ok(page.includes(`'${json}'`));
  assert.match(await helpPage(["sim"]), /imesh help sim act has an example of everything/);
});

test("every command takes --json and says so", async () => {
  for (const { load } of COMMANDS) assert.match((await load()).help, /--json/);
});

test("helpPage() lists a group, and refuses what does not exist", async () => {
  assert.match(await helpPage(["sim"]), /sim say .*\n.*sim burst/);
  await assert.rejects(helpPage(["nonsense"]), { exitCode: 64 });
});

test("findCommand() takes the longest name", () => {
  const found = findCommand(["sim", "say", "hello", "--json"]);
  assert.equal(found?.entry.name, "sim say");
  assert.deepEqual(found?.rest, ["hello", "--json"]);
  assert.equal(findCommand(["sim"]), undefined);
  assert.equal(findCommand([]), undefined);
});

test("unknownCommand() guesses what was meant, if anything", () => {
  assert.equal(unknownCommand("sned").hint, "Did you mean imesh send?");
  assert.equal(unknownCommand("sim sya").hint, "Did you mean imesh sim say?");
  assert.equal(unknownCommand("completely else").hint, "imesh help lists the commands");
});

function asText(value: string): string {
  return value;
}
