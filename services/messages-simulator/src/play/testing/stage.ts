import { fileURLToPath } from "node:url";
import { FakeClock, temporaryDirectory } from "@imesh/testing";
import Database from "better-sqlite3";
import { Disturbances } from "../../disturbances/disturbances.ts";
import { type Mac, openMac } from "../../mac/mac.ts";
import { makeAccount } from "../../messages/account.ts";
import { writeHistory } from "../../messages/history.ts";
import { Messages } from "../../messages/messages.ts";
import { SeededRandom } from "../../messages/seeded-random.ts";
import { type PlayedStep, Player, type PlayOrder } from "../player.ts";

const KILLED_WRITER = fileURLToPath(new URL("../../../bin/killed-writer.ts", import.meta.url));
const DELAYS = {
  join: { minMs: 0, maxMs: 3 },
  row: { minMs: 0, maxMs: 0 },
  sent: { minMs: 0, maxMs: 0 },
  delivered: { minMs: 0, maxMs: 0 },
  appleEventMs: 0,
  appleEventTimeoutMs: 500,
};
/** A Messages over real files, all that can happen to them, and a reader. */
export interface Stage {
  readonly mac: Mac;
  readonly messages: Messages;
  readonly disturbances: Disturbances;
  readonly clock: FakeClock;
  /** Plays to the end, the clock running. */
  readonly play: (
    order: PlayOrder,
    report?: (step: PlayedStep) => void,
    signal?: AbortSignal,
  ) => Promise<readonly PlayedStep[]>;
  readonly read: (sql: string) => unknown[];
}

/** Runs with the clock standing still but where `play` and `clock` move it. */
export async function onStage(run: (stage: Stage) => Promise<void>): Promise<void> {
  await using directory = await temporaryDirectory();
  const clock = new FakeClock();
  const account = makeAccount("+15550000000", "A-1");
  const fill = (tables: Mac["database"]["tables"]) =>
    writeHistory(tables, { account, nowUnixNs: clock.wallUnixNs(), random: new SeededRandom(1n, "test") });
  using mac = openMac(directory.path, () => ({ uniqueIdentifier: "U-1", accountGuid: "A-1", fill }), clock);
  const { database } = mac;
  await using messages = new Messages(
    { database, clock },
    { seed: 7n, accountAddress: "+15550000000", delays: DELAYS },
  );
  const disturbances = new Disturbances({
    database,
    clock,
    rowsAreGone: () => messages.rowsAreGone(),
    pause: () => {},
    killedWriter: { nodePath: process.execPath, programPath: KILLED_WRITER },
  });
  const player = new Player({ messages, mac, disturbances, clock });
  const play: Stage["play"] = async (order, report = () => {}, signal = new AbortController().signal) => {
    const steps: PlayedStep[] = [];
    let isOver = false;
    const playing = player
      .play(
        order,
        async (step) => {
          steps.push(step);
          report(step);
        },
        signal,
      )
      .finally(() => {
        isOver = true;
      });
    playing.catch(() => {});
    while (!isOver) await clock.advance(5);
    await playing;
    return steps;
  };
  const read = (sql: string) => {
    const reader = new Database(mac.paths.chatDb, { readonly: true });
    try {
      return reader.prepare(sql).raw().all();
    } finally {
      reader.close();
    }
  };
  await run({ mac, messages, disturbances, clock, play, read });
}
