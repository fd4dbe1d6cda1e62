/** Random programs of what happens in Messages, played against a real broker that is killed and slowed on the way. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { BrokerServiceClient, type BrokerServiceService } from "@imesh/contracts/broker/v1";
import type { VisibleChange } from "@imesh/contracts/simulator/v1";
import { connect, type RpcClient } from "@imesh/rpc";
import { SeededRandom, waitFor } from "@imesh/testing";
import { SystemClock } from "@imesh/time";
import { Fleet } from "../fleet/fleet.ts";
import { disagreements, type Sight, type TrueChange } from "./comparison.ts";
import { Observer } from "./observer.ts";

/** What a run of programs plays. */
export interface ProgramOptions {
  readonly hints: "on" | "off";
  /** Checkpoints of each kind, reopened and killed writers, columns added while all runs. */
  readonly hasDisturbances: boolean;
  /** Another database takes the path: restored, recreated, emptied. */
  readonly hasReplacements: boolean;
  /** The broker is killed in the middle of programs, for a moment or for the rest of one. */
  readonly hasKills: boolean;
  readonly stepsMax: number;
  readonly stepsPerSecond: number;
}

/** A commit is read within this time of another one at most together with it: two polls and a slow moment of the machine. */
const MOMENT_MS = 150;
/** Nothing is told for so long: what was committed has been noticed and told. */
const QUIET_MS = 300;
/** A replaced file is noticed by a look at the path twice a second. */
const REPLACEMENT_MS = 1_500;

const clock = new SystemClock();

/** A simulated Mac and a broker, with an observer of everything the broker tells. */
export class ChangeTrial implements AsyncDisposable {
  readonly fleet: Fleet;
  readonly observer: Observer;
  readonly #options: ProgramOptions;
  readonly #broker: RpcClient<typeof BrokerServiceService>;
  readonly #blind: { fromMs: number; toMs: number }[] = [];
  readonly #departuresMs: number[] = [];
  /** Truth from before the observer looked is none of its business. */
  readonly #truthStart: bigint;
  /** Sequence of the last change before that. */
  readonly #toldStart: bigint;

  static async start(options: ProgramOptions): Promise<ChangeTrial> {
    const fleet = await Fleet.start({
      services: ["messages-simulator", "lock-broker"],
      flags: { "lock-broker": ["--hints", options.hints, "--settle-deadline-ms", "1000"] },
    });
    const observer = new Observer(fleet.socket("lock-broker"));
    await waitFor(() => observer.isAtHead, { deadlineMs: 10_000, what: "the observer at the head" });
    const broker = connect(BrokerServiceClient, `unix:${fleet.socket("lock-broker")}`, { clock });
    // What changes while the broker meets a row for the first time is how it finds it, and no news.
    await waitFor(
      async () => (await broker.call("getStatistics", {}, { deadlineMs: 5_000 })).scanProgress === undefined,
      { deadlineMs: 30_000, what: "the broker to know every row" },
    );
    const truth = await changesAfter(fleet, 0n);
    const { headSequence } = await broker.call("getStatistics", {}, { deadlineMs: 5_000 });
    const start = { truth: truth.at(-1)?.sequence ?? 0n, told: headSequence };
    return new ChangeTrial(fleet, observer, broker, options, start);
  }

  private constructor(
    fleet: Fleet,
    observer: Observer,
    broker: RpcClient<typeof BrokerServiceService>,
    options: ProgramOptions,
    start: { readonly truth: bigint; readonly told: bigint },
  ) {
    this.fleet = fleet;
    this.observer = observer;
    this.#options = options;
    this.#truthStart = start.truth;
    this.#toldStart = start.told;
    this.#broker = broker;
  }

  /** Plays the program of one seed and then compares everything told so far with everything true so far. */
  async play(seed: number): Promise<void> {
    try {
      await this.#play(seed);
    } catch (cause) {
      throw new Error(`seed ${seed}: ${String(cause)}`, { cause });
    }
  }

