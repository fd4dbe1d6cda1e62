import { syntaxError } from "./script-error.ts";

/** One word of a script with its place. `word` texts are lower case unless written |in bars|. */
export interface Token {
  readonly kind: "word" | "bars" | "string" | "number" | "symbol" | "newline" | "end";
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const BLANK = /[ \t\f\v\u00a0]+/y;
const LINE_END = /\r\n|\n|\r|\u2028|\u2029/y;
const CONTINUATION = /¬[ \t]*(?:\r\n|\n|\r)/y;
const LINE_COMMENT = /(?:--|#)[^\n\r]*/y;
const ORDINAL = /\d+(?:st|nd|rd|th)\b/iy;
const NUMBER = /\d+(?:\.\d+)?/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const BARS = /\|[^|\n\r]*\|/y;
const SYMBOL = /['’]s\b|<=|>=|\/=|[=≠<>≤≥&,(){}-]/iy;

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\" };

/**
 * Splits AppleScript source into tokens, the last of kind `end`. Comments and continued line ends are gone.
 * Throws ScriptError -2741 for an unclosed string or comment and for signs AppleScript does not have.
 */
export function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let offset = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = offset;
    return pattern.exec(source)?.[0];
  };
  while (offset < source.length) {
    const skipped = take(BLANK) ?? take(CONTINUATION) ?? take(LINE_COMMENT);
    if (skipped !== undefined) {
      offset += skipped.length;
      continue;
    }
    if (source.startsWith("(*", offset)) {
      offset = endOfBlockComment(source, offset);
      continue;
    }
    const token = source[offset] === '"' ? readString(source, offset) : readPlain(take, offset);
    tokens.push(token);
    offset = token.end;
  }
  tokens.push({ kind: "end", text: "end of script", start: offset, end: offset });
  return tokens;
}

function readPlain(take: (pattern: RegExp) => string | undefined, start: number): Token {
  const make = (kind: Token["kind"], raw: string, text = raw): Token => {
    return { kind, text, start, end: start + raw.length };
  };
  const lineEnd = take(LINE_END);
  if (lineEnd !== undefined) return make("newline", lineEnd, "end of line");
  const word = take(ORDINAL) ?? take(WORD);
  if (word !== undefined) return make("word", word, word.toLowerCase());
  const number = take(NUMBER);
  if (number !== undefined) return make("number", number);
  const bars = take(BARS);
  if (bars !== undefined) return make("bars", bars, bars.slice(1, -1));
  const symbol = take(SYMBOL);
  if (symbol !== undefined) return make("symbol", symbol, symbol.toLowerCase().replace("’", "'"));
  throw syntaxError("expression", "unknown token", { start, end: start + 1 });
}

function readString(source: string, start: number): Token {
  let text = "";
  let offset = start + 1;
  while (offset < source.length && source[offset] !== '"') {
    if (source[offset] === "\\") {
      const meant = ESCAPES[source[offset + 1] ?? ""];
      if (meant === undefined) throw syntaxError('“"”', "unknown token", { start: offset, end: offset + 2 });
      text += meant;
      offset += 2;
    } else {
      text += source[offset];
      offset += 1;
    }
  }
  if (offset >= source.length) throw syntaxError('“"”', "end of script", { start, end: source.length });
  return { kind: "string", text, start, end: offset + 1 };
}

/** Block comments nest. */
function endOfBlockComment(source: string, start: number): number {
  const edge = /\(\*|\*\)/g;
  edge.lastIndex = start;
  let depth = 0;
  for (let match = edge.exec(source); match !== null; match = edge.exec(source)) {
    depth += match[0] === "(*" ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  throw syntaxError("“*)”", "end of script", { start, end: source.length });
}
