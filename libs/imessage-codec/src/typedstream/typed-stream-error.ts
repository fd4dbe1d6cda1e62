import type { BodyFault, BodyFaultCode } from "../body-fault.ts";

/** What is wrong with a typedstream or with the body it holds; each code is explained at BodyFaultCode. */
export type TypedStreamErrorCode = BodyFaultCode;

/** The only error that reading a typedstream or an attributed body throws, whatever the bytes are. */
export class TypedStreamError extends Error implements BodyFault {
  override readonly name = "TypedStreamError";
  readonly code: TypedStreamErrorCode;
  readonly offset: number | null;

  /** `fact` says what was found and, where there is one, the bound. It never quotes content. */
  constructor(code: TypedStreamErrorCode, offset: number | null, fact: string) {
    super(`Cannot read typedstream: ${fact} (${code}${offset === null ? "" : ` at byte ${offset}`})`);
    this.code = code;
    this.offset = offset;
  }
}
