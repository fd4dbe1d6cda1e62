import { parseExpression, parseReference } from "./expression-parser.ts";
import type { Block, Branch, Expression, Names, Script, Statement } from "./syntax.ts";
import { TokenReader } from "./token-reader.ts";

const MESSAGES_NAMES = ["messages", "messages.app", "com.apple.mobilesms", "com.apple.ichat"];

/** Compiles a script. Throws ScriptError of phase `syntax` (-2741) as soon as something is not known. */
export function parseScript(source: string): Script {
  const reader = new TokenReader(source);
  skipUses(reader);
  if (!reader.takeWords("on", "run")) {
    const body = parseBlock(reader, []);
    expectEnd(reader);
    return { parameters: { kind: "each", names: [] }, body };
  }
  const parameters = reader.next.kind === "newline" ? noNames : parseNames(reader);
  reader.expectLineEnd();
  const body = parseBlock(reader, ["end"]);
  takeEnd(reader, "run");
  skipUses(reader);
  expectEnd(reader);
  return { parameters, body };
}

const noNames: Names = { kind: "each", names: [] };

/** `use AppleScript version "2.4"`, `use scripting additions`: nothing to do here. */
function skipUses(reader: TokenReader): void {
  reader.skipLines();
  while (reader.takeWords("use")) {
    while (reader.next.kind !== "newline" && reader.next.kind !== "end") reader.take();
    reader.skipLines();
  }
}

function expectEnd(reader: TokenReader): void {
  if (reader.next.kind !== "end") throw reader.unexpected("end of script");
}

/** Statements up to, not including, one of the words or the end of the script. */
function parseBlock(reader: TokenReader, until: readonly string[]): Block {
  return reader.nested(() => {
    const statements: Statement[] = [];
    reader.skipLines();
    while (reader.next.kind !== "end" && !(reader.next.kind === "word" && until.includes(reader.next.text))) {
      statements.push(parseStatement(reader));
      reader.expectLineEnd();
      reader.skipLines();
    }
    return statements;
  });
}

/** `end`, `end tell`, `end using terms from`: what follows `end` must be the beginning of how the block began. */
function takeEnd(reader: TokenReader, ...words: readonly string[]): void {
  reader.expectWord("end");
  if (reader.next.kind === "newline" || reader.next.kind === "end") return;
  if (!reader.takeWords(...words)) throw reader.unexpected(`“${words.join(" ")}”`);
}

function parseStatement(reader: TokenReader): Statement {
  const { start, kind, text } = reader.next;
  const range = () => reader.rangeFrom(start);
  switch (kind === "word" ? text : "") {
    case "set": {
      reader.take();
      const names = parseNames(reader);
      reader.expectWord("to");
      return { kind: "set", names, value: parseExpression(reader), range: range() };
    }
    case "send": {
      if (reader.terminologyDepth === 0) break;
      reader.take();
      const what = parseExpression(reader);
      reader.expectWord("to");
      return { kind: "send", what, to: parseReference(reader), range: range() };
    }
    case "return": {
      reader.take();
      const isBare = reader.next.kind === "newline" || reader.next.kind === "end";
      return { kind: "return", value: isBare ? undefined : parseExpression(reader), range: range() };
    }
    case "error":
      return parseError(reader, start);
    case "delay":
      reader.take();
      return { kind: "delay", seconds: parseExpression(reader), range: range() };
    case "activate":
    case "launch":
      reader.take();
      return { kind: "activate", range: range() };
    case "tell":
    case "using":
    case "with":
    case "if":
    case "try":
      return parseCompound(reader, text as "tell", start);
    default:
  }
  return { kind: "value", value: parseExpression(reader), range: range() };
}

function parseError(reader: TokenReader, start: number): Statement {
  reader.take();
  const isNumber = reader.next.kind === "word" && reader.next.text === "number";
  const message = isNumber || reader.next.kind === "newline" ? undefined : parseExpression(reader);
  const number = reader.takeWords("number") ? parseExpression(reader) : undefined;
  return { kind: "error", message, number, range: reader.rangeFrom(start) };
}

