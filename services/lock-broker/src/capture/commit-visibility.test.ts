import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { commitsAppeared, pending, SETTLED, type Visibility, versionProbed } from "./commit-visibility.ts";

const PACE = { nowMs: 1_000, pollMs: 20 };
const KNOWN: Visibility = { kind: "settled", version: 7n };

describe("commitsAppeared", () => {
  test("is sure of a single commit when data_version moved since all before it were seen", () => {
    const seen = { commits: 1, isContinuous: true, version: 8n };
    assert.deepEqual(commitsAppeared(KNOWN, seen, PACE), { kind: "settled", version: 8n });
  });

  test("waits when nothing moved, when several came, after a reset, and when nothing was known", () => {
    const seen = { commits: 1, isContinuous: true, version: 8n };
    const waiting = { kind: "pending", version: 8n, sinceMs: 1_000, nextProbeMs: 1_001, probes: 0 };
    assert.deepEqual(commitsAppeared({ kind: "settled", version: 8n }, seen, PACE), waiting);
    assert.deepEqual(commitsAppeared(KNOWN, { ...seen, commits: 2 }, PACE), waiting);
    assert.deepEqual(commitsAppeared(KNOWN, { ...seen, isContinuous: false }, PACE), waiting);
    assert.deepEqual(commitsAppeared(SETTLED, seen, PACE), waiting);
    assert.deepEqual(commitsAppeared(pending(7n, PACE), seen, PACE), waiting);
  });
});

describe("versionProbed", () => {
  test("asks for another look when data_version moves, and is settled then", () => {
    const probed = versionProbed(pending(7n, PACE), 8n, PACE);
    assert.deepEqual(probed, { state: { kind: "settled", version: 8n }, outcome: "recheck" });
    assert.deepEqual(versionProbed(probed.state, 9n, PACE), { state: probed.state, outcome: "waiting" });
  });

  test("probes after 1, 2, 4, 8, 16 and 32 ms, then each poll, after a second each second, and gives up in a minute", () => {
    let state: Visibility = pending(7n, { nowMs: 0, pollMs: 20 });
    const probesMs: number[] = [];
    let outcome = "waiting";
    while (state.kind === "pending") {
      const nowMs = state.nextProbeMs;
      probesMs.push(nowMs);
      ({ state, outcome } = versionProbed(state, 7n, { nowMs, pollMs: 20 }));
    }
    assert.deepEqual(probesMs.slice(0, 9), [1, 3, 7, 15, 31, 63, 83, 103, 123]);
    const slow = probesMs.filter((ms) => ms > 1_100);
    assert.deepEqual([slow.length, probesMs.length], [59, 112]);
    assert.deepEqual([outcome, state, (probesMs.at(-1) ?? 0) >= 60_000], ["given-up", SETTLED, true]);
  });
});

/**
 * A writer whose commits come into the log first and are shown a moment later, each before the next one's frames, and a reader that
 * does as the probe does. What it must not do: be settled when it has read the last commit's rows too early, or not at all.
 */
test("whatever the moments: when it is settled, the rows of every commit were read when they could be seen", () => {
  const seeds = SeededRandom.fromEnvironment("commit visibility");
  for (let round = 0; round < 400; round += 1) {
    const random = new SeededRandom(seeds.integer(0, 0xffff_ffff));
    let written = 0;
    let shown = 0;
    let spurious = 0;
    let versionSeen = 0n;
    let shownAtVersion = "0/0";
    const dataVersion = () => {
      const now = `${shown}/${spurious}`;
      if (now !== shownAtVersion) versionSeen += 1n;
      shownAtVersion = now;
      return versionSeen;
    };
    // The snapshot in which the rows of each commit were read last.
    const readAt = new Map<number, number>();
    let found = 0;
    let sinceProbe = 0;
    let state: Visibility = SETTLED;
    let isContinuous = true;
    let nowMs = 0;
    for (let step = 0; step < 80; step += 1) {
      nowMs += random.pick([0, 1, 5, 30]);
      const what = random.next();
      if (what < 0.25 && written === shown) written += 1;
      else if (what < 0.5) shown = written;
      else if (what < 0.53 && written === shown) {
        // A reset moves data_version without a commit, and is seen in the log with the next one.
        spurious += 1;
        isContinuous = false;
      } else if (what < 0.75 && found < written) {
        const commits = written - found;
        const isRelevant = random.chance(0.7);
        // Commits before the last one are seen by everybody.
        for (let commit = found + 1; commit < written; commit += 1) readAt.set(commit, shown);
        if (found > 0 && !readAt.has(found)) readAt.set(found, shown);
        if (found > 0) readAt.set(found, Math.max(readAt.get(found) ?? 0, shown));
        found = written;
        sinceProbe += commits;
        if (!isRelevant) {
          readAt.set(found, found);
          state = SETTLED;
        } else {
          const version = dataVersion();
          state = commitsAppeared(
            state,
            { commits: sinceProbe, isContinuous, version },
            { nowMs, pollMs: 20 },
          );
          sinceProbe = 0;
          isContinuous = true;
          // Perhaps it is shown between the probe and the reading of rows.
          if (random.chance(0.3)) shown = written;
          readAt.set(found, shown);
        }
      } else if (state.kind === "pending" && nowMs >= state.nextProbeMs) {
        const probed = versionProbed(state, dataVersion(), { nowMs, pollMs: 20 });
        state = probed.state;
        if (probed.outcome === "recheck") readAt.set(found, shown);
      }
      if (state.kind !== "settled") continue;
      for (const [commit, snapshot] of readAt) {
        assert(
          snapshot >= commit,
          `seed ${random.seed}, step ${step}: commit ${commit} was read at ${snapshot}`,
        );
      }
    }
    // In the end what is waited for is found.
    shown = written;
    if (state.kind === "pending" && found === written) {
      const wasEarly = (readAt.get(found) ?? 0) < found;
      const { outcome } = versionProbed(state, dataVersion(), { nowMs: state.nextProbeMs, pollMs: 20 });
      assert(outcome === "recheck" || !wasEarly, `seed ${random.seed}: the last commit is never read again`);
    }
  }
});
