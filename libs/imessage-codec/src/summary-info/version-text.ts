import { decodeAttributedBody } from "../attributed/decode-attributed-body.ts";
import { TypedStreamError } from "../typedstream/typed-stream-error.ts";
import type { PartVersion } from "./summary-info.ts";

// A hostile history can name one long body for every version of every part: it is decoded once. Entries go
// with their bytes.
const texts = new WeakMap<Uint8Array, string | null>();

/**
 * What a version of a part said; null where it has no body, or one that cannot be decoded. Decodes when first
 * asked.
 */
export function textOfVersion(version: PartVersion): string | null {
  const { body } = version;
  if (body === null) {
    return null;
  }
  let text = texts.get(body);
  if (text === undefined) {
    text = decodeText(body);
    texts.set(body, text);
  }
  return text;
}

function decodeText(body: Uint8Array): string | null {
  try {
    return decodeAttributedBody(body).text;
  } catch (error) {
    if (!(error instanceof TypedStreamError)) {
      throw error;
    }
    return null;
  }
}
