/** Fields of one log record: its event name (noun-happened, kebab-case), and facts that hold no text and no handle. */
export interface LogFields {
  readonly event: string;
  readonly [field: string]: unknown;
}

/**
 * The log as this library and the services see it (port; a pino logger is one). One event, one name, structured fields,
 * no prose. Synchronous, may be called anywhere, never throws. Fields named text, body, handle or address are redacted
 * by the real one, as a second line of defence.
 */
export interface Logger {
  debug(fields: LogFields): void;
  info(fields: LogFields): void;
  warn(fields: LogFields): void;
  error(fields: LogFields): void;
  /** The process ends because of this. */
  fatal(fields: LogFields): void;
}

/** Levels a {@link Logger} has, mildest first. */
export type LogLevel = "debug" | "info" | "warn" | "error" | "fatal";
