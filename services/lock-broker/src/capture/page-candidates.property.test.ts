import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { SeededRandom, temporaryDirectory } from "@imesh/testing";
import type { WalPosition } from "@imesh/wal";
import { CandidateSet } from "./candidate-set.ts";
import { ColdMessages } from "./cold-messages.ts";
import { CaptureDatabase, readCommits } from "./fixtures/capture-database.ts";
import { RandomWriter } from "./fixtures/random-writer.ts";
import { checkFound, look } from "./fixtures/watched-rows.ts";
import { PageCandidates } from "./page-candidates.ts";

async function run(
  random: SeededRandom,
  commitsMax: number,
): Promise<{ missed: number; doubted: number; commits: number; cold: number }> {
  await using directory = await temporaryDirectory();
  const pageSize = random.pick([512, 1024, 1024, 4096, 4096, 4096]);
  const isAutoVacuum = random.chance(0.7);
  using base = CaptureDatabase.create(join(directory.path, "chat.db"), { pageSize, isAutoVacuum });
  const writer = new RandomWriter(random, base);
  const pages = new PageCandidates(base.shapes());
  const coldness = random.pick([0, 0, 0.02, 0.3]);
  // Rows of pages that were not remembered come by themselves then, and leaves are left out where no row can be missing.
  const isColdApart = random.chance(0.6);
  const counts = { missed: 0, doubted: 0, commits: 0, cold: 0 };
  let truth = look(base);
  let position: WalPosition | undefined;
  for (let index = 0; index < commitsMax; index += 1) {
    const did = writer.commit();
    if (random.chance(coldness)) pages.forget();
    const read = readCommits(base.path, position);
    position = read.position;
    if (base.shapes().schemaVersion !== pages.shapes.schemaVersion) pages.setShapes(base.shapes());
    const candidates = new CandidateSet();
    for (const commit of read.commits) {
      const cold = isColdApart ? new ColdMessages() : undefined;
      pages.observe(commit, candidates, cold);
      for (const { cells } of cold?.leaves ?? []) {
        counts.cold += cells.length;
        for (const { rowid } of cells) candidates.addRow("message", rowid);
      }
    }
    const now = look(base);
    const what = `seed ${random.seed}, page size ${pageSize}, auto-vacuum ${isAutoVacuum}, commit ${index} (${did})`;
    checkFound(candidates, truth, now, what);
    assert.notEqual(candidates.missed, "unreadable", what);
    if (candidates.missed !== undefined) counts.missed += 1;
    if (candidates.doubts.size > 0) counts.doubted += 1;
    counts.commits += read.commits.length;
    truth = now;
  }
  return counts;
}

test("whatever SQLite writes, each row that changed is a candidate, missing from a leaf, or doubted (I14)", async () => {
  const seeds = SeededRandom.fromEnvironment("page candidates");
  const rounds = Number(process.env.IMESH_ROUNDS ?? 8);
  let cold = 0;
  for (let round = 0; round < rounds; round += 1) {
    const random = round === 0 ? seeds : new SeededRandom(seeds.integer(0, 0xffff_ffff));
    const counts = await run(random, 150);
    cold += counts.cold;
    assert(
      counts.missed * 10 < counts.commits,
      `seed ${random.seed}: ${counts.missed} of ${counts.commits} commits missed`,
    );
    if (process.env.IMESH_ROUNDS) process.stdout.write(`# ${random.seed} ${JSON.stringify(counts)}\n`);
  }
  assert(cold > 0, "some rows come because their page was not remembered");
});
