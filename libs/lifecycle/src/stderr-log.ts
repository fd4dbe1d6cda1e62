import { writeSync } from "node:fs";
import type { Clock } from "@imesh/time";
import { errorFields } from "./error-fields.ts";
import type { LogFields, Logger, LogLevel } from "./logger.ts";

const NS_PER_MS = 1_000_000n;

/** Writes `text` to a standard stream at once, so that a process may exit right after. */
export function writeNow(stream: 1 | 2, text: string): void {
  try {
    writeSync(stream, text);
  } catch {
    // The reader of the stream is gone or its pipe is full; there is nobody left to tell.
  }
}

/**
 * The log of the time before the real one exists, and of processes that have none: one JSON object a line on stderr,
 * of the same form (level, time, service, event, …).
 */
export function stderrLog(service: string, clock: Clock): Logger {
  const write = (level: LogLevel) => (fields: LogFields) => {
    const time = new Date(Number(clock.wallUnixNs() / NS_PER_MS)).toISOString();
    writeNow(2, `${JSON.stringify({ level, time, service, ...fields }, replaceUnprintable)}\n`);
  };
  return {
    debug: () => {},
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    fatal: write("fatal"),
  };
}

function replaceUnprintable(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  return value instanceof Error ? errorFields(value) : value;
}
