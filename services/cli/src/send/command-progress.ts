import type { Command } from "@imesh/contracts/bridge/v1/command";
import { commandFailure, commandStateWord } from "../events/command-words.ts";
import { unixNs } from "../events/unix-ns.ts";
import { formatMs } from "../terminal/duration.ts";
import type { Style } from "../terminal/style.ts";

const STEP_WIDTH = "dispatched".length;
const NS_PER_MS = 1_000_000;

/**
 * What of a command was shown already. A command is looked at now and then and may have passed several steps
 * since; each step is shown once, with its own time.
 */
export class CommandProgress {
  readonly #shown = new Set<string>();
  #state = "";

  /** Whether `command` has moved on since the last call of this method. */
  isNews(command: Command): boolean {
    const state = commandStateWord(command.state);
    const isNews = state !== this.#state;
    this.#state = state;
    return isNews;
  }

  /**
   * One line for each step passed since the last call: its name and the time since the command was accepted.
   */
  lines(command: Command, style: Style): string[] {
    const { times } = command;
    const steps = [
      ["accepted", unixNs(times?.acceptedTime)],
      ["dispatched", unixNs(times?.dispatchedTime)],
      ["written", unixNs(times?.writtenTime)],
      ["sent", unixNs(times?.sentTime)],
      ["delivered", unixNs(times?.deliveredTime)],
    ] as const;
    const startNs = steps[0][1];
    const lines = steps.flatMap(([step, atNs]) => {
      if (atNs === undefined || this.#shown.has(step)) return [];
      this.#shown.add(step);
      const afterMs = Number(atNs - (startNs ?? atNs)) / NS_PER_MS;
      return [`${step.padEnd(STEP_WIDTH)}  ${style("dim", `+${formatMs(afterMs)}`)}`];
    });
    return [...lines, ...this.#ending(command, style)];
  }

  #ending(command: Command, style: Style): string[] {
    const state = commandStateWord(command.state);
    const isBad = state === "refused" || state === "failed" || state === "uncertain";
    if ((!isBad && state !== "read") || this.#shown.has(state)) return [];
    this.#shown.add(state);
    return [
      `${style(isBad ? "bad" : "good", state.padEnd(STEP_WIDTH))}  ${commandFailure(command)}`.trimEnd(),
    ];
  }
}
