import { takeComparison } from "./comparisons.ts";
import type { SourceRange } from "./script-error.ts";
import type { ElementName, Expression, Filter, Selector } from "./syntax.ts";
import type { TokenReader } from "./token-reader.ts";

const TEXT_CONSTANTS: Readonly<Record<string, string>> = {
  linefeed: "\n",
  return: "\r",
  quote: '"',
  tab: "\t",
  space: " ",
};
const ORDINALS: readonly string[] = ["first", "second", "third", "fourth", "fifth"];
const RESERVED = new Set(
  "to of in as then if else end tell is and or not on set try error with whose where using from".split(" "),
);

/** Element words: outside Messages' terminology only `item` is one, the others are plain names. */
const ELEMENTS: Readonly<Record<string, { readonly element: ElementName; readonly isPlural: boolean }>> = {
  item: { element: "item", isPlural: false },
  items: { element: "item", isPlural: true },
  chat: { element: "chat", isPlural: false },
  chats: { element: "chat", isPlural: true },
  participant: { element: "participant", isPlural: false },
  participants: { element: "participant", isPlural: true },
  account: { element: "account", isPlural: false },
  accounts: { element: "account", isPlural: true },
};

/** Reads one expression, `or` binding loosest and `of` tightest. Throws ScriptError -2741. */
export function parseExpression(reader: TokenReader): Expression {
  return reader.nested(() => parseLogic(reader, "or"));
}

function parseLogic(reader: TokenReader, operator: "or" | "and"): Expression {
  const parseSide = () => (operator === "or" ? parseLogic(reader, "and") : parseNot(reader));
  let left = parseSide();
  while (reader.takeWords(operator)) {
    left = { kind: "logic", operator, left, right: parseSide(), range: reader.rangeFrom(left.range.start) };
  }
  return left;
}

function parseNot(reader: TokenReader): Expression {
  const { start } = reader.next;
  if (!reader.takeWords("not")) return parseComparison(reader);
  return { kind: "not", of: reader.nested(() => parseNot(reader)), range: reader.rangeFrom(start) };
}

function parseComparison(reader: TokenReader): Expression {
  const left = parseJoin(reader);
  if (reader.takeWords("exists"))
    return { kind: "exists", of: left, range: reader.rangeFrom(left.range.start) };
  const comparison = takeComparison(reader);
  if (comparison === undefined) return left;
  const right = parseJoin(reader);
  return { kind: "compare", comparison, left, right, range: reader.rangeFrom(left.range.start) };
}

function parseJoin(reader: TokenReader): Expression {
  let left = parseCoercion(reader);
  while (reader.takeSymbol("&")) {
    left = { kind: "join", left, right: parseCoercion(reader), range: reader.rangeFrom(left.range.start) };
  }
  return left;
}

function parseCoercion(reader: TokenReader): Expression {
  let value = parseReference(reader);
  while (reader.takeWords("as")) {
    const type = reader.takeWords("unicode", "text") ? "text" : reader.take().text;
    value = { kind: "coerce", of: value, type, range: reader.rangeFrom(value.range.start) };
  }
  return value;
}

/** `item 1 of argv`, `name of account 1`, `argv's first item`. */
export function parseReference(reader: TokenReader): Expression {
  let reference = parsePrimary(reader);
  while (reader.takeSymbol("'s")) {
    const part = parsePrimary(reader);
    reference = partOf(reader, part, reference, reader.rangeFrom(reference.range.start));
  }
  if (!reader.takeWords("of") && !reader.takeWords("in")) return reference;
  const container = reader.nested(() => parseReference(reader));
  return partOf(reader, reference, container, reader.rangeFrom(reference.range.start));
}

function partOf(reader: TokenReader, part: Expression, whole: Expression, range: SourceRange): Expression {
  if (part.kind === "name") return { kind: "property", property: part.name, of: whole, range };
  if (part.kind === "element" && part.of === undefined) return { ...part, of: whole, range };
  throw reader.unexpected("end of line, etc.");
}

function parsePrimary(reader: TokenReader): Expression {
  while (reader.takeWords("the") || reader.takeWords("get") || reader.takeWords("my"));
  const { start, kind, text } = reader.next;
  switch (kind) {
    case "string":
      reader.take();
      return { kind: "text", text, range: reader.rangeFrom(start) };
    case "number":
      reader.take();
      return { kind: "number", number: Number(text), range: reader.rangeFrom(start) };
    case "bars":
      reader.take();
      return { kind: "name", name: text, range: reader.rangeFrom(start) };
    case "symbol":
      return parseBracket(reader, start);
    case "word":
      return parseWord(reader, start);
    default:
      throw reader.unexpected("expression");
  }
}

