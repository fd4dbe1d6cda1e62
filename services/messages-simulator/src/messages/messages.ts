import { appleTimeToUnixNs } from "@imesh/imessage-model";
import { linkSignals } from "@imesh/lifecycle";
import type { Clock } from "@imesh/time";
import type { MessagesApplication } from "../applescript/applescript.ts";
import type { ChatDatabase } from "../mac/chat-database.ts";
import { type Account, makeAccount } from "./account.ts";
import type { Act, TouchedMessages } from "./acts/act.ts";
import { ActRunner } from "./acts/act-runner.ts";
import { directChatGuid } from "./address.ts";
import { type BackfillOrder, writeBackfill } from "./backfill.ts";
import { readBody } from "./bodies.ts";
import { runBurst } from "./burst.ts";
import type { BurstOrder } from "./burst-plan.ts";
import { laneOf } from "./chats.ts";
import { Chores } from "./chores.ts";
import { type IncomingOrder, insertIncoming, type WrittenMessage, writeIncoming } from "./incoming.ts";
import { Interruption } from "./interruption.ts";
import { Lanes } from "./lanes.ts";
import { Outbox } from "./outbox.ts";
import type { Fate } from "./outgoing.ts";
import { type Repaired, repairInterrupted } from "./repair.ts";
import { checkSay, type SayOrder } from "./say-order.ts";
import { ScriptableMessages } from "./scriptable-messages.ts";
import { SeededRandom, type WaitRangeMs } from "./seeded-random.ts";
import { SendBehavior } from "./send-behavior.ts";
import { joinWaitingRow, type WaitingRow } from "./waiting-row.ts";
import type { WriterPorts } from "./writer-ports.ts";

/** Waits of the simulated Messages. */
export interface MessagesDelays {
  /** Between an incoming row and its join, unless a message says otherwise. */
  readonly join: WaitRangeMs;
  /** Between the acceptance of a send and its row. */
  readonly row: WaitRangeMs;
  /** Between an own row and is_sent. */
  readonly sent: WaitRangeMs;
  /** Between is_sent and is_delivered. */
  readonly delivered: WaitRangeMs;
  /** How long Messages takes to accept an Apple event. */
  readonly appleEventMs: number;
  /** How long osascript waits at most before it reports -1712, where a script asks for no less. 120 s on a Mac. */
  readonly appleEventTimeoutMs: number;
}

/** What this account writes to a contact. */
export interface OwnText {
  readonly address: string;
  readonly text: string;
  readonly fate: Fate;
}

/** Collaborators of {@link Messages}. */
export interface MessagesPorts {
  readonly database: ChatDatabase;
  readonly clock: Clock;
}

/** Incoming messages waiting in all lanes: ten bursts at once, at 64 MiB of text. */
const LANE_BOUNDS = { itemsMax: 10_000, bytesMax: 64 * 1_024 * 1_024 };

/** Own messages on their way at once. */
const CHORES_MAX = 10_000;

/** Of four incoming rows three have their text in attributedBody only, as current systems write most of theirs. */
const TEXT_COLUMN_SHARE = 0.25;

/**
 * The simulated Messages with its persistence agent: takes what contacts say and what scripts send, and writes both as a
 * Mac does. Messages of one chat are written strictly one after the other, row and join; chats run in parallel. Own
 * messages of a chat have a lane of their own, because a join that comes hours late holds nobody back from writing.
 *
 * All chance comes from the seed: what is drawn for the n-th order of a run is the same for the same seed and the same
 * database, whatever the timing.
 */
export class Messages implements AsyncDisposable {
  /** What happens to sends. */
  readonly behavior = new SendBehavior();
  /** Default wait between an incoming row and its join. */
  joinDelay: WaitRangeMs;
  /** Aborts, with QuittingError, when {@link quit} is called. */
  readonly stopping: AbortSignal;
  readonly #ports: WriterPorts;
  readonly #delays: MessagesDelays;
  readonly #lanes = new Lanes(LANE_BOUNDS);
  readonly #chores: Chores;
  readonly #interruption: Interruption;
  readonly #outbox: Outbox;
  readonly #random: SeededRandom;
  readonly #acts: ActRunner;

