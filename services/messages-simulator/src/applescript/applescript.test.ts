import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { type MessagesApplication, runScript, type ScriptOutcome, type SendTarget } from "./applescript.ts";
import { AppleEventError } from "./script-error.ts";

const KNOWN = "any;-;+15551234567";

/** Messages that only notes what it is told. */
class NotingMessages implements MessagesApplication {
  readonly version = "26.0";
  readonly sent: { text: string; target: SendTarget; timeoutMs: number | undefined }[] = [];
  refusal: AppleEventError | undefined;

  authorize(): void {
    if (this.refusal !== undefined) throw this.refusal;
  }
  hasChat(guid: string): boolean {
    return guid === KNOWN;
  }
  chatGuids(): readonly string[] {
    return [KNOWN];
  }
  accounts() {
    return [{ id: "A-1", serviceType: "iMessage", description: "P:+15550000000" }];
  }
  participantAddress(key: string): string | undefined {
    return key.startsWith("+") ? key : undefined;
  }
  async send(text: string, target: SendTarget, timeoutMs: number | undefined): Promise<void> {
    this.sent.push({ text, target, timeoutMs });
  }
  async sleep(): Promise<void> {}
}

async function run(source: string, ...args: string[]) {
  const messages = new NotingMessages();
  const outcome = await runScript({ source, args, isSourceForm: false }, messages);
  return { outcome, sent: messages.sent };
}

function failure(outcome: ScriptOutcome) {
  assert.equal(outcome.kind, "error");
  return { phase: outcome.phase, number: outcome.number, message: outcome.message };
}

const chat = { kind: "chat", guid: KNOWN };
const nothing: ScriptOutcome = { kind: "result", text: undefined };

