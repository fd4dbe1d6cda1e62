/** A fleet for tests of events, and what contacts say in them. */
import assert from "node:assert/strict";
import type { Event } from "@imesh/contracts/bridge/v1/event";
import { BrokerServiceClient } from "@imesh/contracts/broker/v1";
import { type ActRequest, BodyForm } from "@imesh/contracts/simulator/v1";
import { connect } from "@imesh/rpc";
import { waitFor } from "@imesh/testing";
import { SystemClock } from "@imesh/time";
import { Fleet } from "../fleet/fleet.ts";
import { Recorder } from "../fleet/recorder.ts";
import { lineOf } from "./event-words.ts";

/** A contact. */
export const ANNA = "+15550007001";
const clock = new SystemClock();

/** A fleet that does one thing after the other and collects the events of each. */
export class Stage implements AsyncDisposable {
  readonly fleet: Fleet;
  readonly recorder: Recorder;
  #seen = 0;

  static async start(): Promise<Stage> {
    const fleet = await Fleet.start({
      services: ["messages-simulator", "lock-broker", "mac-bridge"],
      flags: { "lock-broker": ["--settle-deadline-ms", "1000"] },
    });
    await using broker = connect(BrokerServiceClient, `unix:${fleet.socket("lock-broker")}`, { clock });
    await waitFor(
      async () => (await broker.call("getStatistics", {}, { deadlineMs: 5_000 })).scanProgress === undefined,
      { deadlineMs: 30_000, what: "the broker to know every row" },
    );
    const recorder = new Recorder(fleet.socket("mac-bridge"));
    const stage = new Stage(fleet, recorder);
    // A first message shows that the whole path stands.
    await stage.says({ $case: "compose", value: words(ANNA, "first") }, ['message incoming "first"']);
    return stage;
  }

  private constructor(fleet: Fleet, recorder: Recorder) {
    this.fleet = fleet;
    this.recorder = recorder;
  }

  /**
   * Does it, and compares the events with `expected`, in any order: what is written in several transactions may be read together,
   * and then chats come before messages. Gives the ROWIDs of the messages touched.
   */
  async says(action: Action, expected: readonly string[]): Promise<readonly bigint[]> {
    const messageRowids = await this.does(action);
    await this.hears(expected, action?.$case ?? "");
    return messageRowids;
  }

  /** Does it, whoever listens; gives the ROWIDs of the messages touched. */
  async does(action: Action): Promise<readonly bigint[]> {
    const { messageRowids } = await this.fleet.simulator().call("act", { action }, { deadlineMs: 20_000 });
    return messageRowids;
  }

  /** Compares the events since the last time with `expected`, in any order. */
  async hears(expected: readonly string[], what: string): Promise<void> {
    await waitFor(() => this.recorder.events.length >= this.#seen + expected.length, {
      deadlineMs: 15_000,
      what: `${expected.length} events of ${what}`,
    }).catch((error: unknown) => {
      assert.fail(`${String(error)}; came: ${this.#lines().join(" | ")}`);
    });
    assert.deepEqual(this.#lines().sort(), [...expected].sort(), what);
    this.#seen = this.recorder.events.length;
  }

  /** The last event of a kind. */
  last<Case extends NonNullable<Event["payload"]>["$case"]>(kind: Case) {
    const event = this.recorder.events.findLast(({ payload }) => payload?.$case === kind);
    assert.ok(event?.payload?.$case === kind, `there is a ${kind}`);
    return { event, value: event.payload.value as Extract<Event["payload"], { $case: Case }>["value"] };
  }

  async groupGuid(): Promise<string> {
    await using broker = connect(BrokerServiceClient, `unix:${this.fleet.socket("lock-broker")}`, { clock });
    const { chats } = await broker.call("listChats", { pageSize: 500, pageToken: "" }, { deadlineMs: 5_000 });
    const group = chats.find(({ chat }) => chat?.style === 43);
    assert.ok(group?.chat !== undefined, "the history has a group");
    return group.chat.guid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.recorder[Symbol.asyncDispose]();
    await this.fleet[Symbol.asyncDispose]();
  }

  #lines(): string[] {
    return this.recorder.events.slice(this.#seen).map(lineOf);
  }
}

type Action = ActRequest["action"];
type Composed = Extract<ActRequest["action"], { $case: "compose" }>["value"];

/** What somebody says in one bubble. */
export function words(from: string, text: string, more: Partial<Composed> = {}): Composed {
  return composed(from, [textPiece(text)], more);
}

/** What somebody says, in any number of bubbles. */
export function composed(from: string, pieces: Composed["pieces"], more: Partial<Composed> = {}): Composed {
  return {
    from,
    chatGuid: "",
    service: "",
    pieces,
    subject: "",
    effectId: "",
    reply: undefined,
    isAutoReply: false,
    form: BodyForm.BODY,
    ...more,
  };
}

type TextPiece = Extract<Composed["pieces"][number]["kind"], { $case: "text" }>["value"];

/** Words. */
export function textPiece(text: string, more: Partial<TextPiece> = {}): Composed["pieces"][number] {
  const plain = { mention: "", link: "", styles: [], effect: 0, detected: 0, oneTimeCode: "" } as const;
  return { kind: { $case: "text", value: { text, ...plain, styles: [], ...more } } };
}

/** A file. */
export function filePiece(transferState: number, genmoji = ""): Composed["pieces"][number] {
  return { kind: { $case: "file", value: { sizeBytes: 100n, transferState, genmoji } } };
}

/** The one message touched. */
export const single = ([rowid]: readonly bigint[]): bigint => {
  assert.ok(rowid !== undefined);
  return rowid;
};
