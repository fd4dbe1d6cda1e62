import { unreachable } from "@imesh/flow";
import type { Clock } from "@imesh/time";
import type { ChatDatabase } from "../mac/chat-database.ts";
import type { DatabaseBirth } from "../mac/database-birth.ts";
import { SeededRandom } from "../messages/seeded-random.ts";
import { reorderMessageColumns } from "./column-order.ts";
import { type DisturbanceKind, type DisturbanceOrder, DisturbanceRefusedError } from "./disturbance.ts";
import { type KilledWriterLaunch, killWriter } from "./killed-writer.ts";
import { deleteAndRecreate, replaceWithEmpty, restoreCopy } from "./replacement.ts";
import { upgradeSchema } from "./schema-upgrade.ts";

/** How long a checkpoint waits for readers; they hold their snapshots for milliseconds. */
const CHECKPOINT_WAIT_MS = 300;

/** Collaborators of {@link Disturbances}. */
export interface DisturbancePorts {
  readonly database: ChatDatabase;
  readonly clock: Clock;
  /** Told just before an empty database takes the place: whoever waits with rows of the old one must give up. */
  readonly rowsAreGone: () => void;
  /** Blocks the whole process. */
  readonly pause: (ms: number) => void;
  readonly killedWriter: KilledWriterLaunch;
}

/**
 * What happens to chat.db itself, and on purpose. Each disturbance is one piece without a wait in it, so no writer of
 * the simulator ever sees its middle; readers in other processes do. The simulator carries on afterwards.
 */
export class Disturbances {
  readonly #ports: DisturbancePorts;

  constructor(ports: DisturbancePorts) {
    this.#ports = ports;
  }

  /**
   * Resolves with the database's `_UniqueIdentifier` when it is over. Rejects with DisturbanceRefusedError when somebody
   * holds what it needs, with the signal's reason when that aborts before it begins. Any other failure leaves the
   * simulator without a database, and the process must end.
   */
  async run(order: DisturbanceOrder, signal?: AbortSignal): Promise<string> {
    // What is already due in this turn of the event loop comes first, so that nothing is cut between two of its steps.
    await this.#ports.clock.sleep(0, signal);
    this.#happen(order);
    return this.#ports.database.uniqueIdentifier;
  }

  #happen({ kind, rows, seed }: DisturbanceOrder): void {
    const { database, rowsAreGone, pause, killedWriter } = this.#ports;
    const random = new SeededRandom(seed, `${kind} ${database.uniqueIdentifier} ${database.saves}`);
    const { accountGuid } = database;
    const makeBirth = () => rebirth(random, accountGuid);
    switch (kind) {
      case "checkpoint-passive":
      case "checkpoint-full":
      case "checkpoint-restart":
      case "checkpoint-truncate":
        this.#checkpoint(kind);
        break;
      case "reopen-persist":
        database.reopen("persist");
        break;
      case "reopen-clean":
        // Apple's writer gives free pages back when it closes (docs/chat-db.md §1).
        database.maintain((writer) => writer.pragma("incremental_vacuum"));
        database.reopen("clean");
        break;
      case "writer-killed":
        killWriter(killedWriter, { path: database.path, rows, seed });
        break;
      case "schema-upgrade":
        database.maintain((writer) => upgradeSchema(writer, random));
        break;
      case "reorder-columns":
        database.maintain((writer) => reorderMessageColumns(writer, random));
        break;
      case "restore-copy":
        restoreCopy(database);
        break;
      case "replace-empty":
        rowsAreGone();
        replaceWithEmpty(database, makeBirth);
        break;
      case "delete-recreate":
        rowsAreGone();
        deleteAndRecreate(database, makeBirth, pause);
        break;
      default:
        unreachable(kind);
    }
  }

  #checkpoint(kind: Extract<DisturbanceKind, `checkpoint-${string}`>): void {
    const mode = kind.slice("checkpoint-".length).toUpperCase();
    const busy = this.#ports.database.maintain((writer) => {
      const timeoutMs = writer.pragma("busy_timeout", { simple: true }) as bigint;
      writer.pragma(`busy_timeout = ${CHECKPOINT_WAIT_MS}`);
      try {
        const [result] = writer.pragma(`wal_checkpoint(${mode})`) as { busy: bigint }[];
        return result?.busy !== 0n;
      } finally {
        writer.pragma(`busy_timeout = ${timeoutMs}`);
      }
    });
    if (busy) throw new DisturbanceRefusedError(kind, `a reader holds the log for ${CHECKPOINT_WAIT_MS} ms`);
  }
}

/** An empty database of the same account. */
function rebirth(random: SeededRandom, accountGuid: string): DatabaseBirth {
  return { uniqueIdentifier: random.uuid().toUpperCase(), accountGuid, fill: () => {} };
}
