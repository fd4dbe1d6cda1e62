import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  type ActRequest,
  Backfill,
  DisturbanceKind,
  MaintenanceKind,
  SendMode,
  SimulatorServiceClient,
  type VisibleChange,
  WrittenMessage,
} from "@imesh/contracts/simulator/v1";
import { connect } from "@imesh/rpc";
import { type TemporaryDirectory, temporaryDirectory, waitFor } from "@imesh/testing";
import { SystemClock } from "@imesh/time";
import Database from "better-sqlite3";

const clock = new SystemClock();
const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
const CONTACT = "+15551234567";
const ALICE_CHAT = "any;-;+15552010001";
const SEND_SCRIPT = `on run argv
  set theChat to item 1 of argv
  tell application "Messages"
    send (item 2 of argv) to chat id theChat
  end tell
end run
`;

/** A simulator in a process of its own, with a client and a reader as a broker has it. */
class SimulatorProcess implements AsyncDisposable {
  readonly directory: TemporaryDirectory;
  readonly client;
  readonly osascript: string;
  readonly #flags: readonly string[];
  #process: ChildProcess | undefined;
  #reader: Database.Database | undefined;
  output = "";

  private constructor(directory: TemporaryDirectory, flags: readonly string[]) {
    this.directory = directory;
    this.#flags = flags;
    this.osascript = directory.file("mac/usr/bin/osascript");
    this.client = connect(SimulatorServiceClient, `unix:${directory.file("run/simulator.sock")}`, {
      clock,
    });
    writeFileSync(directory.file("send.applescript"), SEND_SCRIPT);
  }

  static async start(...flags: readonly string[]): Promise<SimulatorProcess> {
    const simulator = new SimulatorProcess(await temporaryDirectory(), flags);
    await simulator.start();
    return simulator;
  }

  async start(): Promise<void> {
    const { directory } = this;
    const argv = [
      "--mac",
      directory.file("mac"),
      "--socket",
      directory.file("run/simulator.sock"),
      "--metrics",
      "off",
    ];
    const child = spawn(process.execPath, [MAIN, ...argv, "--seed", "5", ...this.#flags], { stdio: "pipe" });
    this.#process = child;
    child.stdout.on("data", (chunk) => {
      this.output += String(chunk);
    });
    child.stderr.on("data", (chunk) => {
      this.output += String(chunk);
    });
    const before = this.output.length;
    await waitFor(() => this.output.slice(before).includes("simulator-started") || child.exitCode !== null, {
      deadlineMs: 20_000,
      what: "the simulator to start",
    });
    assert.equal(child.exitCode, null, this.output);
  }

  async end(signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
    const child = this.#process;
    assert.ok(child !== undefined && child.exitCode === null);
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
    return child.exitCode;
  }

  read(sql: string, ...values: unknown[]): unknown[] {
    this.#reader ??= new Database(this.directory.file("mac/Library/Messages/chat.db"), {
      readonly: true,
      timeout: 5_000,
    });
    this.#reader.defaultSafeIntegers(true);
    return this.#reader
      .prepare(sql)
      .raw()
      .all(...values);
  }

