import { closeSync, constants, createReadStream, fstatSync, openSync } from "node:fs";
import { Socket } from "node:net";
import { resolve } from "node:path";
import { addAbortSignal, type Readable } from "node:stream";
import { EXIT_CODES, StartupError } from "@imesh/lifecycle";

/** More than any column of chat.db holds; what is larger was not meant. */
export const INPUT_BYTES_MAX = 16 * 1024 * 1024;

/** Where bodies come from. */
export interface BodySources {
  readonly stdin: Readable;
  readonly workingDirectory: string;
  /** Ends the wait for standard input. */
  readonly signal: AbortSignal;
}

/**
 * The bytes that the command line means: `-` for standard input, hexadecimal digits for themselves, anything else the
 * path of a file. What is read may be the bytes, or their hexadecimal digits. Throws StartupError: 64 for half a byte,
 * 65 for what cannot be a body, 66 for a file that is not there, 77 for one that may not be read.
 */
export async function readBody(operand: string, sources: BodySources): Promise<Uint8Array> {
  if (operand.trim() === "") throw noBody("it is empty");
  const digits = operand === "-" ? null : hexDigits(operand);
  if (digits !== null && digits.length % 2 !== 0) {
    throw new StartupError({
      exitCode: EXIT_CODES.usage,
      message: `Cannot use BODY: ${digits.length} hexadecimal digits (an even number)`,
      hint: "Write ./ before the name of a file that looks like hex",
    });
  }
  const bytes = digits === null ? await readSource(operand, sources) : Buffer.from(digits, "hex");
  if (bytes.length > 0) return bytes;
  throw noBody("0 bytes (at least 1)");
}

function noBody(what: string): StartupError {
  return new StartupError({
    exitCode: EXIT_CODES.dataError,
    message: `Cannot decode body: ${what}`,
    hint: "A column that is NULL has no body; its text may be in the column text",
  });
}

async function readSource(operand: string, sources: BodySources): Promise<Uint8Array> {
  return asBytes(await readContent(operand, sources));
}

/** What `-` or the path of a file holds, at most {@link INPUT_BYTES_MAX}; refusals as {@link readBody}. */
export async function readContent(
  operand: string,
  { stdin, workingDirectory, signal }: BodySources,
): Promise<Uint8Array> {
  const name = operand === "-" ? "standard input" : `"${operand}"`;
  try {
    const stream = operand === "-" ? stdin : openStream(resolve(workingDirectory, operand), name);
    return await collect(addAbortSignal(signal, stream), name);
  } catch (error) {
    throw explained(error, name);
  }
}

/**
 * A file, or a pipe as `<(sqlite3 …)` makes one. Opened without waiting, and pipes are waited for by events: a thread that
 * waits in open() for somebody to write cannot be ended, and no signal reaches a process that waits for it.
 */
function openStream(path: string, name: string): Readable {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const status = fstatSync(fd);
  if (status.isFile()) return createReadStream(path, { fd });
  if (status.isFIFO()) return new Socket({ fd, readable: true, writable: false });
  closeSync(fd);
  throw cannotRead(undefined, name, status.isDirectory() ? "a directory" : "no file", EXIT_CODES.noInput);
}

async function collect(stream: Readable, name: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > INPUT_BYTES_MAX) {
      throw new StartupError({
        exitCode: EXIT_CODES.dataError,
        message: `Cannot read body: ${name} (at most ${INPUT_BYTES_MAX} bytes)`,
        hint: "Give the value of one column of one row",
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Bytes that are hexadecimal digits stand for others. */
function asBytes(content: Uint8Array): Uint8Array {
  const digits = isAscii(content) ? hexDigits(Buffer.from(content).toString("latin1")) : null;
  return digits === null || digits.length % 2 !== 0 ? content : Buffer.from(digits, "hex");
}

function isAscii(content: Uint8Array): boolean {
  return content.every((byte) => byte < 0x80);
}

/** The digits of `04 0b`, `0x040b` or, as sqlite3 quotes blobs, `X'040b'`; null for anything else. */
function hexDigits(text: string): string | null {
  const compact = text.replaceAll(/\s/g, "");
  const match = /^(?:0x([0-9a-f]+)|x'([0-9a-f]+)'|([0-9a-f]+))$/i.exec(compact);
  return match === null ? null : (match[1] ?? match[2] ?? match[3] ?? null);
}

function explained(error: unknown, name: string): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return cannotRead(error, name, "no such file", EXIT_CODES.noInput);
    case "ENXIO":
      return cannotRead(error, name, "no file", EXIT_CODES.noInput);
    case "EISDIR":
      return cannotRead(error, name, "a directory", EXIT_CODES.noInput);
    case "EACCES":
    case "EPERM":
      return cannotRead(error, name, "no permission", EXIT_CODES.noPermission);
    default:
      return error;
  }
}

function cannotRead(
  cause: unknown,
  name: string,
  bound: string,
  exitCode: StartupError["exitCode"],
): StartupError {
  const hint = "BODY is hexadecimal digits, the path of a file, or - for standard input";
  return new StartupError({ exitCode, message: `Cannot read body: ${name} (${bound})`, hint, cause });
}
