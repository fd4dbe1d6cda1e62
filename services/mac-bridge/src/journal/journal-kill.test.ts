import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { Event } from "@imesh/contracts/bridge/v1/event";
import { SeededRandom, temporaryDirectory } from "@imesh/testing";
import { openJournal } from "../testing/journals.ts";

const WRITER = `${import.meta.dirname}/../testing/journal-writer.ts`;

/** Runs the writer until it has said something `lines` times, kills it with -9, and returns the last head it told. */
async function writeAndKill(path: string, lines: number): Promise<bigint> {
  const child = spawn(process.execPath, [WRITER, path], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  for await (const chunk of child.stdout) {
    said += chunk;
    if (!child.killed && said.split("\n").length > lines) child.kill("SIGKILL");
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  assert.equal(child.signalCode, "SIGKILL");
  const heads = said.split("\n").slice(0, -1);
  return BigInt(heads.at(-1) ?? "0");
}

test("a writer killed with -9 at any moment leaves a whole journal: nothing told is missing, cursor and events agree", async () => {
  const random = SeededRandom.fromEnvironment("journal kill");
  await using directory = await temporaryDirectory();
  const path = directory.file("journal.db");
  for (let round = 0; round < 12; round += 1) {
    const told = await writeAndKill(path, random.integer(1, 60));
    using opened = openJournal(path);
    const { store } = opened;
    assert.ok(store.head() >= told, `head ${store.head()} is at least what was told, ${told}`);
    const cursor = BigInt(Buffer.from(store.sourceCursor().cursor).toString());
    assert.equal(cursor, store.head());
    let next = 1n;
    for (;;) {
      const page = store.read({ afterSequence: next - 1n, itemsMax: 500, bytesMax: 10_000_000 });
      if (page.length === 0) break;
      for (const { payload } of page) {
        const event = Event.decode(payload);
        assert.deepEqual([event.sequence, event.source?.messageRowid], [next, next]);
        next += 1n;
      }
    }
    assert.equal(next - 1n, store.head());
  }
});
