import { readFile } from "node:fs/promises";
import { EXIT_CODES, StartupError } from "@imesh/lifecycle";

/** Longer than any instruction; a larger file is the wrong file. */
const BYTES_MAX = 64 * 1_024;

/** Who the agent is where nobody says otherwise. */
export const SYSTEM_PROMPT_DEFAULT = `You answer messages over iMessage on behalf of the owner of this account.
Write as people write messages: short, plain text without Markdown, in the language you are written to in.
"[attachment]" in a message stands for a picture or a file that you cannot see; say so when it matters.
When several messages come at once, answer them together.
You can only write messages; never claim to have done anything else.`;

/** The text at `path`, white space at its ends left out; the default for null. Throws StartupError 66 or 78. */
export async function readSystemPrompt(path: string | null): Promise<string> {
  if (path === null) return SYSTEM_PROMPT_DEFAULT;
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new StartupError({
      exitCode: EXIT_CODES.noInput,
      message: `Cannot read system prompt: "${path}"`,
      hint: "Check --system-prompt-file",
      cause,
    });
  }
  const text = bytes.toString("utf8").trim();
  if (text !== "" && bytes.length <= BYTES_MAX) return text;
  throw new StartupError({
    exitCode: EXIT_CODES.configuration,
    message: `Cannot use system prompt: "${path}" (1..${BYTES_MAX} bytes, has ${bytes.length})`,
    hint: "Write who the agent is and how it answers",
  });
}
