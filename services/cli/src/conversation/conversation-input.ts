/** What a line that a person types means. */
export type ConversationInput =
  | { readonly kind: "nothing" }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "burst"; readonly messages: number }
  | { readonly kind: "status" }
  | { readonly kind: "help" }
  | { readonly kind: "quit" }
  | { readonly kind: "unknown"; readonly reason: string };

const BURST_DEFAULT = 20;
const BURST_MAX = 10_000;

/** Reads a line: commands begin with `/`, a text that does is written with `//`. Pure. */
export function parseInput(line: string): ConversationInput {
  const text = line.trim();
  if (text === "") return { kind: "nothing" };
  if (text.startsWith("//")) return { kind: "text", text: text.slice(1) };
  if (!text.startsWith("/")) return { kind: "text", text };
  const [command = "", ...parameters] = text.slice(1).split(/\s+/);
  switch (command) {
    case "burst":
      return parseBurst(parameters);
    case "status":
    case "help":
      return { kind: command };
    case "quit":
    case "exit":
    case "q":
      return { kind: "quit" };
    default:
      return { kind: "unknown", reason: `there is no /${command}` };
  }
}

function parseBurst(parameters: readonly string[]): ConversationInput {
  const [count = String(BURST_DEFAULT), ...others] = parameters;
  const messages = Number(count);
  const isCount = /^\d+$/.test(count) && messages >= 1 && messages <= BURST_MAX && others.length === 0;
  return isCount
    ? { kind: "burst", messages }
    : { kind: "unknown", reason: `/burst takes a number from 1 to ${BURST_MAX}` };
}
