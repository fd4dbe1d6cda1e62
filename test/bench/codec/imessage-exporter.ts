/** The program that others use to get the text of chat.db out: `cargo install imessage-exporter`. */
import { spawnSync } from "node:child_process";
import { accessSync, constants, readdirSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/** What to do where it is not there. */
export const HOW_TO_GET_IT =
  "cargo install imessage-exporter --root DIR, then --exporter DIR/bin/imessage-exporter";

/**
 * How its text export begins a message: "Nov 01, 2021  4:14:37 AM (Read by you after 1 minute)". Replies inside their parent are
 * indented, and former versions have words behind the date: neither is counted.
 */
const BLOCK_HEAD = /^[A-Z][a-z]{2} \d{2}, \d{4} [ \d]\d:\d{2}:\d{2} [AP]M(?: \(Read by .*\))?$/gm;

/** What a directory holds as text. */
export interface ExportedText {
  readonly blocks: number;
  readonly bytes: number;
}

/** The given path, else the first on PATH; undefined where there is none. Throws when the given one cannot be run. */
export function findExporter(given: string | undefined): string | undefined {
  if (given !== undefined && !isExecutable(given)) {
    throw new Error(`Cannot run --exporter: ${given} (no executable file)`);
  }
  if (given !== undefined) return given;
  const places = (process.env.PATH ?? "").split(delimiter).filter((place) => place !== "");
  return places.map((place) => join(place, "imessage-exporter")).find(isExecutable);
}

/** "imessage-exporter 5.0.1". */
export function exporterVersion(path: string): string {
  const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8", timeout: 10_000 });
  return stdout.trim();
}

/** Its arguments for a text export without attachments, in the time zone of the machine. */
export function exporterArguments(chatDbPath: string, directory: string): readonly string[] {
  return ["-f", "txt", "-p", chatDbPath, "-o", directory, "-r", dirname(chatDbPath), "--no-progress"];
}

/** Counts the messages at the top level of a text export, and its bytes. */
export function exportedText(directory: string): ExportedText {
  const files = readdirSync(directory).map((name) => readFileSync(join(directory, name)));
  const blocks = files.map((file) => file.toString().match(BLOCK_HEAD)?.length ?? 0);
  return {
    blocks: blocks.reduce((sum, count) => sum + count, 0),
    bytes: bytesOf(files),
  };
}

function bytesOf(files: readonly Buffer[]): number {
  return files.reduce((sum, file) => sum + file.length, 0);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
