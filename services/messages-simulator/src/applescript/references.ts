import { unreachable } from "@imesh/flow";
import type { MessagesApplication } from "./applescript.ts";
import {
  AppleEventError,
  cannotGet,
  ScriptError,
  type SourceRange,
  undefinedVariable,
} from "./script-error.ts";
import type { Expression } from "./syntax.ts";
import {
  compare,
  type MessagesObject,
  numberOf,
  numberValue,
  sourceForm,
  textOf,
  textValue,
  type Value,
} from "./values.ts";

/** What a reference is looked up in. */
export interface ReferenceScope {
  readonly messages: MessagesApplication;
  /** Inside `tell application "Messages"`: bare elements and properties are its. */
  readonly isTellingMessages: boolean;
  variable(name: string): Value | undefined;
  evaluate(expression: Expression): Promise<Value>;
}

type ElementExpression = Expression & { kind: "element" };

const APPLICATION: Value = { kind: "object", object: { kind: "application" } };
const MESSAGES_NAMES = ["messages", "messages.app"];
const MESSAGES_BUNDLE = "com.apple.mobilesms";
/** Values of `service type` in Messages' dictionary. */
const CONSTANTS: Readonly<Record<string, string>> = { imessage: "iMessage", sms: "SMS", rcs: "RCS" };

/** The value of a name, an element, a property, a count or an existence. Throws ScriptError and AppleEventError. */
export async function evaluateReference(expression: Expression, scope: ReferenceScope): Promise<Value> {
  switch (expression.kind) {
    case "name":
      return nameValue(expression.name, expression.range, scope);
    case "application":
      return applicationValue(
        expression,
        textOf(await scope.evaluate(expression.application), expression.range),
      );
    case "element":
      return await elementValue(expression, scope);
    case "property":
      return propertyValue(expression.property, await scope.evaluate(expression.of), expression.range, scope);
    case "count": {
      const counted = await scope.evaluate(expression.of);
      if (counted.kind === "list") return numberValue(counted.items.length);
      return numberValue([...textOf(counted, expression.range)].length);
    }
    case "exists":
      return { kind: "boolean", truth: await doesExist(expression.of, scope) };
    default:
      // The evaluator handles every other kind itself.
      throw undefinedVariable(expression.kind, expression.range);
  }
}

function nameValue(name: string, range: SourceRange, scope: ReferenceScope): Value {
  const bound = scope.variable(name);
  if (bound !== undefined) return bound;
  if (!scope.isTellingMessages) throw undefinedVariable(name, range);
  const constant = CONSTANTS[name];
  if (constant !== undefined) return { kind: "constant", name: constant };
  return propertyValue(name, APPLICATION, range, scope);
}

function applicationValue(expression: Expression & { kind: "application" }, name: string): Value {
  const isMessages = expression.byId
    ? name.toLowerCase() === MESSAGES_BUNDLE
    : MESSAGES_NAMES.includes(name.toLowerCase());
  if (!isMessages) throw cannotGet(`application ${sourceForm(textValue(name))}`, expression.range);
  return APPLICATION;
}

async function elementValue(expression: ElementExpression, scope: ReferenceScope): Promise<Value> {
  const container = expression.of === undefined ? APPLICATION : await scope.evaluate(expression.of);
  if (expression.element === "item") return await selectItem(expression, container, scope);
  if (!scope.isTellingMessages) throw cannotGet(expression.element, expression.range);
  scope.messages.authorize();
  const { selector, range } = expression;
  if (selector.kind === "id")
    return named(expression, textOf(await scope.evaluate(selector.id), range), scope);
  if (selector.kind === "at" && expression.filter === undefined) {
    const key = await scope.evaluate(selector.key);
    if (key.kind === "text") return named(expression, key.text, scope);
  }
  return await selectItem(expression, { kind: "list", items: all(expression, scope) }, scope);
}

