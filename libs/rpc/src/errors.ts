import {
  type FieldViolation,
  type PreconditionViolation,
  RpcError,
  type RpcErrorCode,
  type RpcErrorFacts,
} from "./rpc-error.ts";

/**
 * What every constructor below takes: {@link RpcErrorFacts} without the code and without what is special to a
 * code.
 */
export type NamedFacts = Pick<RpcErrorFacts, "reason" | "message" | "metadata" | "cause">;

/**
 * INVALID_ARGUMENT: the request can never succeed, whatever the state. List every violation found, not only
 * the first; there is at least one. The message is made of them; reason defaults to INVALID_ARGUMENT.
 */
export function invalidArgument(
  violations: readonly [FieldViolation, ...FieldViolation[]],
  facts: Partial<NamedFacts> = {},
): RpcError {
  const listed = violations.map((violation) => `${violation.field} ${violation.description}`).join("; ");
  return new RpcError({
    reason: "INVALID_ARGUMENT",
    message: `Cannot accept request: ${listed}`,
    ...facts,
    code: "INVALID_ARGUMENT",
    fieldViolations: violations,
  });
}

/** NOT_FOUND: the named thing does not exist. */
export const notFound = ofCode("NOT_FOUND");

/** ALREADY_EXISTS: the key is taken by something else. */
export const alreadyExists = ofCode("ALREADY_EXISTS");

/** FAILED_PRECONDITION: not while the world is as it is; do not try again before somebody changed it. */
export function failedPrecondition(
  facts: NamedFacts & { readonly violations?: readonly PreconditionViolation[] },
): RpcError {
  const { violations, ...named } = facts;
  return new RpcError({ ...named, code: "FAILED_PRECONDITION", preconditionViolations: violations });
}

/** RESOURCE_EXHAUSTED: a bound is reached; try again after `retryDelayMs`. */
export function resourceExhausted(facts: NamedFacts & { readonly retryDelayMs: number }): RpcError {
  return new RpcError({ ...facts, code: "RESOURCE_EXHAUSTED" });
}

/** UNAVAILABLE: a passing trouble; the only code that a client retries without thinking. */
export function unavailable(facts: NamedFacts & { readonly retryDelayMs?: number }): RpcError {
  return new RpcError({ ...facts, code: "UNAVAILABLE" });
}

/** OUT_OF_RANGE: a position before the oldest or after the newest; the metadata says which there are. */
export const outOfRange = ofCode("OUT_OF_RANGE");

/** DATA_LOSS: what was stored is damaged; a person must look. */
export const dataLoss = ofCode("DATA_LOSS");

/** ABORTED: somebody else was faster; read again, decide again. */
export const aborted = ofCode("ABORTED");

/** PERMISSION_DENIED: known, and not allowed. */
export const permissionDenied = ofCode("PERMISSION_DENIED");

/** UNAUTHENTICATED: not known. */
export const unauthenticated = ofCode("UNAUTHENTICATED");

/** UNIMPLEMENTED: this server will never do that. */
export const unimplemented = ofCode("UNIMPLEMENTED");

/** DEADLINE_EXCEEDED: time was up; whether it had its effect is uncertain. */
export const deadlineExceeded = ofCode("DEADLINE_EXCEEDED");

/** CANCELLED: the caller gave up. A client meets it only when it asked for it itself. */
export const cancelled = ofCode("CANCELLED");

function ofCode(code: RpcErrorCode): (facts: NamedFacts) => RpcError {
  return (facts) => new RpcError({ ...facts, code });
}
