import { PLAIN, type Style, styleFor } from "./style.ts";

/** A stream that text goes to: the part of a Node writable that {@link Output} uses. */
export interface TextSink {
  readonly isTTY?: boolean;
  /**
   * Returns false when the reader is slow; `drain` is then emitted once it caught up. `done` is called when everything up to
   * this text was passed on, or cannot be.
   */
  write(text: string, done?: () => void): boolean;
  once(event: "drain" | "close", listener: () => void): unknown;
  off(event: "drain" | "close", listener: () => void): unknown;
}

/** Where a command's words go. Results on standard output, progress and complaints on standard error. */
export class Output {
  /** Colours for standard output. */
  readonly style: Style;
  /** Colours for standard error. */
  readonly noteStyle: Style;
  readonly isTerminal: boolean;
  readonly #out: TextSink;
  readonly #notes: TextSink;
  #isFull = false;
  #isUsed = false;

  constructor(out: TextSink, notes: TextSink, variables: Readonly<Record<string, string | undefined>>) {
    this.#out = out;
    this.#notes = notes;
    this.isTerminal = out.isTTY === true;
    this.style = styleFor(this.isTerminal, variables);
    this.noteStyle = notes.isTTY === true ? styleFor(true, variables) : PLAIN;
  }

  /** One line of the result. */
  line(text = ""): void {
    this.write(`${text}\n`);
  }

  /** Text as it is, for what moves the cursor. */
  write(text: string): void {
    this.#isUsed = true;
    this.#isFull = !this.#out.write(text);
  }

  /** One JSON object on one line of the result; bigint becomes a string, key order is the object's. */
  json(record: Readonly<Record<string, unknown>>): void {
    this.line(toJson(record));
  }

  /** One line for the person at the terminal; never part of the result. */
  note(text: string): void {
    this.#notes.write(`${text}\n`);
  }

  /** Resolves when everything that was written has left this process, or cannot. */
  flushed(): Promise<void> {
    // A device that is full fails even the write of nothing.
    if (!this.#isUsed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#out.write("", () => resolve());
    });
  }

  /**
   * Resolves when the reader of standard output has taken what was written, at once when it keeps up. Endless
   * commands await it between batches, so that `imesh tail | slow` holds the stream back instead of filling
   * memory (I8).
   */
  async drained(signal: AbortSignal): Promise<void> {
    if (!this.#isFull || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#out.off("drain", done);
        this.#out.off("close", done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      this.#out.once("drain", done);
      this.#out.once("close", done);
      signal.addEventListener("abort", done);
    });
    this.#isFull = false;
  }
}

/** JSON on one line with bigint as string. */
export function toJson(record: unknown): string {
  return JSON.stringify(record, (_key, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );
}
