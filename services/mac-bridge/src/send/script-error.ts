/** What the end of a script's stderr says. */
export interface ScriptError {
  /** AppleScript's number; 0 when it left none. */
  readonly number: number;
}

/** "execution error: … (-1728)": AppleScript's number stands in parentheses at the very end. */
const NUMBER_AT_END = /\((-?\d{1,7})\)\s*$/;

/**
 * The number at the end of osascript's stderr, 0 if there is none. The number and nothing else: the words are in the
 * user's language and with typographic quotes, and they may quote a handle.
 */
export function scriptErrorNumber(stderr: string): number {
  const match = NUMBER_AT_END.exec(stderr);
  return match === null ? 0 : Number(match[1]);
}

/** How sure an error makes us. */
export interface ScriptVerdict {
  /** True only for what is raised before Messages touches anything. */
  readonly isCertain: boolean;
  readonly reason: string;
  readonly description: string;
}

/**
 * What a number means for a send. Certain are only those that are known to come before dispatch: the target is resolved
 * (-1728) and the grant is checked (-1743) before the event is delivered. -1712 is a timeout that has been seen
 * after the message went out; 1002 and everything not listed is treated the same way (docs/chat-db.md §23).
 */
export function verdictOf(number: number): ScriptVerdict {
  switch (number) {
    case -1728:
      return {
        isCertain: true,
        reason: "CHAT_NOT_FOUND",
        description: "Messages does not know this chat",
      };
    case -1743:
      return {
        isCertain: true,
        reason: "AUTOMATION_DENIED",
        description: "macOS does not allow this program to control Messages",
      };
    case -1712:
      return {
        isCertain: false,
        reason: "TIMED_OUT",
        description: "Messages did not answer in time",
      };
    default:
      return {
        isCertain: false,
        reason: "SCRIPT_FAILED",
        description:
          number === 0 ? "The script ended with an error" : `The script ended with error ${number}`,
      };
  }
}
