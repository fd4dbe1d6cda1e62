import { unreachable } from "@imesh/flow";
import type { MessageSender, OutgoingMessage, SendOutcome } from "./message-sender.ts";
import { scriptErrorNumber, verdictOf } from "./script-error.ts";
import type { ScriptEnd, ScriptRunner } from "./script-runner.ts";

/** The script of a send; two arguments, the guid of a chat and the text. */
const SEND_SCRIPT_PATH = `${import.meta.dirname}/send-message.applescript`;

/**
 * Sends through Messages' AppleScript interface. The script is a fixed file, chat and text are its arguments, so nothing
 * that a stranger wrote is ever parsed as a script.
 *
 * Only what is known to come before Messages acts is a refusal: the program that cannot be started, -1728, -1743.
 * A deadline, a kill, a signal and every other number leave it unknown: what is tried again then goes out twice (I7).
 */
export class ApplescriptSender implements MessageSender {
  readonly #runner: Pick<ScriptRunner, "run">;

  constructor(runner: Pick<ScriptRunner, "run">) {
    this.#runner = runner;
  }

  async send(message: OutgoingMessage, signal: AbortSignal): Promise<SendOutcome> {
    const end = await this.#runner.run(
      { scriptPath: SEND_SCRIPT_PATH, arguments: [message.chatGuid, message.text] },
      signal,
    );
    return sendOutcomeOf(end);
  }
}

/** What the end of a send script means. Pure. */
export function sendOutcomeOf(end: ScriptEnd): SendOutcome {
  switch (end.kind) {
    case "exited":
      return end.code === 0 ? { kind: "handed-over" } : failedOutcome(end.stderr);
    case "signalled":
      return {
        kind: "unknown",
        reason: "SCRIPT_FAILED",
        number: 0,
        description: `The script was ended by ${end.signal}`,
      };
    case "killed":
      return {
        kind: "unknown",
        reason: "TIMED_OUT",
        number: 0,
        description:
          end.why === "deadline"
            ? "The script did not end in time and was killed"
            : "The script was killed because the bridge stopped",
      };
    case "not-started":
      return {
        kind: "refused",
        reason: "OSASCRIPT_UNAVAILABLE",
        number: 0,
        description: `osascript could not be started (${end.code})`,
      };
    default:
      return unreachable(end);
  }
}

function failedOutcome(stderr: string): SendOutcome {
  const number = scriptErrorNumber(stderr);
  const { isCertain, reason, description } = verdictOf(number);
  return { kind: isCertain ? "refused" : "unknown", reason, number, description };
}
