/**
 * What decoding a message costs; every figure beside what is to be reached.
 *
 *   npm run bench:codec [-- --messages 1000000 --exporter DIR/bin/imessage-exporter --json]
 *
 * 1. one message: decodeMessageRow and decodeBody on short, median and heavy rows, one core
 * 2. a whole database: read and decoded, beside read alone (same code, better-sqlite3)
 * 3. a whole database as text on disk, beside imessage-exporter
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { Fleet } from "../../fleet/fleet.ts";
import { percentilesOf } from "../percentiles.ts";
import { type DecodeTiming, timeDecoding } from "./decode-timing.ts";
import {
  exportedText,
  exporterArguments,
  exporterVersion,
  findExporter,
  HOW_TO_GET_IT,
} from "./imessage-exporter.ts";

const USAGE = `What decoding a message costs, every figure beside what is to be reached.

  npm run bench:codec [-- OPTIONS]

  --messages N      size of the simulated database (1000000)
  --exporter PATH   a built imessage-exporter to compare with (default: the one on PATH, else left out)
  --json            the figures as one line of JSON on stdout, the text on stderr
  --help            this
`;

const ROUNDS = 3;
/** Bodies a second on one core, of those that are no heavier than the median. */
const MEDIAN_FLOOR = 100_000;
const DECODE_RATIO_MAX = 1.6;
const EXPORT_RATIO_MAX = 1;
const START_DEADLINE_MS = 600_000;

const { values: options } = parseArgs({
  options: {
    messages: { type: "string", default: "1000000" },
    exporter: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

interface Reading {
  readonly messages: number;
  readonly undecodable: number;
  readonly seconds: number;
}

interface Export {
  readonly seconds: number;
  readonly blocks: number;
  readonly bytes: number;
}

const results: Record<string, unknown> = {};

function say(line: string): void {
  (options.json ? process.stderr : process.stdout).write(`${line}\n`);
}

function median(values: readonly number[]): number {
  return percentilesOf(values).p50;
}

/** Runs a program to its end; gives what it printed and the wall time, its start included. */
async function run(command: string, ...args: string[]): Promise<{ printed: string; seconds: number }> {
  const startNs = process.hrtime.bigint();
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const [printed, complaints, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  const seconds = Number(process.hrtime.bigint() - startNs) / 1e9;
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${complaints}`);
  return { printed, seconds };
}

async function runScript(script: string, ...args: string[]): Promise<{ printed: string; seconds: number }> {
  return await run(process.execPath, join(import.meta.dirname, script), ...args);
}

function oneMessage(): void {
  const timings = timeDecoding();
  say("one message, one core                        bytes       ns   messages/s");
  for (const timing of timings) {
    const { operation, weight, bytes, nanoseconds, messagesPerSecond } = timing;
    const figures = [bytes.toFixed(0).padStart(8), nanoseconds.toFixed(0).padStart(9)].join("");
    const rate = messagesPerSecond.toFixed(0).padStart(13);
    say(`  ${`${operation}, ${weight}`.padEnd(40)}${figures}${rate}${floorOf(timing)}`);
  }
  results["one message"] = { timings, toReach: MEDIAN_FLOOR };
}

function floorOf({ weight }: DecodeTiming): string {
  return weight === "heavy" ? "" : ` (to reach ${MEDIAN_FLOOR})`;
}

async function wholeDatabase(chatDbPath: string): Promise<void> {
  const seconds: Record<"read" | "decode", number[]> = { read: [], decode: [] };
  let messages = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (const how of ["read", "decode"] as const) {
      const { printed } = await runScript("history-reader.ts", how, chatDbPath);
      const reading = JSON.parse(printed) as Reading;
      if (reading.undecodable > 0) throw new Error(`${reading.undecodable} rows cannot be decoded`);
      messages = reading.messages;
      seconds[how].push(reading.seconds);
    }
  }
  const [read, decode] = [median(seconds.read), median(seconds.decode)];
  const rate = (of: number): string => `${of.toFixed(2)} s, ${(messages / of).toFixed(0)} messages/s`;
  const ratio = decode / read;
  say(`${messages} messages: read ${rate(read)}; read and decoded ${rate(decode)}`);
  say(`  ratio ${ratio.toFixed(2)} (to reach ${DECODE_RATIO_MAX})`);
  results["whole database"] = { messages, seconds, ratio, toReach: DECODE_RATIO_MAX };
}

async function exportWithUs(chatDbPath: string, directory: string): Promise<Export> {
  const { printed, seconds } = await runScript("text-export.ts", chatDbPath, directory);
  const { blocks } = JSON.parse(printed) as { blocks: number };
  return { seconds, blocks, bytes: exportedText(directory).bytes };
}

async function exportWithExporter(exporter: string, chatDbPath: string, directory: string): Promise<Export> {
  const { seconds } = await run(exporter, ...exporterArguments(chatDbPath, directory));
  return { seconds, ...exportedText(directory) };
}

async function textOnDisk(chatDbPath: string, scratch: string): Promise<void> {
  const exporter = findExporter(options.exporter);
  if (exporter === undefined) {
    say(`text on disk: left out, imessage-exporter is not on PATH (${HOW_TO_GET_IT})`);
    return;
  }
  const found: Record<"exporter" | "imesh", Export[]> = { exporter: [], imesh: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const who of ["exporter", "imesh"] as const) {
      const directory = mkdtempSync(join(scratch, `${who}-`));
      const exporting =
        who === "imesh"
          ? exportWithUs(chatDbPath, directory)
          : exportWithExporter(exporter, chatDbPath, directory);
      found[who].push(await exporting);
      rmSync(directory, { recursive: true });
    }
  }
  const counts = new Set([...found.exporter, ...found.imesh].map(({ blocks }) => blocks));
  if (counts.size !== 1)
    throw new Error(`Cannot compare: exported messages differ (${[...counts].join(", ")})`);
  const ratio = wallTime(found.imesh) / wallTime(found.exporter);
  const version = exporterVersion(exporter);
  say(`text on disk, ${[...counts].join()} messages in both, each with its reactions:`);
  say(`  ${version} ${described(found.exporter)}; read, decoded and written ${described(found.imesh)}`);
  say(`  ratio ${ratio.toFixed(2)} (to reach ${EXPORT_RATIO_MAX})`);
  results["text on disk"] = { version, ...found, ratio, toReach: EXPORT_RATIO_MAX };
}

function wallTime(exports: readonly Export[]): number {
  return median(exports.map(({ seconds }) => seconds));
}

function described(exports: readonly Export[]): string {
  return `${wallTime(exports).toFixed(2)} s (${((exports[0]?.bytes ?? 0) / 1e6).toFixed(0)} MB)`;
}

async function main(): Promise<void> {
  // A wrong path is told before the long part.
  findExporter(options.exporter);
  oneMessage();
  await using fleet = await Fleet.start({
    services: ["messages-simulator"],
    flags: { "messages-simulator": ["--history-messages", options.messages] },
    startDeadlineMs: START_DEADLINE_MS,
  });
  // Its own work is not to be measured.
  await fleet.stop("messages-simulator");
  await wholeDatabase(fleet.chatDbPath);
  await textOnDisk(fleet.chatDbPath, fleet.home);
  if (options.json) process.stdout.write(`${JSON.stringify(results)}\n`);
}

if (options.help) process.stdout.write(USAGE);
else await main();
