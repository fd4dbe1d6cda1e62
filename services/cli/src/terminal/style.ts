/** What a piece of output is, not how it looks; {@link Style} decides that. */
export type Tone = "plain" | "dim" | "strong" | "good" | "warning" | "bad" | "accent";

/** Colours text by its tone, or leaves it as it is. */
export type Style = (tone: Tone, text: string) => string;

const SGR: Readonly<Record<Tone, string>> = {
  plain: "",
  dim: "2",
  strong: "1",
  good: "32",
  warning: "33",
  bad: "31",
  accent: "36",
};

/** ANSI colours of the terminal's own palette, so that they fit dark and light backgrounds alike. */
export const COLOUR: Style = (tone, text) =>
  tone === "plain" || text === "" ? text : `\u001b[${SGR[tone]}m${text}\u001b[0m`;

/** No colours: pipes, files, NO_COLOR. */
export const PLAIN: Style = (_tone, text) => text;

/**
 * Whether to colour (https://no-color.org): only on a terminal, never with a NO_COLOR that is not empty,
 * never on a "dumb" terminal.
 */
export function styleFor(
  isTerminal: boolean,
  variables: Readonly<Record<string, string | undefined>>,
): Style {
  const isRefused = (variables.NO_COLOR ?? "") !== "" || variables.TERM === "dumb";
  return isTerminal && !isRefused ? COLOUR : PLAIN;
}
