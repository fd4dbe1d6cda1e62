import { type CommandSpec, type Flag, type Flags, flagBound, flagName } from "./flags.ts";

/** The text of `--help`: usage, summary, one entry a flag with its bound and default. No final newline. */
export function helpText(spec: CommandSpec<Flags>): string {
  const own = { "--help": "Print this and exit", "--version": "Print the version and exit" };
  const lines = flagLines(spec.flags, own);
  return [`Usage: ${spec.name} [flags]`, "", spec.summary, "", "Flags:", ...lines].join("\n");
}

/**
 * One aligned line a flag, with its bound and default, for programs that write a help of their own (a command with
 * subcommands). `extra` are flags that `parseFlags` does not know: name → help.
 */
export function flagLines(flags: Flags, extra: Readonly<Record<string, string>> = {}): string[] {
  const entries = Object.entries(flags).map(([property, flag]) => ({
    left: synopsis(flagName(property), flag),
    right: `${flag.help}${note(flag)}`,
  }));
  for (const [left, right] of Object.entries(extra)) entries.push({ left, right });
  const width = Math.max(...entries.map((entry) => entry.left.length));
  return entries.map((entry) => `  ${entry.left.padEnd(width)}  ${entry.right}`);
}

function synopsis(name: string, flag: Flag): string {
  if (flag.type === "boolean") return flag.default ? `--[no-]${name.slice(2)}` : name;
  return `${name} <${flagBound(flag)}>`;
}

function note(flag: Flag): string {
  if (flag.type === "boolean") return flag.default ? " (default on)" : "";
  if (flag.multiple === true) return " (may be repeated)";
  if (flag.default === undefined) return " (required)";
  return flag.default === null ? "" : ` (default ${flag.default})`;
}
