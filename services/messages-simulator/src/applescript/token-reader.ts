import { type ScriptError, type SourceRange, syntaxError } from "./script-error.ts";
import { type Token, tokenize } from "./tokens.ts";

/** Deepest nesting of blocks and parentheses together; a script may come from anyone who can reach the socket. */
const DEPTH_MAX = 100;

const END: Token = { kind: "end", text: "end of script", start: 0, end: 0 };

/** Tokens of one script, read once from front to back by the two parsers. */
export class TokenReader {
  /** How many blocks that know Messages' words (`tell application "Messages"`, `using terms from`) are open. */
  terminologyDepth = 0;
  readonly #tokens: readonly Token[];
  #index = 0;
  #depth = 0;

  /** Throws ScriptError for what is no token. */
  constructor(source: string) {
    this.#tokens = tokenize(source);
  }

  /** The next token, not taken; the last one is of kind `end` and stays. */
  get next(): Token {
    return this.#tokens[this.#index] ?? END;
  }

  /** The token after the next. */
  get afterNext(): Token {
    return this.#tokens[this.#index + 1] ?? END;
  }

  /** Takes the next token, whatever it is. */
  take(): Token {
    const token = this.next;
    if (token.kind !== "end") this.#index += 1;
    return token;
  }

  /** Takes these words if all of them come next in this order, and says whether. */
  takeWords(...words: readonly string[]): boolean {
    const matches = words.every((word, ahead) => {
      const token = this.#tokens[this.#index + ahead];
      return token?.kind === "word" && token.text === word;
    });
    if (matches) this.#index += words.length;
    return matches;
  }

  /** Takes the next token if it is one of these words, and gives the word. */
  takeOneOf(words: readonly string[]): string | undefined {
    const token = this.next;
    return token.kind === "word" && words.includes(token.text) ? this.take().text : undefined;
  }

  /** Takes the symbol if it comes next, and says whether. */
  takeSymbol(symbol: string): boolean {
    const matches = this.next.kind === "symbol" && this.next.text === symbol;
    if (matches) this.#index += 1;
    return matches;
  }

  /** Takes the word or throws the compiler's complaint. */
  expectWord(word: string): void {
    if (!this.takeWords(word)) throw this.unexpected(`“${word}”`);
  }

  /** Takes the symbol or throws the compiler's complaint. */
  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw this.unexpected(`“${symbol}”`);
  }

  /** Takes a line's end (or sees the script's) or throws the compiler's complaint. */
  expectLineEnd(): void {
    if (this.next.kind !== "end" && this.take().kind !== "newline") {
      this.#index -= 1;
      throw this.unexpected("end of line, etc.");
    }
  }

  /** Takes empty lines. */
  skipLines(): void {
    while (this.next.kind === "newline") this.#index += 1;
  }

  /** The complaint about the next token. */
  unexpected(expected: string): ScriptError {
    return syntaxError(expected, describe(this.next), this.next);
  }

  /** From `start` to the end of the token taken last. */
  rangeFrom(start: number): SourceRange {
    return { start, end: this.#tokens[this.#index - 1]?.end ?? start };
  }

  /** Runs `parse` one level deeper; throws the compiler's complaint beyond 100 levels. */
  nested<T>(parse: () => T): T {
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) throw this.unexpected("fewer nested blocks");
    const parsed = parse();
    this.#depth -= 1;
    return parsed;
  }
}

function describe(token: Token): string {
  switch (token.kind) {
    case "word":
    case "bars":
      return "identifier";
    case "symbol":
      return `“${token.text}”`;
    case "string":
      return '“"”';
    default:
      return token.kind === "number" ? "number" : token.text;
  }
}