  /** Runs the script file with these arguments; `killAfterMs` kills it with SIGKILL. */
  send(
    text: string,
    options: { chat?: string; killAfterMs?: number } = {},
  ): Promise<{ code: number | null; stderr: string }> {
    const args = [this.directory.file("send.applescript"), options.chat ?? ALICE_CHAT, text];
    return new Promise((resolve) => {
      const limits = { timeout: options.killAfterMs ?? 20_000, killSignal: "SIGKILL" } as const;
      const child = execFile(this.osascript, args, limits, (_, __, stderr) => {
        resolve({ code: child.exitCode, stderr: stderr.replace(args[0] ?? "", "FILE") });
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#reader?.close();
    await this.client[Symbol.asyncDispose]();
    if (this.#process?.exitCode === null && this.#process.signalCode === null) await this.end("SIGKILL");
    await this.directory[Symbol.asyncDispose]();
  }
}

async function visibleChanges(simulator: SimulatorProcess): Promise<readonly VisibleChange[]> {
  const changes: VisibleChange[] = [];
  for (;;) {
    const afterSequence = changes.at(-1)?.sequence ?? 0n;
    const page = await simulator.client.call("listVisibleChanges", { afterSequence, pageSize: 1_000 });
    if (page.changes.length === 0) return changes;
    changes.push(...page.changes);
  }
}

const JOINED = "SELECT count(*) FROM chat_message_join WHERE message_id = ?";
/** Own rows of this test: the history has ROWIDs up to 6. */
const OWN = `SELECT error, is_sent, is_delivered, text, attributedBody IS NULL,
  (SELECT count(*) FROM chat_message_join j WHERE j.message_id = m.ROWID) FROM message m WHERE is_from_me = 1 AND ROWID > 6`;
const DELIVERED = [0n, 1n, 1n, null, 0n, 1n];

describe("the process", () => {
  test("shows a second process the row before its join, and tells both times", async () => {
    await using simulator = await SimulatorProcess.start();
    const joinDelay = { seconds: 0n, nanos: 300_000_000 };
    const saying = simulator.client.call("say", { from: CONTACT, text: "hi", chatGuid: "", joinDelay });
    await waitFor(() => simulator.read("SELECT 1 FROM message WHERE ROWID = 7").length === 1, {
      deadlineMs: 5_000,
      what: "the row",
    });
    assert.deepEqual(simulator.read(JOINED, 7n), [[0n]]);
    const { message } = await saying;
    assert.deepEqual(simulator.read(JOINED, 7n), [[1n]]);
    const { insertTime, joinedTime, ...facts } = message ?? WrittenMessage.fromPartial({});
    const [guid] = simulator.read("SELECT guid FROM message WHERE ROWID = 7")[0] as [string];
    assert.deepEqual(facts, { guid, rowid: 7n, chatGuid: `any;-;${CONTACT}`, text: "hi" });
    const gapMs =
      Number((joinedTime?.seconds ?? 0n) - (insertTime?.seconds ?? 0n)) * 1_000 +
      ((joinedTime?.nanos ?? 0) - (insertTime?.nanos ?? 0)) / 1e6;
    assert.ok(gapMs >= 300 && gapMs < 10_000, `${gapMs} ms between row and join`);
  });

  test("killed between row and join, it joins the row at its next start and goes on", async () => {
    await using simulator = await SimulatorProcess.start();
    const joinDelay = { seconds: 3_600n, nanos: 0 };
    const saying = simulator.client.call("say", {
      from: CONTACT,
      text: "never joined",
      chatGuid: "",
      joinDelay,
    });
    const cut = assert.rejects(saying, { code: "UNAVAILABLE" });
    await waitFor(() => simulator.read("SELECT 1 FROM message WHERE ROWID = 7").length === 1, {
      deadlineMs: 5_000,
      what: "the row",
    });
    await simulator.end("SIGKILL");
    await cut;
    assert.deepEqual(simulator.read(JOINED, 7n), [[0n]]);
    await simulator.start();
    assert.match(simulator.output, /"reparented":1/);
    const chat =
      "SELECT c.guid FROM chat c JOIN chat_message_join j ON j.chat_id = c.ROWID WHERE j.message_id = 7";
    assert.deepEqual(simulator.read(chat), [[`any;-;${CONTACT}`]]);
    const { message } = await simulator.client.call(
      "say",
      { from: CONTACT, text: "next", chatGuid: "" },
      { waitForReady: true },
    );
    assert.equal(message?.rowid, 8n);
    assert.deepEqual(simulator.read("PRAGMA integrity_check"), [["ok"]]);
  });

  test("killed at any moment of a burst, it always carries on with what it left", async () => {
    await using simulator = await SimulatorProcess.start();
    const wait = { seconds: 0n, nanos: 5_000_000 };
    for (const killAfterMs of [30, 120, 260]) {
      const request = {
        messages: 100_000,
        chats: 20,
        ratePerSecond: 0,
        joinDelay: { min: undefined, max: wait },
        seed: 1n,
        prefix: "k",
      };
      const bursting = (async () => {
        for await (const _ of simulator.client.stream("burst", request));
      })();
      const cut = assert.rejects(bursting, { code: "UNAVAILABLE" });
      await clock.sleep(killAfterMs);
      await simulator.end("SIGKILL");
      await cut;
      await simulator.start();
      await simulator.client.waitForReady(10_000);
      const unjoined =
        "SELECT count(*) FROM message WHERE ROWID NOT IN (SELECT message_id FROM chat_message_join)";
      assert.deepEqual(simulator.read(unjoined), [[0n]]);
      assert.deepEqual(simulator.read("PRAGMA integrity_check"), [["ok"]]);
      assert.deepEqual(simulator.read("SELECT count(*) = count(DISTINCT guid) FROM message"), [[1n]]);
      // Change and truth were kept or lost together: each message in a chat is new exactly once, and nothing else is.
      const told = await visibleChanges(simulator);
      assert.deepEqual(
        told.map(({ sequence }) => sequence),
        told.map((_, index) => BigInt(index + 1)),
      );
      const news = told.filter(({ subject, reason }) => subject === "message" && reason === "new");
      const rows = simulator
        .read("SELECT message_id FROM chat_message_join WHERE message_id > 6 ORDER BY 1")
        .flat();
      assert.deepEqual(
        news.map(({ rowid }) => rowid).toSorted((left, right) => Number(left - right)),
        rows,
      );
    }
  });

  test("plays programs with disturbances and replacements, and carries on after them and after a kill", async () => {
    await using simulator = await SimulatorProcess.start("--maintenance-per-second", "50");
    const request = { seed: 11n, steps: 150, ratePerSecond: 0, hasDisturbances: true, hasReplacements: true };
    const steps: number[] = [];
    for await (const { step, label } of simulator.client.stream("play", request)) {
      steps.push(step);
      assert.notEqual(label, "");
    }
    assert.equal(steps.length, 150);
    for (const kind of [
      DisturbanceKind.CHECKPOINT_TRUNCATE,
      DisturbanceKind.WRITER_KILLED,
      DisturbanceKind.SCHEMA_UPGRADE,
      DisturbanceKind.REORDER_COLUMNS,
      DisturbanceKind.RESTORE_COPY,
      DisturbanceKind.REPLACE_EMPTY,
      DisturbanceKind.DELETE_RECREATE,
    ]) {
      await simulator.client.call("disturb", { kind, rows: 20, seed: 1n });
    }
    const { databaseUid } = await simulator.client.call("disturb", {
      kind: DisturbanceKind.REOPEN_CLEAN,
      rows: 0,
      seed: 1n,
    });
    const backfill = {
      messages: 40,
      chats: 3,
      newestAge: { seconds: 86_400n, nanos: 0 },
      batch: 10,
      seed: 1n,
    };
    const { messageRowids, lastChangeSequence } = await simulator.client.call("act", {
      action: { $case: "backfill", value: Backfill.fromPartial(backfill) },
    });
    assert.equal(messageRowids.length, 40);
    const maintain = { kind: MaintenanceKind.DATA_DETECTION, rows: 10, seed: 1n };
    const after = await simulator.client.call("act", { action: { $case: "maintain", value: maintain } });
    assert.deepEqual(after, { messageRowids: [], lastChangeSequence });
    const before = await visibleChanges(simulator);
    assert.deepEqual(before.at(-1)?.sequence, lastChangeSequence);
    assert.deepEqual(before.at(-1)?.databaseUid, databaseUid);
    assert.equal((await simulator.client.call("getStatus", {})).databaseUid, databaseUid);
    await simulator.end("SIGKILL");
    await simulator.start();
    await simulator.client.waitForReady(10_000);
    assert.deepEqual(await visibleChanges(simulator), before);
    const { message } = await simulator.client.call("say", { from: CONTACT, text: "on", chatGuid: "" });
    assert.equal(message?.rowid, 41n);
  });

  test("writes a burst of 2,000 messages at 1,000/s and more, each reported once", async (context) => {
    await using simulator = await SimulatorProcess.start();
    const none = { min: undefined, max: undefined };
    const request = {
      messages: 2_000,
      chats: 50,
      ratePerSecond: 0,
      joinDelay: none,
      seed: 11n,
      prefix: "burst",
    };
    const guids = new Set<string>();
    const startedMs = clock.monotonicMs();
    for await (const { message } of simulator.client.stream("burst", request)) guids.add(message?.guid ?? "");
    const perSecond = 2_000 / ((clock.monotonicMs() - startedMs) / 1_000);
    context.diagnostic(`burst: ${Math.round(perSecond)} messages/s`);
    assert.equal(guids.size, 2_000);
    const counted = `SELECT count(*), count(DISTINCT j.chat_id), sum(m.attributedBody IS NOT NULL), sum(m.index_state)
      FROM message m JOIN chat_message_join j ON j.message_id = m.ROWID WHERE m.ROWID > 6`;
    assert.deepEqual(simulator.read(counted), [[2_000n, 50n, 2_000n, 2_000n]]);
    const status = await simulator.client.call("getStatus", {});
    assert.deepEqual(
      [status.incoming, status.own, status.chats, status.headRowid, status.seed],
      [2_005n, 1n, 53n, 2_006n, 5n],
    );
  });

  test("takes sends by osascript, and tells the bubbles page by page", async (context) => {
    await using simulator = await SimulatorProcess.start();
    const texts = ["plain", '-e "quoted" \\ ’', "two\nlines", "👩‍👩‍👧‍👦", "--last"];
    const wallMs: number[] = [];
    for (const text of texts) {
      const startedMs = clock.monotonicMs();
      assert.deepEqual(await simulator.send(text), { code: 0, stderr: "" });
      wallMs.push(clock.monotonicMs() - startedMs);
    }
    context.diagnostic(`osascript: ${wallMs.map((ms) => ms.toFixed(0)).join(", ")} ms`);
    await waitFor(() => simulator.read(`${OWN} AND is_delivered = 1`).length === texts.length, {
      deadlineMs: 10_000,
      what: "the deliveries",
    });
    assert.deepEqual(
      simulator.read(OWN),
      texts.map(() => DELIVERED),
    );
    const seen: string[] = [];
    let pageToken = "";
    do {
      const page = await simulator.client.call("listBubbles", { pageSize: 2, pageToken });
      seen.push(...page.bubbles.map((bubble) => bubble.text));
      assert.ok(page.bubbles.every((bubble) => bubble.insertTime !== undefined));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    assert.deepEqual(seen, ["Yes, it is", ...texts]);
  });

  const MODES: readonly (readonly [
    keyof typeof SendMode,
    { code: number | null; stderr: RegExp; rows: unknown[] },
  ])[] = [
    [
      "NO_SUCH_CHAT",
      {
        code: 1,
        stderr:
          /^FILE:\d+:\d+: execution error: Messages got an error: Can’t get chat id ".*"\. \(-1728\)\n$/,
        rows: [],
      },
    ],
    [
      "NOT_ALLOWED",
      {
        code: 1,
        stderr:
          /^FILE:\d+:\d+: execution error: Not authorized to send Apple events to Messages\. \(-1743\)\n$/,
        rows: [],
      },
    ],
    [
      "TIMEOUT_WITHOUT_EFFECT",
      { code: 1, stderr: /Messages got an error: AppleEvent timed out\. \(-1712\)\n$/, rows: [] },
    ],
    [
      "TIMEOUT_AFTER_EFFECT",
      { code: 1, stderr: /Messages got an error: AppleEvent timed out\. \(-1712\)\n$/, rows: [DELIVERED] },
    ],
    ["HANG_AFTER_EFFECT", { code: null, stderr: /^$/, rows: [DELIVERED] }],
    ["ERROR_22", { code: 0, stderr: /^$/, rows: [[22n, 0n, 0n, null, 0n, 1n]] }],
    ["GHOST_ROW", { code: 0, stderr: /^$/, rows: [[0n, 0n, 0n, null, 1n, 0n]] }],
  ];
  test("fails sends in every way it is told to, once, and then works again", async () => {
    await using simulator = await SimulatorProcess.start();
    const rows: unknown[] = [];
    for (const [mode, expected] of MODES) {
      await simulator.client.call("setBehavior", { send: { mode: SendMode[mode], sends: 1 } });
      const outcome = await simulator.send(mode, {
        killAfterMs: mode === "HANG_AFTER_EFFECT" ? 3_000 : 20_000,
      });
      assert.equal(outcome.code, expected.code, `${mode}: ${outcome.stderr}`);
      assert.match(outcome.stderr, expected.stderr, mode);
      assert.deepEqual(await simulator.send(`after ${mode}`), { code: 0, stderr: "" });
      rows.push(...expected.rows, DELIVERED);
      await waitFor(
        () =>
          simulator.read(`${OWN} AND is_delivered = 1`).length ===
          rows.filter((row) => row === DELIVERED).length,
        {
          deadlineMs: 10_000,
          what: `the delivery after ${mode}`,
        },
      );
      assert.deepEqual(simulator.read(`${OWN} ORDER BY ROWID`), rows, mode);
    }
  });

  test("acts on what is there, tells how far the truth has come, and refuses by name", async () => {
    await using simulator = await SimulatorProcess.start();
    const act = (action: NonNullable<ActRequest["action"]>) => simulator.client.call("act", { action });
    const say = await act({
      $case: "sayAttachment",
      value: {
        from: CONTACT,
        chatGuid: "",
        text: "look",
        attachments: 1,
        sizeBytes: 5n,
        transferState: 0,
        isAudio: false,
        isJoinLate: false,
      },
    });
    assert.deepEqual(say.messageRowids, [7n]);
    const advanced = await act({ $case: "advanceAttachment", value: { rowid: 1n, transferState: 5 } });
    const edited = await act({ $case: "edit", value: { rowid: 7n, part: 1, text: "look!" } });
    // The file's name, ready and guid; then the content.
    const sequences = [advanced, edited].map(
      ({ lastChangeSequence }) => lastChangeSequence - say.lastChangeSequence,
    );
    assert.deepEqual(sequences, [3n, 4n]);
    const [filename] = simulator.read("SELECT filename FROM attachment")[0] as [string];
    assert.ok(existsSync(simulator.directory.file(filename.replace("~", "mac"))));
    const edit = (rowid: bigint, part: number, text: string) =>
      act({ $case: "edit", value: { rowid, part, text } });
    await assert.rejects(edit(7n, 1, ""), {
      code: "INVALID_ARGUMENT",
      fieldViolations: [{ field: "edit.text", description: "must have 1 to 100000 UTF-16 code units" }],
    });
    await assert.rejects(edit(99n, 0, "x"), { code: "NOT_FOUND", reason: "MESSAGE_NOT_FOUND" });
    await assert.rejects(edit(7n, 0, "x"), {
      code: "FAILED_PRECONDITION",
      message: /the part is an attachment/,
    });
    await assert.rejects(simulator.client.call("act", { action: undefined }), { code: "INVALID_ARGUMENT" });
    assert.deepEqual(simulator.read("PRAGMA integrity_check"), [["ok"]]);
  });

  test("refuses a second one on the same Mac and a wrong flag, and stops without waiting for a join", async () => {
    await using simulator = await SimulatorProcess.start();
    const { directory } = simulator;
    const second = (...flags: string[]) =>
      new Promise((resolve) => {
        const argv = [
          MAIN,
          "--mac",
          directory.file("mac"),
          "--socket",
          directory.file("other/s.sock"),
          "--metrics",
          "off",
          ...flags,
        ];
        const child = execFile(process.execPath, argv, () => resolve(child.exitCode));
      });
    assert.deepEqual([await second(), await second("--seed", "x")], [75, 64]);
    const joinDelay = { seconds: 3_600n, nanos: 0 };
    const saying = simulator.client.call("say", { from: CONTACT, text: "held up", chatGuid: "", joinDelay });
    const cut = assert.rejects(saying, { code: "UNAVAILABLE" });
    await waitFor(() => simulator.read("SELECT 1 FROM message WHERE ROWID = 7").length === 1, {
      deadlineMs: 5_000,
      what: "the row",
    });
    assert.equal(await simulator.end("SIGTERM"), 0);
    await cut;
    assert.doesNotMatch(simulator.output, /held up|\+1555123|fatal|Warning/);
  });
});
