import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type TemporaryDirectory, temporaryDirectory } from "@imesh/testing";
import { SystemClock } from "@imesh/time";
import type { MessagesApplication } from "../applescript/applescript.ts";
import { AppleEventError } from "../applescript/script-error.ts";
import { startOsascript } from "./osascript.ts";

const PROGRAM = fileURLToPath(new URL("../../bin/osascript.ts", import.meta.url));
const SEND =
  'on run argv\n tell application "Messages" to send (item 2 of argv) to chat id (item 1 of argv)\nend run';

/** Messages that knows the chat "c" and hangs on the text "hang". */
class TestMessages implements MessagesApplication {
  readonly version = "26.0";
  readonly sent: string[] = [];
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal, sent: string[]) {
    this.#signal = signal;
    this.sent = sent;
  }
  authorize(): void {}
  hasChat(guid: string): boolean {
    return guid === "c";
  }
  chatGuids(): readonly string[] {
    return ["c"];
  }
  accounts() {
    return [];
  }
  participantAddress(): undefined {
    return undefined;
  }
  async send(text: string): Promise<void> {
    if (text === "refuse")
      throw new AppleEventError("system", -1743, "Not authorized to send Apple events to Messages.");
    if (text === "fault") throw new TypeError("a fault of ours");
    this.sent.push(text);
    if (text !== "hang") return;
    await new Promise((_, reject) => {
      this.#signal.addEventListener("abort", () => reject(this.#signal.reason), { once: true });
    });
  }
  async sleep(): Promise<void> {}
}

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe("the stand-in for osascript", () => {
  let directory: TemporaryDirectory;
  let path: string;
  let server: AsyncDisposable;
  const sent: string[] = [];
  const faults: unknown[] = [];
  const signals: AbortSignal[] = [];

  before(async () => {
    directory = await temporaryDirectory();
    path = directory.file("osascript's place");
    const options = {
      path,
      nodePath: process.execPath,
      programPath: PROGRAM,
      runDirectory: directory.file("run"),
    };
    const application = (signal: AbortSignal) => {
      signals.push(signal);
      return new TestMessages(signal, sent);
    };
    server = await startOsascript(options, {
      clock: new SystemClock(),
      application,
      onFault: (error) => faults.push(error),
    });
    await writeFile(directory.file("send.applescript"), SEND);
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  function run(args: readonly string[], options: { input?: string; timeoutMs?: number } = {}): Promise<Run> {
    return new Promise((resolve) => {
      const limits = { timeout: options.timeoutMs ?? 20_000, killSignal: "SIGKILL" } as const;
      const child = execFile(path, args, limits, (_, stdout, stderr) =>
        resolve({ code: child.exitCode, stdout, stderr }),
      );
      child.stdin?.end(options.input ?? "");
    });
  }

  test("runs a file with arguments, whatever they hold", async () => {
    const text = 'say "hi" \\ $(id) `id` \n\r\t ’ 👩‍👩‍👧 -- (* ¬ ';
    for (const hostile of [text, "-e", "--", "-", "", "x".repeat(100_000)]) {
      sent.length = 0;
      assert.deepEqual(await run([directory.file("send.applescript"), "c", hostile]), {
        code: 0,
        stdout: "",
        stderr: "",
      });
      assert.deepEqual(sent, [hostile]);
    }
  });

  test("runs -e statements, glued ones too, and takes operands as arguments then", async () => {
    const lines = ["-e", "on run argv", "-ereturn item 1 of argv", "-e", "end run", "--", "-first", "second"];
    assert.deepEqual(await run(lines), { code: 0, stdout: "-first\n", stderr: "" });
  });

  test("runs standard input for - and for no operand", async () => {
    const input = 'return "from stdin"';
    const expected = { code: 0, stdout: "from stdin\n", stderr: "" };
    assert.deepEqual([await run([], { input }), await run(["-"], { input })], [expected, expected]);
    const args = await run(["-", "a", "b"], { input: "on run argv\nreturn count of argv\nend run" });
    assert.equal(args.stdout, "2\n");
  });

  test("prints source form for -s s, and errors to standard output for -s o", async () => {
    const list = ["-e", 'return {"a", 1}'];
    assert.equal((await run(["-ss", ...list])).stdout, '{"a", 1}\n');
    assert.equal((await run(["-s", "h", ...list])).stdout, "a, 1\n");
    const refused = await run(["-s", "o", "-e", "error number -128"]);
    assert.deepEqual(refused, {
      code: 1,
      stdout: "0:17: execution error: An error of type -128 has occurred. (-128)\n",
      stderr: "",
    });
  });

  test("reports errors with place and number on standard error and exits with 1", async () => {
    const file = directory.file("send.applescript");
    assert.deepEqual(await run([file, "nobody", "x"]), {
      code: 1,
      stdout: "",
      stderr: `${file}:44:93: execution error: Messages got an error: Can’t get chat id "nobody". (-1728)\n`,
    });
    assert.equal(
      (await run([file, "c", "refuse"])).stderr,
      `${file}:44:93: execution error: Not authorized to send Apple events to Messages. (-1743)\n`,
    );
    const syntax = await run(["-e", "tell applicatoin"]);
    assert.match(syntax.stderr, /^\d+:\d+: syntax error: Expected .* but found .*\. \(-2741\)\n$/);
  });

  test("refuses what osascript refuses", async () => {
    const missing = await run(["/no/such/file"]);
    assert.deepEqual(missing, {
      code: 1,
      stdout: "",
      stderr: "osascript: /no/such/file: No such file or directory\n",
    });
    assert.match((await run(["-x"])).stderr, /^osascript: illegal option -- x\nusage: osascript /);
    assert.match((await run(["-l", "JavaScript", "-e", "1"])).stderr, /no such component "JavaScript"/);
  });

  test("never comes back when Messages does not, and is gone when it is killed", async () => {
    sent.length = 0;
    const hung = await run([directory.file("send.applescript"), "c", "hang"], { timeoutMs: 3_000 });
    assert.deepEqual(hung, { code: null, stdout: "", stderr: "" });
    assert.deepEqual(sent, ["hang"]);
    const signal = signals.at(-1);
    if (signal?.aborted === false) await new Promise((resolve) => signal.addEventListener("abort", resolve));
    assert.deepEqual(faults, []);
  });

  test("reports -609 when it is hung up on, and the fault is told", async () => {
    const fault = await run(["-e", 'tell application "Messages" to send "fault" to chat id "c"']);
    assert.deepEqual(fault, {
      code: 1,
      stdout: "",
      stderr: "0:58: execution error: Messages got an error: Connection is invalid. (-609)\n",
    });
    assert.match(String(faults.pop()), /a fault of ours/);
  });

  test("hangs up on a request that is none, and on one without an end", async () => {
    for (const bytes of [
      "hello\n",
      "{}\n",
      '{"source":1,"args":[],"isSourceForm":false}\n',
      "x".repeat(9 * 1_024 * 1_024),
    ]) {
      const socket = connect(directory.file("run/apple-events.sock"));
      socket.on("error", () => {});
      socket.write(bytes);
      const answer = await new Promise((resolve) => {
        let text = "";
        socket.on("data", (chunk) => {
          text += String(chunk);
        });
        socket.on("close", () => resolve(text));
      });
      assert.equal(answer, "");
    }
    assert.deepEqual(faults, []);
  });

  test("reports -600 after Messages has quit", async () => {
    await server[Symbol.asyncDispose]();
    assert.equal(existsSync(directory.file("run/apple-events.sock")), false);
    const outcome = await run(["-e", 'tell application "Messages" to get name']);
    assert.deepEqual(outcome, {
      code: 1,
      stdout: "",
      stderr: "0:39: execution error: Messages got an error: Application isn’t running. (-600)\n",
    });
    server = { [Symbol.asyncDispose]: async () => {} };
  });
});
