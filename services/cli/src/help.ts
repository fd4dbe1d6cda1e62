import { EXIT_CODES, StartupError } from "@imesh/lifecycle";
import { COMMANDS, type CommandEntry, TOPICS } from "./command-table.ts";

const INTRODUCTION = [
  "Usage: imesh <command> [flags]",
  "",
  "iMessage as a reliable channel for programs. imesh start runs everything; the other commands talk to it.",
];

/** The text of `imesh help`. */
export function overview(): string {
  const width = Math.max(...[...COMMANDS, ...TOPICS].map(({ name }) => name.length));
  const line = ({ name, summary }: { readonly name: string; readonly summary: string }) =>
    `  ${name.padEnd(width)}  ${summary}`;
  return [
    ...INTRODUCTION,
    "",
    "Commands:",
    ...COMMANDS.map(line),
    "",
    "More:",
    ...TOPICS.map(line),
    "",
    "imesh help <command> tells its flags. Every command takes --json and --help.",
  ].join("\n");
}

/** The text of `imesh help <words>`. Throws StartupError (64) for a page that does not exist. */
export async function helpPage(words: readonly string[]): Promise<string> {
  if (words.length === 0) return overview();
  const name = words.join(" ");
  const topic = TOPICS.find((entry) => entry.name === name);
  if (topic !== undefined) return topic.load();
  const entry = COMMANDS.find((command) => command.name === name);
  if (entry !== undefined) return (await entry.load()).help;
  const group = COMMANDS.filter((command) => command.name.startsWith(`${name} `));
  if (group.length > 0) return groupHelp(name, group);
  throw unknownCommand(name);
}

/** The command that `argv` begins with, and its own arguments; undefined when there is none. */
export function findCommand(
  argv: readonly string[],
): { readonly entry: CommandEntry; readonly rest: readonly string[] } | undefined {
  for (const length of [2, 1]) {
    const name = argv.slice(0, length).join(" ");
    const entry = COMMANDS.find((command) => command.name === name);
    if (entry !== undefined) return { entry, rest: argv.slice(length) };
  }
  return undefined;
}

/** The refusal of a command that does not exist, with the one that was probably meant. */
export function unknownCommand(name: string): StartupError {
  const names = [...COMMANDS.map((entry) => entry.name), "help"];
  const near = names.map((candidate) => ({ candidate, distance: editDistance(name, candidate) }));
  near.sort((left, right) => left.distance - right.distance);
  const best = near[0];
  const isClose = best !== undefined && best.distance <= 2;
  return new StartupError({
    exitCode: EXIT_CODES.usage,
    message: `Cannot run command: "${name}" (no such command)`,
    hint: isClose ? `Did you mean imesh ${best.candidate}?` : "imesh help lists the commands",
  });
}

function groupHelp(name: string, group: readonly CommandEntry[]): string {
  const width = Math.max(...group.map((entry) => entry.name.length));
  const lines = group.map((entry) => `  ${entry.name.padEnd(width)}  ${entry.summary}`);
  const more = [
    `imesh help ${name} <command> tells its flags.`,
    ...group.flatMap(({ name: each, pointer }) =>
      pointer === undefined ? [] : [`imesh help ${each} ${pointer}.`],
    ),
  ];
  return [`Usage: imesh ${name} <command> [flags]`, "", "Commands:", ...lines, "", ...more].join("\n");
}

/** Letters to change, add or drop to turn one word into the other. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_value, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
