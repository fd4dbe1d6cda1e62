/** Where a typedstream breaks its format. */
export interface BodyFault {
  readonly code: BodyFaultCode;
  /** Byte offset in the blob; null when the stream is well formed but does not make a message body. */
  readonly offset: number | null;
}

/**
 * What is wrong with a typedstream. Stable words, fit for the wire and for labels.
 * - of its bytes: too-large, bad-header, unexpected-end, trailing-bytes, reserved-tag, unexpected-tag,
 *   integer-out-of-range, reference-out-of-range, reference-kind, encoding-invalid
 * - of its size: too-deep, table-full, value-budget
 * - of the body they make: not-an-attributed-string, invalid-utf8, run-index, run-length
 */
export type BodyFaultCode =
  | "too-large"
  | "bad-header"
  | "unexpected-end"
  | "trailing-bytes"
  | "reserved-tag"
  | "unexpected-tag"
  | "integer-out-of-range"
  | "reference-out-of-range"
  | "reference-kind"
  | "encoding-invalid"
  | "too-deep"
  | "table-full"
  | "value-budget"
  | "not-an-attributed-string"
  | "invalid-utf8"
  | "run-index"
  | "run-length";
