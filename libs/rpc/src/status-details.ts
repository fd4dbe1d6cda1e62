import type { Any } from "@imesh/contracts/google/protobuf/any";
import {
  BadRequest,
  ErrorInfo,
  PreconditionFailure,
  RetryInfo,
} from "@imesh/contracts/google/rpc/error_details";
import { Status } from "@imesh/contracts/google/rpc/status";
import { isReason, type RpcError, type RpcErrorFacts } from "./rpc-error.ts";

const TYPE_URL = "type.googleapis.com/";
const MS_PER_SECOND = 1_000;
const NS_PER_MS = 1_000_000;

/**
 * Largest serialized google.rpc.Status. Trailers are HTTP/2 headers, of which many clients take 8 KiB in all;
 * base64 adds a third. Above it the violations are left out, then the metadata: code, reason and text always
 * arrive.
 */
const DETAILS_BYTES_MAX = 4_096;

/**
 * The details that {@link decodeDetails} found: the part of {@link RpcErrorFacts} that plain gRPC cannot say.
 */
export type DecodedDetails = Pick<
  RpcErrorFacts,
  "domain" | "metadata" | "fieldViolations" | "preconditionViolations" | "retryDelayMs"
> & { readonly reason?: string };

/**
 * Serializes `error` as google.rpc.Status, ErrorInfo first, in at most 4 KiB. `code` is its number, `message`
 * its text.
 */
export function encodeDetails(error: RpcError, code: number, message: string): Buffer {
  const info = { reason: error.reason, domain: error.domain, metadata: { ...error.metadata } };
  const whole = encodeStatus(code, message, [errorInfo(info), ...extraDetails(error)]);
  if (whole.length <= DETAILS_BYTES_MAX) return whole;
  const withoutViolations = encodeStatus(code, message, [errorInfo(info), ...retryInfo(error)]);
  if (withoutViolations.length <= DETAILS_BYTES_MAX) return withoutViolations;
  return encodeStatus(code, message, [errorInfo({ ...info, metadata: {} }), ...retryInfo(error)]);
}

/**
 * Reads what {@link encodeDetails} wrote, or any server's google.rpc.Status. Unknown details and damaged
 * bytes give less, never a throw.
 */
export function decodeDetails(bytes: Uint8Array): DecodedDetails {
  try {
    return Object.assign({}, ...Status.decode(bytes).details.map(decodeDetail));
  } catch {
    // The trailer only adds to the status: with the status at hand, a stranger's broken details are no reason
    // to fail twice.
    return {};
  }
}

function encodeStatus(code: number, message: string, details: readonly Any[]): Buffer {
  return Buffer.from(Status.encode({ code, message, details: [...details] }).finish());
}

function extraDetails(error: RpcError): Any[] {
  const details: Any[] = [];
  if (error.fieldViolations.length > 0) {
    const value = BadRequest.encode({ fieldViolations: [...error.fieldViolations] }).finish();
    details.push(pack("google.rpc.BadRequest", value));
  }
  if (error.preconditionViolations.length > 0) {
    const value = PreconditionFailure.encode({ violations: [...error.preconditionViolations] }).finish();
    details.push(pack("google.rpc.PreconditionFailure", value));
  }
  return [...details, ...retryInfo(error)];
}

function errorInfo(info: ErrorInfo): Any {
  return pack("google.rpc.ErrorInfo", ErrorInfo.encode(info).finish());
}

function retryInfo(error: RpcError): Any[] {
  if (error.retryDelayMs === undefined) return [];
  const seconds = Math.floor(error.retryDelayMs / MS_PER_SECOND);
  const nanos = Math.round((error.retryDelayMs - seconds * MS_PER_SECOND) * NS_PER_MS);
  return [
    pack(
      "google.rpc.RetryInfo",
      RetryInfo.encode({ retryDelay: { seconds: BigInt(seconds), nanos } }).finish(),
    ),
  ];
}

function pack(type: string, value: Uint8Array): Any {
  return { typeUrl: TYPE_URL + type, value: Buffer.from(value) };
}

function decodeDetail(detail: Any): DecodedDetails {
  switch (detail.typeUrl.slice(detail.typeUrl.lastIndexOf("/") + 1)) {
    case "google.rpc.ErrorInfo": {
      const { reason, domain, metadata } = ErrorInfo.decode(detail.value);
      return { ...(isReason(reason) ? { reason } : {}), domain, metadata };
    }
    case "google.rpc.BadRequest":
      return { fieldViolations: BadRequest.decode(detail.value).fieldViolations };
    case "google.rpc.PreconditionFailure":
      return { preconditionViolations: PreconditionFailure.decode(detail.value).violations };
    case "google.rpc.RetryInfo": {
      const delay = RetryInfo.decode(detail.value).retryDelay;
      if (delay === undefined) return {};
      return { retryDelayMs: Number(delay.seconds) * MS_PER_SECOND + delay.nanos / NS_PER_MS };
    }
    default:
      return {};
  }
}
