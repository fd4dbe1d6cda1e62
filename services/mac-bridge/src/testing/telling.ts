import type { ChatChange, MessageRow } from "@imesh/contracts/broker/v1";
import { type TemporaryDirectory, temporaryDirectory } from "@imesh/testing";
import type { BatchContext } from "../intake/batch-context.ts";
import type { EventDraft } from "../journal/bridge-event.ts";
import { outcomeOfBatch } from "./intake-batches.ts";
import { openJournal, type TestJournal } from "./journals.ts";

/** Takes batches one after another into one journal, on a real file. */
export class Telling implements AsyncDisposable {
  readonly #directory: TemporaryDirectory;
  readonly #opened: TestJournal;
  #sequence = 0n;

  private constructor(directory: TemporaryDirectory) {
    this.#directory = directory;
    this.#opened = openJournal(directory.file("journal.db"));
  }

  static async start(): Promise<Telling> {
    return new Telling(await temporaryDirectory());
  }

  /** The events of one batch, as they were appended; rows get consecutive places in lock-broker's log. */
  tell(...rows: readonly MessageRow[]): readonly EventDraft[] {
    return this.tellIn({}, ...rows);
  }

  /** As {@link tell}, of a batch that differs from the tests' usual one. */
  tellIn(batch: Partial<BatchContext>, ...rows: readonly MessageRow[]): readonly EventDraft[] {
    const numbered = rows.map((row) => {
      this.#sequence += 1n;
      return { ...row, sequence: this.#sequence };
    });
    const { store } = this.#opened;
    const { drafts } = outcomeOfBatch({ rows: numbered }, { journal: store, batch });
    return this.append(drafts);
  }

  /** The events of a batch with nothing but changes of chats. */
  tellChats(...chatChanges: readonly ChatChange[]): readonly EventDraft[] {
    const numbered = chatChanges.map((change) => {
      this.#sequence += 1n;
      return { ...change, sequence: this.#sequence };
    });
    const { store } = this.#opened;
    return this.append(outcomeOfBatch({ chatChanges: numbered }, { journal: store }).drafts);
  }

  /** Appends events as another version may have made them; gives those that were news. */
  append(drafts: readonly EventDraft[]): readonly EventDraft[] {
    return this.#opened.store.append({ events: drafts }).events.map(({ draft }) => draft);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#opened[Symbol.dispose]();
    await this.#directory[Symbol.asyncDispose]();
  }
}
