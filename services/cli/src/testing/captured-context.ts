import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { SystemClock, SystemRandom } from "@imesh/time";
import type { CommandContext } from "../command.ts";
import type { Environment } from "../environment.ts";
import { Output, type TextSink } from "../terminal/output.ts";

/** Keeps what is written. */
export class CapturedSink extends EventEmitter implements TextSink {
  text = "";

  write(text: string, done?: () => void): boolean {
    this.text += text;
    done?.();
    return true;
  }

  get lines(): readonly string[] {
    return this.text.split("\n").slice(0, -1);
  }
}

/** A context whose output is kept, in `directory`, on the real clock. */
export interface CapturedContext {
  readonly context: CommandContext;
  readonly out: CapturedSink;
  readonly err: CapturedSink;
  /** Tells the command to end. */
  readonly stop: () => void;
}

/** Makes one. For tests that talk to a server of their own. */
export function capturedContext(directory: string): CapturedContext {
  const [out, err] = [new CapturedSink(), new CapturedSink()];
  const stop = new AbortController();
  const facts = {
    workingDirectory: directory,
    userDirectory: directory,
    temporaryDirectory: "/tmp",
    userId: 0,
    variables: {},
  };
  const environment = {
    ...facts,
    argv: [],
    pid: 1,
    platform: "linux",
    nodePath: process.execPath,
    nodeVersion: process.versions.node,
    isAlive: () => false,
    stdin: new PassThrough(),
    stdout: out,
    stderr: err,
    stop: stop.signal,
    kill: new AbortController().signal,
    hold: () => ({ [Symbol.dispose]: () => {} }),
    outputLost: new AbortController().signal,
    // Commands write through Output alone, so that a sink may stand for a stream.
  } as unknown as Environment;
  const output = new Output(out, err, {});
  const context = {
    environment,
    surroundings: facts,
    output,
    clock: new SystemClock(),
    random: new SystemRandom(),
  };
  return { context, out, err, stop: () => stop.abort(new Error("The test is over")) };
}
