import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DISTURBANCES, REPLACEMENTS } from "../disturbances/disturbance.ts";
import type { PlayedStep, PlayOrder } from "./player.ts";
import { onStage } from "./testing/stage.ts";
import { changesBetween, readVisibleState } from "./testing/visible-state.ts";

const ORDER: PlayOrder = {
  seed: 1n,
  steps: 100,
  ratePerSecond: 10,
  hasDisturbances: false,
  hasReplacements: false,
};

/** First words of labels, by which acts are told apart. */
const KINDS: readonly string[] = [
  "say",
  "say late",
  "join late",
  "write own",
  "edit",
  "unsend",
  "receipt",
  "tapback",
  "say attachment",
  "advance attachment",
  "transcribe",
  "recently delete",
  "recover",
  "hard delete",
  "delete chat",
  "rename chat",
  "change membership",
  "rewrite chat guid",
  "rewrite message guid",
  "schedule create",
  "schedule send",
  "schedule cancel",
  "change photo",
  "add link preview",
  "compose",
  "compose broken",
  "say app",
  "poll create",
  "poll add option",
  "poll vote",
  "change background",
  "change number",
  "change own membership",
  "share location",
  "call",
  "keep audio",
  "add to chat",
  "schedule edit",
  "backfill",
  "maintain",
];

describe("play()", () => {
  test("does everything there is sooner or later, and reports each step once, in order", async () => {
    await onStage(async ({ play, read, mac }) => {
      const steps = await play({ ...ORDER, steps: 1_500 });
      assert.deepEqual(
        steps.map(({ step }) => step),
        Array.from({ length: 1_500 }, (_, step) => step),
      );
      const labels = steps.map(({ label }) => label);
      const missing = KINDS.filter(
        (kind) => !labels.some((label) => label === kind || label.startsWith(`${kind} `)),
      );
      assert.deepEqual(missing, []);
      const sequences = steps.map(({ lastChangeSequence }) => lastChangeSequence);
      assert.ok(
        sequences.every((sequence, index) => index === 0 || sequence >= (sequences[index - 1] ?? 0n)),
      );
      assert.equal(sequences.at(-1), mac.truth.lastSequence);
      assert.deepEqual(read("PRAGMA integrity_check"), [["ok"]]);
      assert.deepEqual(read("PRAGMA foreign_key_check"), []);
    });
  });

  for (const mixture of [
    { hasDisturbances: false, hasReplacements: false },
    { hasDisturbances: true, hasReplacements: true },
  ]) {
    test(`is the same for the same seed and database, ${JSON.stringify(mixture)}`, async () => {
      const outcomes: unknown[] = [];
      for (let time = 0; time < 2; time += 1) {
        await onStage(async ({ play, read, mac }) => {
          const steps = await play({ ...ORDER, ...mixture, seed: 5n, steps: 150 });
          const rows = read(
            "SELECT ROWID, guid, text, attributedBody, message_summary_info, is_read FROM message",
          );
          const truth = mac.truth.after(0n, 10_000).map(({ commitUnixNs: _, ...change }) => change);
          outcomes.push({ steps, rows, truth });
        });
      }
      assert.deepEqual(outcomes[0], outcomes[1]);
    });
  }

  for (const seed of [1n, 2n, 3n, 4n]) {
    test(`the ground truth is what another reader sees change, seed ${seed}`, async () => {
      await onStage(async ({ play, mac }) => {
        let before = readVisibleState(mac.paths.chatDb);
        let sequence = 0n;
        const check = ({ step, label }: PlayedStep) => {
          const after = readVisibleState(mac.paths.chatDb);
          const told = mac.truth.after(sequence, 10_000);
          sequence = told.at(-1)?.sequence ?? sequence;
          const reasons = Map.groupBy(told, ({ change }) => `${change.subject} ${change.rowid}`);
          for (const key of new Set([...before.keys(), ...after.keys(), ...reasons.keys()])) {
            const seen = changesBetween(before.get(key), after.get(key));
            const words = (reasons.get(key) ?? []).map(({ change }) => change.reason);
            assert.ok(
              agrees(key, seen, words),
              `step ${step} (${label}), ${key}: seen ${seen}, told ${words}`,
            );
          }
          before = after;
        };
        await play({ ...ORDER, seed, steps: 250, hasDisturbances: seed === 4n }, check);
      });
    });
  }

  test("goes on through every disturbance and replacement", async () => {
    await onStage(async ({ play, read }) => {
      const missing = new Set<string>([...DISTURBANCES, ...REPLACEMENTS]);
      for (let seed = 1n; seed <= 15n && missing.size > 0; seed += 1n) {
        const steps = await play({
          ...ORDER,
          seed,
          steps: 200,
          hasDisturbances: true,
          hasReplacements: true,
        });
        for (const { label } of steps) missing.delete(label.replaceAll(" ", "-"));
        assert.deepEqual(read("PRAGMA integrity_check"), [["ok"]]);
      }
      assert.deepEqual([...missing], []);
    });
  });

  test("ends between two steps when its caller has gone, with the late rows joined", async () => {
    await onStage(async ({ play, read }) => {
      const gone = new AbortController();
      const steps: PlayedStep[] = [];
      const playing = play(
        { ...ORDER, seed: 2n, steps: 1_000 },
        (step) => {
          steps.push(step);
          const hasLate = steps.some(({ label }) => label === "say late");
          if (hasLate && step.step >= 50) gone.abort(new Error("gone"));
        },
        gone.signal,
      );
      await assert.rejects(playing, /gone/);
      assert.ok(steps.length < 1_000);
      // Ghost rows alone belong nowhere.
      const unjoined = `SELECT count(*) FROM message m WHERE service <> 'SMS'
        AND NOT EXISTS (SELECT 1 FROM chat_message_join WHERE message_id = m.ROWID)
        AND NOT EXISTS (SELECT 1 FROM chat_recoverable_message_join WHERE message_id = m.ROWID)`;
      assert.deepEqual(read(unjoined), [[0]]);
    });
  });

  test("ends when Messages quits", async () => {
    await onStage(async ({ play, messages }) => {
      const playing = play({ ...ORDER, steps: 100 }, ({ step }) => {
        if (step === 10) messages.quit();
      });
      await assert.rejects(playing, { name: "QuittingError" });
    });
  });
});

/** What was told about a row in one step against what is different after it. */
function agrees(key: string, seen: readonly string[], told: readonly string[]): boolean {
  // An attachment comes with its message, and its deletion may be told or go with it.
  if (key.startsWith("attachment") && (seen[0] === "new" || seen[0] === "deleted")) return true;
  const [only] = seen;
  // Told whole; what happened to it in the same step is in it, or was told too.
  if (only === "new") return told.includes("new");
  if (only === "deleted") return told.at(-1) === "deleted";
  if (only === "recently-deleted" || only === "recovered") return told.includes(only);
  // Came and went in one step.
  if (told.includes("new") && told.includes("deleted")) return true;
  const transfers = ["progress", "ready", "failed"];
  const words = new Set(told.map((word) => (transfers.includes(word) ? "transfer" : word)));
  return words.size === seen.length && seen.every((reason) => words.has(reason));
}