  async #play(seed: number): Promise<void> {
    const random = new SeededRandom(seed);
    const { stepsMax, stepsPerSecond, hasDisturbances, hasReplacements, hasKills } = this.#options;
    const steps = random.integer(1, stepsMax);
    const played = this.#playSteps(seed, steps);
    if (hasKills && random.chance(0.7)) {
      const lengthMs = (steps / stepsPerSecond) * 1_000;
      await sleep(random.integer(0, Math.ceil(lengthMs)));
      await this.blindWhile(async () => {
        await this.fleet.kill("lock-broker");
        const isLongOutage = random.chance(0.3);
        if (isLongOutage) await played;
        else await sleep(random.integer(0, 400));
        await this.fleet.start("lock-broker");
        await this.caughtUp();
      });
    }
    await played;
    await this.caughtUp();
    await this.compare(
      `seed ${seed}, ${steps} steps${hasDisturbances ? ", disturbed" : ""}${hasReplacements ? ", replaced" : ""}`,
    );
  }

  /** Plays the program of one seed while nobody is expected to read. */
  async playUnread(seed: number): Promise<void> {
    await this.#playSteps(seed, new SeededRandom(seed).integer(1, this.#options.stepsMax));
  }

  /** Throws with every disagreement between what was told and what a person could see. */
  async compare(what: string): Promise<void> {
    this.observer.check();
    const truth = (await changesAfter(this.fleet, this.#truthStart)).map(trueChange);
    const sight: Sight = {
      momentMs: MOMENT_MS,
      blind: this.#blind,
      departuresMs: this.#departuresMs,
      departureMs: REPLACEMENT_MS,
    };
    const faults = disagreements(truth, this.observer.told, sight);
    assert.deepEqual(faults, [], `${what}:\n${faults.slice(0, 20).join("\n")}`);
    await this.#compareRows();
  }

  async statistics() {
    return await this.#broker.call("getStatistics", {}, { deadlineMs: 5_000 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#broker[Symbol.asyncDispose]();
    await this.observer[Symbol.asyncDispose]();
    await this.fleet[Symbol.asyncDispose]();
  }

  async #playSteps(seed: number, steps: number): Promise<void> {
    const { stepsPerSecond, hasDisturbances, hasReplacements } = this.#options;
    const request = {
      seed: BigInt(seed),
      steps,
      ratePerSecond: stepsPerSecond,
      hasDisturbances,
      hasReplacements,
    };
    for await (const { label } of this.fleet.simulator().stream("play", request)) {
      // The first moments of a file that came into the path are read together.
      if (/replace|restore|recreate/.test(label)) this.#blindAround(Date.now());
      // Nobody can see what was committed to a file that has left it. A restored copy has it.
      if (/replace|recreate/.test(label)) this.#departuresMs.push(Date.now());
    }
  }

  /** Waits until the broker has read every commit and the observer has every change. */
  async caughtUp(): Promise<void> {
    let quietSince = Date.now();
    let lastSequence = -1n;
    await waitFor(
      async () => {
        const { lastCommitTime, lastReadTime, headSequence, scanProgress, database } =
          await this.statistics();
        if (!(await this.#isFollowed(database?.databaseUid))) quietSince = Date.now();
        const told = this.observer.told.at(-1)?.sequence ?? this.#toldStart;
        const isRead =
          JSON.stringify(lastCommitTime, textOfBigint) === JSON.stringify(lastReadTime, textOfBigint);
        const isQuiet = isRead && scanProgress === undefined && headSequence === lastSequence;
        if (!isQuiet || !this.observer.isAtHead || told < headSequence) quietSince = Date.now();
        lastSequence = headSequence;
        // A restored copy has the name of the one before: only time tells that it has been noticed.
        return Date.now() - quietSince > (this.#options.hasReplacements ? REPLACEMENT_MS : QUIET_MS);
      },
      { deadlineMs: 30_000, what: "the observer to have every change" },
    );
  }

  /** Whether the broker has gone over to the database that Messages writes to now. */
  async #isFollowed(databaseUid: string | undefined): Promise<boolean> {
    if (!this.#options.hasReplacements) return true;
    const status = await this.fleet.simulator().call("getStatus", {}, { deadlineMs: 5_000 });
    return status.databaseUid === databaseUid;
  }

  /** While `happen` runs the broker cannot see: changes may come together afterwards. */
  async blindWhile(happen: () => Promise<void>): Promise<void> {
    const interval = { fromMs: Date.now() - MOMENT_MS, toMs: Number.POSITIVE_INFINITY };
    this.#blind.push(interval);
    await happen();
    interval.toMs = Date.now() + MOMENT_MS;
  }

  #blindAround(atMs: number): void {
    this.#blind.push({ fromMs: atMs - REPLACEMENT_MS, toMs: atMs + REPLACEMENT_MS });
  }

  /** The row that came with the last telling of each message is the row that is there now. */
  async #compareRows(): Promise<void> {
    const { database } = await this.#broker.call("getDatabase", {}, { deadlineMs: 5_000 });
    const last = new Map(
      this.observer.told
        .filter(({ subject, databaseUid }) => subject === "message" && databaseUid === database?.databaseUid)
        .map((told) => [told.rowid, told]),
    );
    for (const { rowid, reason, row } of [...last.values()].slice(-50)) {
      if (reason === "deleted" || row === undefined) continue;
      const { message } = await this.#broker.call(
        "getMessage",
        { name: { $case: "rowid", value: rowid } },
        { deadlineMs: 5_000 },
      );
      const { text, dateRead, dateDelivered, dateEdited, isSent, error, partCount } = row;
      assert.deepEqual(
        { text, dateRead, dateDelivered, dateEdited, isSent, error, partCount },
        {
          text: message?.text,
          dateRead: message?.dateRead,
          dateDelivered: message?.dateDelivered,
          dateEdited: message?.dateEdited,
          isSent: message?.isSent,
          error: message?.error,
          partCount: message?.partCount,
        },
        `message ${rowid} as last told is message ${rowid} as it is`,
      );
    }
  }
}

async function changesAfter(fleet: Fleet, sequence: bigint): Promise<VisibleChange[]> {
  const simulator = fleet.simulator();
  const changes: VisibleChange[] = [];
  for (;;) {
    const afterSequence = changes.at(-1)?.sequence ?? sequence;
    const page = await simulator.call(
      "listVisibleChanges",
      { afterSequence, pageSize: 10_000 },
      { deadlineMs: 20_000 },
    );
    if (page.changes.length === 0) return changes;
    changes.push(...page.changes);
  }
}

function trueChange(change: VisibleChange): TrueChange {
  const { databaseUid, subject, rowid, reason, state, commitTime } = change;
  const committedMs = Number(commitTime?.seconds ?? 0n) * 1_000 + (commitTime?.nanos ?? 0) / 1e6;
  return { databaseUid, subject, rowid, reason, state, committedMs };
}

function textOfBigint(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
