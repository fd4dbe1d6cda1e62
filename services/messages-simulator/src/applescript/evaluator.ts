import { unreachable } from "@imesh/flow";
import type { MessagesApplication } from "./applescript.ts";
import { evaluateReference } from "./references.ts";
import {
  AppleEventError,
  cannotGet,
  cannotMake,
  ScriptError,
  type SourceRange,
  undefinedVariable,
} from "./script-error.ts";
import type { Block, Expression, Names, Script, Statement } from "./syntax.ts";
import {
  compare,
  join,
  numberOf,
  numberValue,
  sourceForm,
  textOf,
  textValue,
  truthOf,
  type Value,
} from "./values.ts";

const MS_PER_S = 1_000;
/** Number of an `error` statement that names none. */
const NUMBER_OF_ERROR = -2700;

/** What a run of statements left behind; `isReturn` ends every block around it. */
interface Completion {
  readonly value: Value | undefined;
  readonly isReturn: boolean;
}

const NOTHING: Completion = { value: undefined, isReturn: false };

/** One run of one script: its variables, whom it is talking to and how long it waits for an answer. */
export class Evaluator {
  readonly #messages: MessagesApplication;
  readonly #variables = new Map<string, Value>();
  #isTellingMessages = false;
  #timeoutMs: number | undefined;

  constructor(messages: MessagesApplication) {
    this.#messages = messages;
  }

