/** What can befall chat.db and its reader: health says so while it lasts, and afterwards nothing is lost or told twice. */
import assert from "node:assert/strict";
import { cpSync, existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "@imesh/testing";
import { ChangeTrial, type ProgramOptions } from "../changes/program.ts";
import type { Fleet } from "../fleet/fleet.ts";

const options: ProgramOptions = {
  hints: "on",
  hasDisturbances: false,
  hasReplacements: false,
  hasKills: false,
  stepsMax: 20,
  stepsPerSecond: 100,
};

async function isReadable(fleet: Fleet): Promise<boolean> {
  return /^imesh_broker_database_readable(?:\{[^}]*\})? 1$/m.test(await fleet.metrics("lock-broker"));
}

async function becomes(fleet: Fleet, readable: boolean): Promise<void> {
  await waitFor(async () => (await isReadable(fleet)) === readable, {
    deadlineMs: 15_000,
    what: readable ? "the broker to read again" : "the broker to say that it cannot read",
  });
}

const faults: readonly {
  readonly name: string;
  /** Makes it happen; returns what ends it. */
  readonly begin: (trial: ChangeTrial) => () => void;
}[] = [
  {
    name: "chat.db is gone and comes back",
    begin: ({ fleet }) => {
      renameSync(fleet.chatDbPath, `${fleet.chatDbPath}.aside`);
      return () => renameSync(`${fleet.chatDbPath}.aside`, fleet.chatDbPath);
    },
  },
  {
    name: "another program's file stands where chat.db was",
    begin: ({ fleet }) => {
      renameSync(fleet.chatDbPath, `${fleet.chatDbPath}.aside`);
      writeFileSync(fleet.chatDbPath, "This is no database. ".repeat(500));
      return () => renameSync(`${fleet.chatDbPath}.aside`, fleet.chatDbPath);
    },
  },
  {
    name: "the whole directory is gone and comes back",
    begin: ({ fleet }) => {
      const directory = dirname(fleet.chatDbPath);
      const aside = `${directory}.aside`;
      renameSync(directory, aside);
      return () => {
        // Messages may have stored attachments where the directory was.
        if (existsSync(directory)) cpSync(directory, aside, { recursive: true });
        rmSync(directory, { recursive: true, force: true });
        renameSync(aside, directory);
      };
    },
  },
];

for (const { name, begin } of faults) {
  test(`${name}: said, and healed without a restart`, { timeout: 120_000 }, async () => {
    await using trial = await ChangeTrial.start(options);
    await trial.play(1);
    await trial.blindWhile(async () => {
      const end = begin(trial);
      try {
        await becomes(trial.fleet, false);
        // Messages has its files open and goes on.
        await trial.playUnread(2);
      } finally {
        end();
      }
      await becomes(trial.fleet, true);
      await trial.caughtUp();
    });
    await trial.play(3);
  });
}

test("a machine that slept loses nothing and doubles nothing", { timeout: 120_000 }, async () => {
  await using trial = await ChangeTrial.start(options);
  await trial.play(1);
  const pid = trial.fleet.pid("lock-broker");
  await trial.blindWhile(async () => {
    process.kill(pid, "SIGSTOP");
    await trial.playUnread(2);
    await sleep(3_000);
    process.kill(pid, "SIGCONT");
    await trial.caughtUp();
  });
  await trial.play(3);
});

test("a ledger that is lost is made anew: new rows are told, none twice", { timeout: 120_000 }, async () => {
  await using trial = await ChangeTrial.start(options);
  await trial.play(1);
  const told = trial.observer.told.filter(({ reason }) => reason === "new").length;
  await trial.fleet.stop("lock-broker");
  for (const end of ["", "-wal", "-shm"]) rmSync(`${trial.fleet.ledgerPath}${end}`, { force: true });
  const { message } = await trial.fleet.simulator().call("say", {
    from: "+15550009999",
    text: "while nobody knew",
    chatGuid: "",
    joinDelay: undefined,
    age: undefined,
  });
  await trial.fleet.start("lock-broker");
  await waitFor(
    () => trial.observer.told.some(({ rowid, reason }) => rowid === message?.rowid && reason === "new"),
    { deadlineMs: 15_000, what: "the message that came while there was no ledger" },
  );
  await sleep(500);
  const newNow = trial.observer.told.filter(
    ({ subject, reason }) => subject === "message" && reason === "new",
  );
  assert.equal(new Set(newNow.map(({ rowid }) => rowid)).size, newNow.length, "no row is new twice");
  assert.ok(newNow.length <= told + 1 + 1, "old rows are not told again");
});
