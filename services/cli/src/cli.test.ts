import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { createServer } from "node:net";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { temporaryDirectory } from "@imesh/testing";

const PROGRAM = fileURLToPath(new URL("../bin/imesh.ts", import.meta.url));

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the real program in `directory`, with nothing of ours in its environment. */
function imesh(directory: string, ...argv: string[]): Promise<Ended> {
  const variables = { PATH: process.env.PATH, HOME: directory };
  return new Promise((resolve) => {
    const options = { cwd: directory, env: variables, timeout: 30_000 };
    const child = execFile(process.execPath, [PROGRAM, ...argv], options, (error, out, err) =>
      resolve({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : -1, out, err }),
    );
    child.stdin?.end();
  });
}

test("a command line that is wrong ends with 64, one line of reason and one of help", async () => {
  await using directory = await temporaryDirectory();
  const cases: readonly [string[], string][] = [
    [["statsu"], 'imesh: Cannot run command: "statsu" (no such command)\n  → Did you mean imesh status?\n'],
    [
      ["tail", "--after", "-1"],
      'imesh: Cannot use --after: "-1" (integer 0..9007199254740991)\n  → See imesh tail --help\n',
    ],
    [
      ["tail", "--after", "1", "--from-head"],
      'imesh: Cannot use --after: "1" (together with --from-head)\n  → See imesh tail --help\n',
    ],
    [["send", "guid"], "imesh: Cannot use TEXT (required)\n  → See imesh send --help\n"],
    [
      ["sim", "burst", "0"],
      'imesh: Cannot use N: "0" (integer 1..1000000)\n  → See imesh sim burst --help\n',
    ],
    [
      ["start", "--say", "x", "--serve"],
      "imesh: Cannot use --serve (together with --say: it ends after one exchange)\n  → See imesh start --help\n",
    ],
    [
      ["start", "--listen", "0.0.0.0:7420"],
      'imesh: Cannot use --listen: "0.0.0.0:7420" (every interface; name one address, such as 127.0.0.1)\n' +
        "  → See imesh start --help\n",
    ],
    [
      ["start", "--listen", "10.0.0.1:99"],
      'imesh: Cannot use --listen: "10.0.0.1:99" (not a loopback address; want 127.0.0.1:port|[::1]:port)\n' +
        "  → See imesh start --help\n",
    ],
    [
      ["status", "extra"],
      'imesh: Cannot use argument: "extra" (it takes flags only)\n  → See imesh status --help\n',
    ],
    [
      ["sim", "say", "-hello"],
      "imesh: Cannot use -hello (no such flag)\n" +
        '  → Put -- before a text that begins with a dash: imesh sim say -- "-hello"\n',
    ],
  ];
  const ended = await Promise.all(cases.map(([argv]) => imesh(directory.path, ...argv)));
  assert.deepEqual(
    ended,
    cases.map(([, err]) => ({ code: 64, out: "", err })),
  );
});

test("nothing to talk to ends with 69 and says how to start it", async () => {
  await using directory = await temporaryDirectory();
  const chats = await imesh(directory.path, "chats");
  assert.equal(chats.code, 69);
  assert.match(
    chats.err,
    /^imesh: No answer: nothing listens at unix:\S+mac-bridge\.sock \(UNAVAILABLE\)\n {2}→ Is it running\? imesh status tells; imesh start starts everything\n$/,
  );
  const status = await imesh(directory.path, "status", "--json");
  assert.equal(status.code, 69);
  const { running, healthy, services } = JSON.parse(status.out);
  assert.deepEqual(
    { running, healthy, down: services.map((each: { service: string }) => each.service) },
    { running: false, healthy: false, down: ["lock-broker", "mac-bridge", "agent"] },
  );
});

test("start with a port that is taken says so at once, before it starts anything", async () => {
  await using directory = await temporaryDirectory();
  await using server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  assert.ok(bound !== null && typeof bound !== "string");
  const listen = `localhost:${bound.port}`;
  assert.deepEqual(
    await imesh(directory.path, "start", "--serve", "--listen", listen, "--home", directory.path),
    {
      code: 75,
      out: "",
      err:
        `imesh: Cannot listen on address: 127.0.0.1:${bound.port} (in use)\n` +
        "  → Stop the process that listens there, or choose another address\n",
    },
  );
});

test("with --json a failure is one JSON object on standard error", async () => {
  await using directory = await temporaryDirectory();
  const { code, out, err } = await imesh(directory.path, "chats", "--json", "--limit", "0");
  assert.deepEqual({ code, out }, { code: 64, out: "" });
  assert.deepEqual(JSON.parse(err), {
    kind: "error",
    exitCode: 64,
    message: 'Cannot use --limit: "0" (integer 1..1000000)',
    hint: "See imesh chats --help",
    details: [],
  });
});

