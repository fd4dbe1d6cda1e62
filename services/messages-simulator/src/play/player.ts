import { assert, unreachable } from "@imesh/flow";
import { linkSignals } from "@imesh/lifecycle";
import type { Clock } from "@imesh/time";
import { DisturbanceRefusedError } from "../disturbances/disturbance.ts";
import type { Disturbances } from "../disturbances/disturbances.ts";
import type { Mac } from "../mac/mac.ts";
import { maintain } from "../maintenance/maintenance.ts";
import { CannotHappenError, NotThereError } from "../messages/acts/act.ts";
import type { Messages } from "../messages/messages.ts";
import { SeededRandom } from "../messages/seeded-random.ts";
import type { WaitingRow } from "../messages/waiting-row.ts";
import { drawStep } from "./draw-step.ts";
import { labelOf, type Step } from "./step.ts";
import { drawKind, type Mixture } from "./weights.ts";

const MS_PER_S = 1_000;

/** Draws for one step: in a database with a few messages one in three can happen. Then somebody just says something. */
const DRAWS_MAX = 50;

/** A program as it was asked for. */
export interface PlayOrder extends Mixture {
  readonly seed: bigint;
  /** At least 1. */
  readonly steps: number;
  /** 0: as fast as can be. */
  readonly ratePerSecond: number;
}

/** A step that is over. */
export interface PlayedStep {
  /** From 0. */
  readonly step: number;
  readonly label: string;
  readonly lastChangeSequence: bigint;
}

/** Collaborators of a {@link Player}. */
export interface PlayerPorts {
  readonly messages: Messages;
  readonly mac: Mac;
  readonly disturbances: Disturbances;
  readonly clock: Clock;
}

/**
 * Plays random programs: one step after the other, each over before the next is drawn. What is drawn depends on the seed and
 * on what is in the database, on nothing else. A step that cannot happen to what was drawn is drawn anew.
 */
export class Player {
  readonly #ports: PlayerPorts;

  constructor(ports: PlayerPorts) {
    this.#ports = ports;
  }

  /**
   * Plays a program; `report` gets each step once its last transaction is committed, and the program is no faster than it
   * resolves. Resolves when all steps are over; rows that still wait for their chat are joined with the last. Rejects
   * with the signal's reason between two steps, with QuittingError, or with the first failure.
   */
  async play(
    order: PlayOrder,
    report: (step: PlayedStep) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, mac, messages } = this.#ports;
    using linked = linkSignals(signal, messages.stopping);
    const program = { mixture: order, random: new SeededRandom(order.seed, "play"), late: new LateRows() };
    const joinAll = () => {
      for (const row of program.late.takeAll()) messages.join(row);
    };
    const startedMs = clock.monotonicMs();
    try {
      for (let step = 0; step < order.steps; step += 1) {
        const dueMs = order.ratePerSecond === 0 ? 0 : (step * MS_PER_S) / order.ratePerSecond;
        await clock.sleep(Math.max(startedMs + dueMs - clock.monotonicMs(), 0), linked.signal);
        const label = await this.#step(step, program);
        if (step === order.steps - 1) joinAll();
        await report({ step, label, lastChangeSequence: mac.truth.lastSequence });
      }
    } finally {
      joinAll();
    }
  }

  async #step(number: number, program: Program): Promise<string> {
    const late = program.late.takeDue(number);
    if (late !== undefined && (await this.#canHappen({ kind: "join-late", row: late }, number, program))) {
      return labelOf({ kind: "join-late", row: late });
    }
    const { random, mixture } = program;
    for (let draw = 0; draw < DRAWS_MAX; draw += 1) {
      const step = this.#draw(drawKind(mixture, random), random);
      if (step !== undefined && (await this.#canHappen(step, number, program))) return labelOf(step);
    }
    const step = this.#draw("say", random);
    assert(
      step !== undefined && (await this.#canHappen(step, number, program)),
      "somebody can always say something",
    );
    return labelOf(step);
  }

  #draw(kind: ReturnType<typeof drawKind>, random: SeededRandom): Step | undefined {
    // Fresh ones each time: the step before may have put another database there.
    return drawStep(kind, { tables: this.#ports.mac.database.tables, random });
  }

  /** Does it, unless it cannot happen: then nothing was written. */
  async #canHappen(step: Step, number: number, program: Program): Promise<boolean> {
    try {
      return await this.#perform(step, number, program);
    } catch (error) {
      const isRefused =
        error instanceof NotThereError ||
        error instanceof CannotHappenError ||
        error instanceof DisturbanceRefusedError;
      if (!isRefused) throw error;
      return false;
    }
  }

  async #perform(step: Step, number: number, { late }: Program): Promise<boolean> {
    const { messages, mac, disturbances, clock } = this.#ports;
    switch (step.kind) {
      case "say":
        await messages.say(step.order);
        return true;
      case "say-late":
        late.add(number + step.joinAfterSteps, await messages.sayUnjoined(step.order));
        return true;
      case "join-late":
        return messages.join(step.row);
      case "write-own":
        await messages.writeOwn(step.text);
        return true;
      case "act":
        await messages.act(step.act);
        return true;
      case "backfill":
        await messages.backfill(step.order);
        return true;
      case "maintain":
        maintain(step.order, { database: mac.database, clock });
        return true;
      case "disturb":
        await disturbances.run(step.order);
        return true;
      default:
        return unreachable(step);
    }
  }
}

/** A program that is being played. */
interface Program {
  readonly mixture: Mixture;
  readonly random: SeededRandom;
  readonly late: LateRows;
}

/** Rows that get their chat later, in the order of the steps at which they do. */
class LateRows {
  readonly #waiting: { readonly dueStep: number; readonly row: WaitingRow }[] = [];

  add(dueStep: number, row: WaitingRow): void {
    const before = this.#waiting.findIndex((other) => other.dueStep > dueStep);
    this.#waiting.splice(before === -1 ? this.#waiting.length : before, 0, { dueStep, row });
  }

  takeDue(step: number): WaitingRow | undefined {
    const [first] = this.#waiting;
    return first !== undefined && first.dueStep <= step ? this.#waiting.shift()?.row : undefined;
  }

  takeAll(): readonly WaitingRow[] {
    return this.#waiting.splice(0).map(({ row }) => row);
  }
}
