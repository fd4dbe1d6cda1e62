import { createInterface, type Interface } from "node:readline";
import type { Environment } from "../environment.ts";
import type { Output } from "../terminal/output.ts";
import { CONTACT_LABEL } from "./exchange-view.ts";

const CLEAR_LINE = "\r\u001b[2K";

/** A terminal on which a person types at the bottom while lines appear above. */
export class Screen implements Disposable {
  readonly #output: Output;
  readonly #lines: Interface;

  constructor(environment: Environment, output: Output) {
    this.#output = output;
    this.#lines = createInterface({
      input: environment.stdin,
      output: environment.stdout,
      terminal: output.isTerminal,
      prompt: output.isTerminal ? `${output.style("good", CONTACT_LABEL)} › ` : "",
      historySize: 100,
    });
  }

  /** Shows lines above what the person is typing, which stays as it is. */
  show(lines: readonly string[]): void {
    if (this.#output.isTerminal) this.#output.write(CLEAR_LINE);
    for (const line of lines) this.#output.line(line);
    this.#lines.prompt(true);
  }

  /** Hands over each line typed until the person ends the input (Ctrl-D, Ctrl-C) or `signal` aborts. */
  readLines(onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        signal.removeEventListener("abort", end);
        resolve();
      };
      this.#lines.on("line", onLine);
      // In a terminal readline takes Ctrl-C for itself, so it comes here and not as a signal.
      this.#lines.once("SIGINT", end).once("close", end);
      signal.addEventListener("abort", end);
      if (signal.aborted) end();
    });
  }

  [Symbol.dispose](): void {
    if (this.#output.isTerminal) this.#output.write(CLEAR_LINE);
    this.#lines.close();
  }
}
