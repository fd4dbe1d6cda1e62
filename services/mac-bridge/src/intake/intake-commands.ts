import type { CommandRecord } from "../journal/command-record.ts";
import type { JournalReads } from "../journal/journal-store.ts";

/** The journal's commands as far as a row can touch them. */
export type CommandReads = Pick<JournalReads, "provableCommands" | "commandOfRow" | "commandsInFlight">;

/**
 * The commands as they stand while the rows of one batch are worked through: the journal's, with the changes of the rows
 * before, which are not durable yet. Made for each batch and thrown away with it; if the append fails, so does every change.
 */
export class IntakeCommands {
  readonly #journal: CommandReads;
  readonly #changed = new Map<string, CommandRecord>();
  #inFlight: readonly CommandRecord[] | undefined;

  constructor(journal: CommandReads) {
    this.#journal = journal;
  }

  /** What the batch has changed, in order of first change; goes into its append. */
  get changed(): readonly CommandRecord[] {
    return [...this.#changed.values()];
  }

  /** Commands of these chats that a new own row may prove. */
  provable(chatGuids: readonly string[]): readonly CommandRecord[] {
    return chatGuids
      .flatMap((guid) => this.#journal.provableCommands(guid))
      .map((command) => this.#now(command));
  }

  /**
   * Commands in flight, which a row that is not marked as ours may yet be the echo of. Asked for every incoming row, so the
   * journal is asked once a batch: within one, commands only leave flight.
   */
  inFlight(): readonly CommandRecord[] {
    this.#inFlight ??= this.#journal.commandsInFlight();
    return this.#inFlight.map((command) => this.#now(command)).filter(({ state }) => state === "dispatched");
  }

  /** The command that a row proved, now or earlier in this batch. */
  ofRow(row: { readonly databaseUid: string; readonly rowid: bigint }): CommandRecord | null {
    for (const command of this.#changed.values()) {
      if (command.proof?.rowid === row.rowid && command.proof.databaseUid === row.databaseUid) return command;
    }
    return this.#journal.commandOfRow(row);
  }

  put(command: CommandRecord): void {
    this.#changed.set(command.requestId, command);
  }

  #now(command: CommandRecord): CommandRecord {
    return this.#changed.get(command.requestId) ?? command;
  }
}
