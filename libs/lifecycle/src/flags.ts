import type { Address } from "./address.ts";

/** A flag of any kind has these. */
interface FlagBase {
  /** One line for `--help`, a fragment without a full stop; says the unit and what absence means. */
  readonly help: string;
  /** May be given several times; the value is then an array, empty without it, and there is no default. */
  readonly multiple?: boolean;
}

/** Any text, not empty. */
export interface StringFlag extends FlagBase {
  readonly type: "string";
  /** Absent: the flag is required. Null: it may be left out, and its value is then null. */
  readonly default?: string | null;
}

/** A whole number in min..max, both included. Out of range is refused, never clamped. */
export interface IntegerFlag extends FlagBase {
  readonly type: "integer";
  readonly min: number;
  readonly max: number;
  /** As with a {@link StringFlag}. */
  readonly default?: number | null;
}

/** `--name`, or `--no-name` to turn off what is on by default. */
export interface BooleanFlag extends FlagBase {
  readonly type: "boolean";
  readonly default: boolean;
  readonly multiple?: false;
}

/** One of a closed list of words. */
export interface ChoiceFlag extends FlagBase {
  readonly type: "choice";
  readonly choices: readonly string[];
  /** As with a {@link StringFlag}. */
  readonly default?: string | null;
}

/** "host:port", "[ipv6]:port" or "unix:/path" (see `parseAddress`). */
export interface AddressFlag extends FlagBase {
  readonly type: "address";
  /** What the command takes of these, in the words of `--help`: "127.0.0.1:port". Whether it is that, the command asks. */
  readonly form?: string;
  /** As with a {@link StringFlag}, in the form the flag takes. */
  readonly default?: string | null;
}

/** What one flag takes. */
export type Flag = StringFlag | IntegerFlag | BooleanFlag | ChoiceFlag | AddressFlag;

/** A flag whose value is text on the command line. */
export type ValueFlag = Exclude<Flag, BooleanFlag>;

type Single<F extends Flag> = F extends { type: "integer" }
  ? number
  : F extends { type: "boolean" }
    ? boolean
    : F extends { type: "choice"; choices: readonly (infer Choice)[] }
      ? Choice
      : F extends { type: "address" }
        ? Address
        : string;

/** The type of a flag's value. */
export type FlagValue<F extends Flag> = F extends { multiple: true }
  ? readonly Single<F>[]
  : F extends { default: null }
    ? Single<F> | null
    : Single<F>;

/** The flags of a command by property name: `pollMs` is `--poll-ms` on the command line. */
export type Flags = Readonly<Record<string, Flag>>;

/** What `parseFlags` returns: every flag's value. */
export type FlagValues<F extends Flags> = { readonly [Name in keyof F]: FlagValue<F[Name]> };

/** A command line as a value. */
export interface CommandSpec<F extends Flags> {
  /** As typed: "lock-broker". */
  readonly name: string;
  readonly version: string;
  /** One sentence for `--help`. */
  readonly summary: string;
  readonly flags: F;
}

/** "pollMs" → "--poll-ms". */
export function flagName(property: string): string {
  return `--${property.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** What a flag takes, in the words of `--help` and of refusals: "integer 1..1000". */
export function flagBound(flag: ValueFlag): string {
  switch (flag.type) {
    case "string":
      return "text";
    case "integer":
      return `integer ${flag.min}..${flag.max}`;
    case "choice":
      return flag.choices.join("|");
    case "address":
      return flag.form ?? "host:port|unix:/path";
  }
}
