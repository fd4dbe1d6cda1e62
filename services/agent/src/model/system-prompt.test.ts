import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import { StartupError } from "@imesh/lifecycle";
import { temporaryDirectory } from "@imesh/testing";
import { readSystemPrompt, SYSTEM_PROMPT_DEFAULT } from "./system-prompt.ts";

test("readSystemPrompt() takes the file's text, or the default", async () => {
  await using directory = await temporaryDirectory();
  await writeFile(directory.file("prompt.txt"), "\nYou are Ada.\n");
  assert.equal(await readSystemPrompt(directory.file("prompt.txt")), "You are Ada.");
  assert.equal(await readSystemPrompt(null), SYSTEM_PROMPT_DEFAULT);
});

test("readSystemPrompt() refuses a file that is missing (66), blank or endless (78)", async () => {
  await using directory = await temporaryDirectory();
  await writeFile(directory.file("blank.txt"), " \n");
  await writeFile(directory.file("endless.txt"), "x".repeat(70_000));
  const exitCodes = ["missing.txt", "blank.txt", "endless.txt"].map(async (name) => {
    const error: unknown = await readSystemPrompt(directory.file(name)).catch((reason: unknown) => reason);
    return error instanceof StartupError ? error.exitCode : error;
  });
  assert.deepEqual(await Promise.all(exitCodes), [66, 78, 78]);
});
