/**
 * How long from just before Messages' transaction until a program has the message, over both hops, beside the least
 * that is possible (floor-reader.ts), and the least with a second process and a durable journal (floor-relay.ts). Rounds alternate, so that a noisy machine disturbs both alike, and each
 * begins with a warm-up that is not counted.
 *
 *   npm run bench:latency [-- --seconds 15 --json]
 *
 * Also: the same with every file hint off, what an idle broker costs, and resident memory after the load.
 */
import type { ChildProcess } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Fleet, type ServiceName } from "../../fleet/fleet.ts";
import { nextJson, nextLine, startScript } from "../bench-process.ts";
import { column, type Percentiles, percentilesOf } from "../percentiles.ts";
import { cpuSecondsOf, residentMegabytesOf } from "../process-usage.ts";

const { values: options } = parseArgs({
  options: { seconds: { type: "string", default: "10" }, json: { type: "boolean", default: false } },
});
const roundSeconds = Number(options.seconds);
const rounds = 3;
const warmUpMessages = 600;
const idleSeconds = 20;

interface Row {
  readonly name: string;
  readonly ratePerSecond: number;
  readonly imesh: Percentiles;
  readonly floor: Percentiles;
  readonly durableFloor: Percentiles;
}

type Kind = "imesh" | "floor" | "durableFloor";

function start(script: string, ...args: string[]): ChildProcess {
  return startScript(join(import.meta.dirname, script), ...args);
}

/** One round: `count` messages at `rate`, to one client; latencies in milliseconds. */
async function round(fleet: Fleet, kind: Kind, ratePerSecond: number): Promise<number[]> {
  const count = Math.max(20, Math.round(ratePerSecond * roundSeconds));
  const scratch = await mkdtemp(join(fleet.run, "floor-"));
  const [reader, relay] = [join(scratch, "reader.sock"), join(scratch, "relay.sock")];
  const floors: ChildProcess[] = [];
  try {
    if (kind !== "imesh") {
      floors.push(start("floor-reader.ts", fleet.chatDbPath, reader));
      await Promise.all(floors.map(nextLine));
    }
    if (kind === "durableFloor") {
      const process = start("floor-relay.ts", reader, join(scratch, "journal.db"), relay);
      floors.push(process);
      await nextLine(process);
    }
    const sockets = { imesh: fleet.socket("mac-bridge"), floor: reader, durableFloor: relay };
    const client = start("client.ts", kind === "imesh" ? "imesh" : "floor", sockets[kind], String(count));
    await nextLine(client);
    start("writer.ts", fleet.chatDbPath, String(ratePerSecond), String(count), String(warmUpMessages));
    return await nextJson<number[]>(client);
  } finally {
    for (const process of floors) process.kill("SIGKILL");
  }
}

async function measure(fleet: Fleet, name: string, ratePerSecond: number): Promise<Row> {
  const latencies: Record<Kind, number[]> = { floor: [], durableFloor: [], imesh: [] };
  for (let n = 0; n < rounds; n++) {
    for (const kind of ["floor", "durableFloor", "imesh"] as const) {
      latencies[kind].push(...(await round(fleet, kind, ratePerSecond)));
    }
  }
  return {
    name,
    ratePerSecond,
    imesh: percentilesOf(latencies.imesh),
    floor: percentilesOf(latencies.floor),
    durableFloor: percentilesOf(latencies.durableFloor),
  };
}

async function withFleet<Result>(
  hints: "on" | "off",
  use: (fleet: Fleet) => Promise<Result>,
): Promise<Result> {
  await using fleet = await Fleet.start({
    services: ["messages-simulator", "lock-broker", "mac-bridge"],
    flags: { "lock-broker": ["--hints", hints] },
  });
  // The writer takes the simulator's place, so that the simulator's own work is not measured.
  await fleet.stop("messages-simulator");
  return await use(fleet);
}

/** Every service's resident memory after a conversation: 200 messages at 20/s in five chats, each answered. */
async function residentAfterConversation(messages = 200): Promise<Record<string, number>> {
  const services: readonly ServiceName[] = ["lock-broker", "mac-bridge", "agent"];
  await using fleet = await Fleet.start();
  const burst = fleet.simulator().stream("burst", {
    messages,
    chats: 5,
    ratePerSecond: 20,
    joinDelay: undefined,
    seed: 1n,
    prefix: "bench",
  });
  for await (const _ of burst);
  await sleep(3_000);
  return Object.fromEntries(services.map((name) => [name, residentMegabytesOf(fleet.pid(name))]));
}

const rows: Row[] = [];
const idleCpuPercent: Record<string, number> = {};
const residentUnderLoad: Record<string, number> = {};

for (const hints of ["on", "off"] as const) {
  await withFleet(hints, async (fleet) => {
    await round(fleet, "imesh", 100);
    await sleep(1_000);
    const before = cpuSecondsOf(fleet.pid("lock-broker"));
    await sleep(idleSeconds * 1_000);
    const used = cpuSecondsOf(fleet.pid("lock-broker")) - before;
    idleCpuPercent[`hints ${hints}`] = (used / idleSeconds) * 100;
    for (const rate of [20, 200]) rows.push(await measure(fleet, `hints ${hints}`, rate));
    for (const name of ["lock-broker", "mac-bridge"] as const) {
      residentUnderLoad[`${name}, hints ${hints}`] = residentMegabytesOf(fleet.pid(name));
    }
  });
}
// The first life fills the compile cache, as the first start on a Mac does.
await residentAfterConversation(10);
const residentMegabytes = await residentAfterConversation();

if (options.json) {
  process.stdout.write(`${JSON.stringify({ rows, idleCpuPercent, residentMegabytes, residentUnderLoad })}\n`);
} else {
  const heading = ["p50", "p90", "p99", "max"].map((name) => name.padStart(8)).join("");
  process.stdout.write(`commit → client, milliseconds       ${heading}\n`);
  for (const { name, ratePerSecond, ...measured } of rows) {
    const ratio = (over: Percentiles): Percentiles => ({
      count: over.count,
      p50: measured.imesh.p50 / over.p50,
      p90: measured.imesh.p90 / over.p90,
      p99: measured.imesh.p99 / over.p99,
      max: measured.imesh.max / over.max,
    });
    const lines = {
      imesh: measured.imesh,
      floor: measured.floor,
      "ratio to the floor": ratio(measured.floor),
      "durable floor": measured.durableFloor,
      "ratio to the durable floor": ratio(measured.durableFloor),
    };
    process.stdout.write(`${name}, ${ratePerSecond}/s\n`);
    for (const [what, { p50, p90, p99, max }] of Object.entries(lines)) {
      process.stdout.write(
        `  ${what.padEnd(34)}${[p50, p90, p99, max].map((value) => column(value)).join("")}\n`,
      );
    }
  }
  for (const [name, percent] of Object.entries(idleCpuPercent)) {
    process.stdout.write(`lock-broker idle, ${name}: ${percent.toFixed(2)} % of a core\n`);
  }
  for (const [name, megabytes] of Object.entries(residentMegabytes)) {
    process.stdout.write(
      `${name} resident after 200 answered messages at 20/s: ${megabytes.toFixed(0)} MB\n`,
    );
  }
  for (const [name, megabytes] of Object.entries(residentUnderLoad)) {
    process.stdout.write(`${name}, resident after the 200/s rounds: ${megabytes.toFixed(0)} MB\n`);
  }
}
