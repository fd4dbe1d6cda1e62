/** What is wrong is said in one line that tells what to do, with its exit code and without a stack trace. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { RpcError } from "@imesh/rpc";
import { temporaryDirectory } from "@imesh/testing";
import Database from "better-sqlite3";
import { Fleet } from "../fleet/fleet.ts";

const root = join(import.meta.dirname, "../..");

interface Ending {
  readonly code: number | null;
  readonly stderr: string;
}

async function ending(service: string, flags: readonly string[], uid?: number): Promise<Ending> {
  const child = spawn(process.execPath, [join(root, "services", service, "src/main.ts"), ...flags], {
    stdio: ["ignore", "ignore", "pipe"],
    ...(uid === undefined ? {} : { uid }),
  });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  clearTimeout(timer);
  return { code, stderr };
}

function assertOneClearLine({ stderr }: Ending, said: RegExp): void {
  const lines = stderr.trimEnd().split("\n");
  assert.match(lines[0] ?? "", said);
  assert.ok(lines.length <= 2, stderr);
  assert.doesNotMatch(stderr, /\n\s+at |node:internal/);
}

async function runDirectory(home: string): Promise<string> {
  const run = join(home, "run");
  mkdirSync(run, { mode: 0o700 });
  return run;
}

test("lock-broker says what is wrong with the database", async (context) => {
  await using directory = await temporaryDirectory();
  const run = await runDirectory(directory.path);
  const socket = join(run, "lock-broker.sock");
  const start = async (path: string, uid?: number) =>
    await ending("lock-broker", ["--chat-db", path, "--socket", socket, "--metrics", "off"], uid);

  await context.test("no chat.db: 66", async () => {
    const result = await start(join(directory.path, "nowhere/chat.db"));
    assert.equal(result.code, 66);
    assertOneClearLine(result, /chat\.db/);
  });

  await context.test("not a database: 78", async () => {
    const path = join(directory.path, "chat.db");
    writeFileSync(path, "this is not a database ".repeat(500));
    const result = await start(path);
    assert.equal(result.code, 78);
    assertOneClearLine(result, /chat\.db/);
  });

  await context.test("another schema: 78", async () => {
    const path = join(directory.path, "other.db");
    new Database(path).exec("CREATE TABLE thing (id INTEGER PRIMARY KEY)").close();
    const result = await start(path);
    assert.equal(result.code, 78);
    assertOneClearLine(result, /message/);
  });

  await context.test("no permission: 77, and where to grant it", async (inner) => {
    const path = join(directory.path, "closed.db");
    new Database(path).exec("CREATE TABLE message (id INTEGER)").close();
    chmodSync(path, 0);
    if (process.getuid?.() === 0) {
      inner.skip("root may read everything; the mapping is tested in lock-broker");
      return;
    }
    const result = await start(path);
    assert.equal(result.code, 77);
    assert.match(result.stderr, /Full Disk Access/);
  });
});

test("a second copy, an occupied socket and a taken port are refused: 75", async () => {
  await using fleet = await Fleet.start({ services: ["messages-simulator", "lock-broker", "mac-bridge"] });
  const broker = ["--chat-db", fleet.chatDbPath, "--metrics", "off", "--socket"];
  const second = await ending("lock-broker", [...broker, fleet.socket("lock-broker")]);
  assert.equal(second.code, 75);
  assertOneClearLine(second, /lock-broker/);

  const bridge = ["--broker", `unix:${fleet.socket("lock-broker")}`, "--metrics", "off", "--socket"];
  const sameJournal = await ending("mac-bridge", [
    ...bridge,
    join(fleet.run, "second.sock"),
    "--journal",
    join(fleet.home, "journal.db"),
  ]);
  assert.equal(sameJournal.code, 75);
  assertOneClearLine(sameJournal, /journal/);

  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  const address = taken.address();
  assert.ok(typeof address === "object" && address !== null);
  const portTaken = await ending("mac-bridge", [
    ...bridge,
    join(fleet.run, "third.sock"),
    ...["--journal", join(fleet.home, "third.db"), "--listen", `127.0.0.1:${address.port}`],
  ]);
  taken.close();
  assert.equal(portTaken.code, 75);
  assertOneClearLine(portTaken, new RegExp(`127\\.0\\.0\\.1:${address.port}`));
});

test("wrong flags are named: 64", async () => {
  for (const [service, flags, said] of [
    ["lock-broker", ["--poll-ms", "0"], /--poll-ms/],
    ["mac-bridge", ["--jurnal", "x"], /--jurnal/],
    ["mac-bridge", ["--listen", "0.0.0.0:7420"], /--listen|loopback/],
    ["agent", [], /--bridge/],
  ] as const) {
    const result = await ending(service, flags);
    assert.equal(result.code, 64, `${service} ${flags.join(" ")}: ${result.stderr}`);
    assertOneClearLine(result, said);
  }
});

test("a malformed request is INVALID_ARGUMENT and names every field", async () => {
  await using fleet = await Fleet.start({ services: ["messages-simulator", "lock-broker", "mac-bridge"] });
  const bridge = fleet.bridge();
  await assert.rejects(
    bridge.call("sendMessage", { requestId: "with blank", chatGuid: "", text: "nul \0" }),
    (error) => {
      assert.ok(error instanceof RpcError);
      assert.equal(error.code, "INVALID_ARGUMENT");
      assert.deepEqual(error.fieldViolations?.map(({ field }) => field).sort(), [
        "chat_guid",
        "request_id",
        "text",
      ]);
      return true;
    },
  );
  await assert.rejects(
    bridge.call("listCommands", { pageSize: 1, pageToken: "garbage" }),
    (error) => error instanceof RpcError && error.reason === "PAGE_TOKEN_INVALID",
  );
});