describe("runScript()", () => {
  const FORMS: Readonly<Record<string, string>> = {
    "by item of argv": `on run argv
      set theChat to item 1 of argv
      tell application "Messages"
        send (item 2 of argv) to chat id theChat
      end tell
    end run`,
    "by bundle id": `on run argv
      tell application id "com.apple.MobileSMS"
        send item 2 of argv to chat id (item 1 of argv)
      end tell
    end run`,
    "by named parameters": `on run {theGuid, theText}
      tell application "Messages" to send theText to chat id theGuid
    end run`,
    "by a chat in a variable": `-- comment
      on run argv # another
        set {g, body} to argv
        using terms from application "Messages"
          tell application "Messages"
            (* nested (* comments *) too *)
            set theChat to a_chat of {1} -- never reached
          end tell
        end using terms from
      end run`.replace(/set theChat to a_chat[^\n]*/, "set theChat to chat id g\n send body ¬\n to theChat"),
    "by old class name and ordinals": `on run argv
      tell application "Messages"
        set theChat to text chat id (first item of argv as text)
        send argv's 2nd item as string to theChat
      end tell
    end`,
    "inside try": `on run argv
      if (count of argv) is not 2 then error "two arguments" number 64
      tell application "Messages"
        try
          send (item 2 of argv) to chat id "no such chat"
        on error m number n
          if n = -1728 then
            send (item 2 of argv) to chat id (item 1 of argv)
          else
            error m number n
          end if
        end try
      end tell
    end run`,
  };
  for (const [name, source] of Object.entries(FORMS)) {
    test(`sends ${name}`, async () => {
      const { outcome, sent } = await run(source, KNOWN, "hello");
      assert.deepEqual(outcome, nothing);
      assert.deepEqual(sent, [{ text: "hello", target: chat, timeoutMs: undefined }]);
    });
  }

  test("sends to a participant of an account, with the script's timeout", async () => {
    const { outcome, sent } = await run(
      `on run {who, what}
        tell application "Messages"
          set theAccount to first account whose service type = iMessage
          with timeout of 30 seconds
            send what to participant who of theAccount
          end timeout
        end tell
      end run`,
      "+15557654321",
      "hi",
    );
    assert.deepEqual(outcome, nothing);
    const target = { kind: "participant", address: "+15557654321" };
    assert.deepEqual(sent, [{ text: "hi", target, timeoutMs: 30_000 }]);
  });

  const PROBES: readonly (readonly [string, string | undefined])[] = [
    ['tell application "Messages" to get name', "Messages"],
    ['tell application "Messages"\n get version\nend tell', "26.0"],
    ['version of application "Messages"', "26.0"],
    ['tell application "Messages" to count of chats', "1"],
    ['tell application "Messages" to get id of every chat', KNOWN],
    [`tell application "Messages" to exists chat id "${KNOWN}"`, "true"],
    ['tell application "Messages" to chat id "x" exists', "false"],
    ['tell application "Messages" to get service type of account 1', "iMessage"],
    ['tell application "Messages" to activate', undefined],
    ['"a" & linefeed & 1', "a\n1"],
    ['{1, "two", {true}}', "1, two, true"],
    ["on run argv\nreturn count of argv\nend run", "0"],
    ["", undefined],
  ];
  for (const [source, text] of PROBES) {
    test(`answers ${JSON.stringify(source)}`, async () => {
      assert.deepEqual((await run(source)).outcome, { kind: "result", text });
    });
  }

  test("names what it cannot get with typographic apostrophes and its number", async () => {
    const { outcome } = await run('tell application "Messages" to send "x" to chat id "any;-;+1555 \\"q\\""');
    assert.deepEqual(failure(outcome), {
      phase: "execution",
      number: -1728,
      message: 'Messages got an error: Can’t get chat id "any;-;+1555 \\"q\\"".',
    });
  });

  test("tells where the failing expression stands", async () => {
    const { outcome } = await run("set a to 1\nset b to item 2 of {a}\nset c to 3");
    assert.deepEqual(outcome, {
      kind: "error",
      phase: "execution",
      number: -1728,
      message: "Can’t get item 2 of {1}.",
      range: { start: 20, end: 33 },
    });
  });

  test("asks for the grant before every look at Messages", async () => {
    const messages = new NotingMessages();
    messages.refusal = new AppleEventError(
      "system",
      -1743,
      "Not authorized to send Apple events to Messages.",
    );
    const source = 'tell application "Messages" to get name';
    const outcome = await runScript({ source, args: [], isSourceForm: false }, messages);
    assert.deepEqual(failure(outcome), {
      phase: "execution",
      number: -1743,
      message: "Not authorized to send Apple events to Messages.",
    });
  });

  const REFUSED: readonly (readonly [string, number])[] = [
    ['tell application "Messages"\n frobnicate the chat\nend tell', -2741],
    ['send "x" to chat id "y"', -2741],
    ['tell application "Messages" to send "x', -2741],
    ["repeat 3 times\nend repeat", -2741],
    ['tell application "Messages"\nsend "x" to 3', -2741],
    ["end tell", -2741],
    [`return ${"(".repeat(5_000)}1${")".repeat(5_000)}`, -2741],
    [`${"try\n".repeat(5_000)}`, -2741],
    ['tell application "Finder" to get name', -1728],
    ["return nobody", -2753],
    ["return item 1 of argv", -2753],
    ['if "text" then return 1', -1700],
    ['tell application "Messages" to send "x" to 3', -1700],
    ['error "mine"', -2700],
    ["error number -128", -128],
    ["on run {a, b}\nreturn a\nend run", -1728],
  ];
  for (const [source, number] of REFUSED) {
    test(`refuses ${JSON.stringify(source.slice(0, 50))} with ${number}`, async () => {
      const { outcome, sent } = await run(source);
      assert.equal(failure(outcome).number, number);
      assert.deepEqual(sent, []);
    });
  }

  test("takes hostile arguments as text and nothing else", async () => {
    const source = FORMS["by item of argv"] ?? "";
    const texts = [
      'quote " and \\ and \\" end',
      '" & (do shell script "true") & "',
      "line one\nline two\r\nline three\u2028four",
      "--leading dashes",
      "-e",
      "(* not a comment",
      "¬",
      "👩‍👩‍👧‍👦 ‏עברית é e\u0301 \u{1F3F4}",
      "\u0000\u0001\u001b[31m",
      "end tell\nend run",
      "’s |bars| “typographic”",
      "   ",
      "x".repeat(100_000),
    ];
    for (const text of texts) {
      const { outcome, sent } = await run(source, KNOWN, text);
      assert.deepEqual(outcome, nothing);
      assert.deepEqual(sent, [{ text, target: chat, timeoutMs: undefined }]);
    }
  });

  test("gives every text literal back as it was written", async () => {
    const random = SeededRandom.fromEnvironment("applescript text literals");
    const alphabet = ['"', "\\", "\n", "\t", "(", "*", ")", "-", "¬", "é", "👍", "a", " ", "’", "&"];
    for (let round = 0; round < 200; round += 1) {
      const text = Array.from({ length: random.integer(0, 20) }, () => random.pick(alphabet)).join("");
      const literal = `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
      assert.deepEqual((await run(`return ${literal}`)).outcome, { kind: "result", text });
    }
  });

  test("never throws for text that is no script", async () => {
    const random = SeededRandom.fromEnvironment("applescript noise");
    const words =
      'tell end run on item 1 of argv " ( ) { } , & to send chat id set try error if then else \n not = -'.split(
        " ",
      );
    for (let round = 0; round < 2_000; round += 1) {
      const source = Array.from({ length: random.integer(0, 30) }, () => random.pick(words)).join(" ");
      const { outcome } = await run(source, KNOWN, "text");
      assert.ok(outcome.kind === "result" || outcome.number < 0, source);
    }
  });
});
