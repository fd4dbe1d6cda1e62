/**
 * Scenario scripts: what happens to imesh, step by step, and what a subscriber then sees. A script is a text file of
 * steps; a step's commands stand above `----` and its expected output below, up to a blank line. `IMESH_REWRITE=1`
 * writes what really came into the file, for review as a diff.
 */

/** A command with its words; `"quoted text"` is one word, `name=value` words are options. */
export interface Command {
  readonly verb: string;
  readonly words: readonly string[];
  readonly options: ReadonlyMap<string, string>;
}

/** Commands that run in order, and what they must print together. */
export interface Step {
  readonly source: readonly string[];
  readonly commands: readonly Command[];
  readonly expected: readonly string[];
}

/** Reads a script; throws with the line for what cannot be read. Lines that begin with `#` are for the reader. */
export function parseScript(text: string): Step[] {
  return text
    .trim()
    .split(/\n\n+/)
    .map((block) => {
      const lines = block.split("\n");
      const rule = lines.indexOf("----");
      const source = rule < 0 ? lines : lines.slice(0, rule);
      const commands = source.filter((line) => !line.startsWith("#")).map(parseCommand);
      return { source, commands, expected: rule < 0 ? [] : lines.slice(rule + 1) };
    });
}

/** The script with the output that really came. */
export function formatScript(steps: readonly Step[], outputs: readonly (readonly string[])[]): string {
  const blocks = steps.map(({ source }, index) => {
    const output = outputs[index] ?? [];
    return [...source, ...(output.length > 0 ? ["----", ...output] : [])].join("\n");
  });
  return `${blocks.join("\n\n")}\n`;
}

function parseCommand(line: string): Command {
  const tokens = line.match(/[\w-]+=\S+|"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  const [verb, ...rest] = tokens;
  if (verb === undefined) throw new Error(`Cannot read a script line: ${JSON.stringify(line)}`);
  const isOption = (token: string): boolean => /^[\w-]+=/.test(token);
  return {
    verb,
    words: rest.filter((token) => !isOption(token)).map((t) => (t.startsWith('"') ? JSON.parse(t) : t)),
    options: new Map(
      rest.filter(isOption).map((token) => {
        const cut = token.indexOf("=");
        return [token.slice(0, cut), token.slice(cut + 1)] as const;
      }),
    ),
  };
}