  constructor(
    ports: MessagesPorts,
    options: { seed: bigint; accountAddress: string; delays: MessagesDelays },
  ) {
    const { database } = ports;
    const stopping = new AbortController();
    this.stopping = stopping.signal;
    const account = makeAccount(options.accountAddress, database.accountGuid);
    const interruption = new Interruption(stopping.signal);
    this.#interruption = interruption;
    this.#ports = {
      ...ports,
      account,
      get stopping() {
        return interruption.signal;
      },
    };
    this.#delays = options.delays;
    this.joinDelay = options.delays.join;
    this.#chores = new Chores(CHORES_MAX, stopping);
    // The database and its save counter make every run's guids new; without them a restart would draw the old ones again.
    const run = `${database.uniqueIdentifier} ${database.saves}`;
    const stream = (name: string) => new SeededRandom(options.seed, `${name} ${run}`);
    this.#random = stream("incoming");
    this.#acts = new ActRunner(this.#ports, { lanes: this.#lanes, stream });
    this.#outbox = new Outbox(this.#ports, {
      ...options,
      chores: this.#chores,
      random: stream("outgoing"),
    });
  }

  /** Rejects when something that nobody waits for has failed: the process cannot go on. */
  get failed(): Promise<never> {
    return this.#chores.failed;
  }

  /** The account Messages is signed in to. */
  get account(): Account {
    return this.#ports.account;
  }

  /** Ends what a kill interrupted; call it first. */
  repair(): Repaired {
    return repairInterrupted(this.#ports);
  }

  /**
   * A contact says something. Resolves when the last transaction of it is committed. Rejects with OrderRefusedError or
   * LanesFullError, nothing written, or with QuittingError, the row perhaps written without its join.
   */
  async say(order: SayOrder): Promise<WrittenMessage> {
    const checked = checkSay(order, this.account);
    return await this.#write({ ...this.#draw(order.joinDelayMs), ...checked });
  }

  /**
   * Something happens to what is there. Resolves with the messages it touched when its last transaction is committed. Rejects
   * with OrderRefusedError, NotThereError, CannotHappenError or LanesFullError, nothing written, or as {@link say}.
   */
  async act(act: Act): Promise<TouchedMessages> {
    return await this.#acts.run(act, this.joinDelay);
  }

  /** As {@link say}, but the row stays without its chat until {@link join}; a kill before that leaves it to repair. */
  async sayUnjoined(order: SayOrder): Promise<WaitingRow> {
    const checked = checkSay(order, this.account);
    const { database, stopping } = this.#ports;
    stopping.throwIfAborted();
    const { chat, rowid, date } = insertIncoming({ ...this.#draw(0), ...checked }, this.#ports);
    return { rowid, date, chatGuid: chat.guid, databaseUid: database.uniqueIdentifier };
  }

  /** Puts a row into its chat. False when that is not possible any more: it, its chat or its database is gone. */
  join(row: WaitingRow): boolean {
    const { database } = this.#ports;
    if (row.databaseUid !== database.uniqueIdentifier) return false;
    return database.save((tables) => joinWaitingRow(tables, row));
  }

  /**
   * This account writes something. Resolves when its row is there, which is not sent yet: receipts are acts. Rejects as
   * {@link say}.
   */
  async writeOwn({ address, text, fate }: OwnText): Promise<WrittenMessage> {
    const checked = checkSay({ from: address, text, groupGuid: "", joinDelayMs: 0, ageNs: 0n }, this.account);
    this.#ports.stopping.throwIfAborted();
    return await this.#outbox.write(text, { kind: "participant", address: checked.from }, fate);
  }

  /**
   * iCloud brings old messages. Resolves with their ROWIDs when the last is in its chat; rejects with QuittingError or
   * DatabaseReplacedError between two batches.
   */
  async backfill(order: BackfillOrder): Promise<TouchedMessages> {
    this.#ports.stopping.throwIfAborted();
    return await writeBackfill(order, this.#ports);
  }

  /**
   * Many contacts say many things. `report` gets each message once its last transaction is committed; the burst is
   * no faster than `report` resolves. Resolves when all are reported; rejects with the signal's reason, with
   * QuittingError or with the first failure, and then starts no further message (those begun are still written).
   */
  async burst(
    order: BurstOrder,
    report: (message: WrittenMessage) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    using linked = linkSignals(signal, this.#ports.stopping);
    await runBurst(order, {
      clock: this.#ports.clock,
      write: ({ from, text, joinDelayMs }) =>
        this.#write({ ...this.#draw(joinDelayMs), from, text, groupGuid: undefined, ageNs: 0n }),
      report,
      signal: linked.signal,
    });
  }

  /** Messages as the scripts of one osascript see it; `signal` aborts when that osascript is gone. */
  application(signal: AbortSignal): MessagesApplication {
    return new ScriptableMessages(
      {
        clock: this.#ports.clock,
        database: this.#ports.database,
        behavior: this.behavior,
        outbox: this.#outbox,
      },
      { account: this.account, delays: this.#delays, signal },
    );
  }

  /** Own messages that are in a chat, above `afterRowid`, at most `limit`, by rising ROWID. */
  bubbles(afterRowid: bigint, limit: number): readonly WrittenMessage[] {
    return this.#ports.database.tables.messages.bubbles(afterRowid, limit).map((stored) => ({
      guid: stored.guid,
      rowid: stored.rowid,
      chatGuid: stored.chatGuid,
      text: readBody(stored.attributedBody)?.text ?? stored.text ?? "",
      insertUnixNs: appleTimeToUnixNs(stored.date) ?? 0n,
      joinedUnixNs: this.#outbox.joinedUnixNs(stored.rowid),
    }));
  }

  /** `_UniqueIdentifier` of the database that is there. */
  get databaseUid(): string {
    return this.#ports.database.uniqueIdentifier;
  }

  /** How many of what the database holds. */
  counts(): { incoming: bigint; own: bigint; chats: bigint; headRowid: bigint } {
    const { chats, messages } = this.#ports.database.tables;
    return {
      incoming: messages.count(false),
      own: messages.count(true),
      chats: chats.count(),
      headRowid: messages.head(),
    };
  }

  /**
   * Another, empty database takes the place of the one there: what is half written ends at once with
   * DatabaseReplacedError. Called just before it does, in the same turn of the event loop.
   */
  rowsAreGone(): void {
    this.#interruption.rowsAreGone();
    this.#outbox.rowsAreGone();
  }

  /** Ends every wait at once, with QuittingError; nothing new is begun from now on. */
  quit(): void {
    this.#chores.quit();
  }

  /** Ends every wait and resolves when nothing runs any more; what is half written is for the next start to repair. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chores[Symbol.asyncDispose]();
  }

  /** What chance decides about the next incoming message; drawn when it is ordered, so timing has no say. */
  #draw(joinDelayMs: number | undefined) {
    const guid = this.#random.uuid().toUpperCase();
    const groupId = this.#random.uuid().toUpperCase();
    const hasTextColumn = this.#random.next() < TEXT_COLUMN_SHARE;
    const drawnDelayMs = this.#random.waitMs(this.joinDelay);
    return { guid, groupId, hasTextColumn, joinDelayMs: joinDelayMs ?? drawnDelayMs };
  }

  async #write(order: IncomingOrder): Promise<WrittenMessage> {
    const { stopping } = this.#ports;
    stopping.throwIfAborted();
    const lane = laneOf(order.groupGuid ?? directChatGuid(order.from));
    return await this.#lanes.run(lane, order.text.length * 2, () => writeIncoming(order, this.#ports));
  }
}
