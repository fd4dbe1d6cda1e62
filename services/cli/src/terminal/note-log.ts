import type { LogFields, Logger } from "@imesh/lifecycle";
import type { Output } from "./output.ts";

/**
 * The log of library code that runs inside the CLI: what is worth a warning becomes a line on standard error,
 * the rest is dropped. No field but the event's name is shown: a person needs no more, and a field may hold
 * anything.
 */
export function noteLog(output: Output): Logger {
  const note = (fields: LogFields) => output.note(`${output.noteStyle("warning", "imesh:")} ${fields.event}`);
  return { debug: () => {}, info: () => {}, warn: note, error: note, fatal: note };
}
