import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { PassThrough, Readable } from "node:stream";
import { test } from "node:test";
import { promisify } from "node:util";
import { EXIT_CODES } from "@imesh/lifecycle";
import { temporaryDirectory } from "@imesh/testing";
import { type BodySources, INPUT_BYTES_MAX, readBody } from "./body-input.ts";

const { signal } = new AbortController();

function sources(content: readonly Uint8Array[], workingDirectory = "/"): BodySources {
  return { stdin: Readable.from(content), workingDirectory, signal };
}

async function hexOf(operand: string, from: BodySources): Promise<string> {
  return Buffer.from(await readBody(operand, from)).toString("hex");
}

test("readBody() takes hex in every form in which people have it", async () => {
  for (const operand of ["040bff", "04 0B ff", "0x040bff", "X'040BFF'", "x'040bff'\n"]) {
    assert.equal(await hexOf(operand, sources([])), "040bff");
  }
});

test("readBody() reads bytes or their hex from standard input, in whatever pieces", async () => {
  const bytes = Buffer.from("040bff", "hex");
  assert.equal(await hexOf("-", sources([bytes.subarray(0, 1), bytes.subarray(1)])), "040bff");
  assert.equal(await hexOf("-", sources([Buffer.from("040b\nf"), Buffer.from("f\n")])), "040bff");
  // Neither is hex: half a byte, and a text.
  assert.equal(await hexOf("-", sources([Buffer.from("04f")])), "303466");
  assert.equal(await hexOf("-", sources([Buffer.from("hello")])), Buffer.from("hello").toString("hex"));
});

test("readBody() reads a file by a path, also one whose name looks like hex", async () => {
  await using directory = await temporaryDirectory();
  await writeFile(directory.file("abcd"), Buffer.from("040b", "hex"));
  assert.equal(await hexOf("./abcd", sources([], directory.path)), "040b");
  assert.equal(await hexOf(directory.file("abcd"), sources([])), "040b");
});

test("readBody() refuses what cannot be a body, each with its exit code", async () => {
  await using directory = await temporaryDirectory();
  await writeFile(directory.file("empty"), "");
  await writeFile(directory.file("large"), Buffer.alloc(INPUT_BYTES_MAX + 1));
  await writeFile(directory.file("largest"), Buffer.alloc(INPUT_BYTES_MAX));
  const from = sources([], directory.path);
  await assert.rejects(readBody("abc", from), { exitCode: EXIT_CODES.usage });
  await assert.rejects(readBody("./empty", from), { exitCode: EXIT_CODES.dataError });
  await assert.rejects(readBody("./large", from), { exitCode: EXIT_CODES.dataError });
  await assert.rejects(readBody("./none", from), { exitCode: EXIT_CODES.noInput });
  await assert.rejects(readBody("./large/none", from), { exitCode: EXIT_CODES.noInput });
  await assert.rejects(readBody(".", from), { exitCode: EXIT_CODES.noInput });
  assert.equal((await readBody("./largest", from)).length, INPUT_BYTES_MAX);
});

test("readBody() waits for a pipe without holding up the process, and reads it", {
  timeout: 30_000,
}, async () => {
  await using directory = await temporaryDirectory();
  const path = directory.file("pipe");
  await promisify(execFile)("mkfifo", [path]);
  const stop = new AbortController();
  const wait = readBody(path, { ...sources([]), signal: stop.signal });
  stop.abort(new Error("Told to end"));
  await assert.rejects(wait);
  const [body] = await Promise.all([hexOf(path, sources([])), writeFile(path, "040b")]);
  assert.equal(body, "040b");
});

test("readBody() refuses what holds no bytes of its own", async () => {
  await assert.rejects(readBody("/dev/null", sources([])), {
    exitCode: EXIT_CODES.noInput,
    message: 'Cannot read body: "/dev/null" (no file)',
  });
  for (const nothing of ["", " "]) {
    await assert.rejects(readBody(nothing, sources([])), {
      exitCode: EXIT_CODES.dataError,
      message: "Cannot decode body: it is empty",
    });
  }
});

test("readBody() ends when it is told to, though nobody writes to standard input", async () => {
  const stop = new AbortController();
  const wait = readBody("-", { stdin: new PassThrough(), workingDirectory: "/", signal: stop.signal });
  stop.abort(new Error("Told to end"));
  await assert.rejects(wait);
});
