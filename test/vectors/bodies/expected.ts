/** What a body is decoded to, as JSON. */
import { decodeBody, type MessageBody, TypedStreamError } from "@imesh/imessage-codec";

/** The body, or why there is none. */
export type Expected =
  | { readonly body: unknown }
  | { readonly error: { readonly code: string; readonly offset: number | null } };

/** bigints become strings, bytes hexadecimal digits. */
export function expectedOf(bytes: Uint8Array): Expected {
  let body: MessageBody;
  try {
    body = decodeBody(bytes);
  } catch (error) {
    if (!(error instanceof TypedStreamError)) throw error;
    return { error: { code: error.code, offset: error.offset } };
  }
  const json = JSON.stringify(body, (_key, value: unknown) => {
    if (typeof value === "bigint") return String(value);
    return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value;
  });
  return { body: JSON.parse(json) as unknown };
}

/** The text of expected.json. */
export function expectedText(bytes: Uint8Array): string {
  return `${JSON.stringify(expectedOf(bytes), null, 2)}\n`;
}
