/** Where in the script something is, as osascript prints it: 0-based offsets in UTF-16 units, `end` exclusive. */
export interface SourceRange {
  readonly start: number;
  readonly end: number;
}

/**
 * A script that does not compile or does not run to its end. `message` is what AppleScript says, with typographic
 * apostrophes, without the number; `phase` tells which of the two osascript names.
 */
export class ScriptError extends Error {
  override readonly name = "ScriptError";
  readonly phase: "syntax" | "execution";
  readonly number: number;
  readonly range: SourceRange;

  constructor(phase: "syntax" | "execution", number: number, message: string, range: SourceRange) {
    super(message);
    this.phase = phase;
    this.number = number;
    this.range = range;
  }
}

/** -2741: the compiler met something else than the grammar wants. Also for everything this evaluator does not know. */
export function syntaxError(expected: string, found: string, range: SourceRange): ScriptError {
  return new ScriptError("syntax", -2741, `Expected ${expected} but found ${found}.`, range);
}

/** -2753: a name nobody set. */
export function undefinedVariable(name: string, range: SourceRange): ScriptError {
  return new ScriptError("execution", -2753, `The variable ${name} is not defined.`, range);
}

/** -1728 of AppleScript itself (an item of a list); Messages' own comes as an AppleEventError. */
export function cannotGet(what: string, range: SourceRange): ScriptError {
  return new ScriptError("execution", -1728, `Can’t get ${what}.`, range);
}

/** -1700: a value of the wrong type. */
export function cannotMake(what: string, type: string, range: SourceRange): ScriptError {
  return new ScriptError("execution", -1700, `Can’t make ${what} into type ${type}.`, range);
}

/**
 * What an Apple event comes back with when the application, or the system in front of it, refuses: thrown by
 * {@link MessagesApplication}. `message` as the application words it, without number.
 */
export class AppleEventError extends Error {
  override readonly name = "AppleEventError";
  readonly number: number;
  /** Who speaks: `application` puts "Messages got an error: " in front, `system` (no grant, not running) does not. */
  readonly speaker: "application" | "system";

  constructor(speaker: "application" | "system", number: number, message: string) {
    super(message);
    this.speaker = speaker;
    this.number = number;
  }
}
