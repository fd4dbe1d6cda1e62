const CAUSES_MAX = 4;

/** An error as a log field: no more than its own words, its stack and its causes. */
export interface ErrorFields {
  readonly type: string;
  readonly message: string;
  /** System or domain code ("ENOENT"), when the error has one. */
  readonly code?: string | number;
  readonly stack?: string;
  readonly cause?: ErrorFields;
}

/**
 * What a log says of a thrown value. Own properties other than `code` are left out: an error's facts may quote a row.
 * At most four causes deep.
 */
export function errorFields(error: unknown, causesMax: number = CAUSES_MAX): ErrorFields {
  // A thrown non-error is told by its type alone; its value could be anything, message text included.
  if (!(error instanceof Error))
    return { type: typeof error, message: "A value that is no Error was thrown" };
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === "string" || typeof code === "number" ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined || causesMax === 0
      ? {}
      : { cause: errorFields(error.cause, causesMax - 1) }),
  };
}
