import type { DisturbanceKind } from "../disturbances/disturbance.ts";
import { MAINTENANCE_KINDS } from "../maintenance/maintenance.ts";
import type { BackfillOrder } from "../messages/backfill.ts";
import type { OwnText } from "../messages/messages.ts";
import type { SayOrder } from "../messages/say-order.ts";
import type { SeededRandom } from "../messages/seeded-random.ts";
import { type Draw, drawContact, drawGroupGuid, drawSeed, drawText } from "./chance.ts";
import { drawAct } from "./draw-act.ts";
import type { Step } from "./step.ts";
import type { StepKind } from "./weights.ts";

const NS_PER_S = 1_000_000_000n;
const DAY_S = 86_400;

const GROUP_SHARE = 0.3;
const OLD_SHARE = 0.1;
/** Two seconds and more at the usual rates, beyond what readers wait for a join. */
const LATE_STEPS_MAX = 200;
const MAINTENANCE_ROWS_MAX = 20;
const KILLED_ROWS_MAX = 50;
const BACKFILL = { messagesMax: 30, chatsMax: 4, batchMax: 10 };

/** Draws a step of the kind; undefined when nothing is there that it could happen to. Reads, and writes nothing. */
export function drawStep(kind: StepKind | DisturbanceKind, draw: Draw): Step | undefined {
  const { random } = draw;
  switch (kind) {
    case "say":
      return { kind, order: drawSay(random) };
    case "say-late":
      return { kind, order: drawSay(random), joinAfterSteps: random.integer(1, LATE_STEPS_MAX) };
    case "write-own":
      return { kind, text: { ...drawOwn(random), text: drawText(random) } };
    case "backfill":
      return { kind, order: drawBackfill(random) };
    case "maintain": {
      const rows = random.integer(1, MAINTENANCE_ROWS_MAX);
      return { kind, order: { kind: random.pick(MAINTENANCE_KINDS), rows, seed: drawSeed(random) } };
    }
    case "checkpoint-passive":
    case "checkpoint-full":
    case "checkpoint-restart":
    case "checkpoint-truncate":
    case "reopen-persist":
    case "reopen-clean":
    case "writer-killed":
    case "schema-upgrade":
    case "reorder-columns":
    case "restore-copy":
    case "replace-empty":
    case "delete-recreate": {
      const rows = random.integer(1, KILLED_ROWS_MAX);
      return { kind: "disturb", order: { kind, rows, seed: drawSeed(random) } };
    }
    default: {
      const act = drawAct(kind, draw);
      return act && { kind: "act", act };
    }
  }
}

function drawSay(random: SeededRandom): SayOrder {
  return {
    from: drawContact(random),
    groupGuid: random.next() < GROUP_SHARE ? drawGroupGuid(random) : "",
    text: drawText(random),
    joinDelayMs: undefined,
    ageNs: random.next() < OLD_SHARE ? BigInt(random.integer(1, 400 * DAY_S)) * NS_PER_S : 0n,
  };
}

function drawOwn(random: SeededRandom) {
  const address = drawContact(random);
  return {
    address,
    fate: random.pick<OwnText["fate"]>(["sent", "sent", "sent", "sent", "error-22", "ghost-row"]),
  };
}

function drawBackfill(random: SeededRandom): BackfillOrder {
  return {
    messages: random.integer(1, BACKFILL.messagesMax),
    chats: random.integer(1, BACKFILL.chatsMax),
    newestAgeNs: BigInt(random.integer(DAY_S, 900 * DAY_S)) * NS_PER_S,
    spacingNs: BigInt(random.integer(1, DAY_S)) * NS_PER_S,
    batch: random.integer(1, BACKFILL.batchMax),
    seed: drawSeed(random),
  };
}
