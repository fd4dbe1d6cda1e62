/**
 * What lock-broker costs Messages and gains over a bare reader; every figure beside a floor measured in the same run.
 *
 *   npm run bench:broker [-- --messages 1000000 --seconds 10 --json]
 *
 * 1. latency: from just before Messages' transaction until the row is read, beside fs.watch + retry + better-sqlite3
 * 2. backfill: every message of a large database through the API, beside the bare pages
 * 3. the writer: its commits alone, beside the broker idle, tailing and under backfill; and the size of its log
 * 4. idle and under upkeep: processor time and SQLite statements
 * 5. a log that grows by thousands of small commits: stays within twice the checkpoint threshold
 * 6. memory with the large database
 */
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { BrokerServiceClient } from "@imesh/contracts/broker/v1";
import { connect } from "@imesh/rpc";
import { waitFor } from "@imesh/testing";
import { SystemClock } from "@imesh/time";
import { Fleet } from "../../fleet/fleet.ts";
import { nextJson, nextLine, startScript } from "../bench-process.ts";
import { column, type Percentiles, percentilesOf } from "../percentiles.ts";
import { cpuSecondsOf, residentMegabytesOf } from "../process-usage.ts";

const { values: options } = parseArgs({
  options: {
    messages: { type: "string", default: "1000000" },
    seconds: { type: "string", default: "10" },
    settle: { type: "string", default: "65" },
    json: { type: "boolean", default: false },
  },
});
const roundSeconds = Number(options.seconds);
const rounds = 3;
const idleSeconds = 20;
/** SQLite's checkpoint threshold: 1,000 pages of 4 KiB, each with its frame header. */
const checkpointBytes = 1_000 * (4_096 + 24);

function start(script: string, ...args: string[]): ChildProcess {
  return startScript(join(import.meta.dirname, script), ...args);
}

interface Commits {
  readonly commitMs: number[];
  readonly walBytesMax: number;
}

const results: Record<string, unknown> = {};
const clock = new SystemClock();

function say(text: string): void {
  (options.json ? process.stderr : process.stdout).write(`${text}\n`);
}

function tell(name: string, { p50, p90, p99, max }: Percentiles): void {
  say(`  ${name.padEnd(44)}${[p50, p90, p99, max].map((value) => column(value)).join("")}`);
}

async function startBroker(fleet: Fleet): Promise<void> {
  await fleet.start("lock-broker");
  const broker = connect(BrokerServiceClient, `unix:${fleet.socket("lock-broker")}`, { clock });
  const startedMs = performance.now();
  await waitFor(
    async () => (await broker.call("getStatistics", {}, { deadlineMs: 5_000 })).scanProgress === undefined,
    { deadlineMs: 600_000, what: "the broker to know every row" },
  );
  results["baseline seconds"] = (performance.now() - startedMs) / 1_000;
  await broker[Symbol.asyncDispose]();
}

async function latency(fleet: Fleet): Promise<void> {
  say(
    `commit → row, milliseconds${["p50", "p90", "p99", "max"]
      .map((name) => name.padStart(8))
      .join("")
      .padStart(53)}`,
  );
  for (const rate of [20, 200]) {
    const found: Record<"floor" | "broker" | "client", number[]> = { floor: [], broker: [], client: [] };
    const count = String(rate * roundSeconds);
    for (let n = 0; n <= rounds; n++) {
      const floor = start("floor-tail.ts", fleet.chatDbPath, count);
      await nextLine(floor);
      start("commit-writer.ts", fleet.chatDbPath, "messages", String(rate), count);
      const floorMs = await nextJson<number[]>(floor);
      const client = start("tail-client.ts", fleet.socket("lock-broker"), count);
      await nextLine(client);
      start("commit-writer.ts", fleet.chatDbPath, "messages", String(rate), count);
      const { toRowMs, toClientMs } = await nextJson<{ toRowMs: number[]; toClientMs: number[] }>(client);
      // The first round warms both up.
      if (n === 0) continue;
      found.floor.push(...floorMs);
      found.broker.push(...toRowMs);
      found.client.push(...toClientMs);
    }
    const [floor, broker] = [percentilesOf(found.floor), percentilesOf(found.broker)];
    tell(`${rate}/s floor: fs.watch, retry, better-sqlite3`, floor);
    tell(`${rate}/s lock-broker`, broker);
    tell(`${rate}/s lock-broker, at its client`, percentilesOf(found.client));
    say(
      `  ${rate}/s ratio p50 ${(broker.p50 / floor.p50).toFixed(2)} (to reach 1.3), p99 ${(broker.p99 / floor.p99).toFixed(2)} (to reach 2)`,
    );
    results[`latency ${rate}/s`] = { floor, broker, client: percentilesOf(found.client) };
  }
}

async function backfill(fleet: Fleet): Promise<void> {
  const rates: Record<"bare" | "broker", number[]> = { bare: [], broker: [] };
  for (let n = 0; n < 2; n++) {
    for (const how of ["bare", "broker"] as const) {
      const where = how === "bare" ? fleet.chatDbPath : fleet.socket("lock-broker");
      const { messages, seconds } = await nextJson<{ messages: number; seconds: number }>(
        start("backfill.ts", how, where),
      );
      rates[how].push(messages / seconds);
    }
  }
  const [bare, broker] = [Math.max(...rates.bare), Math.max(...rates.broker)];
  say(
    `backfill of ${options.messages} messages: bare pages ${bare.toFixed(0)} rows/s, lock-broker ${broker.toFixed(0)} rows/s, ratio ${(broker / bare).toFixed(2)} (to reach 0.8)`,
  );
  results.backfill = { bare, broker };
}

