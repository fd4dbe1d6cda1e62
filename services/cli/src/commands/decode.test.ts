import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { appPayload, linkPayload, mentionBody } from "../testing/blobs.ts";
import { capturedContext } from "../testing/captured-context.ts";
import { decodeCommand } from "./decode.ts";

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

test("decode shows a body given as hex, with nothing running", async () => {
  const { context, out, err } = capturedContext("/");
  assert.equal(await decodeCommand.run([hex(mentionBody())], context), 0);
  assert.deepEqual(out.lines.slice(0, 2), [
    `attributed-body, ${mentionBody().length} bytes`,
    'text: "hello Ann"',
  ]);
  assert.equal(err.text, "");
});

test("decode reads standard input", async () => {
  const { context, out } = capturedContext("/");
  const environment = { ...context.environment, stdin: Readable.from([mentionBody()]) };
  assert.equal(await decodeCommand.run(["-"], { ...context, environment }), 0);
  assert.equal(out.lines[1], 'text: "hello Ann"');
});

test("decode --json is one object with every key, numbers of 64 bits as strings", async () => {
  const { context, out } = capturedContext("/");
  const bundle = "com.apple.messages.MSMessageExtensionBalloonPlugin:0000000000:com.example.chess";
  assert.equal(await decodeCommand.run([hex(appPayload()), "--bundle", bundle, "--json"], context), 0);
  assert.equal(out.lines.length, 1);
  const { content, ...facts } = JSON.parse(out.text);
  assert.deepEqual(facts, { kind: "balloon", bytes: appPayload().length, isCut: false });
  assert.equal(content.app.appStoreId, "9007199254740993");
  assert.equal(content.app.caption, null);
});

test("decode says that a bundle would help where it would", async () => {
  for (const [bytes, isHelped] of [
    [appPayload(), true],
    [linkPayload("x"), false],
  ] as const) {
    const { context, err } = capturedContext("/");
    await decodeCommand.run([hex(bytes)], context);
    assert.equal(err.text.includes("--bundle"), isHelped);
  }
});
