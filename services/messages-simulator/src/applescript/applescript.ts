import { Evaluator } from "./evaluator.ts";
import { parseScript } from "./parser.ts";
import { ScriptError, type SourceRange } from "./script-error.ts";
import { type MessagesObject, plainForm, type ScriptAccount, sourceForm } from "./values.ts";

/** To whom a script can send. */
export type SendTarget = Extract<MessagesObject, { kind: "chat" | "participant" }>;

/**
 * Messages as scripts see it (port). Called by one running script at a time per run, several runs may overlap. Every
 * method may throw AppleEventError, which reaches the script as its error.
 */
export interface MessagesApplication {
  /** Version the application says it has. */
  readonly version: string;
  /** Asked before everything that is an Apple event; throws AppleEventError -1743 while Automation is not allowed. */
  authorize(): void;
  /** Whether a chat of exactly this guid is known. */
  hasChat(guid: string): boolean;
  /** Guids of all known chats. */
  chatGuids(): readonly string[];
  /** Signed-in accounts; at least one. */
  accounts(): readonly ScriptAccount[];
  /** Canonical address for what a script calls a participant; undefined when it is no address. */
  participantAddress(key: string): string | undefined;
  /**
   * Takes a text to send. Resolves when Messages has accepted it, which says nothing about whether it will go out;
   * may never resolve. `timeoutMs` is what the script asked for by `with timeout`, else undefined.
   */
  send(text: string, target: SendTarget, timeoutMs: number | undefined): Promise<void>;
  /** `delay` of the script. */
  sleep(delayMs: number): Promise<void>;
}

/** A script with the arguments of its `on run`. */
export interface ScriptRun {
  readonly source: string;
  readonly args: readonly string[];
  /** Print the result as source (`osascript -s s`) and not for people. */
  readonly isSourceForm: boolean;
}

/** What came of it. */
export type ScriptOutcome =
  | {
      readonly kind: "result";
      /** Undefined when the script ended without a value: osascript then prints nothing. */
      readonly text: string | undefined;
    }
  | {
      readonly kind: "error";
      readonly phase: "syntax" | "execution";
      readonly number: number;
      readonly message: string;
      readonly range: SourceRange;
    };

/**
 * Compiles and runs an AppleScript against Messages: the part of the language that scripts for Messages are written in
 * (`on run`, `tell`, `set`, `send`, `if`, `try`, `with timeout`, texts, lists, references), everything else is a syntax
 * error -2741, as for a word AppleScript does not have. Arguments are data: nothing in them is ever read as script.
 * Never rejects because of the script or of Messages; rejects only for a fault of ours.
 */
export async function runScript(run: ScriptRun, messages: MessagesApplication): Promise<ScriptOutcome> {
  try {
    const value = await new Evaluator(messages).run(parseScript(run.source), run.args);
    if (value === undefined) return { kind: "result", text: undefined };
    return { kind: "result", text: run.isSourceForm ? sourceForm(value) : plainForm(value) };
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    const { phase, number, message, range } = error;
    return { kind: "error", phase, number, message, range: { start: range.start, end: range.end } };
  }
}
