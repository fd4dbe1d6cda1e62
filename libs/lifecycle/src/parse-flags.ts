import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { assert, unreachable } from "@imesh/flow";
import { parseAddress } from "./address.ts";
import { flagRefused } from "./flag-refused.ts";
import {
  type CommandSpec,
  type Flag,
  type Flags,
  type FlagValues,
  flagBound,
  flagName,
  type ValueFlag,
} from "./flags.ts";
import { helpText } from "./help-text.ts";
import { InformationRequested } from "./information-requested.ts";

/** One use of a flag on the command line; `text` is undefined when no value followed. */
interface Use {
  readonly isNegated: boolean;
  readonly text: string | undefined;
}

/**
 * Reads a service's command line once, at start-up, into typed values. Unknown, doubled, missing, out of range: refused with
 * a StartupError (exit code 64) that names the flag and its bound; nothing is clamped or guessed. `--help` and
 * `--version` throw InformationRequested, whatever else is wrong with the line.
 */
export function parseFlags<const F extends Flags>(
  spec: CommandSpec<F>,
  argv: readonly string[],
): FlagValues<F> {
  const uses = collectUses(spec, argv);
  const values: Record<string, unknown> = {};
  for (const [property, flag] of Object.entries(spec.flags)) {
    values[property] = resolveFlag(spec.name, flagName(property), flag, uses.get(property) ?? []);
  }
  return values as FlagValues<F>;
}

function collectUses(spec: CommandSpec<Flags>, argv: readonly string[]): Map<string, Use[]> {
  const properties = new Map<string, string>();
  const options: ParseArgsOptionsConfig = {};
  for (const [property, flag] of Object.entries(spec.flags)) {
    const name = flagName(property).slice(2);
    properties.set(name, property);
    options[name] = { type: flag.type === "boolean" ? "boolean" : "string", multiple: true };
  }
  // Not strict: Node's own refusals are sentences that do not name our bounds, and their words change between versions.
  const { tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    allowNegative: true,
    tokens: true,
  });
  const uses = new Map<string, Use[]>();
  let fault: Error | undefined;
  for (const token of tokens) {
    if (token.kind === "positional") fault ??= flagRefused(spec.name, "argument", token.value, "flags only");
    if (token.kind !== "option") continue;
    if (token.rawName === "--help" || token.rawName === "-h") throw new InformationRequested(helpText(spec));
    if (token.rawName === "--version") throw new InformationRequested(`${spec.name} ${spec.version}`);
    const property = properties.get(token.name);
    const isNegated = token.rawName === `--no-${token.name}`;
    if (property === undefined || !token.rawName.startsWith("--")) {
      fault ??= flagRefused(spec.name, token.rawName, undefined, "no such flag");
      continue;
    }
    const list = uses.get(property) ?? [];
    list.push({ isNegated, text: token.value });
    uses.set(property, list);
  }
  if (fault !== undefined) throw fault;
  return uses;
}

function resolveFlag(command: string, name: string, flag: Flag, uses: readonly Use[]): unknown {
  if (flag.type === "boolean") return booleanOf(command, name, flag.default, uses);
  const refuse = (text: string | undefined, bound: string) => flagRefused(command, name, text, bound);
  const values = uses.map((use) => {
    // A value that looks like a flag is a forgotten value; negative numbers are none of ours.
    if (use.text === undefined || use.text === "" || use.text.startsWith("--")) {
      throw refuse(use.text, `value missing, want ${flagBound(flag)}`);
    }
    const value = parseValue(flag, use.text);
    if (value.kind === "refused") throw refuse(use.text, value.bound);
    return value.value;
  });
  if (flag.multiple === true) return values;
  if (values.length > 1) throw refuse(uses.at(-1)?.text, "given twice");
  if (values.length === 1) return values[0];
  if (flag.default === undefined) throw refuse(undefined, `required, want ${flagBound(flag)}`);
  if (flag.default === null) return null;
  const value = parseValue(flag, String(flag.default));
  assert(value.kind === "accepted", "a flag's default passes its own bound");
  return value.value;
}

function booleanOf(command: string, name: string, fallback: boolean, uses: readonly Use[]): boolean {
  const last = uses.at(-1);
  if (last === undefined) return fallback;
  if (uses.length > 1) throw flagRefused(command, name, undefined, "given twice");
  if (last.text !== undefined) throw flagRefused(command, name, last.text, "takes no value");
  return !last.isNegated;
}

type Parsed =
  | { readonly kind: "accepted"; readonly value: unknown }
  | { readonly kind: "refused"; readonly bound: string };

function parseValue(flag: ValueFlag, text: string): Parsed {
  switch (flag.type) {
    case "string":
      return { kind: "accepted", value: text };
    case "integer": {
      const value = Number(text);
      const isInRange = /^-?\d+$/.test(text) && value >= flag.min && value <= flag.max;
      return isInRange ? { kind: "accepted", value } : { kind: "refused", bound: flagBound(flag) };
    }
    case "choice":
      return flag.choices.includes(text)
        ? { kind: "accepted", value: text }
        : { kind: "refused", bound: flagBound(flag) };
    case "address": {
      const address = parseAddress(text);
      return typeof address === "string"
        ? { kind: "refused", bound: address }
        : { kind: "accepted", value: address };
    }
    default:
      return unreachable(flag);
  }
}
