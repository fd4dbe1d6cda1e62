import { status } from "@grpc/grpc-js";
import { assert } from "@imesh/flow";

/** How a call ended, by its gRPC name; the label of metrics. */
export type RpcCode = keyof typeof status;

/** How a call failed. */
export type RpcErrorCode = Exclude<RpcCode, "OK">;

/** `ErrorInfo.domain` of every error this project makes. */
export const ERROR_DOMAIN = "imesh.dev";

/** UPPER_SNAKE_CASE, at most 63 characters, as google.rpc.ErrorInfo wants it. */
const REASON = /^[A-Z][A-Z0-9_]{0,61}[A-Z0-9]$/;

/** One wrong field of a request. */
export interface FieldViolation {
  /** Path of the field in proto spelling, for example `chat_guid`. */
  readonly field: string;
  /** What the field must be ("must not be empty"); never what it was. */
  readonly description: string;
}

/** One condition outside the request that is not met. */
export interface PreconditionViolation {
  /** Kind of condition, UPPER_SNAKE_CASE. */
  readonly type: string;
  /** What it is about; an id, never a handle. */
  readonly subject: string;
  /** What to do about it. */
  readonly description: string;
}

/** What an {@link RpcError} is made of. */
export interface RpcErrorFacts {
  readonly code: RpcErrorCode;
  /** UPPER_SNAKE_CASE constant that programs switch on, unique within the domain. */
  readonly reason: string;
  /** "Cannot <action> <what>: <value> (<bound>)" for a developer. Never message text, never a handle. */
  readonly message: string;
  /** Who defines `reason`; default {@link ERROR_DOMAIN}. */
  readonly domain?: string | undefined;
  /** Facts by lowerCamelCase key. Never message text, never a handle. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly fieldViolations?: readonly FieldViolation[] | undefined;
  readonly preconditionViolations?: readonly PreconditionViolation[] | undefined;
  /** Least time to wait before trying again, in milliseconds. */
  readonly retryDelayMs?: number | undefined;
  /** For our own eyes: never crosses the wire. */
  readonly cause?: unknown;
}

/**
 * The one error that crosses a call: a handler throws it and the client's promise rejects with its equal.
 * Everything but `cause` and the stack travels (google.rpc.Status in the trailer `grpc-status-details-bin`),
 * so its text and metadata must be fit for strangers: no message text, no handles.
 */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: RpcErrorCode;
  readonly reason: string;
  readonly domain: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly fieldViolations: readonly FieldViolation[];
  readonly preconditionViolations: readonly PreconditionViolation[];
  /** Undefined when the server gave no hint. */
  readonly retryDelayMs: number | undefined;

  constructor(facts: RpcErrorFacts) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause });
    assert(isReason(facts.reason), "an error's reason is UPPER_SNAKE_CASE");
    this.code = facts.code;
    this.reason = facts.reason;
    this.domain = facts.domain ?? ERROR_DOMAIN;
    this.metadata = facts.metadata ?? {};
    this.fieldViolations = facts.fieldViolations ?? [];
    this.preconditionViolations = facts.preconditionViolations ?? [];
    this.retryDelayMs = facts.retryDelayMs;
  }
}

/** Whether `text` may stand as {@link RpcErrorFacts.reason}. */
export function isReason(text: string): boolean {
  return REASON.test(text);
}

/** The name of a numeric gRPC status; UNKNOWN for a number that is none. */
export function codeName(code: number): RpcCode {
  return (status[code] as RpcCode | undefined) ?? "UNKNOWN";
}
