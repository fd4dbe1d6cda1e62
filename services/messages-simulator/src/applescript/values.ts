import { unreachable } from "@imesh/flow";
import type { SourceRange } from "./script-error.ts";
import { cannotMake } from "./script-error.ts";
import type { Comparison } from "./syntax.ts";

/** An account Messages is signed in to. */
export interface ScriptAccount {
  readonly id: string;
  /** `iMessage`, `SMS`, `RCS`. */
  readonly serviceType: string;
  readonly description: string;
}

/** Something of Messages a script can point at; it existed when it was looked up. */
export type MessagesObject =
  | { readonly kind: "application" }
  | { readonly kind: "chat"; readonly guid: string }
  | { readonly kind: "participant"; readonly address: string }
  | { readonly kind: "account"; readonly account: ScriptAccount };

/** A value of AppleScript, as far as scripts for Messages need them. */
export type Value =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "number"; readonly number: number }
  | { readonly kind: "boolean"; readonly truth: boolean }
  | { readonly kind: "missing" }
  | { readonly kind: "constant"; readonly name: string }
  | { readonly kind: "list"; readonly items: readonly Value[] }
  | { readonly kind: "object"; readonly object: MessagesObject };

/** Makes a text value. */
export function textValue(text: string): Value {
  return { kind: "text", text };
}

/** Makes a number value. */
export function numberValue(number: number): Value {
  return { kind: "number", number };
}

/** As source text, the way error messages show it: texts in quotes. */
export function sourceForm(value: Value): string {
  switch (value.kind) {
    case "text":
      return quoted(value.text);
    case "list":
      return `{${value.items.map(sourceForm).join(", ")}}`;
    case "object":
      return objectForm(value.object, quoted);
    default:
      return plainForm(value);
  }
}

/** As osascript prints a result (`-s h`, its default): texts bare, lists without braces. */
export function plainForm(value: Value): string {
  switch (value.kind) {
    case "text":
      return value.text;
    case "number":
      return String(value.number);
    case "boolean":
      return String(value.truth);
    case "missing":
      return "missing value";
    case "constant":
      return value.name;
    case "list":
      return value.items.map(plainForm).join(", ");
    case "object":
      return objectForm(value.object, (text) => text);
    default:
      return unreachable(value);
  }
}

/** A text in AppleScript's quotes. */
export function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

function objectForm(object: MessagesObject, show: (text: string) => string): string {
  switch (object.kind) {
    case "application":
      return `application ${show("Messages")}`;
    case "chat":
      return `chat id ${show(object.guid)}`;
    case "participant":
      return `participant ${show(object.address)}`;
    case "account":
      return `account id ${show(object.account.id)}`;
    default:
      return unreachable(object);
  }
}

/** The text of a value that has one; throws ScriptError -1700 for the others. */
export function textOf(value: Value, range: SourceRange): string {
  switch (value.kind) {
    case "text":
    case "number":
    case "boolean":
    case "constant":
      return plainForm(value);
    case "list":
      return value.items.map((item) => textOf(item, range)).join("");
    default:
      throw cannotMake(sourceForm(value), "text", range);
  }
}

/** The number of a value; throws ScriptError -1700. */
export function numberOf(value: Value, range: SourceRange): number {
  if (value.kind === "number") return value.number;
  const number = value.kind === "text" && value.text.trim() !== "" ? Number(value.text) : Number.NaN;
  if (Number.isNaN(number)) throw cannotMake(sourceForm(value), "number", range);
  return number;
}

/** The truth of a value; throws ScriptError -1700. */
export function truthOf(value: Value, range: SourceRange): boolean {
  if (value.kind !== "boolean") throw cannotMake(sourceForm(value), "boolean", range);
  return value.truth;
}

/** `left & right`: texts join to a text, everything else to a list. */
export function join(left: Value, right: Value, range: SourceRange): Value {
  const isText = left.kind === "text" && (right.kind === "text" || right.kind === "number");
  if (isText) return textValue(textOf(left, range) + textOf(right, range));
  const itemsOf = (value: Value) => (value.kind === "list" ? value.items : [value]);
  return { kind: "list", items: [...itemsOf(left), ...itemsOf(right)] };
}

/** `left = right` and its kin. Texts compare without regard to case, as AppleScript does unless told otherwise. */
export function compare(comparison: Comparison, left: Value, right: Value, range: SourceRange): boolean {
  switch (comparison) {
    case "=":
      return isSame(left, right);
    case "≠":
      return !isSame(left, right);
    case "<":
      return numberOf(left, range) < numberOf(right, range);
    case ">":
      return numberOf(left, range) > numberOf(right, range);
    case "≤":
      return numberOf(left, range) <= numberOf(right, range);
    case "≥":
      return numberOf(left, range) >= numberOf(right, range);
    default:
      return unreachable(comparison);
  }
}

function isSame(left: Value, right: Value): boolean {
  return left.kind === right.kind && sourceForm(left).toLowerCase() === sourceForm(right).toLowerCase();
}
