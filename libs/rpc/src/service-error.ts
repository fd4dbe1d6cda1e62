import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { codeName, RpcError } from "./rpc-error.ts";
import { decodeDetails, encodeDetails } from "./status-details.ts";

/** Trailer with the serialized google.rpc.Status. */
const DETAILS_KEY = "grpc-status-details-bin";

/** Longest text that goes into the `grpc-message` trailer, in UTF-16 units; longer text is cut. */
const MESSAGE_UNITS_MAX = 512;

/** `ErrorInfo.domain` of errors that name no reason themselves: those that gRPC makes on the way. */
const TRANSPORT_DOMAIN = "grpc.io";

/**
 * What a handler's caller is told about `error`: an {@link RpcError} as it is; anything else as INTERNAL with
 * reason INTERNAL and nothing of its own text, which may hold anything. The real one goes to
 * `RpcObserver.unexpectedError`, not here.
 */
export function toRpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  return new RpcError({ code: "INTERNAL", reason: "INTERNAL", message: "Internal error", cause: error });
}

/**
 * The form grpc-js sends: status number, text, and the details in the trailer. Takes whatever was thrown; see
 * {@link toRpcError}.
 */
export function toServiceError(error: unknown): ServiceError {
  const rpcError = toRpcError(error);
  const code = status[rpcError.code];
  // grpc-js percent-encodes with encodeURI, which throws (uncaught, in a callback) on half a surrogate pair.
  const details = rpcError.message.slice(0, MESSAGE_UNITS_MAX).toWellFormed();
  const metadata = new Metadata();
  metadata.set(DETAILS_KEY, encodeDetails(rpcError, code, details));
  return Object.assign(new Error(details), { code, details, metadata });
}

/**
 * What a client's caller is told about a failed call. `cancelAsked` says whether the caller itself cancelled:
 * a CANCELLED that nobody asked for is a connection cut by the other side (a server's forced shutdown says
 * so), hence UNAVAILABLE with reason CALL_CUT. Errors without ErrorInfo get their code's name as reason and
 * the domain "grpc.io"; that nobody listens is said in so many words.
 */
export function fromServiceError(error: ServiceError, cancelAsked: boolean): RpcError {
  const code = codeName(error.code);
  if (code === "CANCELLED" && !cancelAsked) {
    return new RpcError({
      code: "UNAVAILABLE",
      reason: "CALL_CUT",
      domain: TRANSPORT_DOMAIN,
      message: "Cannot finish call: cut off by the other side",
      cause: error,
    });
  }
  const [bytes] = error.metadata?.get(DETAILS_KEY) ?? [];
  return new RpcError({
    code: code === "OK" ? "UNKNOWN" : code,
    reason: code,
    domain: TRANSPORT_DOMAIN,
    message: plainMessage(error.details),
    ...(bytes instanceof Buffer ? decodeDetails(bytes) : {}),
    cause: error,
  });
}

/**
 * What grpc-js 1.14 says of a connection that it did not get, with Node's own words in it:
 * "No connection established. Last error: Error: connect ENOENT /run/x.sock. Resolution note: ".
 */
const NO_CONNECTION =
  /^No connection established\. Last error: Error: connect (?<code>E[A-Z]+) (?<peer>\S+?)\.?(?: Resolution note: .*)?$/;

/** A path or port that is not there, or whose owner is gone. */
const NOBODY_CODES: readonly string[] = ["ENOENT", "ECONNREFUSED"];

function plainMessage(details: string): string {
  const { code = "", peer = "" } = NO_CONNECTION.exec(details)?.groups ?? {};
  if (code === "") return details;
  const target = targetOf(peer);
  return NOBODY_CODES.includes(code)
    ? `nothing listens at ${target}`
    : `cannot connect to ${target} (${code})`;
}

/** Node writes "/path" and "::1:7420" where a target is "unix:/path" and "[::1]:7420". */
function targetOf(peer: string): string {
  if (peer.startsWith("/")) return `unix:${peer}`;
  const colon = peer.lastIndexOf(":");
  const host = peer.slice(0, colon);
  return host.includes(":") ? `[${host}]${peer.slice(colon)}` : peer;
}
