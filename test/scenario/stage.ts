/** The stage that scripts play on: a fleet of real processes, contacts A, B, C …, and one subscriber that sees it all. */
import { SendMode } from "@imesh/contracts/simulator/v1";
import { RpcError } from "@imesh/rpc";
import { waitFor } from "@imesh/testing";
import { apartReceipts, Fleet, type ServiceName } from "../fleet/fleet.ts";
import { messagesIn } from "../fleet/ground-truth.ts";
import { Recorder } from "../fleet/recorder.ts";
import { addressOf, eventLine } from "./event-line.ts";
import type { Command } from "./script.ts";

const services = ["messages-simulator", "lock-broker", "mac-bridge", "claude-stand-in", "agent"] as const;

/** Runs commands; each returns what it prints. */
export class Stage implements AsyncDisposable {
  readonly #fleet: Fleet;
  readonly #recorder: Recorder;
  readonly #ownBefore: number;
  #shown = 0;

  private constructor(fleet: Fleet) {
    this.#fleet = fleet;
    this.#recorder = new Recorder(fleet.socket("mac-bridge"));
    this.#ownBefore = messagesIn(fleet.chatDbPath, true).length;
  }

  /** `cast`: the services of the script's first line. Patience is short, so that doubt comes within a second. */
  static async start(cast: readonly string[]): Promise<Stage> {
    const named = services.filter((name) => cast.includes(name));
    const impatient = ["--send-deadline-ms", "1500", "--proof-window-ms", "1000"];
    const flags = { "mac-bridge": impatient, "messages-simulator": apartReceipts };
    return new Stage(await Fleet.start({ services: named, flags }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#recorder[Symbol.asyncDispose]();
    await this.#fleet[Symbol.asyncDispose]();
  }

  async run(command: Command): Promise<string[]> {
    const verb = this.#verbs[command.verb];
    if (verb === undefined) throw new Error(`Unknown verb: ${command.verb}`);
    return (await verb(command)) ?? [];
  }

  readonly #verbs: Readonly<Record<string, (command: Command) => Promise<string[] | undefined>>> = {
    say: async ({ words: [contact = "A", text = ""], options }) => {
      await this.#fleet.simulator().call("say", {
        from: addressOf(contact),
        text,
        chatGuid: "",
        joinDelay: duration(options.get("join")),
        age: duration(options.get("age")),
      });
      return undefined;
    },
    send: async ({ words: [contact = "A", text = ""], options }) => {
      const request = { requestId: options.get("id") ?? "", chatGuid: `any;-;${addressOf(contact)}`, text };
      try {
        await this.#fleet.bridge().call("sendMessage", request);
        return undefined;
      } catch (error) {
        if (error instanceof RpcError) return [`${error.code} ${error.reason}`];
        throw error;
      }
    },
    "next-send": async ({ words: [mode = ""] }) => {
      const value = SendMode[mode.toUpperCase().replaceAll("-", "_") as keyof typeof SendMode];
      await this.#fleet
        .simulator()
        .call("setBehavior", { joinDelay: undefined, send: { mode: value, sends: 1 } });
      return undefined;
    },
    kill: async ({ words: [name = ""] }) => {
      await this.#fleet.kill(name as ServiceName);
      return undefined;
    },
    start: async ({ words: [name = ""] }) => {
      await this.#fleet.start(name as ServiceName);
      return undefined;
    },
    // Waits for as many events as it is told, prints them, and leaves the next ones for the next time.
    events: async ({ words: [count = "1"] }) => {
      const wanted = this.#shown + Number(count);
      const { events } = this.#recorder;
      try {
        await waitFor(() => events.length >= wanted, { deadlineMs: 15_000, what: `${wanted} events` });
      } catch (cause) {
        throw new Error(`Only these events came:\n${events.map(eventLine).join("\n")}`, { cause });
      }
      const lines = events.slice(this.#shown, wanted).map(eventLine);
      this.#shown = wanted;
      return lines;
    },
    bubbles: async () => [`${messagesIn(this.#fleet.chatDbPath, true).length - this.#ownBefore} bubbles`],
  };
}

const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

function duration(text: string | undefined): { seconds: bigint; nanos: number } | undefined {
  const match = /^(\d+)(ms|[smhd])$/.exec(text ?? "");
  if (match === null) return undefined;
  const value = Number(match[1]);
  const unit = match[2] ?? "s";
  if (unit === "ms")
    return { seconds: BigInt(Math.floor(value / 1_000)), nanos: (value % 1_000) * 1_000_000 };
  return { seconds: BigInt(value * (secondsOf[unit] ?? 1)), nanos: 0 };
}