async function writer(fleet: Fleet): Promise<void> {
  const count = String(200 * roundSeconds);
  const write = async (): Promise<Commits> =>
    await nextJson<Commits>(start("commit-writer.ts", fleet.chatDbPath, "messages", "200", count));
  const found: Record<string, number[]> = {};
  const walBytes: Record<string, number> = {};
  const take = (name: string, { commitMs, walBytesMax }: Commits): void => {
    found[name] = [...(found[name] ?? []), ...commitMs];
    walBytes[name] = Math.max(walBytes[name] ?? 0, walBytesMax);
  };
  for (let n = 0; n < rounds; n++) {
    await fleet.stop("lock-broker");
    take("alone", await write());
    await startBroker(fleet);
    take("broker idle (no tail)", await write());
    const client = start("tail-client.ts", fleet.socket("lock-broker"), "1000000000");
    await nextLine(client);
    take("broker tailing", await write());
    const filling = start("backfill.ts", "broker", fleet.socket("lock-broker"));
    take("broker tailing and under backfill", await write());
    filling.kill("SIGKILL");
    client.kill("SIGKILL");
  }
  say(
    `writer's commit, milliseconds${["p50", "p90", "p99", "max"]
      .map((name) => name.padStart(8))
      .join("")
      .padStart(49)}`,
  );
  for (const [name, commitMs] of Object.entries(found)) {
    tell(`${name}, log ≤ ${((walBytes[name] ?? 0) / 1e6).toFixed(1)} MB`, percentilesOf(commitMs));
  }
  results.writer = {
    commits: Object.fromEntries(Object.entries(found).map(([name, ms]) => [name, percentilesOf(ms)])),
    walBytes,
  };
}

async function idle(fleet: Fleet): Promise<void> {
  const broker = connect(BrokerServiceClient, `unix:${fleet.socket("lock-broker")}`, { clock });
  const client = start("tail-client.ts", fleet.socket("lock-broker"), "1000000000");
  await nextLine(client);
  // What a burst left to be confirmed is over by then.
  await sleep(Number(options.settle) * 1_000);
  for (const maintenance of [0, 10]) {
    const writing =
      maintenance === 0
        ? undefined
        : start(
            "commit-writer.ts",
            fleet.chatDbPath,
            "maintenance",
            String(maintenance),
            String(maintenance * (idleSeconds + 5)),
          );
    if (writing !== undefined) await sleep(2_000);
    const before = await broker.call("getStatistics", {}, { deadlineMs: 5_000 });
    const cpuBefore = cpuSecondsOf(fleet.pid("lock-broker"));
    await sleep(idleSeconds * 1_000);
    const percent = ((cpuSecondsOf(fleet.pid("lock-broker")) - cpuBefore) / idleSeconds) * 100;
    const after = await broker.call("getStatistics", {}, { deadlineMs: 5_000 });
    const statements = Number(after.statements - before.statements);
    say(
      `${maintenance} maintenance commits/s: ${percent.toFixed(2)} % of a core${maintenance === 0 ? " (to reach 0.5)" : ""}, ${statements} SQLite statements in ${idleSeconds} s`,
    );
    results[`idle, ${maintenance} maintenance commits/s`] = { percent, statements };
    writing?.kill("SIGKILL");
  }
  client.kill("SIGKILL");
  await broker[Symbol.asyncDispose]();
}

async function longLog(fleet: Fleet): Promise<void> {
  const client = start("tail-client.ts", fleet.socket("lock-broker"), "1000000000");
  await nextLine(client);
  const filling = start("backfill.ts", "broker", fleet.socket("lock-broker"));
  const { walBytesMax } = await nextJson<Commits>(
    start("commit-writer.ts", fleet.chatDbPath, "messages", "0", "6000"),
  );
  filling.kill("SIGKILL");
  client.kill("SIGKILL");
  say(
    `12,000 commits as fast as can be, tailed and under backfill: log ≤ ${(walBytesMax / 1e6).toFixed(1)} MB, ${(walBytesMax / checkpointBytes).toFixed(2)}× the checkpoint threshold (to reach 2)`,
  );
  results["long log"] = { walBytesMax, thresholds: walBytesMax / checkpointBytes };
}

await using fleet = await Fleet.start({
  services: ["messages-simulator"],
  flags: { "messages-simulator": ["--history-messages", options.messages] },
  startDeadlineMs: 300_000,
});
// The writers of the bench take its place.
await fleet.stop("messages-simulator");
await startBroker(fleet);
say(`baseline of ${options.messages} messages: ${Number(results["baseline seconds"]).toFixed(1)} s`);
results["megabytes after the baseline"] = residentMegabytesOf(fleet.pid("lock-broker"));
await latency(fleet);
await longLog(fleet);
await backfill(fleet);
await sleep(2_000);
results["megabytes after the backfill"] = residentMegabytesOf(fleet.pid("lock-broker"));
await idle(fleet);
results["megabytes at rest"] = residentMegabytesOf(fleet.pid("lock-broker"));
await writer(fleet);
for (const [name, megabytes] of Object.entries(results).filter(([name]) => name.startsWith("megabytes"))) {
  say(`${name}: ${Number(megabytes).toFixed(0)} MB (to reach 100)`);
}
if (options.json) process.stdout.write(`${JSON.stringify(results)}\n`);