/** Runs the real program by a shell's redirections: `line` sees it as "$@". */
function shell(line: string, ...argv: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const words = ["-c", line, "sh", process.execPath, PROGRAM, ...argv];
    execFile("/bin/sh", words, { timeout: 30_000 }, (error, out, err) =>
      resolve({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : -1, out, err }),
    );
  });
}

test("output that cannot be written ends with 74 and says why", {
  skip: !existsSync("/dev/full"),
}, async () => {
  const [text, json, none] = await Promise.all([
    shell('"$@" > /dev/full', "help"),
    shell('"$@" > /dev/full', "sim", "--help", "--json"),
    // Nothing is written, so nothing is lost.
    shell('"$@" > /dev/full', "statsu"),
  ]);
  const message = "Cannot write output: ENOSPC";
  const hint = "What was asked for may have been done all the same; only its report is lost";
  assert.deepEqual(text, { code: 74, out: "", err: `imesh: ${message}\n  → ${hint}\n` });
  assert.equal(json?.code, 74);
  assert.deepEqual(JSON.parse(json?.err ?? ""), { kind: "error", exitCode: 74, message, hint, details: [] });
  assert.equal(none?.code, 64);
});

test("a reader that leaves early is no failure", async () => {
  assert.deepEqual(await shell('("$@"; echo $? >&2) | true', "help"), { code: 0, out: "", err: "0\n" });
});

test("a signal ends a command that waits", async () => {
  await using directory = await temporaryDirectory();
  const child = spawn(process.execPath, [PROGRAM, "tail", "--bridge", `unix:${directory.file("none")}`], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(child, "exit");
  await once(child.stderr, "data");
  child.kill("SIGTERM");
  assert.deepEqual(await ended, [0, null]);
});

test("a command that a signal cuts short ends with the code of that signal, waiting for a pipe or not", async () => {
  await using directory = await temporaryDirectory();
  const pipe = directory.file("pipe");
  await promisify(execFile)("mkfifo", [pipe]);
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    const child = spawn(process.execPath, [PROGRAM, "decode", pipe], { stdio: "ignore" });
    const ended = once(child, "exit");
    // Succeeds once somebody has it open for reading.
    const writer = await open(pipe, "w");
    child.kill(signal);
    assert.deepEqual(await ended, [code, null]);
    await writer.close();
  }
});

test("help and version go to standard output and end with 0; no command at all is a wrong command line", async () => {
  await using directory = await temporaryDirectory();
  const [help, flag, version, none] = await Promise.all([
    imesh(directory.path, "help", "tail"),
    imesh(directory.path, "tail", "--help"),
    imesh(directory.path, "--version"),
    imesh(directory.path),
  ]);
  assert.equal(help?.code, 0);
  assert.deepEqual(flag, help);
  assert.deepEqual(version, { code: 0, out: "imesh 0.1.0\n", err: "" });
  assert.equal(none?.code, 64);
  assert.match(none?.out ?? "", /^Usage: imesh <command>/);
});

test("a body that breaks its format ends with 65, the place, the bytes around it and what to look at", async () => {
  await using directory = await temporaryDirectory();
  const body = Buffer.concat([
    Buffer.from("040b", "hex"),
    Buffer.from("streamtyped"),
    Buffer.from("81e803ff", "hex"),
  ]);
  const [text, json, none] = await Promise.all([
    imesh(directory.path, "decode", body.subarray(0, 14).toString("hex")),
    imesh(directory.path, "decode", body.subarray(0, 14).toString("hex"), "--json"),
    imesh(directory.path, "decode", "./none"),
  ]);
  assert.deepEqual(text, {
    code: 65,
    out: "",
    err: [
      "imesh: Cannot read typedstream: the stream ends before 2 bytes (unexpected-end at byte 14)",
      "  | 00000000  04 0b 73 74 72 65 61 6d 74 79 70 65 64 81        ..streamtyped.",
      "  |                                                     ^^",
      "  → Is it whole? Compare its length with length(…) of the column; the bytes shown are message text",
      "",
    ].join("\n"),
  });
  const { kind, exitCode, facts } = JSON.parse(json?.err ?? "");
  assert.deepEqual(
    { kind, exitCode, facts },
    { kind: "error", exitCode: 65, facts: { code: "unexpected-end", offset: 14, bytes: 14 } },
  );
  assert.equal(none?.code, 66);
});