function parseBracket(reader: TokenReader, start: number): Expression {
  if (reader.takeSymbol("(")) {
    const inner = parseExpression(reader);
    reader.expectSymbol(")");
    return inner;
  }
  if (reader.takeSymbol("-")) {
    const token = reader.take();
    if (token.kind !== "number") throw reader.unexpected("number");
    return { kind: "number", number: -Number(token.text), range: reader.rangeFrom(start) };
  }
  reader.expectSymbol("{");
  const items: Expression[] = [];
  while (!reader.takeSymbol("}")) {
    if (items.length > 0) reader.expectSymbol(",");
    items.push(parseExpression(reader));
  }
  return { kind: "list", items, range: reader.rangeFrom(start) };
}

function parseWord(reader: TokenReader, start: number): Expression {
  const range = () => reader.rangeFrom(start);
  const truth = reader.takeOneOf(["true", "false"]);
  if (truth !== undefined) return { kind: "boolean", truth: truth === "true", range: range() };
  if (reader.takeWords("missing", "value")) return { kind: "missing", range: range() };
  if (reader.takeOneOf(["application", "app"]) !== undefined) {
    const byId = reader.takeWords("id");
    const application = reader.nested(() => parsePrimary(reader));
    return { kind: "application", application, byId, range: range() };
  }
  if (reader.takeWords("count") || reader.takeWords("number", "of")) {
    reader.takeWords("of");
    return { kind: "count", of: reader.nested(() => parseReference(reader)), range: range() };
  }
  if (reader.takeWords("exists")) {
    return { kind: "exists", of: reader.nested(() => parseReference(reader)), range: range() };
  }
  const element = parseElement(reader, start);
  if (element !== undefined) return element;
  if (reader.takeWords("service", "type")) return { kind: "name", name: "service type", range: range() };
  if (RESERVED.has(reader.next.text)) throw reader.unexpected("expression");
  const word = reader.take().text;
  const constant = TEXT_CONSTANTS[word];
  return constant === undefined
    ? { kind: "name", name: word, range: range() }
    : { kind: "text", text: constant, range: range() };
}

/** An element with its selector, or undefined (nothing taken) when the next word begins none. */
function parseElement(reader: TokenReader, start: number): Expression | undefined {
  const isQuantified = /^(?:every|some|last|\d+(?:st|nd|rd|th))$/.test(reader.next.text);
  if (isQuantified || ORDINALS.includes(reader.next.text)) {
    const quantifier = reader.take();
    return finishElement(reader, start, takeElementName(reader), selectorOf(quantifier.text, reader, start));
  }
  const found = elementOf(reader, reader.next.text);
  if (found === undefined && !(reader.next.text === "text" && elementOf(reader, reader.afterNext.text))) {
    return undefined;
  }
  const isPlural = found?.isPlural ?? false;
  const element = takeElementName(reader);
  if (isPlural) return finishElement(reader, start, element, { kind: "every" });
  const byId = reader.takeWords("id");
  const key = reader.nested(() => parsePrimary(reader));
  return finishElement(reader, start, element, byId ? { kind: "id", id: key } : { kind: "at", key });
}

function takeElementName(reader: TokenReader): ElementName {
  reader.takeWords("text");
  const found = elementOf(reader, reader.next.text);
  if (found === undefined) throw reader.unexpected("class name");
  reader.take();
  return found.element;
}

function elementOf(reader: TokenReader, word: string) {
  const found = Object.hasOwn(ELEMENTS, word) ? ELEMENTS[word] : undefined;
  return found?.element === "item" || reader.terminologyDepth > 0 ? found : undefined;
}

function selectorOf(quantifier: string, reader: TokenReader, start: number): Selector {
  if (quantifier === "every") return { kind: "every" };
  if (quantifier === "last") return { kind: "last" };
  const ordinal = ORDINALS.indexOf(quantifier) + 1 || Number.parseInt(quantifier, 10) || 1;
  return { kind: "at", key: { kind: "number", number: ordinal, range: reader.rangeFrom(start) } };
}

function finishElement(
  reader: TokenReader,
  start: number,
  element: ElementName,
  selector: Selector,
): Expression {
  const filter = reader.takeOneOf(["whose", "where"]) === undefined ? undefined : parseFilter(reader);
  return { kind: "element", element, selector, filter, of: undefined, range: reader.rangeFrom(start) };
}

function parseFilter(reader: TokenReader): Filter {
  const property = reader.takeWords("service", "type") ? "service type" : reader.take().text;
  const comparison = takeComparison(reader);
  if (comparison === undefined) throw reader.unexpected("“=”");
  return { property, comparison, value: parseJoin(reader) };
}
