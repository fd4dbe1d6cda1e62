/**
 * Stand-in for /usr/bin/osascript: same arguments, same output, same exit codes, but the script is run by the
 * messages-simulator behind the Unix socket that its first argument names (the wrapper puts it there).
 *
 * It imports next to nothing, because every send of a bridge waits for its start.
 */
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import type { AppleEventReply, AppleEventRequest } from "../src/osascript/apple-event.ts";

/** A command line as osascript reads it. */
interface CommandLine {
  readonly statements: readonly string[];
  readonly file: string | undefined;
  readonly args: readonly string[];
  readonly isSourceForm: boolean;
  readonly areErrorsOnStdout: boolean;
}

const USAGE = "usage: osascript [-l language] [-e script] [-i] [-s {ehso}] [programfile] [argument ...]";

const [socketPath = "", ...argv] = process.argv.slice(2);
const line = parseArguments(argv);
const source = line.statements.length > 0 ? line.statements.join("\n") : readScript(line.file);
const sourceName = line.file === undefined || line.file === "-" ? "" : `${line.file}:`;
run({ source, args: line.args, isSourceForm: line.isSourceForm });

/** As BSD getopt does: options end at the first operand or at `--`, values may be glued to their letter. */
function parseArguments(words: readonly string[]): CommandLine {
  const statements: string[] = [];
  let flags = "";
  let index = 0;
  for (; index < words.length; index += 1) {
    const word = words[index] ?? "";
    if (word === "--") {
      index += 1;
      break;
    }
    if (!word.startsWith("-") || word === "-") break;
    const letter = word[1] ?? "";
    if (letter === "i") fail("osascript: -i is not simulated", 1);
    if (!"els".includes(letter)) fail(`osascript: illegal option -- ${letter}\n${USAGE}`, 2);
    let value = word.slice(2);
    if (value === "") {
      index += 1;
      value = words[index] ?? fail(`osascript: option requires an argument -- ${letter}\n${USAGE}`, 2);
    }
    if (letter === "e") statements.push(value);
    if (letter === "s") flags += value;
    if (letter === "l" && value.toLowerCase() !== "applescript") {
      fail(`osascript: no such component "${value}".`, 1);
    }
  }
  const operands = words.slice(index);
  const hasFile = statements.length === 0 && operands.length > 0;
  return {
    statements,
    file: hasFile ? operands[0] : undefined,
    args: hasFile ? operands.slice(1) : operands,
    isSourceForm: flags.lastIndexOf("s") > flags.lastIndexOf("h"),
    areErrorsOnStdout: flags.lastIndexOf("o") > flags.lastIndexOf("e"),
  };
}

function readScript(file: string | undefined): string {
  try {
    return readFileSync(file === undefined || file === "-" ? 0 : file, "utf8");
  } catch (error) {
    const isAbsent = error instanceof Error && "code" in error && error.code === "ENOENT";
    return fail(`osascript: ${file}: ${isAbsent ? "No such file or directory" : "Cannot be read"}`, 1);
  }
}

function fail(message: string, exitCode: number): never {
  process.stderr.write(`${message}\n`);
  process.exit(exitCode);
}

function run(request: AppleEventRequest): void {
  let answer = "";
  let hasConnected = false;
  const socket = connect(socketPath);
  socket.setEncoding("utf8");
  socket.on("connect", () => {
    hasConnected = true;
    socket.write(`${JSON.stringify(request)}\n`);
  });
  socket.on("data", (text: string) => {
    answer += text;
  });
  // Whatever went wrong with the connection, 'close' follows and tells by what was said until then.
  socket.on("error", () => {});
  socket.on("close", () => {
    if (answer.endsWith("\n")) report(JSON.parse(answer));
    else if (hasConnected) report(refusal(request, -609, "Connection is invalid."));
    else report(refusal(request, -600, "Application isn’t running."));
  });
}

/** Messages cannot be reached: what osascript says then, with the whole script as its place. */
function refusal(request: AppleEventRequest, number: number, message: string): AppleEventReply {
  const text = `Messages got an error: ${message}`;
  return { kind: "error", phase: "execution", number, message: text, start: 0, end: request.source.length };
}

function report(reply: AppleEventReply): void {
  if (reply.kind === "result") {
    if (reply.text !== null) process.stdout.write(`${reply.text}\n`);
    return;
  }
  const { phase, start, end, message, number } = reply;
  const stream = line.areErrorsOnStdout ? process.stdout : process.stderr;
  stream.write(`${sourceName}${start}:${end}: ${phase} error: ${message} (${number})\n`);
  process.exitCode = 1;
}