/** `chat id "…"`, `participant "…"`, `account id "…"`. */
function named(expression: ElementExpression, key: string, scope: ReferenceScope): Value {
  switch (expression.element) {
    case "chat":
      if (!scope.messages.hasChat(key)) break;
      return { kind: "object", object: { kind: "chat", guid: key } };
    case "participant": {
      const address = scope.messages.participantAddress(key);
      if (address === undefined) break;
      return { kind: "object", object: { kind: "participant", address } };
    }
    case "account": {
      const account = scope.messages.accounts().find((candidate) => candidate.id === key);
      if (account === undefined) break;
      return { kind: "object", object: { kind: "account", account } };
    }
    default:
  }
  const byId = expression.selector.kind === "id" ? "id " : "";
  throw new AppleEventError(
    "application",
    -1728,
    `Can’t get ${expression.element} ${byId}${sourceForm(textValue(key))}.`,
  );
}

function all(expression: ElementExpression, scope: ReferenceScope): readonly Value[] {
  const asObject = (object: MessagesObject): Value => ({ kind: "object", object });
  switch (expression.element) {
    case "chat":
      return scope.messages.chatGuids().map((guid) => asObject({ kind: "chat", guid }));
    case "account":
      return scope.messages.accounts().map((account) => asObject({ kind: "account", account }));
    case "participant":
    case "item":
      return [];
    default:
      return unreachable(expression.element);
  }
}

/** Applies filter and selector to a list: `first account whose …`, `item 2 of argv`, `every chat`. */
async function selectItem(expression: ElementExpression, list: Value, scope: ReferenceScope): Promise<Value> {
  const { selector, filter, range } = expression;
  if (list.kind !== "list") throw cannotGet(`${expression.element} of ${sourceForm(list)}`, range);
  let { items } = list;
  if (filter !== undefined) {
    const wanted = await scope.evaluate(filter.value);
    items = items.filter((item) =>
      compare(filter.comparison, propertyValue(filter.property, item, range, scope), wanted, range),
    );
  }
  if (selector.kind === "every") return { kind: "list", items };
  const index = selector.kind === "at" ? numberOf(await scope.evaluate(selector.key), range) : -1;
  const item = items.at(index > 0 ? index - 1 : index);
  if (item === undefined || index === 0)
    throw cannotGet(`${expression.element} ${index} of ${sourceForm(list)}`, range);
  return item;
}

function propertyValue(property: string, of: Value, range: SourceRange, scope: ReferenceScope): Value {
  const found =
    of.kind === "list" ? listProperty(property, of.items, range, scope) : objectProperty(property, of, scope);
  if (found === undefined) throw cannotGet(`${property} of ${sourceForm(of)}`, range);
  return found;
}

function listProperty(
  property: string,
  items: readonly Value[],
  range: SourceRange,
  scope: ReferenceScope,
): Value {
  if (property === "length") return numberValue(items.length);
  return { kind: "list", items: items.map((item) => propertyValue(property, item, range, scope)) };
}

function objectProperty(property: string, of: Value, scope: ReferenceScope): Value | undefined {
  if (of.kind === "text") return property === "length" ? numberValue([...of.text].length) : undefined;
  if (of.kind !== "object") return undefined;
  const { object } = of;
  switch (object.kind) {
    case "application":
      return applicationProperty(property, scope.messages);
    case "chat":
      if (property === "id") return textValue(object.guid);
      return property === "name" ? { kind: "missing" } : undefined;
    case "participant":
      return ["id", "handle", "name", "full name"].includes(property) ? textValue(object.address) : undefined;
    case "account":
      if (property === "id") return textValue(object.account.id);
      if (property === "service type") return { kind: "constant", name: object.account.serviceType };
      if (property === "enabled") return { kind: "boolean", truth: true };
      return property === "description" ? textValue(object.account.description) : undefined;
    default:
      return unreachable(object);
  }
}

function applicationProperty(property: string, messages: MessagesApplication): Value | undefined {
  switch (property) {
    case "running":
      return { kind: "boolean", truth: true };
    case "id":
      return textValue("com.apple.MobileSMS");
    case "name":
      messages.authorize();
      return textValue("Messages");
    case "version":
      messages.authorize();
      return textValue(messages.version);
    default:
      return undefined;
  }
}

async function doesExist(expression: Expression, scope: ReferenceScope): Promise<boolean> {
  try {
    await scope.evaluate(expression);
    return true;
  } catch (error) {
    const isAbsence =
      (error instanceof AppleEventError || error instanceof ScriptError) && error.number === -1728;
    if (!isAbsence) throw error;
    return false;
  }
}
