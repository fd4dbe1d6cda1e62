/** An answer that is an error, in the API's form: a status, and a body with a type and a message. */
export interface ApiFault {
  readonly status: number;
  /** The API's name of the kind: `invalid_request_error`, `overloaded_error` … */
  readonly type: string;
  /** For a person. */
  readonly message: string;
}

/** 400: the request itself is wrong. */
export function invalidRequest(message: string): ApiFault {
  return { status: 400, type: "invalid_request_error", message };
}

/** 401: no key, or one that is wrong. */
export function authenticationFault(message: string): ApiFault {
  return { status: 401, type: "authentication_error", message };
}

/** 404: no such path or model. */
export function notFound(message: string): ApiFault {
  return { status: 404, type: "not_found_error", message };
}

/** 413: the body is longer than the API takes. */
export function requestTooLarge(bytesMax: number): ApiFault {
  return { status: 413, type: "request_too_large", message: `Request exceeds ${bytesMax} bytes` };
}

/** The JSON body of a fault; also the data of an `error` event in the middle of a stream. */
export function faultBody(fault: ApiFault, requestId: string): string {
  const error = { type: fault.type, message: fault.message };
  return JSON.stringify({ type: "error", error, request_id: requestId });
}
