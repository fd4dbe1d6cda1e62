import { AssertionError } from "@imesh/flow";
import { EXIT_CODES, StartupError } from "@imesh/lifecycle";
import type { RpcError, RpcErrorCode } from "@imesh/rpc";
import { BodyFailure } from "./decode/body-failure.ts";
import { ServiceFailure } from "./supervisor/service-failure.ts";
import type { Style } from "./terminal/style.ts";

/** A failure as a person at a terminal is told of it. */
export interface Failure {
  readonly exitCode: number;
  /** One line: what failed. */
  readonly message: string;
  /** One line: what to do. */
  readonly hint: string | undefined;
  /** Evidence, such as a service's last lines. */
  readonly details: readonly string[];
  /** The same for machines, where there is more to say than the exit code does; for JSON output only. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** What to do about a service that does not answer. */
export const IS_IT_RUNNING = "Is it running? imesh status tells; imesh start starts everything";

/** Any thrown value as a {@link Failure}; no stack, no text of messages. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof BodyFailure) {
    const { exitCode, message, hint, details, facts } = error;
    return { exitCode, message, hint, details, facts };
  }
  if (error instanceof StartupError) {
    const details = error instanceof ServiceFailure ? error.lastWords : [];
    return { exitCode: error.exitCode, message: error.message, hint: error.hint, details };
  }
  if (isRpcError(error)) return describeRpcError(error);
  if (error instanceof AssertionError) {
    return failure(EXIT_CODES.internal, error.message, "This is a bug in imesh; IMESH_DEBUG=1 shows where");
  }
  const message =
    error instanceof Error ? `${error.name}: ${error.message}` : "A value that is no error was thrown";
  return failure(EXIT_CODES.unexpected, message.split("\n")[0] ?? message, "IMESH_DEBUG=1 shows where");
}

/** A failure on a terminal: what failed, the evidence, what to do. */
export function failureLines(failure: Failure, style: Style): string[] {
  return [
    `${style("bad", "imesh:")} ${failure.message}`,
    ...failure.details.map((line) => style("dim", `  | ${line}`)),
    ...(failure.hint === undefined ? [] : [`  ${style("accent", "→")} ${failure.hint}`]),
  ];
}

function describeRpcError(error: RpcError): Failure {
  const { code, reason, metadata, fieldViolations } = error;
  return { ...describeStatus(error), facts: { code, reason, metadata, fieldViolations } };
}

function describeStatus(error: RpcError): Failure {
  const text = `${error.message} (${error.reason})`;
  const exitCode = RPC_EXIT_CODES[error.code] ?? EXIT_CODES.unexpected;
  switch (error.code) {
    case "UNAVAILABLE":
    case "DEADLINE_EXCEEDED":
      return failure(exitCode, `No answer: ${text}`, IS_IT_RUNNING);
    case "RESOURCE_EXHAUSTED":
      return failure(exitCode, text, `Try again in ${error.retryDelayMs ?? 1000} ms`);
    default:
      return failure(exitCode, text, undefined);
  }
}

const RPC_EXIT_CODES: Readonly<Partial<Record<RpcErrorCode, number>>> = {
  INVALID_ARGUMENT: EXIT_CODES.usage,
  OUT_OF_RANGE: EXIT_CODES.usage,
  ALREADY_EXISTS: EXIT_CODES.usage,
  NOT_FOUND: EXIT_CODES.noInput,
  PERMISSION_DENIED: EXIT_CODES.noPermission,
  UNAUTHENTICATED: EXIT_CODES.noPermission,
  RESOURCE_EXHAUSTED: EXIT_CODES.temporary,
  ABORTED: EXIT_CODES.temporary,
  FAILED_PRECONDITION: EXIT_CODES.configuration,
  UNIMPLEMENTED: EXIT_CODES.configuration,
  UNAVAILABLE: EXIT_CODES.unavailable,
  DEADLINE_EXCEEDED: EXIT_CODES.unavailable,
};

function failure(exitCode: number, message: string, hint: string | undefined): Failure {
  return { exitCode, message, hint, details: [] };
}

/** By its name and not its class: whoever threw one has loaded gRPC, and nobody else should have to. */
function isRpcError(error: unknown): error is RpcError {
  return error instanceof Error && error.name === "RpcError" && "reason" in error;
}
