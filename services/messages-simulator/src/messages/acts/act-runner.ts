import { dirname, join } from "node:path";
import { laneOf } from "../chats.ts";
import type { Lanes } from "../lanes.ts";
import type { SeededRandom, WaitRangeMs } from "../seeded-random.ts";
import type { WriterPorts } from "../writer-ports.ts";
import type { Act, TouchedMessages } from "./act.ts";
import { AttachmentFiles } from "./attachment-files.ts";
import { laneGuidOf, perform } from "./perform.ts";

/** Bytes that a waiting act counts for in its lane: its texts are bounded one by one, most have none. */
const ACT_BYTES = 1_024;

/** Collaborators of {@link ActRunner}. */
export interface ActRunnerOptions {
  /** Those of incoming messages: an act that waits for a chat takes its turn among them. */
  readonly lanes: Lanes;
  /** Makes a stream of chance for a name. */
  readonly stream: (name: string) => SeededRandom;
}

/** Runs acts: each with chance of its own, those that wait one after the other with what else comes into their chat. */
export class ActRunner {
  readonly #writer: WriterPorts;
  readonly #lanes: Lanes;
  readonly #files: AttachmentFiles;
  readonly #seeds: SeededRandom;
  readonly #stream: (name: string) => SeededRandom;

  constructor(writer: WriterPorts, { lanes, stream }: ActRunnerOptions) {
    this.#writer = writer;
    this.#lanes = lanes;
    this.#stream = stream;
    // The numbers of acts begin anew in each run; what the stream of seeds gives does not come again.
    this.#seeds = stream("acts");
    this.#files = new AttachmentFiles(join(dirname(writer.database.path), "Attachments"));
  }

  /** See `Messages.act`; `joinDelay` is what a contact's rows wait for their chat. */
  async run(act: Act, joinDelay: WaitRangeMs): Promise<TouchedMessages> {
    const writer = this.#writer;
    const { stopping } = writer;
    stopping.throwIfAborted();
    const random = this.#stream(`act ${this.#seeds.uuid()}`);
    const ports = { writer, files: this.#files, random, joinDelayMs: random.waitMs(joinDelay) };
    const guid = laneGuidOf(act, writer.database.tables);
    if (guid === undefined) return await perform(act, ports);
    return await this.#lanes.run(laneOf(guid), ACT_BYTES, async () => {
      // It may have waited for its turn while Messages quit or the database was replaced.
      stopping.throwIfAborted();
      return await perform(act, ports);
    });
  }
}
