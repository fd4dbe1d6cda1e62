import { type AttributedBody, decodeAttributedBody, TypedStreamError } from "@imesh/imessage-codec";

/** A stored body; undefined without one, or when it is damaged (which happens only where a test wrote it so). */
export function readBody(attributedBody: Uint8Array | null): AttributedBody | undefined {
  if (attributedBody === null) return undefined;
  try {
    return decodeAttributedBody(attributedBody);
  } catch (error) {
    if (!(error instanceof TypedStreamError)) throw error;
    return undefined;
  }
}