/** One name, or a list of them in braces. */
function parseNames(reader: TokenReader): Names {
  if (!reader.takeSymbol("{")) return { kind: "all", names: [takeName(reader)] };
  const names: string[] = [];
  while (!reader.takeSymbol("}")) {
    if (names.length > 0) reader.expectSymbol(",");
    names.push(takeName(reader));
  }
  return { kind: "each", names };
}

function takeName(reader: TokenReader): string {
  const token = reader.next;
  if (token.kind !== "word" && token.kind !== "bars") throw reader.unexpected("variable name");
  return reader.take().text;
}

function parseCompound(
  reader: TokenReader,
  word: "tell" | "using" | "with" | "if" | "try",
  start: number,
): Statement {
  reader.take();
  switch (word) {
    case "tell":
      return parseTell(reader, start);
    case "using": {
      if (!reader.takeWords("terms", "from")) throw reader.unexpected("“terms”");
      const target = parseReference(reader);
      const body = parseBlockKnowing(reader, target, () => parseBlock(reader, ["end"]));
      takeEnd(reader, "using", "terms", "from");
      return { kind: "group", body, range: reader.rangeFrom(start) };
    }
    case "with": {
      if (!reader.takeWords("timeout", "of")) throw reader.unexpected("“timeout”");
      const seconds = parseExpression(reader);
      reader.takeOneOf(["seconds", "second"]);
      const body = parseBlock(reader, ["end"]);
      takeEnd(reader, "timeout");
      return { kind: "timeout", seconds, body, range: reader.rangeFrom(start) };
    }
    case "if":
      return parseIf(reader, start);
    default:
      return parseTry(reader, start);
  }
}

function parseTell(reader: TokenReader, start: number): Statement {
  const target = parseReference(reader);
  const body = parseBlockKnowing(reader, target, () => {
    if (reader.takeWords("to")) return [reader.nested(() => parseStatement(reader))];
    reader.expectLineEnd();
    const block = parseBlock(reader, ["end"]);
    takeEnd(reader, "tell");
    return block;
  });
  return { kind: "tell", target, body, range: reader.rangeFrom(start) };
}

/** Messages' words are known inside a block that names Messages in so many words, as for AppleScript's compiler. */
function parseBlockKnowing(reader: TokenReader, target: Expression, parse: () => Block): Block {
  const isMessages =
    target.kind === "application" &&
    target.application.kind === "text" &&
    MESSAGES_NAMES.includes(target.application.text.toLowerCase());
  reader.terminologyDepth += isMessages ? 1 : 0;
  const body = parse();
  reader.terminologyDepth -= isMessages ? 1 : 0;
  return body;
}

function parseIf(reader: TokenReader, start: number): Statement {
  const branches: Branch[] = [];
  let otherwise: Block | undefined;
  const condition = parseExpression(reader);
  reader.takeWords("then");
  if (reader.next.kind !== "newline") {
    branches.push({ condition, body: [reader.nested(() => parseStatement(reader))] });
    return { kind: "if", branches, otherwise, range: reader.rangeFrom(start) };
  }
  branches.push({ condition, body: parseBlock(reader, ["else", "end"]) });
  while (reader.takeWords("else")) {
    if (reader.takeWords("if")) {
      const next = parseExpression(reader);
      reader.takeWords("then");
      branches.push({ condition: next, body: parseBlock(reader, ["else", "end"]) });
    } else {
      otherwise = parseBlock(reader, ["end"]);
    }
  }
  takeEnd(reader, "if");
  return { kind: "if", branches, otherwise, range: reader.rangeFrom(start) };
}

function parseTry(reader: TokenReader, start: number): Statement {
  reader.expectLineEnd();
  const body = parseBlock(reader, ["on", "end"]);
  let messageName: string | undefined;
  let numberName: string | undefined;
  let handler: Block = [];
  if (reader.takeWords("on", "error")) {
    const isName = reader.next.kind !== "newline" && reader.next.text !== "number";
    messageName = isName ? takeName(reader) : undefined;
    numberName = reader.takeWords("number") ? takeName(reader) : undefined;
    reader.expectLineEnd();
    handler = parseBlock(reader, ["end"]);
  }
  takeEnd(reader, "try");
  return { kind: "try", body, handler, messageName, numberName, range: reader.rangeFrom(start) };
}