  /** Runs it with the arguments of `on run`; gives the value of its last statement or `return`. Throws ScriptError. */
  async run(script: Script, args: readonly string[]): Promise<Value | undefined> {
    const items = args.map(textValue);
    this.#bind(script.parameters, { kind: "list", items }, { start: 0, end: 0 });
    return (await this.#block(script.body)).value;
  }

  async #block(block: Block): Promise<Completion> {
    let last = NOTHING;
    for (const statement of block) {
      last = await speakingFor(statement.range, () => this.#statement(statement));
      if (last.isReturn) return last;
    }
    return last;
  }

  async #statement(statement: Statement): Promise<Completion> {
    switch (statement.kind) {
      case "set": {
        const value = await this.#value(statement.value);
        this.#bind(statement.names, value, statement.range);
        return { value, isReturn: false };
      }
      case "value":
        return { value: await this.#value(statement.value), isReturn: false };
      case "return":
        return { value: statement.value && (await this.#value(statement.value)), isReturn: true };
      case "send":
        await this.#send(statement);
        return NOTHING;
      case "delay":
        await this.#messages.sleep(
          numberOf(await this.#value(statement.seconds), statement.range) * MS_PER_S,
        );
        return NOTHING;
      case "activate":
        this.#messages.authorize();
        return NOTHING;
      case "error":
        throw await this.#error(statement);
      case "tell":
        return await this.#tell(statement);
      case "timeout":
        return await this.#timeout(statement);
      case "group":
        return await this.#block(statement.body);
      case "if":
        return await this.#if(statement);
      case "try":
        return await this.#try(statement);
      default:
        return unreachable(statement);
    }
  }

  async #send(statement: Statement & { kind: "send" }): Promise<void> {
    if (!this.#isTellingMessages) throw cannotGet("application", statement.range);
    const text = textOf(await this.#value(statement.what), statement.range);
    const target = await this.#value(statement.to);
    const isTarget =
      target.kind === "object" && (target.object.kind === "chat" || target.object.kind === "participant");
    if (!isTarget) throw cannotMake(sourceForm(target), "chat", statement.range);
    await this.#messages.send(text, target.object, this.#timeoutMs);
  }

  async #error(statement: Statement & { kind: "error" }): Promise<ScriptError> {
    const { range } = statement;
    const number = statement.number && numberOf(await this.#value(statement.number), range);
    const message = statement.message && textOf(await this.#value(statement.message), range);
    return new ScriptError(
      "execution",
      number ?? NUMBER_OF_ERROR,
      message ?? `An error of type ${number ?? NUMBER_OF_ERROR} has occurred.`,
      range,
    );
  }

  async #tell(statement: Statement & { kind: "tell" }): Promise<Completion> {
    const target = await this.#value(statement.target);
    const outer = this.#isTellingMessages;
    this.#isTellingMessages = outer || target.kind === "object";
    try {
      return await this.#block(statement.body);
    } finally {
      this.#isTellingMessages = outer;
    }
  }

  async #timeout(statement: Statement & { kind: "timeout" }): Promise<Completion> {
    const outer = this.#timeoutMs;
    this.#timeoutMs = numberOf(await this.#value(statement.seconds), statement.range) * MS_PER_S;
    try {
      return await this.#block(statement.body);
    } finally {
      this.#timeoutMs = outer;
    }
  }

  async #if(statement: Statement & { kind: "if" }): Promise<Completion> {
    for (const { condition, body } of statement.branches) {
      if (truthOf(await this.#value(condition), condition.range)) return await this.#block(body);
    }
    return statement.otherwise === undefined ? NOTHING : await this.#block(statement.otherwise);
  }

  async #try(statement: Statement & { kind: "try" }): Promise<Completion> {
    try {
      return await this.#block(statement.body);
    } catch (error) {
      // Only what a script can meet; a broken assertion of ours is not caught by anybody's `on error`.
      if (!(error instanceof ScriptError)) throw error;
      if (statement.messageName !== undefined)
        this.#variables.set(statement.messageName, textValue(error.message));
      if (statement.numberName !== undefined)
        this.#variables.set(statement.numberName, numberValue(error.number));
      return await this.#block(statement.handler);
    }
  }

  #bind(names: Names, value: Value, range: SourceRange): void {
    if (names.kind === "all") {
      for (const name of names.names) this.#variables.set(name, value);
      return;
    }
    if (names.names.length === 0) return;
    if (value.kind !== "list") throw cannotMake(sourceForm(value), "list", range);
    names.names.forEach((name, index) => {
      const item = value.items[index];
      if (item === undefined) throw cannotGet(`item ${index + 1} of ${sourceForm(value)}`, range);
      this.#variables.set(name, item);
    });
  }

  async #value(expression: Expression): Promise<Value> {
    const { range } = expression;
    switch (expression.kind) {
      case "text":
        return textValue(expression.text);
      case "number":
        return numberValue(expression.number);
      case "boolean":
        return { kind: "boolean", truth: expression.truth };
      case "missing":
        return { kind: "missing" };
      case "list": {
        const items: Value[] = [];
        for (const item of expression.items) items.push(await this.#value(item));
        return { kind: "list", items };
      }
      case "join":
        return join(await this.#value(expression.left), await this.#value(expression.right), range);
      case "compare": {
        const left = await this.#value(expression.left);
        return {
          kind: "boolean",
          truth: compare(expression.comparison, left, await this.#value(expression.right), range),
        };
      }
      case "logic": {
        const left = truthOf(await this.#value(expression.left), range);
        if (left === (expression.operator === "or")) return { kind: "boolean", truth: left };
        return { kind: "boolean", truth: truthOf(await this.#value(expression.right), range) };
      }
      case "not":
        return { kind: "boolean", truth: !truthOf(await this.#value(expression.of), range) };
      case "coerce":
        return await this.#coerce(expression);
      default:
        return await evaluateReference(expression, {
          messages: this.#messages,
          isTellingMessages: this.#isTellingMessages,
          variable: (name) => this.#variables.get(name),
          evaluate: (part) => this.#value(part),
        });
    }
  }

  async #coerce(expression: Expression & { kind: "coerce" }): Promise<Value> {
    const value = await this.#value(expression.of);
    switch (expression.type) {
      case "text":
      case "string":
        return textValue(textOf(value, expression.range));
      case "integer":
      case "number":
      case "real":
        return numberValue(numberOf(value, expression.range));
      case "list":
        return value.kind === "list" ? value : { kind: "list", items: [value] };
      default:
        throw undefinedVariable(expression.type, expression.range);
    }
  }
}

/** Gives an application's refusal the place of the statement that met it, and the words osascript puts in front. */
async function speakingFor<T>(range: SourceRange, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof AppleEventError)) throw error;
    const speaker = error.speaker === "application" ? "Messages got an error: " : "";
    throw new ScriptError("execution", error.number, `${speaker}${error.message}`, range);
  }
}
