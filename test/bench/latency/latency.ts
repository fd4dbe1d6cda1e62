/**
 * How long from just before Messages' transaction until a program has the message, over both hops, beside the least
 * that is possible (floor-reader.ts), in one run. Rounds alternate, so that a noisy machine disturbs both alike.
 *
 *   npm run bench:latency [-- --seconds 15 --json]
 *
 * Also: the same with every file hint off, what an idle broker costs, and resident memory after the load.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Fleet, type ServiceName } from "../../fleet/fleet.ts";
import { column, type Percentiles, percentilesOf } from "../percentiles.ts";
import { cpuSecondsOf, residentMegabytesOf } from "../process-usage.ts";

const { values: options } = parseArgs({
  options: { seconds: { type: "string", default: "10" }, json: { type: "boolean", default: false } },
});
const roundSeconds = Number(options.seconds);
const rounds = 3;
const idleSeconds = 10;

interface Row {
  readonly name: string;
  readonly ratePerSecond: number;
  readonly imesh: Percentiles;
  readonly floor: Percentiles;
}

function start(script: string, ...args: string[]): ChildProcess {
  const path = join(import.meta.dirname, script);
  return spawn(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "inherit"] });
}

/** The next line the process prints; rejects when it ends without one. */
async function line(child: ChildProcess): Promise<string> {
  return await new Promise((resolve, reject) => {
    let text = "";
    const take = (chunk: Buffer): void => {
      text += chunk.toString();
      if (!text.endsWith("\n")) return;
      child.stdout?.off("data", take);
      resolve(text.trim());
    };
    child.stdout?.on("data", take);
    child.once("exit", (code) => reject(new Error(`a bench process ended with ${code}`)));
  });
}

/** One round: `count` messages at `rate`, to one client; latencies in milliseconds. */
async function round(fleet: Fleet, kind: "imesh" | "floor", ratePerSecond: number): Promise<number[]> {
  const count = Math.max(20, Math.round(ratePerSecond * roundSeconds));
  const floorSocket = join(fleet.run, "floor.sock");
  rmSync(floorSocket, { force: true });
  const reader = kind === "floor" ? start("floor-reader.ts", fleet.chatDbPath, floorSocket) : null;
  try {
    if (reader !== null) await line(reader);
    const socket = kind === "floor" ? floorSocket : fleet.socket("mac-bridge");
    const client = start("client.ts", kind, socket, String(count));
    await line(client);
    start("writer.ts", fleet.chatDbPath, String(ratePerSecond), String(count));
    return JSON.parse(await line(client)) as number[];
  } finally {
    reader?.kill("SIGKILL");
  }
}

async function measure(fleet: Fleet, name: string, ratePerSecond: number): Promise<Row> {
  const latencies = { imesh: [] as number[], floor: [] as number[] };
  for (let n = 0; n < rounds; n++) {
    for (const kind of ["floor", "imesh"] as const)
      latencies[kind].push(...(await round(fleet, kind, ratePerSecond)));
  }
  return {
    name,
    ratePerSecond,
    imesh: percentilesOf(latencies.imesh),
    floor: percentilesOf(latencies.floor),
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
async function residentAfterConversation(): Promise<Record<string, number>> {
  const services: readonly ServiceName[] = ["lock-broker", "mac-bridge", "agent"];
  await using fleet = await Fleet.start();
  // The second start is what an operator sees: the first one fills the compile cache.
  for (const name of services) {
    await fleet.stop(name);
    await fleet.start(name);
  }
  const burst = fleet.simulator().stream("burst", {
    messages: 200,
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
const residentMegabytes = await residentAfterConversation();

if (options.json) {
  process.stdout.write(`${JSON.stringify({ rows, idleCpuPercent, residentMegabytes, residentUnderLoad })}\n`);
} else {
  const heading = ["p50", "p90", "p99", "max"].map((name) => name.padStart(8)).join("");
  process.stdout.write(`commit → client, milliseconds       ${heading}\n`);
  for (const { name, ratePerSecond, imesh, floor } of rows) {
    const ratios = { p50: imesh.p50 / floor.p50, p90: imesh.p90 / floor.p90, p99: imesh.p99 / floor.p99 };
    for (const [what, value] of Object.entries({
      imesh,
      floor,
      ratio: { ...ratios, max: imesh.max / floor.max },
    })) {
      const label = `${name}, ${ratePerSecond}/s, ${what}`.padEnd(36);
      process.stdout.write(
        `${label}${[value.p50, value.p90, value.p99, value.max].map((v) => column(v)).join("")}\n`,
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
